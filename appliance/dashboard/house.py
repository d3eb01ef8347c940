"""What the routes work with: the rooms behind the HTTP side, in one value, and small helpers all of them use."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from litestar import Request, Response

from appliance.dashboard.access.attempts import Attempts
from appliance.dashboard.access.keys import Keyring, Visitor
from appliance.dashboard.access.passwords import Passwords
from appliance.dashboard.access.refusals import Refusals
from appliance.dashboard.chains import Chains
from appliance.dashboard.doors import Health
from appliance.dashboard.news import News
from appliance.dashboard.problems import Problem
from appliance.ports import Reception
from appliance.rulebooks import Rulebooks
from appliance.settings import Dashboard as DashboardSettings
from appliance.store import sessions
from appliance.store.database import Store

T = TypeVar("T")

Asked = Request[Any, Visitor, Any]
"""A request whose bearer, if its route needs one, is known."""
UPLOADS = 8
"""So many bodies are in memory at once; further senders wait at their socket."""
UPLOADS_PER_TOKEN = 4
"""Of those, so many of one sender: one token never takes all."""


class Begun(NamedTuple):
    """A second factor's secret that was shown and not confirmed yet."""

    secret: str
    until: float


@dataclass(frozen=True, slots=True)
class House:
    """The rooms behind the HTTP side."""

    settings: DashboardSettings
    reception: Reception
    store: Store
    health: Health
    keys: Keyring
    news: News
    rulebooks: Rulebooks
    refusals: Refusals
    chains: Chains
    attempts: Attempts = field(default_factory=Attempts)
    passwords: Passwords = field(default_factory=Passwords)
    factors: dict[str, Begun] = field(default_factory=dict[str, Begun])
    """Second factors that were begun, by the session that began them."""
    packing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One pack of evidence is written at a time."""
    counting: asyncio.Lock = field(default_factory=asyncio.Lock)
    """And the disk is counted through by one at a time."""
    uploads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(UPLOADS))
    uploads_of: defaultdict[str, asyncio.Semaphore] = field(
        default_factory=lambda: defaultdict(lambda: asyncio.Semaphore(UPLOADS_PER_TOKEN))
    )

    @property
    def max_bytes(self) -> int:
        return int(self.settings.max_megabytes * 1_000_000)

    @contextlib.asynccontextmanager
    async def upload(self, sender: Visitor) -> AsyncGenerator[None]:
        """Hold a place for one body, once its sender and the house have one."""
        async with self.uploads_of[sender.name], self.uploads:
            yield

    async def write_for(self, who: Visitor, do: Callable[[sqlite3.Connection], T]) -> T:
        """Write what somebody asked for, unless their session ended while they were asking."""

        def run(db: sqlite3.Connection) -> T:
            if who.session is None or not sessions.stands(db, who.session.digest):
                raise Problem(401, "you are not signed in any more")
            return do(db)

        return await self.store.write(run)


def answer(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    """A JSON answer, its keys in the order given."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    return Response(body, status_code=status, headers=headers, media_type="application/json")
