"""An officer's word on a scan, and what came of its search: acknowledged only once it is on disk."""

from __future__ import annotations

from datetime import UTC, datetime

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from appliance.dashboard.bodies import read_value
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.problems import Problem
from appliance.store import outcomes, reviews
from appliance.store.outcomes import Told
from appliance.store.reviews import Newer, Word

MAX_BYTES = 200_000


@post("/api/v1/reviews", opt={"scope": "judge", "person": True})
async def add_review(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Keep an officer's word. The same key again is the same word, and gets the same answer."""
    word, who = await read_value(request, Word, MAX_BYTES), request.auth
    overrides = "supervise" in who.rights
    kept = await house.write_for(
        who, lambda db: reviews.add(db, word, who.name, datetime.now(UTC), overrides=overrides)
    )
    if kept is None:
        raise _no_scan(word.scan_id)
    if isinstance(kept, Newer):
        raise Problem(409, **{"detail" if key == "why" else key: value for key, value in kept._asdict().items()})
    told = {key: value for key, value in kept._asdict().items() if key != "fresh"}
    return answer(told, 201 if kept.fresh else 200)


@post("/api/v1/reviews/{key:str}/undo", opt={"scope": "judge", "person": True}, status_code=200)
async def undo_review(request: Asked, house: NamedDependency[House], key: FromPath[str]) -> Response[bytes]:
    """Take a word back, for as long as that may be."""
    who = request.auth
    known = key.isascii() and await house.write_for(who, lambda db: reviews.undo(db, key, who.name, datetime.now(UTC)))
    if not known:
        raise Problem(404, "there is no such review")
    if isinstance(known, str):
        raise Problem(409, known)
    return answer({"undone_at": known.undone_at})


@post("/api/v1/outcomes", opt={"scope": "judge", "person": True})
async def add_outcome(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Keep what came of a search. The same key again is the same outcome."""
    told, who = await read_value(request, Told, MAX_BYTES), request.auth
    kept = await house.write_for(who, lambda db: outcomes.add(db, told, who.name, datetime.now(UTC)))
    if kept is None:
        raise _no_scan(told.scan_id)
    if isinstance(kept, str):
        raise Problem(409, kept)
    return answer({"id": kept.id, "key": kept.key, "at": kept.at}, 201 if kept.fresh else 200)


def _no_scan(scan_id: str) -> Problem:
    return Problem(404, "there is no such scan", scan_id=scan_id[:200])
