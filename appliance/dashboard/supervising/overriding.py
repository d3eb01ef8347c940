"""Officers' words against verdicts, for their supervisors: newest first, page by page."""

from __future__ import annotations

import sqlite3
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency

from appliance.dashboard.asked import MAX_ID, moment, number, one_of, parameters
from appliance.dashboard.house import Asked, House, answer
from appliance.store import officers, overrides

FILTERS = ("who", "kind", "lane", "since", "until")
PAGE, MAX_PAGE = 50, 200


@get("/api/v1/overrides", opt={"scope": "supervise"})
async def list_overrides(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Where an officer's word differs from the verdict, and who may have said one."""
    given = parameters(request, (*FILTERS, "cursor", "limit"))
    before, limit = number(given, "cursor", 1, MAX_ID), number(given, "limit", 1, MAX_PAGE) or PAGE
    who = given.get("who")
    wanted = overrides.Query(
        who=None if who is None else officers.folded(who),
        kind=one_of(given, "kind", overrides.KINDS),
        lane=given.get("lane"),
        since=moment(given, "since"),
        until=moment(given, "until"),
    )
    found, known = await house.store.read(lambda db: (overrides.page(db, wanted, before, limit + 1), _judges(db)))
    more = {**given, "cursor": str(found[limit - 1]["id"])} if len(found) > limit else None
    following = f"/api/v1/overrides?{urlencode(more)}" if more else None
    return answer({"overrides": found[:limit], "next": following, "officers": known})


def _judges(db: sqlite3.Connection) -> list[dict[str, Any]]:
    return [{"name": each.name, "shown": each.shown} for each in officers.listing(db) if "judge" in each.rights]
