"""A real HTTP side on a loopback port: real store, real reception, real server, in a thread of its own."""

from __future__ import annotations

import asyncio
import io
import sqlite3
import ssl
import threading
import time
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from argon2 import PasswordHasher
from PIL import Image, UnidentifiedImageError

from appliance.dashboard.app import Dashboard
from appliance.errors import UnreadableError
from appliance.glimpses import Glimpses
from appliance.intake.receive import Receiver
from appliance.ports import DecodedView
from appliance.rulebooks import Rulebooks
from appliance.rules.judged import Judged
from appliance.scan import Action, DeclarationMatch, Provenance, Risk, Scan, Verdict
from appliance.settings import Dashboard as DashboardSettings
from appliance.store import officers, scans, tokens
from appliance.store.database import Store
from models.answer import Finding
from models.profile import BAGGAGE
from tests.appliance.dashboard.browser import Browser, browser
from tests.conftest import claim
from tests.judging import CIRCUMSTANCES

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that speak no TLS: each would else read all the certificates of this machine."""


class PillowDecoder:
    """Decodes in this very process: enough for pictures we made ourselves."""

    async def decode(self, planes: dict[str, bytes], palette: str) -> tuple[DecodedView, ...]:  # noqa: ARG002 - the door's
        try:
            picture = Image.open(io.BytesIO(planes[""])).convert("RGB")
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as problem:
            raise UnreadableError("no picture") from problem
        return (DecodedView("", png_of(picture), *picture.size),)


class QuietHealth:
    """A box whose state the test sets."""

    def __init__(self) -> None:
        self.reasons: tuple[str, ...] = ()
        self.sources: dict[str, dict[str, Any]] = {}
        self.gpus: list[dict[str, Any]] = []

    def ready(self) -> tuple[str, ...]:
        return self.reasons

    def version(self) -> dict[str, Any]:
        return {"app": "0.1.0", "site": "lane <3>"}

    def status(self) -> dict[str, Any]:
        """Of the keys of the real one, which `test_box.py` looks at."""
        return {
            "pid": 1, "ready": not self.reasons, "reasons": self.reasons, "warnings": (), "waiting": 0, "owed": 0,
            "disk": {"rung": "fine", "free_percent": 61.2, "warn_free_percent": 20.0, "stop_free_percent": 2.0},
            "sources": self.sources, "engine": {"alive": False, "identity": None}, "gpus": self.gpus,
            "rulebook": {"name": "baggage-default 3", "digest": "0" * 64, "level": "normal", "troubles": ()},
            "version": self.version(),
        }  # fmt: skip

    def metrics(self) -> bytes:
        return b"lanewatch_up 1\n"


class Served:
    """A dashboard that is up, and hands to reach around it."""

    def __init__(self, root: Path, **settings: Any) -> None:
        self.store = Store.open(root)
        self.health = QuietHealth()
        self.judging = False
        self.no_room = ""
        reception = Receiver(self.store, PillowDecoder(), lambda: self.no_room)
        self.rulebooks = Rulebooks(self.store, BAGGAGE.name)
        self.glimpses = Glimpses()
        self.dashboard = Dashboard(
            DashboardSettings(**settings), reception, self.store, self.health, self.rulebooks, self.glimpses
        )
        self.reader = self.token("reader", "read")
        self.scanner = self.token("scanner", "inspect")
        self._visitors: list[httpx2.Client] = []
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()))
        self._thread.start()
        assert self._up.wait(300)

    def token(self, name: str, *scopes: str) -> str:
        return self.store.submit(lambda db: tokens.add(db, name, frozenset(scopes), datetime.now(UTC))).result()

    def officer(self, name: str = "T. Tan", role: officers.Role = "officer") -> str:
        """Somebody who may come in, and a code that lets them in without a password."""

        def code(db: sqlite3.Connection) -> str:
            if officers.find(db, name) is None:
                officers.add(db, name, role, "a test")
            return officers.invite(db, name, "enter", "a test")

        return self.store.submit(code).result()

    def person(self, name: str, role: officers.Role, password: str) -> None:
        """Somebody with a password, hashed as quickly as a test would have it."""
        secret = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)

        def add(db: sqlite3.Connection) -> None:
            officers.add(db, name, role, "a test")
            officers.set_secret(db, officers.folded(name), secret, "a test")

        self.store.submit(add).result()

    def at_the_door(self) -> httpx2.Client:
        """A browser of somebody who has not signed in; it keeps its cookies as over TLS."""
        client = self.client(headers={"Sec-Fetch-Site": "same-origin"})
        kept: dict[str, str] = {}

        def keep(response: httpx2.Response) -> None:
            for key, value in response.headers.multi_items():
                if key.lower() == "set-cookie":
                    name, _, word = value.partition(";")[0].partition("=")
                    kept[name] = word
                    if "max-age=0" in value.lower():
                        del kept[name]
            client.headers["Cookie"] = "; ".join(f"{name}={word}" for name, word in kept.items())

        client.event_hooks = {"response": [keep]}
        return client

    def signed_in(self, name: str = "T. Tan", role: officers.Role = "officer") -> httpx2.Client:
        """A client that came in by a code, and shows its proof with every change."""
        client = self.at_the_door()
        told = client.post("/api/v1/session/code", json={"code": self.officer(name, role)})
        assert told.status_code == 201, told.text
        client.headers["X-Lanewatch-Proof"] = told.json()["proof"]
        return client

    def client(self, token: str | None = None, **more: Any) -> httpx2.Client:
        headers = more.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        usual: dict[str, Any] = {"timeout": 300, "trust_env": False, "verify": PLAIN}
        client = httpx2.Client(base_url=self.url, headers=headers, **usual | more)
        self._visitors.append(client)
        return client

    def control(self) -> httpx2.Client:
        door = httpx2.HTTPTransport(uds=str(self.store.root / "run" / "control.sock"), verify=PLAIN)
        return httpx2.Client(base_url="http://box", transport=door, timeout=300, verify=PLAIN)

    def judge(self, action: Action = Action.REVIEW, *, reasoning: str = "told by a test") -> int:
        """Give every waiting scan a verdict."""
        taken = self.store.submit(lambda db: claim(db, 100) + scans.claim_overdue(db, 1e12, 100)).result()
        for scan in taken:
            judged = Judged(
                verdict=verdict(scan, action, reasoning), answer=None, owed=False, circumstances=CIRCUMSTANCES
            )
            self.store.submit(
                lambda db, scan=scan, judged=judged: scans.conclude(
                    db, scan, lambda _: judged, datetime.now(UTC).isoformat()
                )
            ).result()
        return len(taken)

    def glimpse(self, scan_id: str, *findings: Finding) -> None:
        """What the detector sees in a scan; none where the engine is done."""

        def show() -> None:
            if findings:
                self.glimpses.show(scan, findings)
            else:
                self.glimpses.take_away(scan)
            done.set()

        done = threading.Event()
        with self.store.reader() as db:
            scan = scans.find(db, scan_id)
        assert scan is not None
        self._loop.call_soon_threadsafe(show)
        assert done.wait(30)

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._room.cancel)
            self._thread.join(300)
            assert not self._thread.is_alive()
        for visitor in self._visitors:
            visitor.close()

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.create_task(self.dashboard.run())
        self.url = await self.dashboard.address()
        self._up.set()
        judge = asyncio.create_task(self._judge_for_ever())
        await asyncio.wait([self._room])
        judge.cancel()

    async def _judge_for_ever(self) -> None:
        while True:
            seen = self.store.bell.count
            while self.judging and await asyncio.to_thread(self.judge):
                pass
            await self.store.bell.wait(seen)


def verdict(scan: Scan, action: Action, reasoning: str) -> Verdict:
    return Verdict(
        scan_id=scan.scan_id,
        risk_level={Action.CLEAR: Risk.LOW, Action.REVIEW: Risk.MEDIUM}.get(action, Risk.HIGH),
        recommended_action=action,
        detected_items=(),
        declaration_match=True,
        declaration=DeclarationMatch(),
        reasoning=reasoning,
        rules_fired=(),
        degraded=("engine unavailable",) if action is Action.REVIEW else (),
        processing_time_ms=1,
        timings_ms={},
        provenance=Provenance(
            picture="", pictures=(), originals=(), release=None, adapter=None, quantization=None, rulebook="test",
            engine=None, app="0.1.0", revision=scan.revision, rehearsal=False,
        ),
    )  # fmt: skip


def png_of(picture: Image.Image) -> bytes:
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def png(shade: int = 128, size: tuple[int, int] = (24, 16)) -> bytes:
    return png_of(Image.new("RGB", size, (shade, 90, 30)))


Serve = Callable[..., Served]


@pytest.fixture
def serve(tmp_path: Path) -> Generator[Serve]:
    """Start a dashboard; all are stopped at the end."""
    started: list[Served] = []

    def start(deadline_seconds: float = 20.0, max_megabytes: float = 1.0, **more: Any) -> Served:
        settings = {"bind": "127.0.0.1:0", "deadline_seconds": deadline_seconds, "max_megabytes": max_megabytes}
        started.append(Served(tmp_path / f"box-{len(started)}", **settings | more))
        return started[-1]

    yield start
    for served in started:
        served.stop()
        served.store.close()


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Generator[Browser]:
    """One browser for all tests of a module; each opens its own box."""
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture
def picture() -> Callable[..., bytes]:
    """A small picture of the shade asked for."""
    return png


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Any]:
    """Ask again and again until the answer is true, for a generous while."""

    def wait(ask: Callable[[], Any]) -> Any:
        for _ in range(6000):
            if found := ask():
                return found
            time.sleep(0.05)
        raise AssertionError("it never came true")

    return wait
