"""What people did at this box, for its auditors: newest first, page by page, and nothing to change."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency

from appliance.dashboard.asked import MAX_ID, number, parameters
from appliance.dashboard.house import Asked, House, answer
from appliance.store import deeds

MOST = 200


@get("/api/v1/deeds", opt={"scope": "audit"})
async def list_deeds(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Deeds before a number; `next` says where the following page begins."""
    given = parameters(request, ("before", "limit"))
    limit = number(given, "limit", 1, MOST) or MOST
    before = number(given, "before", 1, MAX_ID)
    found = await house.store.read(lambda db: deeds.listing(db, before, limit))
    more = found[-1].seq if found and found[-1].seq > 1 else None
    return answer({"deeds": [deed._asdict() for deed in found], "next": more})
