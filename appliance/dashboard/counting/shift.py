"""The report at the end of a shift: what one officer did, and what the belt brought meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from appliance.dashboard.asked import moment_of, one_of, parameters
from appliance.dashboard.counting.rates import rate
from appliance.dashboard.desk.scans import brief
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.problems import Problem
from appliance.dashboard.tables import lines
from appliance.store import officers, shift
from appliance.store.counting import AGAINST
from appliance.store.shift import Said, Shift

HOURS = 12
MOST_DAYS = 8
COLUMNS = tuple(Said._fields)


@get("/api/v1/shift", opt={"scope": "judge"})
async def report(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """A shift, of the last twelve hours unless told otherwise: one's own, or for supervisors anybody's."""
    given = parameters(request, ("officer", "since", "until", "format"))
    since, until, now = *_span(given), datetime.now(UTC)
    kind = one_of(given, "format", ("json", "csv")) or "json"
    me, supervises = request.auth.name, "supervise" in request.auth.rights
    who = officers.folded(given.get("officer") or me)
    if who != me and not supervises:
        raise Problem(403, "an officer sees their own shift; a supervisor anybody's", scope="supervise")
    known, told = await house.store.read(
        lambda db: (dict(shift.officers(db)), shift.report(db, who, since, until, now))
    )
    if who not in known:
        raise Problem(404, "nobody of that name judges here", officer=who[:200])
    if kind == "csv":
        headers = {"Content-Disposition": 'attachment; filename="shift.csv"'}
        return Response(lines([COLUMNS, *told.said]), media_type="text/csv", headers=headers)
    others = [{"name": name, "shown": shown} for name, shown in known.items()] if supervises else []
    said = {"officer": {"name": who, "shown": known[who]}, "since": since.isoformat(), "until": until.isoformat()}
    return answer({**said, "made_at": now.isoformat(), **_told(told), "officers": others})


def _told(told: Shift) -> dict[str, Any]:
    kinds, weighed, seconds = told.kinds(), told.about_verdicts(), told.median_seconds()
    against = sum(weighed[kind] for kind in AGAINST)
    belt = told.belt._asdict()
    return {
        "answers": {kind: kinds[kind] for kind in ("agree", *AGAINST, "cannot_tell")},
        "judged": told.judged(),
        "undone": sum(each.undone for each in told.said),
        "corrections": sum(kinds[kind] for kind in AGAINST),
        "agreement": rate(weighed["agree"], weighed["agree"] + against),
        "median_seconds": None if seconds is None else round(seconds, 1),
        "late": sum(each.late and not each.undone for each in told.said),
        "outcomes": {kind: told.outcomes[kind] for kind in ("found", "nothing", "not_opened")},
        "belt": {**belt, "degraded": rate(told.belt.degraded, told.belt.scans)},
        "open": [brief(row) for row in told.open],
        "words": [each._asdict() for each in told.said],
    }


def _span(given: dict[str, str]) -> tuple[datetime, datetime]:
    until = moment_of(given, "until") or datetime.now(UTC)
    try:
        since = moment_of(given, "since") or until - timedelta(hours=HOURS)
    except OverflowError as problem:
        raise Problem(400, "until: before any clock went", parameter="until") from problem
    if not since < until:
        raise Problem(400, "since: not before until", parameter="since")
    if until - since > timedelta(days=MOST_DAYS):
        raise Problem(400, f"since: more than {MOST_DAYS} days before until", parameter="since")
    return since, until
