"""The loop between store and engine: every scan gets its verdict, whatever the engine does."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appliance.errors import StoreError
from appliance.inspection import Inspection
from appliance.rules.evidence import Moment
from appliance.scan import Action, Arrival, Picture
from appliance.settings import EngineSettings
from appliance.store import browse, scans
from appliance.store.database import Store
from models import pictures
from models.answer import Answer, Answered, ExamPassed, Identity, Question
from models.ports import EngineLateError, EngineRefusedError, EngineUnavailableError
from tests.conftest import png

CLEAN = png()


class Scripted:
    """An engine that does what a story needs: it answers, unless its script says otherwise for a scan."""

    def __init__(self) -> None:
        self.alive = True
        self.script: dict[str, Callable[[float], Any]] = {}
        self.asked: list[str] = []
        self.together: dict[str, int] = {}
        self.now = self.most = 0

    async def answer(self, question: Question, within: float) -> Answer:
        name = question.id.partition("#")[0]
        self.asked.append(name)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            self.together[name] = self.now
            await asyncio.sleep(0.01)
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
        store.clean.keep(CLEAN)

    @contextlib.asynccontextmanager
    async def running(self, **settings: Any) -> AsyncGenerator[Inspection]:
        inspection = Inspection(
            self.store,
            self.engine,
            EngineSettings(**settings),
            lambda: Moment(now=time.time(), room_on_disk=True, release="r1", app="test"),
            self._clean,
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
        async with asyncio.timeout(60):
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


@pytest.fixture
def house(store: Store, arrival: Callable[..., Arrival]) -> House:
    return House(store, arrival)


def unavailable(_: float) -> None:
    raise EngineUnavailableError("gone")


def test_a_scan_is_asked_about_once_and_concluded(house: House) -> None:
    async def story() -> None:
        async with house.running():
            await house.bring("a", "b", "c")
            for name in ("a", "b", "c"):
                assert await house.until(name, 1) == [Action.CLEAR]
        assert sorted(house.engine.asked) == ["a", "b", "c"]

    asyncio.run(story())


def test_never_more_scans_are_with_the_engine_than_allowed(house: House) -> None:
    async def story() -> None:
        await house.bring(*(f"s{n}" for n in range(40)))
        async with house.running(in_flight=4):
            for n in range(40):
                await house.until(f"s{n}", 1)
        assert house.engine.most == 4

    asyncio.run(story())


def test_without_an_engine_a_scan_is_review_when_due_and_judged_again_when_it_returns(house: House) -> None:
    async def story() -> None:
        house.engine.alive = False
        async with house.running():
            await house.bring("a", deadline_seconds=0.2)
            assert await house.until("a", 1) == [Action.REVIEW]
            assert house.engine.asked == []
            house.engine.alive = True
            assert await house.until("a", 2) == [Action.REVIEW, Action.CLEAR]

    asyncio.run(story())


def test_intake_goes_on_and_nothing_is_asked_while_the_engine_is_away(house: House) -> None:
    async def story() -> None:
        house.engine.alive = False
        async with house.running():
            await house.bring("a", "b")
            await asyncio.sleep(0.6)
            assert await house.actions("a") == []
            house.engine.alive = True
            assert await house.until("b", 1) == [Action.CLEAR]

    asyncio.run(story())


def test_a_picture_that_takes_the_engine_down_stops_only_itself(house: House) -> None:
    """It is asked about alone the second time, so that no neighbour is blamed, and given up after three."""

    async def story() -> None:
        house.engine.script["poison"] = unavailable
        async with house.running():
            await house.bring("a", "poison", "b", "c")
            assert await house.until("poison", 1) == [Action.REVIEW]
            for name in ("a", "b", "c"):
                assert await house.until(name, 1) == [Action.CLEAR]
        assert house.engine.asked.count("poison") == 3
        assert house.engine.together["poison"] == 1
        assert await house.actions("poison") == [Action.REVIEW]

    asyncio.run(story())


def test_a_late_engine_means_review_now_and_the_full_word_later(house: House) -> None:
    async def late_once(_: float) -> None:
        del house.engine.script["a"]
        raise EngineLateError("slow")

    async def story() -> None:
        house.engine.script["a"] = late_once
        async with house.running():
            await house.bring("a")
            assert await house.until("a", 2) == [Action.REVIEW, Action.CLEAR]

    asyncio.run(story())


def test_what_the_engine_refuses_is_for_a_human_for_good(house: House) -> None:
    def refuse(_: float) -> None:
        raise EngineRefusedError("cannot read it")

    async def story() -> None:
        house.engine.script["a"] = refuse
        async with house.running():
            await house.bring("a", "b")
            assert await house.until("a", 1) == [Action.REVIEW]
            await house.until("b", 1)
            await asyncio.sleep(0.6)
        assert house.engine.asked.count("a") == 1

    asyncio.run(story())


def test_the_time_an_engine_gets_is_what_is_left_until_the_scan_is_due(house: House) -> None:
    given: list[float] = []

    async def story() -> None:
        house.engine.script["a"] = given.append
        async with house.running():
            await house.bring("a", deadline_seconds=20.0, received_at=datetime.now(UTC) - timedelta(seconds=5))
            await house.until("a", 1)
        assert 10 < given[0] <= 15

    asyncio.run(story())


def test_a_clean_picture_that_a_power_cut_took_is_made_again(house: House) -> None:
    async def story() -> None:
        digest = hashlib.sha256(CLEAN).hexdigest()
        house.store.clean.path(digest).write_bytes(b"")
        async with house.running():
            await house.bring("a")
            assert await house.until("a", 1) == [Action.CLEAR]
        assert house.remade == [digest]

    asyncio.run(story())


def test_scans_that_were_with_the_engine_at_the_end_are_asked_again_at_the_next_start(house: House) -> None:
    async def story() -> None:
        house.engine.script["a"] = lambda _: asyncio.sleep(60)
        async with house.running():
            await house.bring("a")
            async with asyncio.timeout(30):
                while not house.engine.asked:
                    await asyncio.sleep(0.01)
        del house.engine.script["a"]
        async with house.running():
            assert await house.until("a", 1) == [Action.CLEAR]

    asyncio.run(story())


def test_a_picture_the_engine_is_slow_on_does_not_hold_up_the_lane(house: House) -> None:
    """Its second try waits by itself; fresh scans go on being asked about meanwhile."""
    release = asyncio.Event()
    tries: list[str] = []

    async def slow(_: float) -> None:
        tries.append("slow")
        if len(tries) == 1:
            raise EngineLateError("slow")
        await release.wait()

    async def story() -> None:
        house.engine.script["slow"] = slow
        async with house.running():
            await house.bring("slow")
            await house.until("slow", 1)
            async with asyncio.timeout(60):
                while len(tries) < 2:
                    await asyncio.sleep(0.01)
            await house.bring("a", "b", "c")
            for name in ("a", "b", "c"):
                assert await house.until(name, 1) == [Action.CLEAR]
            assert await house.actions("slow") == [Action.REVIEW]
            release.set()
            assert await house.until("slow", 2) == [Action.REVIEW, Action.CLEAR]

    asyncio.run(story())


def _slow_commit(house: House, seconds: float) -> None:
    """What is queued from now on waits behind a slow disk."""
    house.store.submit(lambda _: time.sleep(seconds))


def test_a_scan_that_was_taken_as_overdue_is_not_judged_by_a_hand_too(house: House) -> None:
    """Both looked before either had written; the row says whose it is."""

    async def story() -> None:
        house.engine.alive = False
        long_ago = datetime.now(UTC) - timedelta(seconds=60)
        async with house.running():
            await house.bring("first", quarantine="broken", received_at=long_ago)
            await house.until("first", 1)
            for name in ("b", "c", "d"):
                _slow_commit(house, 0.4)  # the next look for overdue scans is queued behind it
                bringing = asyncio.create_task(house.bring(name, received_at=long_ago))
                await asyncio.sleep(0.35)
                house.engine.alive = True
                await bringing
                await asyncio.sleep(0.3)
                house.engine.alive = False
                verdicts = await house.until(name, 1)
                assert verdicts in ([Action.CLEAR], [Action.REVIEW], [Action.REVIEW, Action.CLEAR])
            row = "SELECT count(*) FROM scan WHERE state = 'inspecting' AND todo = 0"
            async with asyncio.timeout(30):
                while await house.store.read(lambda db: db.execute(row).fetchone()[0]):
                    await asyncio.sleep(0.05)

    asyncio.run(story())


def test_a_scan_given_back_when_it_is_due_has_its_verdict_all_the_same(house: House) -> None:
    """The engine goes while it has the scan, the disk is slow, and the loop is busy with something else."""

    async def story() -> None:
        go = asyncio.Event()

        async def gone(_: float) -> None:
            await go.wait()
            raise EngineUnavailableError("gone")

        house.engine.script["a"] = gone
        await house.bring("a", deadline_seconds=0.5)
        async with house.running(attempts=3):
            await asyncio.sleep(0.7)  # due while it is in a hand
            house.engine.alive = False
            _slow_commit(house, 0.4)
            go.set()
            await asyncio.sleep(0.3)  # giving back and looking for overdue ones are queued
            time.sleep(0.3)  # noqa: ASYNC251 - this is the loop that is busy
            assert await house.until("a", 1) == [Action.REVIEW]

    asyncio.run(story())


def test_scans_that_hang_the_engine_take_one_hand_and_no_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.inspection.PATIENCE", 3.0)

    async def hang(within: float) -> None:
        await asyncio.sleep(within)
        raise EngineLateError("slow")

    async def story() -> None:
        poison = [f"p{number}" for number in range(4)]
        house.engine.script |= dict.fromkeys(poison, hang)
        async with house.running(in_flight=4):
            await house.bring(*poison, deadline_seconds=0.3)
            for name in poison:
                await house.until(name, 1)
            await house.bring("new", deadline_seconds=20)
            assert await house.until("new", 1) == [Action.CLEAR]

    asyncio.run(story())
