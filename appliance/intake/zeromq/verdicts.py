"""Bring verdicts to the ZeroMQ clients that sent the scans, as long as they are connected.

Follows the store's events from now on and remembers, up to a bound, who sent
what. Nothing is kept across a restart: a client that sends its scan again is
given the verdict from the store.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from appliance.intake.zeromq.socket import Client
from appliance.intake.zeromq.wire import to_json
from appliance.store import events, scans
from appliance.store.database import Store

MAX_SCANS = 10_000
"""So many scans have somebody waiting; the oldest are forgotten first."""
MAX_CLIENTS = 8
"""So many clients may wait for one scan."""


class VerdictPost:
    """Remembers who waits for which scan, and delivers."""

    def __init__(self, store: Store, send: Callable[[Client, dict[str, Any]], Awaitable[bool]]) -> None:
        self._store = store
        self._send = send
        self._waiting: OrderedDict[int, dict[Client, bytes]] = OrderedDict()
        self._seen = 0
        self.sent = 0

    async def promise(self, scan: int, client: Client) -> None:
        """Remember the client, and give it the verdict that stands already, if one does."""
        waiting = self._waiting.setdefault(scan, {})
        waiting[client] = b""
        self._waiting.move_to_end(scan)
        if len(waiting) > MAX_CLIENTS:
            waiting.pop(next(iter(waiting)))
        if len(self._waiting) > MAX_SCANS:
            self._waiting.popitem(last=False)
        document = await self._store.read(lambda db: scans.verdict_of(db, scan))
        if document is not None and waiting.get(client) == b"":
            await self._deliver(waiting, client, document)

    async def start(self) -> None:
        """Begin with what happens from now on."""
        self._seen = await self._store.read(events.last_id)

    async def run(self) -> None:
        while True:
            rung = self._store.bell.count
            batch = await self._store.read(lambda db: events.after(db, self._seen))
            for event in batch:
                waiting = self._waiting.get(event.scan, {})
                for client in tuple(waiting) if event.document and not event.superseded else ():
                    await self._deliver(waiting, client, event.document or {})
                self._seen = event.id
            if not batch:
                await self._store.bell.wait(rung)

    async def _deliver(self, waiting: dict[Client, bytes], client: Client, document: dict[str, Any]) -> None:
        """Send a document once; forget a client that is gone or does not read."""
        digest = hashlib.sha256(to_json(document)).digest()
        if waiting.get(client) == digest:
            return
        waiting[client] = digest
        if await self._send(client, document):
            self.sent += 1
        else:
            waiting.pop(client, None)
