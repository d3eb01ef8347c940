"""A store, a scripted engine and the loop between them, for tests of the loop."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

from appliance.errors import StoreError
from appliance.glimpses import Glimpses
from appliance.inspection import Inspection, Rules
from appliance.rules.judged import Moment
from appliance.scan import Action, Arrival, Picture
from appliance.settings import EngineSettings
from appliance.store import browse, scans
from appliance.store.database import Store
from models import pictures
from models.answer import Answer, Answered, ExamPassed, Finding, Identity, Question
from models.ports import Early
from tests.conftest import png
from tests.judging import ByDefault

CLEAN = png()


class Scripted:
    """An engine that does what a story needs: it answers, unless its script says otherwise for a scan."""

    def __init__(self) -> None:
        self.alive = True
        self.script: dict[str, Callable[[float], Any]] = {}
        self.sees: dict[str, Finding] = {}
        self.asked: list[str] = []
        self.together: dict[str, int] = {}
        self.now = self.most = 0

    async def answer(self, question: Question, within: float, early: Early) -> Answer:
        name = question.id.partition("#")[0]
        self.asked.append(name)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            self.together[name] = self.now
            await asyncio.sleep(0.01)
            if name in self.sees:
                early((self.sees[name],))
            if name in self.script:
                outcome = self.script[name](within)
                if asyncio.iscoroutine(outcome):
                    await outcome
        finally:
            self.now -= 1
        for view in question.views:
            pictures.read(view)
        words = (Answered(name="detector", milliseconds=1), Answered(name="vlm", milliseconds=1))
        who = Identity(engine="scripted", release="r1", exam=ExamPassed(cases=1))
        seen = tuple(view.sha256 for view in question.views)
        return Answer(question=question.id, pictures=seen, components=words, identity=who)


class House:
    """A store, a scripted engine and the loop between them."""

    def __init__(self, store: Store, arrival: Callable[..., Arrival]) -> None:
        self.store = store
        self.engine = Scripted()
        self.arrival = arrival
        self.remade: list[str] = []
        self.glimpses = Glimpses()
        store.clean.keep(CLEAN)

    @contextlib.asynccontextmanager
    async def running(self, rulebooks: Rules | None = None, **settings: Any) -> AsyncGenerator[Inspection]:
        inspection = Inspection(
            self.store,
            self.engine,
            EngineSettings(**settings),
            lambda: Moment(now=time.time(), room_on_disk=True, release="r1", app="test"),
            rulebooks or ByDefault(),
            self._clean,
            self.glimpses,
        )
        task = asyncio.create_task(inspection.run())
        try:
            yield inspection
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def bring(self, *names: str, **changes: Any) -> None:
        clean = changes.pop("clean", hashlib.sha256(CLEAN).hexdigest())
        for name in names:
            original = hashlib.sha256(name.encode()).hexdigest()
            picture = Picture(name="view", originals=(original,), size=1, sha256=clean, width=32, height=24)
            made = self.arrival(name, pictures=(picture,), **changes)
            await self.store.write(lambda db, made=made: scans.receive(db, made))

    async def actions(self, name: str) -> list[Action]:
        def look(db: Any) -> list[Action]:
            scan = scans.find(db, name)
            assert scan is not None
            return [Action(v["document"]["recommended_action"]) for v in browse.verdicts(db, scan.id)]

        return await self.store.read(look)

    async def until(self, name: str, verdicts: int) -> list[Action]:
        """Wait, generously, until a scan has so many verdicts."""
        async with asyncio.timeout(300):
            while len(found := await self.actions(name)) < verdicts:
                await asyncio.sleep(0.01)
        return found

    async def _clean(self, picture: Picture) -> bytes:
        try:
            return self.store.clean.read(picture.sha256 or "")
        except StoreError:
            self.remade.append(picture.sha256 or "")
            self.store.clean.keep(CLEAN)
            return CLEAN
