"""How long it takes to judge a hundred thousand stored scans again, beside a plain loop over the same rows.

    ./dev bench backtest [--scans 100000] [--plain 5000] [--past] [--others]

A store of real judgements, a few hundred distinct ones written many times over; the candidate is the default book under
another version, with --past also with rules that ask of the past what was not asked then. With --others
other rules came into force after all of the scans, so that each is judged by those too. The plain loop is one process
that reads rows and calls `judge`, over the first so many.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sqlite3
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from appliance.lookback.backtest import Asked, backtest
from appliance.lookback.record import COLUMNS, record_of
from appliance.rules import reading
from appliance.rules.history import Remembered
from appliance.store.database import Store
from appliance.store.past import Past
from models.profile import BAGGAGE
from tests.appliance.lookback.books import BEGINNING, Lane, book, various

DISTINCT = 400
CONSIGNEES = 2_000
GOAL_SECONDS = 60


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--scans", type=int, default=100_000)
    options.add_argument("--plain", type=int, default=5_000, help="scans of the plain loop")
    options.add_argument("--past", action="store_true", help="let the candidate ask of the past")
    options.add_argument("--others", action="store_true", help="let other rules be in force than those of the verdicts")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        make(Path(folder), chosen.scans)
        if chosen.others:
            lane = Lane(Store.open(Path(folder)))
            lane.activate(book(3))
            lane.store.close()
        made = time.perf_counter() - started
        database = Path(folder) / "lanewatch.db"
        figures = {
            "machine": {
                "cpus": len(os.sched_getaffinity(0)),
                "python": platform.python_version(),
                "load": os.getloadavg()[0],
            },
            "store": {"megabytes": round(database.stat().st_size / 1e6), "made_in_s": round(made, 1)},
            **measured(database, chosen.plain, past=chosen.past),
            "goal": f"100,000 in {GOAL_SECONDS} s on two cores",
        }
    print(json.dumps(figures, indent=2))
    return 0


def make(folder: Path, count: int) -> None:
    """A few hundred judgements as the loop keeps them, then the same again under other names, half a minute apart."""
    lane = Lane(Store.open(folder))
    lane.activate(book(1))
    various(lane, DISTINCT, seed=1)
    lane.store.close()
    with sqlite3.connect(folder / "lanewatch.db") as db:
        db.row_factory = sqlite3.Row
        scans = [dict(row) for row in db.execute("SELECT * FROM scan WHERE superseded_by IS NULL AND action NOT NULL")]
        newest = {row["scan"]: dict(row) for row in db.execute("SELECT * FROM verdict ORDER BY id")}
        columns, said = list(scans[0]), list(next(iter(newest.values())))
        brought: list[tuple[Any, ...]] = []
        verdicts: list[tuple[Any, ...]] = []
        for number in range(count - len(scans)):
            row, new = scans[number % len(scans)], 1_000_000 + number
            at = (BEGINNING + timedelta(days=2, seconds=30 * number)).isoformat()
            named = {"id": new, "scan_id": f"B-{number}", "slot": f"b:{number}", "content": f"{number:064x}"}
            row = row | named | {"supersedes": None, "received_at": at}
            if row["consignee"]:
                row |= _whose(row, f"{row['consignee']} {number % CONSIGNEES}")
            verdict = newest[scans[number % len(scans)]["id"]] | {"id": new, "scan": new, "at": at}
            brought.append(tuple(row[key] for key in columns))
            verdicts.append(tuple(verdict[key] for key in said))
        db.executemany(f"INSERT INTO scan ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", brought)
        db.executemany(f"INSERT INTO verdict ({', '.join(said)}) VALUES ({', '.join('?' * len(said))})", verdicts)
    db.close()


def _whose(row: dict[str, Any], consignee: str) -> dict[str, Any]:
    brought = json.loads(row["brought"])
    brought["context"]["consignee"] = consignee
    return {"consignee": consignee, "brought": json.dumps(brought, ensure_ascii=False)}


def measured(database: Path, plain: int, *, past: bool) -> dict[str, Any]:
    """The backtest as its command runs it, and the plain loop."""
    candidate = book(2, history="yes" if past else "")
    before, started = _processor(), time.perf_counter()
    asked = Asked(candidate, "normal", BEGINNING, 366, BEGINNING + timedelta(days=60), "", BAGGAGE.name)
    bill = backtest(database, asked, lambda *_: None)
    took, worked = time.perf_counter() - started, _processor() - before
    rulebook = reading.parse(candidate).at()
    db = sqlite3.connect(database)
    db.row_factory = sqlite3.Row
    before, started, judged = _processor(), time.perf_counter(), 0
    for row in db.execute(
        f"SELECT {COLUMNS} FROM scan JOIN verdict ON verdict.id = (SELECT max(id) FROM verdict WHERE"
        " verdict.scan = scan.id) WHERE superseded_by IS NULL ORDER BY scan.id DESC LIMIT ?",
        (plain,),
    ):
        record = record_of(row)
        assert record is not None
        record.again(rulebook, Remembered(Past(db, record.scan), record.circumstances.history))
        judged += 1
    alone, spent = time.perf_counter() - started, _processor() - before
    db.close()
    return {
        "backtest": {
            "scans": bill.judged,
            "seconds": round(took, 1),
            "processor_seconds": round(worked, 1),
            "scans_per_s": round(bill.judged / took),
            "changed": bill.changed,
        },
        "plain_loop": {
            "scans": judged,
            "scans_per_s": round(judged / alone),
            "processor_ms_per_scan": round(1e3 * spent / judged, 3),
        },
        "times_as_fast": round(bill.judged / took / (judged / alone), 2),
    }


def _processor() -> float:
    """Seconds of processor time of this process and of those that it ended."""
    spent = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        spent += used.ru_utime + used.ru_stime
    return spent


if __name__ == "__main__":
    sys.exit(main())
