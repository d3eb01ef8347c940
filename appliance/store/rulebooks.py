"""The rulebooks of this box: their texts for good, and which of them is in force since when, and by whose word.

Takes texts, gives a digest. What is in force is the newest row of `activation`, read in the same transaction as the
verdict that follows from it, so no verdict mixes two. What a text means is `rules/reading.py`'s business.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from itertools import zip_longest
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from appliance.durable import durable_write, make_folder
from appliance.errors import StoreError
from appliance.rules.texts import Texts
from appliance.store import deeds
from appliance.store.faults import translated

Origin = Literal["default", "site", "centre"]
Changed = Literal["rulebook activated", "rulebook rolled back", "threat level switched"]
"""How the deeds are called that put something else in force."""


class Activation(NamedTuple):
    """Since when, by whom and why a rulebook is in force."""

    id: int
    at: str
    who: str
    why: str
    origin: Origin
    supervisor: str | None
    digest: str
    name: str
    level: str


class Shelf:
    """The folder of texts, each file under the digest of its bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, digest: str) -> Path:
        return self._folder / f"{digest}.json"

    def keep(self, texts: Texts) -> str:
        """Keep texts for good and give their digest."""
        with translated(self._folder):
            make_folder(self._folder)
            path = self.path(texts.digest)
            if not path.exists() or path.read_bytes() != texts.sealed:
                durable_write(path, texts.sealed)
        return texts.digest

    def read(self, digest: str) -> Texts:
        """Read texts back; raises if they are gone or no longer what they were."""
        path = self.path(digest)
        try:
            content = path.read_bytes()
        except OSError as problem:
            raise StoreError(f"{path}: {problem.strerror}", hint="put a copy of your own in its place") from problem
        if hashlib.sha256(content).hexdigest() != digest:
            raise StoreError(f"{path}: its bytes have changed", hint="put a copy of your own in its place")
        return Texts(**json.loads(content))


def activate(
    db: sqlite3.Connection, *, at: str, who: str, why: str, origin: Origin, supervisor: str | None, digest: str,
    name: str, level: str,
) -> Activation:  # fmt: skip
    """Put a rulebook in force from the next verdict on."""
    row = db.execute(
        "INSERT INTO activation (at, who, why, origin, supervisor, digest, name, level)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
        (at, who, why, origin, supervisor, digest, name, level),
    ).fetchone()
    return Activation(**row)


def tell(db: sqlite3.Connection, done: Activation, by: str, what: Changed) -> None:
    """Write into the chain of deeds who changed what is in force, in the transaction that does it."""
    deeds.record(db, done.at, by, what, done.name, **_told(done))


def broken(db: sqlite3.Connection) -> str | None:
    """The first word on what is in force that no deed recorded, or another one.

    To be asked after `deeds.verify`, which holds the deeds themselves.
    """
    marks = ", ".join("?" * len(get_args(Changed)))
    found = db.execute(f"SELECT body FROM deed WHERE body ->> 'what' IN ({marks}) ORDER BY seq", get_args(Changed))
    told = [json.loads(row["body"]) for row in found]
    kept = list(reversed(listing(db)))
    since = db.execute("SELECT applied_at FROM _sqlite_migrations WHERE name = 'm004_desk'").fetchone()[0]
    if kept and kept[0].origin == "default":  # what a box begins with is nobody's deed
        kept.pop(0)
    while len(kept) > len(told) and kept[0].at <= since.replace(" ", "T"):  # from before deeds were kept
        kept.pop(0)
    for one, deed in zip_longest(kept, told):
        if one is None:
            return f"activation of {deed['about']} at {deed['at']} is gone"
        if deed is None:
            return f"activation {one.id} of {one.name} was never told by anybody"
        if (deed["at"], deed["about"], deed["detail"]) != (one.at, one.name, _told(one)):
            return f"activation {one.id} of {one.name} is not the one that was recorded"
    return None


def _told(done: Activation) -> dict[str, str | None]:
    return {
        "digest": done.digest,
        "level": done.level,
        "why": done.why,
        "word_of": done.who,
        "supervisor": done.supervisor,
    }


def in_force(db: sqlite3.Connection) -> Activation | None:
    """What verdicts follow from now."""
    row = db.execute("SELECT * FROM activation ORDER BY id DESC LIMIT 1").fetchone()
    return Activation(**row) if row else None


def before(db: sqlite3.Connection) -> Activation | None:
    """What was in force before the present texts first came: going back again goes further back, never forward."""
    row = db.execute(
        "SELECT * FROM activation WHERE id <"
        " (SELECT min(id) FROM activation WHERE digest = (SELECT digest FROM activation ORDER BY id DESC LIMIT 1))"
        " ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return Activation(**row) if row else None


def under(db: sqlite3.Connection, name: str) -> tuple[str, ...]:
    """The digests that were in force with a book or a sheet of this name and version."""
    rows = db.execute("SELECT DISTINCT digest, name FROM activation")
    return tuple(row["digest"] for row in rows if name in row["name"].split(" with "))


def listing(db: sqlite3.Connection) -> tuple[Activation, ...]:
    """All that ever was in force, newest first."""
    return tuple(Activation(**row) for row in db.execute("SELECT * FROM activation ORDER BY id DESC"))
