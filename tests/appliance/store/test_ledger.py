"""A tampered chain is seen: edit, delete, insert, reorder, and a verdict changed behind its back."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.rules.judged import Moment
from appliance.scan import Arrival
from appliance.store import ledger, scans
from appliance.store.database import Store
from tests.conftest import claim
from tests.judging import judge

ROWS = 12
Tamper = Callable[[sqlite3.Connection, random.Random], None]


@pytest.fixture
def book(tmp_path: Path, arrival: Callable[..., Arrival]) -> Path:
    """A closed store with twelve verdicts."""
    store = Store.open(tmp_path)

    def fill(db: sqlite3.Connection) -> None:
        for number in range(ROWS):
            scans.receive(db, arrival(f"s{number}"))
        for scan in claim(db, ROWS):
            verdict = judge(
                scan, None, Moment(now=0, room_on_disk=True, release="r1", app="test"), trouble="engine late"
            )
            scans.conclude(db, scan, lambda _, verdict=verdict: verdict, "2026-01-01T00:00:00+00:00")

    asyncio.run(store.write(fill))
    store.close()
    return tmp_path / "lanewatch.db"


def verify(path: Path) -> ledger.Checked:
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    checked = ledger.verify(db)
    db.close()
    return checked


def edit_body(db: sqlite3.Connection, dice: random.Random) -> None:
    seq = dice.randint(1, ROWS)
    db.execute("UPDATE ledger SET body = replace(body, 'REVIEW', 'CLEAR') WHERE seq = ?", (seq,))


def edit_verdict(db: sqlite3.Connection, dice: random.Random) -> None:
    db.execute(
        "UPDATE verdict SET document = replace(document, 'REVIEW', 'CLEAR') WHERE id = ?", (dice.randint(1, ROWS),)
    )


def edit_action(db: sqlite3.Connection, dice: random.Random) -> None:
    db.execute("UPDATE verdict SET action = 'CLEAR' WHERE id = ?", (dice.randint(1, ROWS),))


def edit_and_rehash(db: sqlite3.Connection, dice: random.Random) -> None:
    """A careful forger mends the row's own hash too; the next row gives it away."""
    seq = dice.randint(1, ROWS - 1)
    row = db.execute("SELECT previous, body FROM ledger WHERE seq = ?", (seq,)).fetchone()
    body = row["body"].replace("REVIEW", "CLEAR")
    db.execute("UPDATE ledger SET body = ?, hash = ? WHERE seq = ?", (body, ledger._hash(row["previous"], body), seq))


def delete_row(db: sqlite3.Connection, dice: random.Random) -> None:
    db.execute("DELETE FROM ledger WHERE seq = ?", (dice.randint(1, ROWS),))


def delete_and_close_up(db: sqlite3.Connection, dice: random.Random) -> None:
    seq = dice.randint(1, ROWS - 1)
    db.execute("DELETE FROM ledger WHERE seq = ?", (seq,))
    db.execute("UPDATE ledger SET seq = -seq + 1 WHERE seq > ?", (seq,))
    db.execute("UPDATE ledger SET seq = -seq WHERE seq < 0")


def insert_row(db: sqlite3.Connection, dice: random.Random) -> None:
    """A verdict is copied in with a row of its own somewhere in the chain."""
    kept = "scan, at, risk, action, document, answer, circumstances"
    db.execute(f"INSERT INTO verdict SELECT 99, {kept} FROM verdict WHERE id = 1")
    row = db.execute("SELECT * FROM ledger WHERE seq = ?", (dice.randint(1, ROWS),)).fetchone()
    db.execute("INSERT INTO ledger VALUES (13, 99, ?, ?, ?)", (row["body"], row["previous"], row["hash"]))


def swap_rows(db: sqlite3.Connection, dice: random.Random) -> None:
    one, two = dice.sample(range(1, ROWS + 1), 2)
    db.execute("UPDATE ledger SET seq = 1000 WHERE seq = ?", (one,))
    db.execute("UPDATE ledger SET seq = ? WHERE seq = ?", (one, two))
    db.execute("UPDATE ledger SET seq = ? WHERE seq = 1000", (two,))


def edit_what_lists_show(db: sqlite3.Connection, dice: random.Random) -> None:
    db.execute("UPDATE scan SET action = 'CLEAR', risk = 'low' WHERE id = ?", (dice.randint(1, ROWS),))


def edit_what_was_brought(db: sqlite3.Connection, dice: random.Random) -> None:
    db.execute("UPDATE scan SET brought = replace(brought, 'absent', 'given') WHERE id = ?", (dice.randint(1, ROWS),))


def make_it_a_rehearsal(db: sqlite3.Connection, dice: random.Random) -> None:
    db.execute("UPDATE scan SET rehearsal = 1 WHERE id = ?", (dice.randint(1, ROWS),))


def write_nonsense(db: sqlite3.Connection, dice: random.Random) -> None:
    """With a hash that fits: the row is named, and nothing breaks."""
    row = db.execute("SELECT seq, previous FROM ledger WHERE seq = ?", (ROWS,)).fetchone()
    db.execute("UPDATE ledger SET body = 'x', hash = ? WHERE seq = ?", (ledger._hash(row["previous"], "x"), row["seq"]))


TAMPERS = (
    edit_what_lists_show,
    edit_what_was_brought,
    make_it_a_rehearsal,
    write_nonsense,
    edit_body,
    edit_verdict,
    edit_action,
    edit_and_rehash,
    delete_row,
    delete_and_close_up,
    insert_row,
    swap_rows,
)


def test_an_honest_chain_holds(book: Path) -> None:
    checked = verify(book)
    assert (checked.rows, checked.broken) == (ROWS, None)


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__)
@pytest.mark.parametrize("seed", range(4))
def test_a_tampered_chain_is_seen(book: Path, tamper: Tamper, seed: int) -> None:
    db = sqlite3.connect(book)
    db.row_factory = sqlite3.Row
    tamper(db, random.Random(seed))
    db.commit()
    db.close()
    assert verify(book).broken is not None
