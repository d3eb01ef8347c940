"""What officers say of scans: kept once, undone for a while, and held against the chain of deeds.

Takes an officer's word in the transaction that keeps it, gives what stands on record. The word that stands is named in
`scan.review`, and its scan is in no queue; a later verdict that is stronger than the one it answered opens it again.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sqlite3
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, StringConstraints

from appliance.errors import RefusedError
from appliance.scan import Action, Risk, canonical
from appliance.store import deeds, events, rulebooks, words
from appliance.store.ledger import Broken, Checked
from models.answer import Box, Value

Kind = Literal["agree", "false_alarm", "missed", "wrong_item", "cannot_tell"]
UNDO = timedelta(seconds=60)
"""So long somebody may take a word back."""
MOST_MARKS = 50
MOST_NOTE = 2000
MOST_ITEM = 60
_ACTIONS, _RISKS = list(Action), list(Risk)


def _plain(text: str) -> str:
    if any(unicodedata.category(each) in ("Cc", "Cs") and each not in "\n\r\t" for each in text):
        raise ValueError("control characters")
    return text


def _printable(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise ValueError("not printable")
    return text


def _not_empty(box: Box) -> Box:
    left, top, right, bottom = box
    if not (left < right and top < bottom):
        raise ValueError("an empty box: it goes left, top, right, bottom")
    return box


Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
"""Chosen by the page before it asks, so that asking again is the same word."""
Row = Annotated[int, Field(ge=1, le=2**63 - 1)]
Item = Annotated[str, StringConstraints(min_length=1, max_length=MOST_ITEM), AfterValidator(_printable)]
"""A class of the taxonomy by its id, or free words."""
Note = Annotated[str, StringConstraints(max_length=MOST_NOTE), AfterValidator(_plain)]


class Mark(Value):
    """Something drawn or corrected in one view."""

    view: str = Field(max_length=1000)
    box: Annotated[Box, AfterValidator(_not_empty)] | None = None
    item: Item | None = None


class Word(Value):
    """An officer's word on a scan, as a page brings it."""

    key: Key
    scan_id: str = Field(max_length=1000)
    revision: Row
    verdict: Row | None
    """The one the officer had before them."""
    kind: Kind
    marks: tuple[Mark, ...] = Field(default=(), max_length=MOST_MARKS)
    note: Note = ""
    over: Key | None = None
    """The word of somebody else that this one is meant to replace."""


class Kept(NamedTuple):
    """A word on record."""

    id: int
    key: str
    at: str
    undo_until: str
    undone_at: str | None
    fresh: bool
    """False when the same word was brought before."""


class Newer(NamedTuple):
    """What stands in the way: the officer has not seen it yet."""

    why: str
    scan_id: str
    revision: int
    verdict_id: int | None
    review: dict[str, Any] | None


def add(db: sqlite3.Connection, word: Word, who: str, now: datetime, *, overrides: bool = False) -> Kept | Newer | None:
    """Keep a word on a scan; None where there is no such scan. The same key again is the same word."""
    if known := db.execute("SELECT * FROM review WHERE key = ?", (word.key,)).fetchone():
        return _again(db, known, word, who)
    scan = find_scan(db, word.scan_id, word.revision)
    if scan is None:
        return None
    if newer := _newer(db, scan, word, who, overrides=overrides):
        return newer
    views = [picture["name"] for picture in json.loads(scan["brought"])["pictures"]]
    for number, mark in enumerate(word.marks):
        if mark.view not in views:
            raise RefusedError(f"marks.{number}.view: this scan has no such view", hint=", ".join(views))
    row = db.execute(
        "INSERT INTO review (key, scan, verdict, at, who, kind, marks, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " RETURNING *",
        (word.key, scan["id"], word.verdict, now.isoformat(), who, word.kind, _marks(word), word.note),
    ).fetchone()
    deeds.record(
        db, row["at"], who, "reviewed", scan["scan_id"], revision=scan["revision"], id=row["id"], kind=word.kind,
        digest=digest_of(row), **({"over": word.over} if word.over else {}),
    )  # fmt: skip
    settle(db, scan["id"])
    words.keep(db, scan["id"])
    events.record(db, "review", scan["id"], row["at"], review=row["id"])
    return _kept(row, fresh=True)


def undo(db: sqlite3.Connection, key: str, who: str, now: datetime) -> Kept | str | None:
    """Take a word back; why not, where that may not be; None where there is no such word."""
    row = db.execute("SELECT * FROM review WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row["who"] != who:
        return "only who said it takes it back"
    if row["undone_at"]:
        return _kept(row, fresh=False)
    if now > datetime.fromisoformat(row["at"]) + UNDO:
        return f"a word is taken back within {UNDO.seconds} seconds; another word on the scan replaces it"
    row = db.execute(
        "UPDATE review SET undone_at = ? WHERE id = ? RETURNING *", (now.isoformat(), row["id"])
    ).fetchone()
    scan = db.execute("SELECT scan_id, revision FROM scan WHERE id = ?", (row["scan"],)).fetchone()
    deeds.record(db, row["undone_at"], who, "review undone", scan["scan_id"], revision=scan["revision"], id=row["id"])
    settle(db, row["scan"])
    words.keep(db, row["scan"])
    events.record(db, "review", row["scan"], row["undone_at"], review=row["id"])
    return _kept(row, fresh=True)


def settle(db: sqlite3.Connection, scan: int) -> None:
    """Let the word stand that stands now, or none: the scan is then open."""
    db.execute("UPDATE scan SET review = ? WHERE id = ?", (standing(db, scan), scan))


def standing(db: sqlite3.Connection, scan: int) -> int | None:
    """The last word on a scan that was not undone, as long as no stronger verdict came after the one it answered.

    What was said before any verdict stands until one asks for an officer: no CLEAR takes an officer's word away.
    """
    last = db.execute(
        "SELECT review.id, verdict, verdict.action, verdict.risk FROM review"
        " LEFT JOIN verdict ON verdict.id = review.verdict"
        " WHERE review.scan = ? AND undone_at IS NULL ORDER BY review.id DESC LIMIT 1",
        (scan,),
    ).fetchone()
    if last is None:
        return None
    later = db.execute("SELECT action, risk FROM verdict WHERE scan = ? AND id > ?", (scan, last["verdict"] or 0))
    stronger = any(
        each["action"] != Action.CLEAR
        if last["verdict"] is None
        else _ACTIONS.index(each["action"]) > _ACTIONS.index(last["action"])
        or _RISKS.index(each["risk"]) > _RISKS.index(last["risk"])
        for each in later
    )
    return None if stronger else last["id"]


def listing(db: sqlite3.Connection, scan: int) -> tuple[dict[str, Any], ...]:
    """All words on a scan, newest last."""
    rows = db.execute(
        "SELECT review.*, scan.review IS review.id AS standing, coalesce(shown, who) AS shown FROM review"
        " JOIN scan ON scan.id = review.scan LEFT JOIN officer ON officer.name = who"
        " WHERE review.scan = ? ORDER BY review.id",
        (scan,),
    )
    return tuple(
        {
            "id": row["id"],
            "key": row["key"],
            "verdict_id": row["verdict"],
            "at": row["at"],
            "who": row["shown"],
            "kind": row["kind"],
            "marks": json.loads(row["marks"]),
            "note": row["note"],
            "undone_at": row["undone_at"],
            "standing": bool(row["standing"]),
        }
        for row in rows
    )


def verify(db: sqlite3.Connection) -> Checked:
    """Walk the chain of deeds, then hold against it what officers said, and what was put in force."""
    checked = deeds.verify(db)
    if checked.broken is None and (problem := broken(db) or rulebooks.broken(db)):
        return checked._replace(broken=Broken(checked.rows + 1, problem))
    return checked


def broken(db: sqlite3.Connection) -> str | None:
    """The first review or outcome that is not what its deed recorded, or an answer shown that nobody gave.

    To be asked after `deeds.verify`, which holds the deeds themselves.
    """
    undone = {deed["detail"]["id"]: deed["at"] for deed in _told(db, "review undone")}
    for table, what in (("review", "reviewed"), ("outcome", "outcome told")):
        rows = db.execute(f"SELECT * FROM {table} ORDER BY id")
        for row, deed in itertools.zip_longest(rows, _told(db, what)):
            if row is None or (deed and deed["detail"]["id"] < row["id"]):
                return f"{table} {deed['detail']['id']} is gone"
            if deed is None or deed["detail"]["id"] != row["id"]:
                return f"{table} {row['id']} was never told by anybody"
            if deed["detail"]["digest"] != digest_of(row) or (deed["who"], deed["at"]) != (row["who"], row["at"]):
                return f"{table} {row['id']} is not the one that was recorded"
            if table == "review" and row["undone_at"] != undone.get(row["id"]):
                return f"review {row['id']} is shown as undone or not, which is not what was recorded"
    marked = db.execute(
        "SELECT id, scan_id, review FROM scan WHERE review IS NOT NULL OR id IN (SELECT scan FROM review) ORDER BY id"
    )
    wrong = next((row["scan_id"] for row in marked if row["review"] != standing(db, row["id"])), None)
    return None if wrong is None else f"scan {wrong} is shown as answered or not, which is not what was recorded"


def digest_of(row: sqlite3.Row) -> str:
    """The sha256 of a review or an outcome as it was first kept."""
    return hashlib.sha256(canonical({key: row[key] for key in row.keys() if key != "undone_at"})).hexdigest()  # noqa: SIM118 - a row has keys only by asking


def find_scan(db: sqlite3.Connection, scan_id: str, revision: int) -> sqlite3.Row | None:
    return db.execute("SELECT * FROM scan WHERE scan_id = ? AND revision = ?", (scan_id, revision)).fetchone()


def _again(db: sqlite3.Connection, known: sqlite3.Row, word: Word, who: str) -> Kept | Newer:
    """The same answer as before; a key that stands for another word is no repetition."""
    scan = db.execute("SELECT scan_id, revision FROM scan WHERE id = ?", (known["scan"],)).fetchone()
    before = (scan["scan_id"], scan["revision"], *(known[key] for key in ("verdict", "kind", "marks", "note", "who")))
    if before == (word.scan_id, word.revision, word.verdict, word.kind, _marks(word), word.note, who):
        return _kept(known, fresh=False)
    return Newer("this key stands for another word", scan["scan_id"], scan["revision"], known["verdict"], None)


def _newer(db: sqlite3.Connection, scan: sqlite3.Row, word: Word, who: str, *, overrides: bool) -> Newer | None:
    """What came that the officer had not before them: another scan in this one's place, a verdict, somebody's word."""
    place = scan
    while place["superseded_by"] is not None:
        place = db.execute("SELECT * FROM scan WHERE id = ?", (place["superseded_by"],)).fetchone()
    verdict = db.execute("SELECT max(id) FROM verdict WHERE scan = ?", (place["id"],)).fetchone()[0]

    def newer(why: str, review: dict[str, Any] | None = None) -> Newer:
        return Newer(why, place["scan_id"], place["revision"], verdict, review)

    if place["id"] != scan["id"]:
        return newer("something newer came in the place of this scan")
    if verdict != word.verdict:
        return newer("there is another verdict on this scan by now")
    stands = db.execute("SELECT id, key, who FROM review WHERE id = ?", (scan["review"],)).fetchone()
    if stands is None or stands["who"] == who or word.over == stands["key"] or (overrides and word.over is None):
        return None
    last = next(told for told in listing(db, scan["id"]) if told["id"] == stands["id"])
    return newer(f"{last['who']} has answered this scan", last)


def _marks(word: Word) -> str:
    return canonical([mark.model_dump(mode="json") for mark in word.marks]).decode()


def _kept(row: sqlite3.Row, *, fresh: bool) -> Kept:
    until = datetime.fromisoformat(row["at"]) + UNDO
    return Kept(row["id"], row["key"], row["at"], until.isoformat(), row["undone_at"], fresh)


def _told(db: sqlite3.Connection, what: str) -> Iterator[dict[str, Any]]:
    bodies = db.execute("SELECT body FROM deed WHERE json_extract(body, '$.what') = ? ORDER BY seq", (what,))
    return (json.loads(row["body"]) for row in bodies)
