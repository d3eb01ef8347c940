"""The people of a box: who they are, what they may do, and the codes that open the door to them once.

Takes names and secrets that were hashed already. Whether a password is right is the door's business.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import unicodedata
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from appliance.errors import RefusedError
from appliance.store import deeds

Role = Literal["officer", "supervisor", "administrator", "auditor"]
Right = Literal["read", "judge", "supervise", "administer", "audit"]
Purpose = Literal["setup", "password", "enter"]
RIGHTS: dict[Role, frozenset[Right]] = {
    "officer": frozenset({"read", "judge"}),
    "supervisor": frozenset({"read", "judge", "supervise"}),
    "administrator": frozenset({"read", "administer"}),  # and never judge
    "auditor": frozenset({"read", "audit"}),
}
MOST_NAME = 60
TERMINAL = "(the box's own terminal)"
"""Who did what was done there. Nobody's name begins with such a sign."""
CODE_SECONDS: dict[Purpose, float] = {"setup": 24 * 3600.0, "password": 24 * 3600.0, "enter": 600.0}


class Officer(NamedTuple):
    """Somebody who may come in."""

    name: str
    shown: str
    role: Role
    secret: str | None
    totp: str | None
    totp_last: int
    made_at: str
    made_by: str
    disabled_at: str | None
    settings: dict[str, Any]

    @property
    def rights(self) -> frozenset[Right]:
        return RIGHTS[self.role]


class Invitation(NamedTuple):
    """A code that opens the door once."""

    officer: str | None
    purpose: Purpose


def folded(name: str) -> str:
    """A name as it is looked up: other spellings make nobody else."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def add(db: sqlite3.Connection, shown: str, role: Role, by: str) -> None:
    """Let somebody in, without a password yet."""
    name, shown = folded(shown), " ".join(shown.split())
    if not 0 < len(name) <= MOST_NAME or len(shown) > MOST_NAME or not (name + shown).isprintable():
        raise RefusedError(f"a name has 1 to {MOST_NAME} printable characters")
    if not name[0].isalnum() or "/" in name:
        raise RefusedError("a name begins with a letter or a digit, and has no stroke in it")
    if role not in RIGHTS:
        raise RefusedError(f"no role {role!r}", hint=f"known: {', '.join(RIGHTS)}")
    if find(db, name):
        raise RefusedError(f"there is somebody called {shown!r}", hint="names are not given twice")
    at = datetime.now(UTC).isoformat()
    db.execute(
        "INSERT INTO officer (name, shown, role, made_at, made_by) VALUES (?, ?, ?, ?, ?)", (name, shown, role, at, by)
    )
    if role == "administrator":  # nobody is the first one any more
        db.execute("DELETE FROM invitation WHERE purpose = 'setup'")
    deeds.record(db, at, by, "officer added", name, role=role)


def find(db: sqlite3.Connection, name: str) -> Officer | None:
    row = db.execute("SELECT * FROM officer WHERE name = ?", (folded(name),)).fetchone()
    return _officer(row) if row else None


def known(db: sqlite3.Connection, name: str) -> Officer:
    """The same, or a refusal that says who there is."""
    found = find(db, name)
    if found is None:
        raise RefusedError(f"nobody is called {name!r}", hint="see: lanewatch officers list")
    return found


def listing(db: sqlite3.Connection) -> tuple[Officer, ...]:
    return tuple(_officer(row) for row in db.execute("SELECT * FROM officer ORDER BY name"))


def disable(db: sqlite3.Connection, name: str, by: str) -> None:
    """Shut the door to somebody, at once and everywhere."""
    officer = known(db, name)
    administrators = [each for each in listing(db) if each.role == "administrator" and not each.disabled_at]
    if [each.name for each in administrators] == [officer.name]:
        raise RefusedError(f"{officer.shown} is the only administrator", hint="add another one first")
    at = datetime.now(UTC).isoformat()
    db.execute("UPDATE officer SET disabled_at = ?, secret = NULL, totp = NULL WHERE name = ?", (at, officer.name))
    _forget(db, officer.name)
    db.execute("DELETE FROM invitation WHERE officer = ?", (officer.name,))
    deeds.record(db, at, by, "officer disabled", officer.name)


def invite(db: sqlite3.Connection, name: str | None, purpose: Purpose, by: str) -> str:
    """Make a code that opens the door once; a new one ends earlier ones of the same purpose.

    A code for a new password takes the old one away, and lets somebody in again who was disabled.
    """
    found = None if name is None else known(db, name)
    if found and found.disabled_at and purpose == "enter":
        raise RefusedError(f"{found.shown} is disabled", hint="a code for a new password lets them in again")
    officer = found.name if found else None
    code, now = secrets.token_urlsafe(18), datetime.now(UTC)
    db.execute("DELETE FROM invitation WHERE purpose = ? AND officer IS ?", (purpose, officer))
    db.execute(
        "INSERT INTO invitation VALUES (?, ?, ?, ?)",
        (digest_of(code), officer, purpose, now.timestamp() + CODE_SECONDS[purpose]),
    )
    if purpose == "password" and officer:
        db.execute(
            "UPDATE officer SET secret = NULL, totp = NULL, totp_last = 0, disabled_at = NULL WHERE name = ?",
            (officer,),
        )
        _forget(db, officer)
    again = {"again": True} if found and found.disabled_at else {}
    deeds.record(db, now.isoformat(), by, "code made", officer or "", purpose=purpose, **again)
    return code


def invited(db: sqlite3.Connection, code: str, now: float) -> Invitation | None:
    """Whom a code lets in, and for what; None for one that is spent, old or made up."""
    row = db.execute(
        "SELECT officer, purpose FROM invitation WHERE digest = ? AND until > ?", (digest_of(code), now)
    ).fetchone()
    return Invitation(row["officer"], row["purpose"]) if row else None


def spend(db: sqlite3.Connection, code: str) -> None:
    db.execute("DELETE FROM invitation WHERE digest = ?", (digest_of(code),))


def set_secret(db: sqlite3.Connection, name: str, secret: str, by: str) -> None:
    """Keep a new password's hash; whoever sat there before signs in again."""
    db.execute("UPDATE officer SET secret = ? WHERE name = ?", (secret, name))
    db.execute("DELETE FROM session WHERE officer = ?", (name,))
    db.execute("DELETE FROM invitation WHERE officer = ?", (name,))
    deeds.record(db, datetime.now(UTC).isoformat(), by, "password set", name)


def set_factor(db: sqlite3.Connection, name: str, secret: str | None, step: int) -> None:
    """Begin or end a second factor; the step that showed it works is used by that."""
    db.execute("UPDATE officer SET totp = ?, totp_last = ? WHERE name = ?", (secret, step, name))
    what = "second factor begun" if secret else "second factor ended"
    deeds.record(db, datetime.now(UTC).isoformat(), name, what, name)


def take_step(db: sqlite3.Connection, name: str, step: int) -> bool:
    """Use up a time step of the second factor, and all before it; False where somebody was quicker."""
    done = db.execute("UPDATE officer SET totp_last = ? WHERE name = ? AND totp_last < ?", (step, name, step))
    return done.rowcount == 1


def remember(db: sqlite3.Connection, name: str, settings: dict[str, Any]) -> None:
    """Keep what the pages remember for an officer."""
    db.execute(
        "UPDATE officer SET settings = ? WHERE name = ?", (json.dumps(settings, ensure_ascii=False), folded(name))
    )


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _forget(db: sqlite3.Connection, name: str) -> None:
    db.execute("DELETE FROM session WHERE officer = ?", (name,))
    db.execute("DELETE FROM device WHERE officer = ?", (name,))


def _officer(row: sqlite3.Row) -> Officer:
    return Officer(**{**dict(row), "settings": json.loads(row["settings"])})
