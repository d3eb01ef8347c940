"""Every concluded verdict, chained: a row that was edited, removed, added or moved is seen.

A chain without a key cannot show that its newest rows were cut off together
with their verdicts, or that all of it from some row on was made anew; only
somebody else's copy of the last hash can.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import NamedTuple

from appliance.scan import canonical

START = "0" * 64
"""What the first row names as the one before it."""


class Broken(NamedTuple):
    """The first row that does not hold, and how it shows."""

    seq: int
    problem: str


class Checked(NamedTuple):
    """What a walk over the chain found."""

    rows: int
    last: str
    broken: Broken | None


def append(db: sqlite3.Connection, verdict: int, at: str) -> None:
    """Add the row of a verdict that was just written, in the same transaction."""
    last = db.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
    seq, previous = (last["seq"] + 1, last["hash"]) if last else (1, START)
    body = _body(db, seq, verdict, at, numbered=True)
    db.execute(
        "INSERT INTO ledger (seq, verdict, body, previous, hash) VALUES (?, ?, ?, ?, ?)",
        (seq, verdict, body, previous, _hash(previous, body)),
    )


def verify(db: sqlite3.Connection) -> Checked:
    """Walk the chain from its first row and hold each against its verdict."""
    expected, previous = 1, START
    for row in db.execute("SELECT seq, verdict, body, previous, hash FROM ledger ORDER BY seq"):
        problem = _problem(db, row, expected, previous)
        if problem:
            return Checked(expected - 1, previous, Broken(min(row["seq"], expected), problem))
        expected, previous = expected + 1, row["hash"]
    loose = db.execute(
        "SELECT id FROM verdict WHERE id NOT IN (SELECT verdict FROM ledger) ORDER BY id LIMIT 1"
    ).fetchone()
    if loose:
        return Checked(expected - 1, previous, Broken(expected, f"verdict {loose['id']} has no row in the ledger"))
    shown = db.execute(
        "SELECT scan_id, action, risk FROM scan WHERE (action, risk) IS NOT (SELECT action, risk FROM verdict"
        " WHERE verdict.scan = scan.id ORDER BY verdict.id DESC LIMIT 1) ORDER BY id LIMIT 1"
    ).fetchone()
    if shown:
        said = f"scan {shown['scan_id']} is shown as {shown['action']}, {shown['risk']}, which no verdict says"
        return Checked(expected - 1, previous, Broken(expected, said))
    return Checked(expected - 1, previous, None)


def _problem(db: sqlite3.Connection, row: sqlite3.Row, expected: int, previous: str) -> str | None:
    if row["seq"] != expected:
        return f"row {expected} is missing"
    if row["previous"] != previous:
        return "does not follow the row before it"
    if row["hash"] != _hash(previous, row["body"]):
        return "its body was changed"
    try:
        recorded = json.loads(row["body"])
        at, numbered = recorded["at"], "nth" in recorded
    except (ValueError, KeyError, TypeError):
        return "its body cannot be read"
    if row["body"] != _body(db, row["seq"], row["verdict"], at, numbered=numbered):
        return f"verdict {row['verdict']} is not the one that was recorded"
    return None


def _body(db: sqlite3.Connection, seq: int, verdict: int, at: str, *, numbered: bool) -> str:
    row = db.execute(
        "SELECT scan_id, revision, content, source, rehearsal, quarantine, brought, verdict.at, verdict.risk,"
        " verdict.action, document, answer, circumstances,"
        " (SELECT COUNT(*) FROM verdict AS one WHERE one.scan = verdict.scan AND one.id <= verdict.id) AS nth"
        " FROM verdict JOIN scan ON scan.id = verdict.scan WHERE verdict.id = ?",
        (verdict,),
    ).fetchone()
    if row is None:
        return ""
    body = {
        "seq": seq,
        "at": at,
        "scan_id": row["scan_id"],
        "revision": row["revision"],
        "content": row["content"],
        "source": row["source"],
        "rehearsal": bool(row["rehearsal"]),
        "quarantine": row["quarantine"],
        "brought": _digest(row["brought"]),
        "risk": row["risk"],
        "action": row["action"],
        "judged_at": row["at"],
        "document": _digest(row["document"]),
        "answer": _digest(row["answer"]) if row["answer"] is not None else None,
    }
    if row["circumstances"] is not None:  # rows from before they were kept have none
        body["circumstances"] = _digest(row["circumstances"])
    if numbered:  # rows from before they were counted have none
        body["nth"] = row["nth"]
    return canonical(body).decode()


def _hash(previous: str, body: str) -> str:
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
