"""What came of the search of a bag: told by an officer, kept for good.

Takes what was found in the transaction that keeps it, gives what stands on record. The newest counts; none is undone.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from appliance.scan import canonical
from appliance.store import deeds, words
from appliance.store.reviews import Item, Key, Note, Row, digest_of, find_scan
from models.answer import Value

MOST_FOUND = 50


class Found(Value):
    """One kind of thing that was found."""

    item: Item
    quantity: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)] | None = None


class Told(Value):
    """What came of a search, as a page brings it."""

    key: Key
    scan_id: str = Field(max_length=1000)
    revision: Row
    kind: Literal["found", "nothing", "not_opened"]
    found: tuple[Found, ...] = Field(default=(), max_length=MOST_FOUND)
    note: Note = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.found and self.kind != "found":
            raise ValueError("things were found, so the kind is found")
        return self


class Kept(NamedTuple):
    """An outcome on record."""

    id: int
    key: str
    at: str
    fresh: bool
    """False when the same outcome was brought before."""


def add(db: sqlite3.Connection, told: Told, who: str, now: datetime) -> Kept | str | None:
    """Keep an outcome; why not, where its key stands for another one; None where there is no such scan."""
    scan = find_scan(db, told.scan_id, told.revision)
    if scan is None:
        return None
    found = canonical([each.model_dump(mode="json") for each in told.found]).decode()
    known = db.execute("SELECT * FROM outcome WHERE key = ?", (told.key,)).fetchone()
    if known:
        before = tuple(known[key] for key in ("scan", "who", "kind", "found", "note"))
        same = before == (scan["id"], who, told.kind, found, told.note)
        return Kept(known["id"], known["key"], known["at"], fresh=False) if same else "this key stands for another one"
    row = db.execute(
        "INSERT INTO outcome (key, scan, at, who, kind, found, note) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
        (told.key, scan["id"], now.isoformat(), who, told.kind, found, told.note),
    ).fetchone()
    deeds.record(
        db, row["at"], who, "outcome told", scan["scan_id"], revision=scan["revision"], id=row["id"], kind=told.kind,
        digest=digest_of(row),
    )  # fmt: skip
    words.keep(db, scan["id"])
    return Kept(row["id"], row["key"], row["at"], fresh=True)


def listing(db: sqlite3.Connection, scan: int) -> tuple[dict[str, Any], ...]:
    """All outcomes of a scan, newest last."""
    rows = db.execute(
        "SELECT outcome.*, coalesce(shown, who) AS shown FROM outcome LEFT JOIN officer ON officer.name = who"
        " WHERE scan = ? ORDER BY id",
        (scan,),
    )
    return tuple(
        {
            "id": row["id"],
            "key": row["key"],
            "at": row["at"],
            "who": row["shown"],
            "kind": row["kind"],
            "found": json.loads(row["found"]),
            "note": row["note"],
        }
        for row in rows
    )
