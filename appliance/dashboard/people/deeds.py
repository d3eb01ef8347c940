"""What people did at this box, for its auditors: newest first, page by page, and nothing to change."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency

from appliance.dashboard.asked import MAX_ID, moment, number, parameters
from appliance.dashboard.house import Asked, House, answer
from appliance.store import deeds
from appliance.store.deeds import Wanted
from appliance.store.officers import folded

MOST = 200
FILTERS = ("who", "what", "since", "until")


@get("/api/v1/deeds", opt={"scope": "audit"})
async def list_deeds(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Deeds before a number. `next` says where to look on: a page may be short, or empty, and not the last."""
    given = parameters(request, (*FILTERS, "before", "limit"))
    limit = number(given, "limit", 1, MOST) or MOST
    before = number(given, "before", 1, MAX_ID)
    wanted = Wanted(
        who=folded(given["who"]) if given.get("who") else None,
        what=given.get("what") or None,
        since=moment(given, "since"),
        until=moment(given, "until"),
    )
    found = await house.store.read(lambda db: deeds.search(db, wanted, before, limit))
    return answer({"deeds": [deed._asdict() for deed in found.deeds], "next": found.next})
