"""The chain of what people did: an honest one holds, and every tampering is seen, but for a cut tail."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.store import deeds
from appliance.store.database import Store

ROWS = 12


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A closed store with twelve deeds."""
    store = Store.open(tmp_path)

    def fill(db: sqlite3.Connection) -> None:
        for number in range(ROWS):
            deeds.record(db, "2026-01-01T00:00:00+00:00", "t. tan", "signed in", f"x{number}", address="10.0.0.1")

    asyncio.run(store.write(fill))
    store.close()
    return tmp_path / "lanewatch.db"


def opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    return db


def edit(db: sqlite3.Connection, dice: random.Random) -> int:
    seq = dice.randint(1, ROWS)
    db.execute("UPDATE deed SET body = replace(body, 't. tan', 'a. lim') WHERE seq = ?", (seq,))
    return seq


def edit_and_rehash(db: sqlite3.Connection, dice: random.Random) -> int:
    """A careful forger mends the row's own hash too; the next row gives it away."""
    seq = dice.randint(1, ROWS - 1)
    row = db.execute("SELECT previous, body FROM deed WHERE seq = ?", (seq,)).fetchone()
    body = row["body"].replace("t. tan", "a. lim")
    db.execute("UPDATE deed SET body = ?, hash = ? WHERE seq = ?", (body, deeds._hash(row["previous"], body), seq))
    return seq + 1


def delete(db: sqlite3.Connection, dice: random.Random) -> int:
    seq = dice.randint(1, ROWS - 1)
    db.execute("DELETE FROM deed WHERE seq = ?", (seq,))
    return seq


def close_up(db: sqlite3.Connection, dice: random.Random) -> int:
    seq = delete(db, dice)
    db.execute("UPDATE deed SET seq = -seq + 1 WHERE seq > ?", (seq,))
    db.execute("UPDATE deed SET seq = -seq WHERE seq < 0")
    return seq


def swap(db: sqlite3.Connection, dice: random.Random) -> int:
    one, two = sorted(dice.sample(range(1, ROWS + 1), 2))
    for old, new in ((one, 1000), (two, one), (1000, two)):
        db.execute("UPDATE deed SET seq = ? WHERE seq = ?", (new, old))
    return one


def add_nonsense(db: sqlite3.Connection, dice: random.Random) -> int:
    """With a hash that fits: it is named, and nothing breaks."""
    previous = db.execute("SELECT hash FROM deed WHERE seq = ?", (ROWS,)).fetchone()["hash"]
    body = dice.choice(["x", "[]", '{"seq":13}', '{"seq":7,"at":"","who":"","what":"","about":"","detail":{}}'])
    db.execute("INSERT INTO deed VALUES (?, ?, ?, ?)", (ROWS + 1, body, previous, deeds._hash(previous, body)))
    return ROWS + 1


def test_an_honest_chain_holds(book: Path) -> None:
    db = opened(book)
    checked = deeds.verify(db)
    assert (checked.rows, checked.broken) == (ROWS, None)
    assert deeds.are_kept(db)
    assert [deed.seq for deed in deeds.listing(db, None, 3)] == [12, 11, 10]
    assert [deed.seq for deed in deeds.listing(db, 3, 3)] == [2, 1]
    db.close()


@pytest.mark.parametrize("tamper", [edit, edit_and_rehash, delete, close_up, swap, add_nonsense])
@pytest.mark.parametrize("seed", range(5))
def test_a_tampered_chain_is_seen_at_its_row(
    book: Path, tamper: Callable[[sqlite3.Connection, random.Random], int], seed: int
) -> None:
    db = opened(book)
    seq = tamper(db, random.Random(seed))
    checked = deeds.verify(db)
    db.close()
    assert checked.broken is not None
    assert checked.broken.seq == seq
    assert checked.rows == seq - 1
