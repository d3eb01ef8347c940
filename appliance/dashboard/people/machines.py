"""Tokens by which machines come in, for administrators; made, listed and revoked as at the box's own terminal."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from appliance.dashboard.bodies import read_value
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.people.accounts import written
from appliance.dashboard.people.entrance import same_person
from appliance.dashboard.people.second_factor import Again
from appliance.dashboard.people.signing import MAX_BYTES
from appliance.dashboard.problems import Problem
from appliance.kinds import Name
from appliance.store import deeds, tokens
from appliance.store.tokens import Token


class NewToken(Again):
    """A token to be made."""

    name: Name
    scopes: tuple[str, ...]


@get("/api/v1/tokens", opt={"scope": "administer"})
async def list_tokens(house: NamedDependency[House]) -> Response[bytes]:
    """All tokens there ever were, without the tokens themselves."""
    found = await house.store.read(tokens.listing)
    return answer({"tokens": [told(token) for token in found]})


@post("/api/v1/tokens", opt={"scope": "administer", "person": True})
async def add_token(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Make a token; it is shown in this answer and never again."""
    wanted = await read_value(request, NewToken, MAX_BYTES)
    scopes = frozenset(wanted.scopes)
    if not scopes or not scopes <= tokens.SCOPES:
        raise Problem(422, f"scopes: not a list out of {', '.join(sorted(tokens.SCOPES))}", field="scopes")
    by = await same_person(request, house, wanted.password)
    token = await written(house, by, lambda db: made(db, wanted.name, scopes, by.name))
    return answer({"name": wanted.name, "scopes": sorted(scopes), "token": token}, 201)


@delete("/api/v1/tokens/{name:str}", opt={"scope": "administer", "person": True}, status_code=200)
async def revoke_token(request: Asked, name: FromPath[str], house: NamedDependency[House]) -> Response[bytes]:
    """Take a token out of use for good."""
    by = await same_person(request, house, (await read_value(request, Again, MAX_BYTES)).password)
    found = await house.store.read(tokens.listing)
    if name not in [token.name for token in found if token.revoked_at is None]:
        raise Problem(404, f"no token named {name[:100]!r} is in use")
    await written(house, by, lambda db: revoked(db, name, by.name))
    return answer({})


def made(db: sqlite3.Connection, name: str, scopes: frozenset[str], by: str) -> str:
    """Make a token, and record who did."""
    now = datetime.now(UTC)
    token = tokens.add(db, name, scopes, now)
    deeds.record(db, now.isoformat(), by, "token made", name, scopes=sorted(scopes))
    return token


def revoked(db: sqlite3.Connection, name: str, by: str) -> None:
    """Revoke a token, and record who did."""
    now = datetime.now(UTC)
    tokens.revoke(db, name, now)
    deeds.record(db, now.isoformat(), by, "token revoked", name)


def told(token: Token) -> dict[str, Any]:
    return {**token._asdict(), "scopes": sorted(token.scopes)}
