"""The tables, as they came to be. Each change is one function here, run once, in order."""

from __future__ import annotations

import sqlite3
import sys

from appliance.rules.history import one_name
from appliance.store import tables, words

sys.modules.setdefault("pandas", None)  # pyright: ignore[reportArgumentType]
from sqlite_utils import Database, Migrations  # noqa: E402

if sys.modules["pandas"] is None:  # pyright: ignore[reportUnnecessaryComparison]
    del sys.modules["pandas"]
"""The library takes pandas in where a model library brought it along: 66 MB and threads of its own, all unused."""

migrations = Migrations("lanewatch")


@migrations()
def m001_first(db: Database) -> None:
    """Scans, verdicts, ledger, events, sightings, tokens."""
    _run(db, tables.FIRST)


@migrations()
def m002_judgement(db: Database) -> None:
    """Which rules were in force, what a verdict followed from, and what history functions look up."""
    _run(db, tables.JUDGEMENT)


@migrations()
def m003_one_name(db: Database) -> None:
    """Consignees in the spelling that they are looked up by."""
    names = [row[0] for row in db.conn.execute("SELECT DISTINCT consignee FROM scan WHERE consignee IS NOT NULL")]
    spelt = ((one_name(name) or None, name) for name in names)
    db.conn.executemany("UPDATE scan SET consignee = ? WHERE consignee = ?", [one for one in spelt if one[0] != one[1]])


@migrations()
def m004_desk(db: Database) -> None:
    """Officers, their sessions, what they said of scans, and a chain of what people did."""
    _run(db, tables.DESK)


@migrations()
def m005_figures(db: Database) -> None:
    """What was counted of each hour, and the words by which scans are found."""
    _run(db, tables.FIGURES)
    words.begin(db.conn)


@migrations()
def m006_finding(db: Database) -> None:
    """Scans whose words are still to be written, and which ids came in which hour."""
    _run(db, tables.FINDING)


@migrations()
def m007_agreement(db: Database) -> None:
    """What was counted is counted anew: words said before a verdict neither agree with it nor speak against it."""
    db.conn.execute("DELETE FROM tally")


def _run(db: Database, statements: str) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            db.conn.execute(statement)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables up to today, or change nothing."""
    migrations.apply(Database(connection))
