"""Who asks, and may they: bearer tokens for machines, a cookie session for a browser.

Every route names the scope it needs; one that names none is shut. Sessions live
in memory only, hold nothing but the token they stand for, and may only look.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import time
from collections import OrderedDict
from typing import Any, cast

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from appliance.dashboard.problems import Problem
from appliance.store import tokens
from appliance.store.database import Store
from appliance.store.tokens import Token

OPEN = "open"
"""The scope of what anybody may see."""
COOKIE = "lanewatch_desk"
TRUST_SECONDS = 3.0
"""A revoked token may be taken for good this much longer."""
SESSION_SECONDS = 8 * 3600
"""One shift."""
MAX_SESSIONS = 200
MAX_KNOWN = 1000
MAX_TOKEN = 200


class Keyring:
    """Tells tokens and sessions apart from strangers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: OrderedDict[str, tuple[float, Token]] = OrderedDict()
        self._sessions: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def bearer(self, token: str) -> Token | None:
        """Who bears a token; asked of the store again every few seconds."""
        if not token or len(token) > MAX_TOKEN:
            return None
        digest, now = _digest(token), time.monotonic()
        until, found = self._known.get(digest, (0.0, None))
        if found and now < until:
            return found
        fresh = await self._store.read(lambda db: tokens.check(db, token))
        self._known.pop(digest, None)
        if fresh:
            self._known[digest] = (now + TRUST_SECONDS, fresh)
            _trim(self._known, MAX_KNOWN)
        return fresh

    def open_session(self, token: str) -> str:
        """Give a random word that stands for a token from now on."""
        session = secrets.token_urlsafe(32)
        self._sessions[_digest(session)] = (time.monotonic() + SESSION_SECONDS, token)
        _trim(self._sessions, MAX_SESSIONS)
        return session

    async def visitor(self, session: str) -> Token | None:
        """Who sits behind a session, as long as its token holds."""
        until, token = self._sessions.get(_digest(session), (0.0, ""))
        if time.monotonic() >= until or not (found := await self.bearer(token)):
            self._sessions.pop(_digest(session), None)
            return None
        return found

    async def who(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Token | None:
        """Who asks: by the token if one is shown, else by the cookie."""
        shown = connection.headers.get("authorization")
        if shown is not None:
            kind, _, token = shown.partition(" ")
            return await self.bearer(token.strip()) if kind.lower() == "bearer" else None
        session = connection.cookies.get(COOKIE)
        if not session or cast("dict[str, Any]", connection.scope).get("method") != "GET":
            return None
        if connection.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return None
        return await self.visitor(session)

    async def guard(self, connection: ASGIConnection[Any, Any, Any, Any], route: BaseRouteHandler) -> None:
        """Let in who may; a route without a scope lets in nobody."""
        scope = route.opt.get("scope")
        if scope == OPEN or (route.opt.get("open_nearby") and _nearby(connection)):
            return
        found = await self.who(connection)
        if found is None:
            raise Problem(
                401,
                "a valid token is needed",
                hint="send Authorization: Bearer TOKEN; `lanewatch tokens add` makes one",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if scope not in found.scopes:
            raise Problem(403, f"this token may not do that; it needs the scope {scope!r}", scope=scope)
        connection.scope["auth"] = found


def _nearby(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Tell whether somebody on this very machine asks, and not through a proxy for others."""
    if {"forwarded", "x-forwarded-for", "x-real-ip", "via"} & {name.lower() for name in connection.headers}:
        return False
    client = connection.client
    try:
        return client is not None and ipaddress.ip_address(client.host).is_loopback
    except ValueError:
        return False


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _trim(kept: OrderedDict[str, Any], limit: int) -> None:
    while len(kept) > limit:
        kept.popitem(last=False)
