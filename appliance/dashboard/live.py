"""Events as they happen: GET /api/v1/events, server-sent, resumable by the id of the last one seen."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from litestar import get
from litestar.di import NamedDependency
from litestar.response import ServerSentEventMessage, Stream

from appliance.dashboard.asked import MAX_ID, number, parameters
from appliance.dashboard.house import Asked, House
from appliance.dashboard.news import BEAT_SECONDS

HELLO = ServerSentEventMessage(data=None, comment="here", retry=2000, sep="\n").encode()
UNHELD = {"X-Accel-Buffering": "no"}
"""A proxy passes each piece on as it comes."""


@get("/api/v1/events", opt={"scope": "read"})
async def follow_events(request: Asked, house: NamedDependency[House]) -> Stream:
    """What happened after an event (Last-Event-ID, or `after` in the address), and then what happens."""
    given = parameters(request, ("after",))
    resumed = request.headers.get("last-event-id")
    if resumed:
        given["after"] = resumed
    house.news.room_for_one(request.auth.name)
    told = _stream(request, house, number(given, "after", 0, MAX_ID))
    return Stream(told, media_type="text/event-stream", headers=UNHELD)


async def _stream(request: Asked, house: House, after: int | None) -> AsyncIterator[bytes]:
    session = request.auth.session
    with house.news.seat(request.auth.name), house.news.looking.stream(session.digest if session else None):
        yield HELLO
        asked_again = time.monotonic() - house.news.streams % 10 / 10 * BEAT_SECONDS  # not all of them at once
        async for message in house.news.follow(after):
            if time.monotonic() - asked_again >= BEAT_SECONDS:
                if not await house.keys.still(request, "read"):
                    return  # a token revoked, or a session ended, ends its open streams
                asked_again = time.monotonic()
            yield message
