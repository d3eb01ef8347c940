"""How fast scans are taken, against raw SQL, raw inotify and a plain watchdog script in the same run.

    ./dev bench intake [--rounds 5] [--burst 10000]

Medians of rounds. The machine is named with its disk, because a sync is most of what is measured. The latency is
also to be had alone: ./dev bench latency.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from appliance.scan import Arrival, Picture
from appliance.store import scans
from appliance.store.database import Store
from tests.bench.latency import latency, ms, picture, plain_script
from tests.box import Box

ACCEPTS = 4000
BATCH = 64


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--burst", type=int, default=10_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="lanewatch-bench-") as place:
        figures = {
            "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "sqlite": sqlite3.sqlite_version},
            "disk": _disk(Path(place)),
            "accepts": _accepts(Path(place), chosen.rounds),
            "latency": latency(Path(place), chosen.rounds),
            "burst": _burst(Path(place), chosen.burst),
        }
    print(json.dumps(figures, indent=2))
    return 0


def _disk(place: Path) -> dict[str, float]:
    """What one sync costs here."""
    with (place / "sync").open("wb") as file:
        times = [
            _timed(lambda: (file.write(b"x" * 4096), file.flush(), os.fdatasync(file.fileno()))) for _ in range(200)
        ]
    return {"fdatasync_ms_p50": ms(times, 50), "fdatasync_ms_p95": ms(times, 95)}


# --- durable accepts a second -----------------------------------------------------------------------------------------


def _accepts(place: Path, rounds: int) -> dict[str, Any]:
    """Scans accepted a second, decoding aside: rows alone, and rows with their pictures."""
    raw, rows, whole = [], [], []
    for number in range(rounds):
        raw.append(_raw_sql(place / f"raw-{number}.db"))
        rows.append(asyncio.run(_accept(place / f"rows-{number}", pictures=False)))
        whole.append(asyncio.run(_accept(place / f"whole-{number}", pictures=True)))
    reference = statistics.median(raw)
    return {
        "raw_sql_rows_per_s_batch_64": round(reference),
        "rows_per_s": round(statistics.median(rows)),
        "rows_against_raw_sql": round(statistics.median(a / b for a, b in zip(rows, raw, strict=True)), 2),
        "with_picture_per_s": round(statistics.median(whole)),
        "with_picture_against_raw_sql": round(statistics.median(a / b for a, b in zip(whole, raw, strict=True)), 2),
    }


def _raw_sql(path: Path) -> float:
    """The same rows by the bare library, 64 to a commit, WAL and FULL."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE scan (id INTEGER PRIMARY KEY, name TEXT UNIQUE, digest TEXT UNIQUE, at REAL, body TEXT)")
    body = _arrival(0).model_dump_json()
    started = time.perf_counter()
    for first in range(0, ACCEPTS, BATCH):
        db.execute("BEGIN IMMEDIATE")
        for number in range(first, min(first + BATCH, ACCEPTS)):
            values = (f"scan-{number}", hashlib.sha256(str(number).encode()).hexdigest(), time.time(), body)
            db.execute("INSERT INTO scan (name, digest, at, body) VALUES (?, ?, ?, ?)", values)
        db.execute("COMMIT")
    speed = ACCEPTS / (time.perf_counter() - started)
    db.close()
    return speed


async def _accept(root: Path, *, pictures: bool) -> float:
    """Many senders at once, each waiting for its own acknowledgement."""
    store = Store.open(root)
    arrivals = [_arrival(number) for number in range(ACCEPTS)]
    waiting = iter(range(ACCEPTS))

    async def sender() -> None:
        for number in waiting:
            if pictures:
                await asyncio.to_thread(store.pictures.keep, str(number).encode() * 2000)
            await store.write(lambda db, n=number: scans.receive(db, arrivals[n]))

    started = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(BATCH)))
    speed = ACCEPTS / (time.perf_counter() - started)
    store.close()
    return speed


def _arrival(number: int) -> Arrival:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    picture = Picture(name="view", originals=(digest,), size=1000, sha256=digest, width=448, height=448)
    return Arrival(
        source="belt-1",
        slot=f"belt-1:{number}",
        name=f"scan-{number}",
        pictures=(picture,),
        deadline_seconds=30,
        received_at=datetime.now(UTC),
    )


# --- burst ------------------------------------------------------------------------------------------------------------


def _burst(place: Path, files: int) -> dict[str, Any]:
    """So many files renamed into the folder at once: how long until all are judged, and how many the script missed."""
    content = picture(0, size=128)
    with Box(place / "burst", source=", deadline_seconds: 100000", more=f"operations: {{inbox: {files * 2}}}\n") as box:
        box.start()
        took, made = _flood(box.scanner, files, content, lambda: _concluded(box) >= files)
        lost = files - _concluded(box)
    with plain_script(place / "flood") as (folder, results):
        plain, _ = _flood(folder, files, content, _still(results, files))
        missed = files - sum(1 for _ in results.glob("[!.]*.json"))
    return {
        "files": files,
        "written_per_s": round(files / made),
        "judged_per_s": round(files / took),
        "seconds": round(took, 1),
        "lost": lost,
        "plain_watchdog_script_per_s": round(files / plain),
        "plain_watchdog_script_lost": missed,
    }


def _flood(folder: Path, files: int, content: bytes, done: Callable[[], bool]) -> tuple[float, float]:
    """Write all aside in the same folder, then rename them as fast as one process can."""
    for number in range(files):
        (folder / f"b{number}.png.part").write_bytes(content + str(number).encode())
    started = time.perf_counter()
    for number in range(files):
        (folder / f"b{number}.png.part").rename(folder / f"b{number}.png")
    made = time.perf_counter() - started
    while not done():
        time.sleep(0.1)
    return time.perf_counter() - started, made


def _concluded(box: Box) -> int:
    return box.one("SELECT count(*) FROM scan WHERE state = 'concluded' AND owed = 0")


def _still(results: Path, all_of_them: int) -> Callable[[], bool]:
    """True once all are there, or the folder has not grown for half a minute: a flood is worked off event by event."""
    seen = [(-1, time.monotonic())]

    def look() -> bool:
        number = sum(1 for _ in results.glob("[!.]*.json"))
        if number != seen[-1][0]:
            seen.append((number, time.monotonic()))
        return number >= all_of_them or time.monotonic() - seen[-1][1] > 30

    return look


def _timed(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
