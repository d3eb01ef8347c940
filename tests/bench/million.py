"""A store of as many judged scans as wanted, for benches of pages: real judgements, written again under other names.

Takes a folder and a count, gives a store in it: half a minute between scans, five lanes, an answer to each that
asks for an officer but the newest two hundred rows, and to a few others. Written past the store's verbs, row by row: so
a million take minutes and no more memory than a thousand; what is kept beside the rows is made by those who keep it.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from appliance.store.database import Store
from tests.appliance.lookback.books import BEGINNING, Lane, book, various

DISTINCT = 400
CONSIGNEES = 20_000
LANES = 5
PIECE = 5_000
OPEN = 200
OFFICERS = 12
FIRST = 1_000_000
"""Where the ids of what is written again begin."""
NAMES = ("Công ty Điện tử Đà Nẵng", "Syarikat Maju", "Nguyễn Văn Đức", "Acme Trading", "Tan Brothers", "Hải Phòng Port")
NOTES = (
    "opened, nothing in it",
    "khách hàng khai lại",
    "pisau kecil dalam beg",
    "the bag of a family",
    "đã kiểm tra",
    "",
)
WORDS = ("agree", "agree", "agree", "agree", "false_alarm", "false_alarm", "missed", "wrong_item", "cannot_tell")


def make(folder: Path, count: int, seed: int = 1) -> None:
    """Fill a folder that has no store yet."""
    lane = Lane(Store.open(folder))
    lane.activate(book(1))
    various(lane, DISTINCT, seed=seed)
    lane.store.close()
    dice = random.Random(seed)
    with sqlite3.connect(folder / "lanewatch.db", isolation_level=None) as db:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA synchronous = OFF")
        scans = [dict(row) for row in db.execute("SELECT * FROM scan WHERE superseded_by IS NULL AND action NOT NULL")]
        newest = {row["scan"]: dict(row) for row in db.execute("SELECT * FROM verdict ORDER BY id")}
        rest = range(count - len(scans))
        for first in rest[::PIECE]:
            numbers = rest[first : first + PIECE]
            db.execute("BEGIN")
            rows = [_scan(scans[number % len(scans)], number, dice) for number in numbers]
            _put(db, "scan", rows)
            _put(
                db,
                "verdict",
                (_verdict(newest[scans[n % len(scans)]["id"]], row, n) for n, row in zip(numbers, rows, strict=True)),
            )
            answered = [row for row in rows if row["id"] < FIRST + len(rest) - OPEN and _asks(row, dice)]
            _put(db, "review", (_word(row, dice) for row in answered))
            db.executemany("UPDATE scan SET review = id WHERE id = ?", [(row["id"],) for row in answered])
            db.execute("COMMIT")
    db.close()


def last_moment(count: int) -> datetime:
    """When the newest scan came."""
    return BEGINNING + timedelta(days=2, seconds=30 * count)


def _scan(like: dict[str, Any], number: int, dice: random.Random) -> dict[str, Any]:
    at = BEGINNING + timedelta(days=2, seconds=30 * number)
    brought = json.loads(like["brought"])
    consignee = f"{dice.choice(NAMES)} {dice.randrange(CONSIGNEES)}"
    brought["context"] = {**brought["context"], "consignee": consignee}
    return like | {
        "id": FIRST + number, "scan_id": f"B-{number}", "slot": f"b:{number}", "content": f"{number:064x}",
        "supersedes": None, "received_at": at.isoformat(), "due_at": at.timestamp() + 30, "todo": 0, "owed": 0,
        "lane": f"L{dice.randrange(LANES) + 1}", "rehearsal": 0, "consignee": consignee.casefold(),
        "brought": json.dumps(brought, ensure_ascii=False),
    }  # fmt: skip


def _verdict(like: dict[str, Any], scan: dict[str, Any], number: int) -> dict[str, Any]:
    at = datetime.fromisoformat(scan["received_at"]) + timedelta(seconds=1.5 + number % 7)
    return like | {"id": scan["id"], "scan": scan["id"], "at": at.isoformat()}


def _asks(scan: dict[str, Any], dice: random.Random) -> bool:
    """Whether it gets an officer's word: all that ask for one, and a few of the others."""
    return scan["action"] != "CLEAR" or dice.random() < 0.02


def _word(scan: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    at = datetime.fromisoformat(scan["received_at"]) + timedelta(seconds=5 + dice.random() * 60)
    return {
        "id": scan["id"], "key": f"key-{scan['id']}", "scan": scan["id"], "verdict": scan["id"], "at": at.isoformat(),
        "who": f"officer {dice.randrange(OFFICERS)}", "kind": dice.choice(WORDS), "marks": "[]",
        "note": dice.choice(NOTES), "undone_at": None,
    }  # fmt: skip


def _put(db: sqlite3.Connection, table: str, rows: list[dict[str, Any]] | Iterator[dict[str, Any]]) -> None:
    for row in rows:
        names = list(row)
        db.execute(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", tuple(row.values())
        )
