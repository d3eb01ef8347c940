"""How long figures and searches take with a million scans stored, and what keeping them costs the intake.

    ./dev bench desk [--scans 1000000] [--folder FOLDER] [--asks 40] [--intake 2000]

The store is made anew (minutes, 6 GB) unless a folder with one is named. A search page is one page of 50 with all that
the list shows; beside it the same words by LIKE over the same rows, as a plain page would look for them. The cost to
the intake is the time of receiving and judging scans, one commit each, with and without their words and counts.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from appliance.store import counting, search, words
from appliance.store.browse import Query
from appliance.store.database import Store
from tests.appliance.lookback.books import Lane, book, various
from tests.bench import million

SEARCHES: dict[str, dict[str, Any]] = {
    "no words": {},
    "a scan's name": {"q": "B-777777"},
    "a name nobody has": {"q": "zzz"},
    "a consignee": {"q": "Acme Trading 777"},
    "the beginning of a word that nobody has whole": {"q": "scisso"},
    "two words of a sixth of all scans each": {"q": "đà nẵng"},
    "three declared words": {"q": "may tinh xach tay"},
    "an officer's note": {"q": "khách hàng khai lại"},
    "two words, each often, never together": {"q": "nguyen acme"},
    "a frequent word and a lane": {"q": "scissors", "lane": "L1"},
    "a frequent word and a lane without scans": {"q": "scissors", "lane": "L9"},
    "a frequent word of one day": {
        "q": "knife",
        "since": "2026-12-01T00:00:00+00:00",
        "until": "2026-12-02T00:00:00+00:00",
    },
}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--scans", type=int, default=1_000_000)
    options.add_argument("--folder", type=Path, help="a folder with such a store, or where to make one and leave it")
    options.add_argument("--asks", type=int, default=40)
    options.add_argument("--intake", type=int, default=2_000)
    chosen = options.parse_args()
    with contextlib.ExitStack() as stack:
        folder = chosen.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if not (folder / "lanewatch.db").exists():
            folder.mkdir(parents=True, exist_ok=True)
            million.make(folder, chosen.scans)
        figures = {
            "machine": {"cpus": len(os.sched_getaffinity(0)), "python": platform.python_version(),
                        "sqlite": sqlite3.sqlite_version, "load": os.getloadavg()[0]},
            "words": _words(folder), "search_ms": _searches(folder, chosen.asks), "figures": _figures(folder),
            "intake": _intake(chosen.intake),
        }  # fmt: skip
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    return 0


def _words(folder: Path) -> dict[str, Any]:
    """How long it takes to make the words of all scans anew, as the migration does."""
    with contextlib.closing(Store.open(folder)) as store:

        def again(db: sqlite3.Connection) -> dict[str, Any]:
            db.execute("DROP TABLE words")
            started = time.perf_counter()
            words.begin(db)
            took = time.perf_counter() - started
            pages = "SELECT sum(length(block)) FROM words_data"
            kept = "SELECT sum(length(c0)) FROM words_content"
            return {
                "scans": db.execute("SELECT count(*) FROM scan").fetchone()[0],
                "made_in_s": round(took, 1),
                "index_megabytes": round(db.execute(pages).fetchone()[0] / 1e6),
                "text_megabytes": round(db.execute(kept).fetchone()[0] / 1e6),
            }

        return store.submit(again).result()


def _searches(folder: Path, asks: int) -> dict[str, Any]:
    with _reader(folder) as db:
        told = {name: _spread(partial(search.page, db, Query(**asked)), asks) for name, asked in SEARCHES.items()}
        like = "SELECT id FROM scan WHERE brought LIKE '%Acme Trading 777%' ORDER BY id DESC LIMIT 50"
        return {**told, "plain LIKE for a consignee": _spread(lambda: db.execute(like).fetchall(), 2)}


def _figures(folder: Path) -> dict[str, Any]:
    """A quarter: first with nothing kept, asked again until all is counted, then all kept; and a single day."""
    with contextlib.closing(Store.open(folder)) as store:
        store.submit(lambda db: db.execute("DELETE FROM tally").rowcount).result()
        with store.reader() as db:
            until = million.last_moment(db.execute("SELECT count(*) FROM scan").fetchone()[0])
        since, first, took = until - timedelta(days=92), time.perf_counter(), []
        while True:
            started = time.perf_counter()
            with store.reader() as db:
                counted = counting.hours(db, since, until, until)
            took.append(time.perf_counter() - started)
            store.submit(lambda db, counted=counted: counting.keep(db, counted.hours), lasting=False).result()
            if not counted.left:
                break
        all_of_it = time.perf_counter() - first
        with store.reader() as db:
            return {
                "quarter_hours": len(counted.hours),
                "quarter_first_asks": len(took),
                "longest_ask_ms": round(1e3 * max(took)),
                "all_counted_in_s": round(all_of_it, 1),
                "quarter_kept_ms": _spread(lambda: _summed(db, since, until), 5),
                "day_kept_ms": _spread(lambda: _summed(db, until - timedelta(days=1), until), 20),
            }


def _summed(db: sqlite3.Connection, since: Any, until: Any) -> None:
    whole = counting.Counts()
    for hour in counting.hours(db, since, until, until).hours:
        for part in hour.parts:
            whole.add(part.counts)


def _intake(count: int) -> dict[str, Any]:
    """Receipt and verdict of so many scans by the store's own verbs, with all that is kept beside them and without."""
    took = {"with": 0.0, "without": 0.0}
    worked = {"with": 0.0, "without": 0.0}
    for turn in range(-2, 4):  # the first two warm up what is made once in a process
        kind = ("with", "without")[turn % 2]
        with tempfile.TemporaryDirectory() as folder:
            store = Store.open(Path(folder))
            with contextlib.ExitStack() as stack:
                if kind == "without":
                    store.submit(_bare).result()
                    stack.enter_context(patch("appliance.store.words.keep", lambda *_: None))
                lane = Lane(store)
                lane.activate(book(1))
                before, started = time.process_time(), time.perf_counter()
                various(lane, count // 2, seed=turn // 2)
                took[kind] += (time.perf_counter() - started) * (turn >= 0)
                worked[kind] += (time.process_time() - before) * (turn >= 0)
            store.close()
    return {
        "ms_per_scan": {kind: round(1e3 * spent / count, 3) for kind, spent in took.items()},
        "processor_ms_per_scan": {kind: round(1e3 * spent / count, 3) for kind, spent in worked.items()},
    }


def _bare(db: sqlite3.Connection) -> None:
    """A store that keeps no counts beside its rows."""
    for trigger in ("tally_received", "tally_changed", "run_begins"):
        db.execute(f"DROP TRIGGER {trigger}")


@contextlib.contextmanager
def _reader(folder: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(Store.open(folder)) as store, store.reader() as db:
        yield db


def _spread(ask: Callable[[], Any], asks: int) -> str:
    took: list[float] = []
    for _ in range(asks):
        started = time.perf_counter()
        ask()
        took.append(1e3 * (time.perf_counter() - started))
    took.sort()
    return f"{took[len(took) // 2]:.1f} / {took[min(len(took) - 1, int(0.95 * len(took)))]:.1f}"


if __name__ == "__main__":
    sys.exit(main())
