"""Who asks, and may they: bearer tokens for machines, a cookie session for people.

Every route names the right it needs (`scope`); one that names none is shut. One with `person` is for who signed in,
never for a machine's token. Sessions live in the store, so that a restart sends nobody away, and last as long as a
person does something: opens a page, or changes something. What a page asks for by itself, such as the event stream,
pictures, or a route with `by_itself`, keeps nobody signed in. A change asked for by cookie must come from one of our
own pages, which shows the session's proof.
"""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections import OrderedDict
from typing import Any, NamedTuple, cast

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from appliance.dashboard.problems import Problem
from appliance.settings import Dashboard as DashboardSettings
from appliance.store import sessions, tokens
from appliance.store.database import Store
from appliance.store.officers import Role, digest_of
from appliance.store.sessions import Session

OPEN = "open"
"""The right of what anybody may see."""
COOKIE = "__Host-lanewatch"
DEVICE = "__Host-lanewatch-device"
PROOF = "x-lanewatch-proof"
TRUST_SECONDS = 3.0
"""A revoked token may be taken for good this much longer. A session that ended here is not."""
TOUCH_SECONDS = 60.0
"""How often a session's use is written down."""
MAX_KNOWN = 1000
MAX_SECRET = 200


class Visitor(NamedTuple):
    """Who asks: a machine with its token, or somebody who signed in."""

    name: str
    rights: frozenset[str]
    session: Session | None = None

    @property
    def role(self) -> Role | None:
        return self.session.officer.role if self.session else None


class Keyring:
    """Tells tokens and sessions apart from strangers."""

    def __init__(self, store: Store, settings: DashboardSettings) -> None:
        self._store = store
        self.idle, self.longest = settings.idle_minutes * 60, settings.shift_hours * 3600
        self._known: OrderedDict[str, tuple[float, Visitor]] = OrderedDict()
        self._turn = 0
        """Grows when somebody's rights have changed: what was read before counts for nothing after."""

    async def bearer(self, token: str) -> Visitor | None:
        """Who bears a token; asked of the store again every few seconds."""
        if not token or len(token) > MAX_SECRET:
            return None
        if found := self._trusted(token):
            return found
        turn = self._turn
        fresh = await self._store.read(lambda db: tokens.check(db, token))
        return self._trust(token, Visitor(fresh.name, fresh.scopes) if fresh else None, turn)

    async def visitor(self, word: str) -> Visitor | None:
        """Who sits behind a session, as long as it lasts."""
        if not word or len(word) > MAX_SECRET:
            return None
        if found := self._trusted(word):
            return found
        now, turn = time.time(), self._turn
        session = await self._store.read(lambda db: sessions.find(db, word, now, self.idle, self.longest))
        if session is None:
            return None
        officer = session.officer
        return self._trust(word, Visitor(officer.name, frozenset(officer.rights), session), turn)

    def forget(self) -> None:
        """Ask the store again about everybody: somebody's rights have changed."""
        self._turn += 1
        self._known.clear()

    async def who(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Visitor | None:
        """Who asks: by the token if one is shown, else by the cookie. What they do by hand keeps them signed in."""
        turn = self._turn
        found = await self._asking(connection)
        if found and found.session and is_by_hand(connection):
            await self._write_down(cookie_of(connection, COOKIE) or "", found, found.session, turn)
        return found

    async def still(self, connection: ASGIConnection[Any, Any, Any, Any], right: str) -> bool:
        """Whether who began to ask may still go on; an answer that takes long keeps nobody signed in."""
        found = await self._asking(connection)
        return found is not None and right in found.rights

    async def _asking(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Visitor | None:
        shown = connection.headers.get("authorization")
        if shown is not None:
            kind, _, token = shown.partition(" ")
            return await self.bearer(token.strip()) if kind.lower() == "bearer" else None
        word = cookie_of(connection, COOKIE)
        if not word:
            return None
        reading = method_of(connection) == "GET"
        if not is_ours(connection, reading=reading):
            return None
        found = await self.visitor(word)
        if found is None or found.session is None:
            return None
        shown = connection.headers.get(PROOF, "")
        if not reading and not hmac.compare_digest(shown.encode(), found.session.proof.encode()):
            return None
        return found

    async def guard(self, connection: ASGIConnection[Any, Any, Any, Any], route: BaseRouteHandler) -> None:
        """Let in who may; a route without a right lets in nobody."""
        right = route.opt.get("scope")
        if right == OPEN or (route.opt.get("open_nearby") and is_nearby(connection)):
            return
        found = await self.who(connection)
        if found is None:
            raise Problem(
                401,
                "sign in, or show a valid token",
                hint="send Authorization: Bearer TOKEN; `lanewatch tokens add` makes one",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if right not in found.rights:
            who = f"as {found.role} you" if found.role else "this token"
            raise Problem(403, f"{who} may not do that; it needs the right {right!r}", scope=right)
        if route.opt.get("person") and found.session is None:
            raise Problem(403, "this is for people who signed in, not for a machine's token", scope=right)
        connection.scope["auth"] = found

    async def _write_down(self, word: str, visitor: Visitor, session: Session, turn: int) -> None:
        """Let a session last on: its officer did something."""
        now = time.time()
        if now - session.seen > TOUCH_SECONDS:
            self._trust(word, visitor._replace(session=session._replace(seen=now)), turn)
            await self._store.write(lambda db: sessions.touch(db, session.digest, now), lasting=False)

    def _trusted(self, secret: str) -> Visitor | None:
        until, found = self._known.get(digest_of(secret), (0.0, None))
        return found if time.monotonic() < until else None

    def _trust(self, secret: str, found: Visitor | None, turn: int) -> Visitor | None:
        digest = digest_of(secret)
        self._known.pop(digest, None)
        if found and turn == self._turn:
            self._known[digest] = (time.monotonic() + TRUST_SECONDS, found)
            while len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)
        return found


def method_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    return str(cast("dict[str, Any]", connection.scope).get("method"))


def is_by_hand(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether a person did something: opened a page, or asked for a change that no page asks for by itself."""
    if method_of(connection) == "GET":
        return connection.headers.get("sec-fetch-dest") == "document"
    return not connection.route_handler.opt.get("by_itself")


def is_ours(connection: ASGIConnection[Any, Any, Any, Any], *, reading: bool) -> bool:
    """Whether one of our own pages asks, or somebody who typed the address, by what every browser says of itself."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin" or (reading and site == "none")
    origin = connection.headers.get("origin")
    if origin is not None:
        return origin.partition("://")[2] == connection.headers.get("host")
    return reading


def is_nearby(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Tell whether somebody on this very machine asks, and not through a proxy for others."""
    if {"forwarded", "x-forwarded-for", "x-real-ip", "via"} & {name.lower() for name in connection.headers}:
        return False
    return is_loopback(connection)


def is_loopback(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether the other end of the socket is on this machine: somebody at it, or a proxy for anybody."""
    client = connection.client
    try:
        return client is not None and ipaddress.ip_address(client.host).is_loopback
    except ValueError:
        return False


def cookie_of(connection: ASGIConnection[Any, Any, Any, Any], name: str) -> str | None:
    """A cookie by its exact name, where one such was sent. Parsers that strip more than spaces take others for it."""
    headers = (value for key, value in connection.scope["headers"] if key == b"cookie")
    sent = [part.strip(b" ").partition(b"=") for value in headers for part in value.split(b";")]
    words = [word for key, _, word in sent if key == name.encode()]
    return words[0].decode(errors="replace") if len(words) == 1 else None
