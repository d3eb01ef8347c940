"""Tokens by which machines come in. Only their digests are kept; the token itself is shown once."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from datetime import datetime
from typing import NamedTuple

from appliance.errors import RefusedError

SCOPES = frozenset({"inspect", "read"})


class Token(NamedTuple):
    """What a token's bearer may do."""

    name: str
    scopes: frozenset[str]
    made_at: str
    revoked_at: str | None


def add(db: sqlite3.Connection, name: str, scopes: frozenset[str], now: datetime) -> str:
    """Make a token and give it, this once."""
    if not scopes or not scopes <= SCOPES:
        raise RefusedError(
            f"scopes {', '.join(sorted(scopes)) or '(none)'}", hint=f"known: {', '.join(sorted(SCOPES))}"
        )
    if db.execute("SELECT 1 FROM token WHERE name = ?", (name,)).fetchone():
        raise RefusedError(f"a token named {name!r} exists", hint="revoked names are not given again: choose another")
    token = f"lw_{secrets.token_urlsafe(32)}"
    db.execute(
        "INSERT INTO token VALUES (?, ?, ?, ?, NULL)",
        (name, _digest(token), ",".join(sorted(scopes)), now.isoformat()),
    )
    return token


def check(db: sqlite3.Connection, token: str) -> Token | None:
    """Who bears this token; None for a stranger or a revoked one."""
    row = db.execute("SELECT * FROM token WHERE digest = ? AND revoked_at IS NULL", (_digest(token),)).fetchone()
    return _token(row) if row else None


def revoke(db: sqlite3.Connection, name: str, now: datetime) -> None:
    done = db.execute("UPDATE token SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL", (now.isoformat(), name))
    if done.rowcount == 0:
        raise RefusedError(f"no token named {name!r} is in use", hint="see: lanewatch tokens list")


def listing(db: sqlite3.Connection) -> tuple[Token, ...]:
    return tuple(_token(row) for row in db.execute("SELECT * FROM token ORDER BY made_at, name"))


def _token(row: sqlite3.Row) -> Token:
    return Token(row["name"], frozenset(row["scopes"].split(",")), row["made_at"], row["revoked_at"])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
