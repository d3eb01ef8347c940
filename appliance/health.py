"""How the box is: asked by the dashboard, by Prometheus and by the command line.

Reads the rooms, changes nothing. Stands above the rooms and below the daemon.
"""

from __future__ import annotations

import dataclasses
import os
import platform
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from typing import Any, Protocol

from appliance.operations import gpus
from appliance.operations.disk import Disk, Rung
from appliance.operations.metrics import Figure, Figures
from appliance.operations.sources import figures_of
from appliance.results import ResultsFolder
from appliance.rulebooks import Rulebooks
from appliance.store import browse
from appliance.store.database import Store
from models.answer import Identity


@cache
def version() -> str:
    """Our own version."""
    try:
        return installed("lanewatch")
    except PackageNotFoundError:
        return "unknown"


class WayIn(Protocol):
    """A way in, as far as its health goes."""

    def counts(self) -> Any: ...


class Decoder(Protocol):
    """The decoder, as far as its health goes."""

    @property
    def alive(self) -> bool: ...


class Engine(Protocol):
    """The engine, as far as its health goes."""

    @property
    def alive(self) -> bool: ...

    @property
    def identity(self) -> Identity | None: ...


class Health:
    """Answers what the rooms together know."""

    def __init__(
        self,
        site: str,
        store: Store,
        disk: Disk,
        decoder: Decoder,
        engine: Engine,
        results: ResultsFolder | None,
        rulebooks: Rulebooks,
        waiting: Callable[[], tuple[int, int]],
        ways_in: Mapping[str, WayIn],
    ) -> None:
        self._site = site
        self._store = store
        self._disk = disk
        self._decoder = decoder
        self._engine = engine
        self._results = results
        self._rulebooks = rulebooks
        self._waiting = waiting
        self._ways_in = ways_in
        self._figures = Figures(self._collect)

    def ready(self) -> tuple[str, ...]:
        """Why a scan would not be judged now. Empty means it would."""
        reasons: list[str] = []
        if self._store.broken:
            reasons.append(f"store: {self._store.broken}")
        if not self._decoder.alive:
            reasons.append("decoder: not there")
        if not self._engine.alive:
            reasons.append("engine: not there")
        if not self._disk.has_room:
            reasons.append(f"disk: {self._disk.free_percent:.1f} % free")
        return tuple(reasons)

    def warnings(self) -> tuple[str, ...]:
        """What somebody should look at though scans are judged."""
        found: list[str] = []
        if self._disk.rung is Rung.LOW:
            found.append(f"disk: {self._disk.free_percent:.1f} % free")
        if self._disk.trouble:
            found.append(f"disk: {self._disk.trouble}")
        if self._results and self._results.trouble:
            found.append(f"results: {self._results.trouble}")
        for name, way in self._ways_in.items():
            held = getattr(way.counts(), "held", "")
            if held:
                found.append(f"source {name}: {held}; mount it or mend it, its scans wait there")
        found += self._rulebooks.warnings(time.time())
        who = self._engine.identity
        if who and who.canned:
            found.append("engine: gives made-up answers, for rehearsal only")
        if who and who.rehearsal:
            found.append(f"engine: release {who.release} knows simulated scans only, so it clears rehearsals only")
        if who and who.exam.state != "passed":
            found.append(f"engine: exam {who.exam.state}, so nothing is CLEAR: {who.exam.reason}")
        return tuple(found)

    def version(self) -> dict[str, str | None]:
        """Who we are, down to the library that keeps our memory."""
        who = self._engine.identity
        standing = self._rulebooks.told()
        return {
            "site": self._site,
            "app": version(),
            "rulebook": standing.label,
            "level": standing.level,
            "release": who.release if who else None,
            "engine": who.engine if who else None,
            "sqlite": sqlite3.sqlite_version,
            "python": platform.python_version(),
        }

    def status(self) -> dict[str, Any]:
        """Everything `lanewatch status` shows."""
        waiting, owed = self._waiting()
        return {
            "pid": os.getpid(),
            "ready": not self.ready(),
            "reasons": self.ready(),
            "warnings": self.warnings(),
            "waiting": waiting,
            "owed": owed,
            "disk": self._room(),
            "engine": self._who(),
            "gpus": [gpu._asdict() for gpu in gpus.look()],
            "sources": {name: _plain(way.counts()) for name, way in self._ways_in.items()},
            "rulebook": self._rulebook(),
            "version": self.version(),
        }

    def _room(self) -> dict[str, Any]:
        """How much room is left, and from where on the box does something about it."""
        disk = self._disk
        ladder = {"warn_free_percent": disk.settings.warn_free_percent}
        ladder |= {"stop_free_percent": disk.settings.stop_free_percent}
        return {"rung": disk.rung, "free_percent": round(disk.free_percent, 1), **ladder}

    def _who(self) -> dict[str, Any]:
        """Whether the engine answers, and who it is once it has said so."""
        who = self._engine.identity
        said = who.model_dump(mode="json", exclude={"exam"}) | {"exam": who.exam.state} if who else None
        return {"alive": self._engine.alive, "identity": said}

    def _rulebook(self) -> dict[str, Any]:
        """By what it judges, and why that clears nothing, if so."""
        standing = self._rulebooks.told()
        troubles = self._rulebooks.troubles(time.time())
        return {"name": standing.name, "digest": standing.digest, "level": standing.level, "troubles": troubles}

    def metrics(self) -> bytes:
        return self._figures.text()

    def _collect(self) -> Iterator[Figure]:
        waiting, owed = self._waiting()
        who = self.version()
        yield Figure("info", "Who this box is.", 1, {key: value or "" for key, value in who.items()})
        yield Figure("ready", "1 while a scan would be judged.", not self.ready())
        yield Figure("scans_waiting", "Scans without a verdict.", waiting)
        yield Figure("scans_owed", "Scans whose verdict lacks the engine's full word.", owed)
        yield Figure("disk_free_ratio", "Free share of the disk under the storage root.", self._disk.free_percent / 100)
        yield Figure("engine_alive", "1 while the engine answers.", self._engine.alive)
        for number, gpu in enumerate(gpus.look()):
            labels = {"gpu": str(number), "name": gpu.name}
            if gpu.celsius is not None:
                yield Figure("gpu_celsius", "How warm a GPU is.", gpu.celsius, labels)
            if gpu.memory_bytes and gpu.memory_used_bytes is not None:
                used = gpu.memory_used_bytes / gpu.memory_bytes
                yield Figure("gpu_memory_used_ratio", "Used share of a GPU's memory.", used, labels)
        with self._store.reader() as db:
            for action, number in browse.actions(db):
                yield Figure("verdicts_total", "Verdicts kept, by action.", number, {"action": action})
        if self._results:
            yield Figure("results_written_total", "Verdict documents written.", self._results.written)
        for source, way in self._ways_in.items():
            yield from figures_of(source, dataclasses.asdict(way.counts()))


def _plain(counts: Any) -> dict[str, Any]:
    """Counts as JSON knows them."""
    found = dataclasses.asdict(counts)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in found.items()}
