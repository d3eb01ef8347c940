"""The scans that wait for an officer, and who looks at which of them now."""

from __future__ import annotations

import sqlite3
import time
from typing import Any, Self

from litestar import Response, get, post
from litestar.di import NamedDependency
from pydantic import Field, model_validator

from appliance.dashboard.asked import number, parameters
from appliance.dashboard.bodies import read_value
from appliance.dashboard.desk.scans import listed, moment
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.looking import Place
from appliance.dashboard.problems import Problem
from appliance.store import events, queue, reviews
from appliance.store.queue import Waiting
from appliance.store.reviews import Row
from models.answer import Value

PAGE = 50
MAX_PAGE = 200
MAX_BYTES = 10_000


class Look(Value):
    """Which scan somebody looks at; none where nothing is named."""

    scan_id: str | None = Field(default=None, max_length=1000)
    revision: Row | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.scan_id is None) != (self.revision is None):
            raise ValueError("scan_id and revision are given together, or neither is")
        return self


@get("/api/v1/queue", opt={"scope": "read"})
async def list_queue(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """The open scans, the most urgent first, each with why it stands there and who looks at it."""
    limit = number(parameters(request, ("limit",)), "limit", 1, MAX_PAGE) or PAGE
    last_event, waiting, count = await house.store.read(
        lambda db: (events.last_id(db), queue.open_scans(db, limit), queue.count(db))
    )
    now = time.time()
    scans = ",".join(_told(house, each, now) for each in waiting)
    body = f'{{"scans":[{scans}],"open":{count},"last_event":{last_event}}}'
    return Response(body.encode(errors="replace"), media_type="application/json")


@post("/api/v1/looking", opt={"scope": "judge", "person": True, "by_itself": True}, status_code=200)
async def look(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Say which scan somebody looks at now; renewed while they do."""
    given = await read_value(request, Look, MAX_BYTES)
    session = request.auth.session
    if session is None:
        raise Problem(403, "a machine's token looks at nothing: sign in for this")
    place = Place(given.scan_id, given.revision) if given.scan_id is not None and given.revision is not None else None
    if place and await house.store.read(lambda db: _is_gone(db, place)):
        raise Problem(404, "there is no such scan", scan_id=place.scan_id[:200])
    house.news.looking.look(session.digest, session.officer.shown, place)
    return answer({})


def _is_gone(db: sqlite3.Connection, place: Place) -> bool:
    return reviews.find_scan(db, *place) is None


def _told(house: House, waiting: Waiting, now: float) -> str:
    row = waiting.row
    more: dict[str, Any] = {
        "due_at": moment(row.due_at),
        "verdict_id": row.verdict_id,
        "why_first": {
            "risk": row.risk_level,
            "action": row.recommended_action,
            "overdue": row.due_at <= now,
            "disagreement": waiting.disagreement,
        },
        "with": house.news.looking.who(Place(row.scan_id, row.revision)),
    }
    return listed(row, more)
