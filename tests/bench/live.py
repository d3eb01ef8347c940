"""How quick the pages are in a box at work: a million scans stored, a hundred who listen, and scans coming in.

    ./dev bench live [--folder FOLDER] [--scans 1000000] [--listeners 100] [--rounds 5] [--asks 40] [--every 0.5]

A whole daemon with made-up answers. Server time is what the daemon's own journal says of each request, found by the
request's id. Beside it, in the same run and round by round, the page that one would write in an afternoon, asked of
the same file by a process that does nothing else: whole rows, OFFSET, the total to number the pages by, without the
time of HTTP. How late each listener hears of a verdict is told by a process of their own (`tests.bench.listeners`).
Medians of rounds, each as p50 / p95.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from tests.bench import million
from tests.bench.latency import picture
from tests.box import ROOT, Box

OPENING = 1200.0
"""Seconds that looking through a store of this size may take at the start."""
JUDGED = "SELECT count(*) FROM scan WHERE scan_id LIKE ? AND action IS NOT NULL"
PLAIN_LIST = """SELECT * FROM scan LEFT JOIN verdict ON verdict.scan = scan.id
LEFT JOIN review ON review.id = scan.review ORDER BY scan.received_at DESC LIMIT 50 OFFSET ?"""
PLAIN_SCAN = "SELECT * FROM scan WHERE scan_id = ?"
PLAIN_BESIDE = tuple(f"SELECT * FROM {table} WHERE scan = ? ORDER BY id" for table in ("verdict", "review", "outcome"))


def pages(count: int) -> dict[str, str]:
    """The addresses that are asked for, each under what it is."""
    middle, late = million.FIRST + count // 2, million.last_moment(count // 10).isoformat()
    old = million.last_moment(count // 10 - 2880).isoformat()
    asked = {
        "list: the newest": "", "list: half of all further on": f"?cursor={middle}",
        "list: one action": "?action=REVIEW", "list: one lane": "?lane=L3", "list: degraded": "?degraded=true",
        "list: one source and one action": "?source=belt-1&action=PHYSICAL_INSPECTION",
        "list: one lane and one risk": "?lane=L3&risk=high", "list: a lane nobody has, and an action":
        "?lane=L9&action=REVIEW", "list: one lane, action and risk": "?lane=L3&action=CLEAR&risk=low",
        "list: up to a time with nine tenths after it": f"?until={quote(late)}",
        "list: one day with nine tenths after it": f"?since={quote(old)}&until={quote(late)}",
        "list: a consignee's words": "?q=Acme+Trading+777", "list: a scan's name": "?q=B-777",
    }  # fmt: skip
    return {
        **{name: f"/api/v1/scans{query}" for name, query in asked.items()},
        "scan": f"/api/v1/scans/B-{count // 3}",
        "queue": "/api/v1/queue",
        "classes": "/api/v1/classes",
    }


class Lane(threading.Thread):
    """A scanner that puts a new picture into the folder every so often, until told to stop."""

    def __init__(self, box: Box, every: float) -> None:
        super().__init__(daemon=True)
        self._box, self._every, self._content = box, every, picture(1)
        self.name_of_all = f"L{time.time_ns()}"  # a store that is used again has those of other runs
        self.ended = threading.Event()
        self.dropped = 0

    def run(self) -> None:
        while not self.ended.wait(self._every):
            name = f"{self.name_of_all}-{self.dropped}"
            self._box.drop(f"{name}.png", self._content + name.encode())
            self.dropped += 1


@contextlib.contextmanager
def listening(box: Box, count: int, told: dict[str, Any]) -> Generator[None]:
    """So many who follow the events, each with a token of its own; how late they heard is in `told` afterwards."""
    command = [sys.executable, "-m", "tests.bench.listeners", str(box.port)]
    command += [box.token(("read",)) for _ in range(count)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as ears:
        assert ears.stdin is not None
        assert ears.stdout is not None
        assert ears.stdout.readline() == "ready\n"
        yield
        told.update(json.loads(ears.communicate("")[0]))


def bench(store: Path, place: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """All figures of one box."""
    heard: dict[str, Any] = {}
    with Box(place, state=store) as box:
        box.start(wait=False)
        box.until(lambda: (box.status() or {}).get("ready"), "the box is ready", OPENING)
        asked, token = pages(chosen.scans), box.token(("read",))
        with listening(box, chosen.listeners, heard), plain(store) as ask_plain:
            lane = Lane(box, chosen.every)
            lane.start()
            time.sleep(5)
            daemon = psutil.Process(box.process.pid if box.process else 0)
            began, worked = time.monotonic(), sum(daemon.cpu_times()[:2])
            rounds = [_round(box, token, asked, ask_plain, chosen) for _ in range(chosen.rounds)]
            share = (sum(daemon.cpu_times()[:2]) - worked) / (time.monotonic() - began)
            lane.ended.set()
            lane.join()
        judged = box.one(JUDGED, f"{lane.name_of_all}-%")
    return {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()},
        "meanwhile": {"listeners": chosen.listeners, "scans_dropped": lane.dropped, "judged": judged,
                      "processors_of_the_daemon": round(share, 2)},
        "server_ms_p50_p95": {name: _told(rounds, name) for name in rounds[0]},
        "verdict_heard_after_conclude_ms": heard,
    }  # fmt: skip


def _round(
    box: Box, token: str, asked: dict[str, str], ask_plain: Callable[[str, int], float], chosen: argparse.Namespace
) -> dict[str, list[float]]:
    """One round: every page so many times, in turn, so that all of them meet the same minutes."""
    took: defaultdict[str, list[float]] = defaultdict(list)
    ids: dict[str, str] = {}
    begins = (box.folder / "box.log").stat().st_size
    line = http.client.HTTPConnection("127.0.0.1", box.port, timeout=60)
    for turn in range(chosen.asks):
        for name, address in asked.items():
            line.request("GET", address, headers={"Authorization": f"Bearer {token}"})
            answer = line.getresponse()
            assert answer.status == 200, (address, answer.read())
            answer.read()
            ids[answer.headers["x-request-id"]] = name
        took["plain list: the newest"].append(ask_plain("list", 0))
        if turn % 8 == 0:
            took["plain list: half of all further on"].append(ask_plain("list", chosen.scans // 2))
        took["plain list, without the total"].append(ask_plain("uncounted", 0))
        took["plain scan"].append(ask_plain("scan", chosen.scans // 3))
    line.close()
    time.sleep(0.5)  # until the last line of the journal is written
    with (box.folder / "box.log").open("rb") as journal:
        journal.seek(begins)
        for said in map(json.loads, journal):
            if name := ids.pop(said.get("request_id", ""), None):
                took[name].append(said["milliseconds"])
    assert not ids
    return took


def _told(rounds: list[dict[str, list[float]]], name: str) -> str:
    p50 = statistics.median(_part(each[name], 0.5) for each in rounds)
    p95 = statistics.median(_part(each[name], 0.95) for each in rounds)
    return f"{p50:.1f} / {p95:.1f}"


def _part(took: list[float], share: float) -> float:
    return sorted(took)[min(len(took) - 1, int(len(took) * share))]


@contextlib.contextmanager
def plain(store: Path) -> Generator[Callable[[str, int], float]]:
    """The page that one would write in an afternoon, in a process of its own: milliseconds until its JSON is made."""
    command = [sys.executable, "-m", "tests.bench.live", "--plain", str(store / "lanewatch.db")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as page:

        def ask(what: str, number: int) -> float:
            assert page.stdin is not None
            assert page.stdout is not None
            print(what, number, file=page.stdin, flush=True)
            return float(page.stdout.readline())

        yield ask
        page.communicate()


def _plain(path: Path) -> None:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    for line in sys.stdin:
        what, number = line.split()
        started = time.perf_counter()
        if what == "scan":
            row = db.execute(PLAIN_SCAN, (f"B-{number}",)).fetchone()
            told: Any = [dict(row), *([dict(one) for one in db.execute(sql, (row["id"],))] for sql in PLAIN_BESIDE)]
        else:
            total = db.execute("SELECT count(*) FROM scan").fetchone()[0] if what == "list" else None
            told = {"total": total, "scans": [dict(row) for row in db.execute(PLAIN_LIST, (int(number),))]}
        json.dumps(told, ensure_ascii=False).encode()
        print(1e3 * (time.perf_counter() - started), flush=True)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--folder", type=Path, help="a folder with such a store, or where to make one and leave it")
    options.add_argument("--scans", type=int, default=1_000_000)
    options.add_argument("--listeners", type=int, default=100)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--asks", type=int, default=40)
    options.add_argument("--every", type=float, default=0.5)
    options.add_argument("--plain", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.plain:
        _plain(chosen.plain)
        return 0
    with tempfile.TemporaryDirectory() as place:
        store = chosen.folder or Path(place) / "store"
        if not (store / "lanewatch.db").exists():
            store.mkdir(parents=True, exist_ok=True)
            million.make(store, chosen.scans)
        print(json.dumps(bench(store, Path(place) / "box", chosen), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
