"""The daemon: builds the house, then lets its rooms live in one TaskGroup. READ THIS FIRST.

A scan's way: a way in -> `Receiver` -> store -> `Inspection` (asks the engine,
judges) -> store -> every way out. The rooms meet in the store and nowhere else.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from pathlib import Path

from appliance.dashboard.app import Dashboard
from appliance.durable import sweep
from appliance.errors import LanewatchError
from appliance.glimpses import Glimpses
from appliance.health import Health, version
from appliance.inspection import Inspection
from appliance.intake.decoding.decoder import ChildDecoder
from appliance.intake.dicom.door import DicomDoor
from appliance.intake.folder.intake import FolderIntake
from appliance.intake.receive import Receiver
from appliance.intake.zeromq.feed import Feed
from appliance.journal import journal
from appliance.kinds import UNIX
from appliance.operations.child import keep_running
from appliance.operations.clock import Clock, longest_deadline
from appliance.operations.disk import Disk
from appliance.operations.thinning import Thinning
from appliance.results import ResultsFolder
from appliance.rulebooks import Rulebooks
from appliance.rules.judged import Moment
from appliance.settings import Dashboard as DashboardSettings
from appliance.settings import DicomSource, FolderSource, Settings, Source, ZeromqSource
from appliance.store import scans
from appliance.store.database import Store
from appliance.store.host import sqlite_warning
from models.client import EngineClient
from models.notify import tell, watchdog_seconds
from models.release import profile_of

log = journal("daemon")

TURN = 0.0005
"""Seconds a thread computes while another waits. A page reads its rows one by one, and waits for its turn at each."""
STRAY = 3600.0
"""Seconds since which a file left half written is nobody's any more, even where clocks differ or are set."""


async def run(settings: Settings, *, with_engine: bool = False) -> None:
    """Run the box until SIGTERM or SIGINT, or until the store breaks."""
    sys.setswitchinterval(TURN)
    store = await asyncio.to_thread(Store.open, settings.storage.root)
    try:
        await _live(settings, store, with_engine=with_engine)
    finally:
        tell("STOPPING=1")
        await asyncio.to_thread(store.close)


async def _live(settings: Settings, store: Store, *, with_engine: bool) -> None:
    if warning := sqlite_warning():
        log.warning(warning)
    disk = Disk(settings.storage)
    disk.look()
    clock = Clock(store, longest_deadline(settings))
    engine = EngineClient(settings.engine.socket)
    decoder = ChildDecoder(settings.operations)
    inbox = Inbox(store, settings.operations.inbox)
    reception = Receiver(store, decoder, lambda: _no_room(disk, inbox))
    profile = profile_of(settings.engine.release)
    rulebooks = Rulebooks(store, profile)
    await rulebooks.begin()

    def moment() -> Moment:
        release = settings.engine.release
        return Moment(now=clock.now(), room_on_disk=disk.has_room, release=release, profile=profile, app=version())

    glimpses = Glimpses()
    inspection = Inspection(store, engine, settings.engine, moment, rulebooks, reception.clean, glimpses)
    results = ResultsFolder(settings.results.path, store) if settings.results.path else None
    ways_in = {source.name: _way_in(source, reception, store) for source in settings.sources}
    health = Health(
        settings.site.name,
        store,
        disk,
        decoder,
        engine,
        results,
        rulebooks,
        lambda: (inbox.waiting, inbox.owed),
        ways_in,
    )
    dashboard = Dashboard(settings.dashboard, reception, store, health, rulebooks, glimpses)

    try:
        async with asyncio.TaskGroup() as rooms:
            rooms.create_task(_until_told(), name="signals")
            rooms.create_task(_until_broken(store), name="store")
            if with_engine:
                rooms.create_task(
                    keep_running("engine", _engine_command(settings), lambda: engine.alive), name="engine"
                )
            for room in (
                disk,
                Thinning(store, disk),
                clock,
                inbox,
                decoder,
                engine,
                inspection,
                results,
                dashboard,
                *ways_in.values(),
            ):
                if room is not None:
                    rooms.create_task(room.run(), name=type(room).__name__)
            rooms.create_task(_sweep(store, settings.results.path), name="sweep")
            rooms.create_task(_pulse(store, inspection), name="pulse")
            log.info("running", address=_address(settings.dashboard), state=str(settings.storage.root))
    except* _Told:
        log.info("stopping")


def _address(dashboard: DashboardSettings) -> str:
    if dashboard.bind.startswith(UNIX):
        return dashboard.bind
    return f"{'https' if dashboard.certificate else 'http'}://{dashboard.bind}/"


class Inbox:
    """Knows how many scans wait for a verdict."""

    def __init__(self, store: Store, most: int) -> None:
        self._store = store
        self._most = most
        self.waiting = 0
        self.owed = 0

    @property
    def full(self) -> bool:
        return self.waiting >= self._most

    async def run(self) -> None:
        while True:
            self.waiting = await self._store.read(scans.waiting)
            self.owed = await self._store.read(scans.owing)
            await asyncio.sleep(0.25)


class _Told(Exception):  # noqa: N818 - not an error: somebody asked us to stop
    """A signal came."""


def _way_in(source: Source, reception: Receiver, store: Store) -> FolderIntake | Feed | DicomDoor:
    match source:
        case FolderSource():
            return FolderIntake(source, reception, store)
        case ZeromqSource():
            return Feed(source, reception, store)
        case DicomSource():
            return DicomDoor(source, reception)


def _no_room(disk: Disk, inbox: Inbox) -> str:
    if not disk.has_room:
        return f"the disk is nearly full ({disk.free_percent:.1f} % free)"
    return f"{inbox.waiting} scans wait for a verdict" if inbox.full else ""


def _engine_command(settings: Settings) -> list[str]:
    engine = settings.engine
    command = [sys.executable, "-m", "models", "serve", "--socket", str(engine.socket)]
    return [*command, "--release", engine.release, "--backend", engine.backend]


async def _until_told() -> None:
    """End the house, every room cleaning up after itself, when a signal comes."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    await told.wait()
    raise _Told


async def _until_broken(store: Store) -> None:
    """A failed sync is not retried: end, so that a new start tells what is on disk."""
    while store.broken is None:
        await store.bell.wait(store.bell.count)
    raise store.broken


async def _sweep(store: Store, results: Path | None) -> None:
    """Remove what writers of a former life left half written, folder by folder beside the day's work."""
    before, found = time.time() - STRAY, 0
    try:
        for shelf in (store.pictures.folder, store.clean.folder):
            for folder in sorted(shelf.iterdir()):
                found += await asyncio.to_thread(sweep, folder, before)
        if results:
            found += await asyncio.to_thread(sweep, results, before)
    except OSError as problem:  # it only takes room; the next start tries again
        log.warning("cannot sweep", problem=str(problem))
    if found:
        log.info("swept away what was left half written", files=found)


async def _pulse(store: Store, inspection: Inspection) -> None:
    """Tell systemd that we live, but only when a write went through and the loop turned."""
    tell("READY=1")
    period = (watchdog_seconds() or 30.0) / 3
    while True:
        await store.write(lambda _: None)
        tell("WATCHDOG=1", f"STATUS={inspection.concluded} verdicts since the start")
        await asyncio.sleep(period)


def explain(problem: BaseException) -> str:
    """The one sentence for the operator out of a failed house."""
    if isinstance(problem, BaseExceptionGroup):
        parts = [explain(part) for part in problem.exceptions]  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType, reportUnknownArgumentType]
        return "; ".join(dict.fromkeys(parts))
    return str(problem) if isinstance(problem, LanewatchError | OSError) else repr(problem)


def is_foreseen(problem: BaseException) -> bool:
    """Whether it is an error we raise on purpose, so that a traceback would only hide it."""
    if isinstance(problem, BaseExceptionGroup):
        return all(is_foreseen(part) for part in problem.exceptions)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType, reportUnknownArgumentType]
    return isinstance(problem, LanewatchError)
