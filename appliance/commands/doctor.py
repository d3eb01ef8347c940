"""`lanewatch doctor`: is this box well? Each line says what was looked at and what to do."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from appliance.commands.common import DEFAULT_CONFIG, Config, Json, UnreachableError, ask_daemon, show_json
from appliance.commands.telling import count, rulebook_line
from appliance.config import read_settings
from appliance.errors import ConfigMissingError, LanewatchError
from appliance.settings import FolderSource, Settings, ZeromqSource
from appliance.store import deeds, ledger, reviews
from appliance.store.host import NETWORK, file_system_of, sqlite_warning
from models.needs import lack

DAMAGED = "stop the box, keep the folder aside, put a copy of your own in its place; this version makes none"


class Line(NamedTuple):
    """One thing looked at."""

    what: str
    well: bool
    found: str
    do: str = ""


def doctor(*, config: Config = DEFAULT_CONFIG, json: Json = False) -> int:
    """Look at everything this box needs and say what to do about what is missing."""
    lines = list(_examine(config))
    well = all(line.well for line in lines)
    if json:
        show_json({"well": well, "lines": [line._asdict() for line in lines]})
    else:
        for line in lines:
            print(f"{'ok  ' if line.well else 'BAD '} {line.what}: {line.found}{f' -> {line.do}' if line.do else ''}")
    return 0 if well else 1


def _examine(config: Path) -> Iterator[Line]:
    try:
        settings = read_settings(config)
    except ConfigMissingError:
        raise
    except LanewatchError as problem:
        yield Line("configuration", well=False, found=str(problem), do="mend the file; see docs/configuration.md")
        return
    yield Line("configuration", well=True, found=str(config))
    yield from _storage(settings)
    yield from _sources(settings)
    yield from _results(settings)
    yield asyncio.run(_engine(settings))
    yield from _daemon(config, settings)


def _storage(settings: Settings) -> Iterator[Line]:
    root = settings.storage.root
    if not root.is_dir():
        yield Line("storage", well=False, found=f"{root} is not there", do="start the box once: it makes the folder")
        return
    kind = file_system_of(root)
    yield Line("storage", kind not in NETWORK, f"{root} on {kind}", "" if kind not in NETWORK else "needs a local disk")
    usage = shutil.disk_usage(root)
    free = 100 * usage.free / usage.total
    low = free <= settings.storage.warn_free_percent
    yield Line("disk", not low, f"{free:.1f} % free", "free some space, or move the state" if low else "")
    warning = sqlite_warning()
    yield Line("sqlite", well=True, found=warning or sqlite3.sqlite_version)
    if (root / "lanewatch.db").exists():
        yield from _database(root / "lanewatch.db")


def _database(path: Path) -> Iterator[Line]:
    db = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    try:
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        restore = "" if found == "ok" else DAMAGED
        yield Line("database", found == "ok", found, restore)
        db.execute("BEGIN")  # one moment of the store, whatever is judged meanwhile
        yield _chain("ledger", ledger.verify(db))
        if deeds.are_kept(db):
            yield _chain("deeds", reviews.verify(db))
    except sqlite3.Error as problem:
        yield Line("database", well=False, found=str(problem), do=DAMAGED)
    finally:
        db.close()


def _chain(name: str, checked: ledger.Checked) -> Line:
    if checked.broken:
        said = f"row {checked.broken.seq} {checked.broken.problem}"
        return Line(name, well=False, found=said, do="keep the folder as it is; tell the centre")
    return Line(name, well=True, found=f"{count(checked.rows, 'row')} intact")


def _sources(settings: Settings) -> Iterator[Line]:
    for source in settings.sources:
        if not isinstance(source, FolderSource):
            continue
        readable = os.access(source.path, os.R_OK | os.X_OK)
        do = "" if readable else "mount it, or mend its rights; scans wait there meanwhile"
        yield Line(
            f"source {source.name}", readable, f"{source.path} {'can be read' if readable else 'cannot be read'}", do
        )


def _results(settings: Settings) -> Iterator[Line]:
    path = settings.results.path
    if path is not None:
        nearest = next((p for p in (path, *path.parents) if p.exists()), Path("/"))
        writable = os.access(nearest, os.W_OK | os.X_OK)
        do = "" if writable else "mend its rights; verdicts wait in the store"
        yield Line("results", writable, f"{path} {'can be written' if writable else 'cannot be written'}", do)


async def _engine(settings: Settings) -> Line:
    from models.client import EngineClient

    engine = EngineClient(settings.engine.socket)
    watch = asyncio.create_task(engine.run())
    who = None
    try:
        for _ in range(30):
            await asyncio.sleep(0.1)
            if engine.alive and (who := engine.identity):
                break
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
    if who is None:
        found = f"nobody who is ready answers at {settings.engine.socket}"
        return Line(
            "engine",
            well=False,
            found=found,
            do=lack(settings.engine.backend) or "start lanewatch-engine, or wait until it has loaded",
        )
    said = f"{who.engine}, release {who.release}"
    if who.canned:
        return Line(
            "engine",
            well=False,
            found=f"{said}: made-up answers",
            do="for rehearsal; this version has no other",
        )
    return Line("engine", who.exam.state == "passed", f"{said}, exam {who.exam.state}")


def _daemon(config: Path, settings: Settings) -> Iterator[Line]:
    try:
        found = ask_daemon(config, "GET", "/control/status")
    except UnreachableError as problem:
        yield Line("daemon", well=False, found=problem.message, do=problem.hint)
        return
    yield Line("daemon", found["ready"], "ready" if found["ready"] else "; ".join(found["reasons"]), "")
    rules = found["rulebook"]
    bad = "; ".join(rules["troubles"])
    said = f"{rulebook_line(rules).removeprefix('rulebook ')}{f': {bad}' if bad else ''}"
    yield Line("rulebook", not bad, said, "put another in force: lanewatch rules activate" if bad else "")
    strange = _outward(found["pid"], _listed(settings))
    said = ", ".join(strange) if strange else "none but those listed"
    yield Line("connections", not strange, said, "find out who opened them" if strange else "")


def _listed(settings: Settings) -> set[tuple[str, int]]:
    """Where the configuration sends the box: the publishers its sources connect to."""
    found: set[tuple[str, int]] = set()
    for source in settings.sources:
        if isinstance(source, ZeromqSource) and source.connect and source.connect.startswith("tcp://"):
            host, _, port = source.connect.removeprefix("tcp://").rpartition(":")
            with contextlib.suppress(OSError):  # a name nobody knows leads nowhere
                found |= {(str(one[4][0]), int(port)) for one in socket.getaddrinfo(host.strip("[]"), port)}
    return found


def _outward(pid: int, listed: set[tuple[str, int]]) -> list[str]:
    """Connections of the daemon that leave this machine, that nobody opened to us and that are not listed."""
    import psutil

    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        links = [link for one in family for link in one.net_connections(kind="inet")]
    except psutil.Error as problem:
        return [f"cannot look: {problem}"]
    ours = {link.laddr.port for link in links if link.status == psutil.CONN_LISTEN}
    away = [link.raddr for link in links if link.raddr and link.laddr.port not in ours]
    return sorted(
        f"{to.ip}:{to.port}" for to in away if not to.ip.startswith(("127.", "::1")) and (to.ip, to.port) not in listed
    )
