"""What the scans of a time come to, over HTTP: volumes, rates with their intervals, times, per lane and per class."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast

from litestar import Response, get
from litestar.di import NamedDependency

from appliance.dashboard.asked import moment_of, one_of, parameters
from appliance.dashboard.counting.rates import rate
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.problems import Problem
from appliance.dashboard.tables import lines
from appliance.errors import StoreError
from appliance.scan import Action, Risk
from appliance.store import counting
from appliance.store.counting import AGAINST, Counted, Counts

MOST_DAYS = 93
"""A quarter: half a second of processor time, where all of it was counted before."""
HOURLY_DAYS = 8
"""So long each hour is told by itself, then each day."""
KINDS = ("agree", *AGAINST, "cannot_tell")
TABLES = ("volumes", "lanes", "classes")


class Span(NamedTuple):
    """Which scans are counted: of whole hours, of one lane or all, practice or not."""

    since: datetime
    until: datetime
    lane: str | None
    rehearsal: bool


@get("/api/v1/statistics", opt={"scope": "read"})
async def statistics(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """The figures of a time; the last day unless told otherwise. Hours that were not counted yet are told by number."""
    given = parameters(request, ("since", "until", "lane", "rehearsal", "format", "table"))
    now = datetime.now(UTC)
    span = _span(given, now)
    kind = one_of(given, "format", ("json", "csv")) or "json"
    table = one_of(given, "table", TABLES) or "volumes"
    counted, told = await house.store.read(lambda db: _counted(db, span, now))
    if any(hour.turn is not None for hour in counted.hours):
        with contextlib.suppress(StoreError):  # it is counted again by who asks next
            await house.store.write(lambda db: counting.keep(db, counted.hours), lasting=False)
    if kind == "csv":
        headers = {"Content-Disposition": f'attachment; filename="{table}.csv"'}
        return Response(_csv(told[table]), media_type="text/csv", headers=headers)
    return answer(told)


def _counted(db: sqlite3.Connection, span: Span, now: datetime) -> tuple[Counted, dict[str, Any]]:
    counted = counting.hours(db, span.since, span.until, now)
    return counted, figures(counted, span)


def figures(counted: Counted, span: Span) -> dict[str, Any]:
    """What is told of counted hours."""
    daily = span.until - span.since > timedelta(days=HOURLY_DAYS)
    whole, lanes = Counts(), dict[str | None, Counts]()
    times: dict[str, Counts] = {}
    for hour in counted.hours:
        at = datetime.fromisoformat(f"{hour.hour}:00:00+00:00")
        beginning = _day(at) if daily else at.isoformat()
        for lane, rehearsal, counts in hour.parts:
            if rehearsal == span.rehearsal and span.lane in (None, lane):
                whole.add(counts)
                for place in (lanes.setdefault(lane, Counts()), times.setdefault(beginning, Counts())):
                    place.add(counts, classes=False)
    return {
        "since": span.since.isoformat(),
        "until": span.until.isoformat(),
        "lane": span.lane,
        "rehearsal": span.rehearsal,
        "by": "day" if daily else "hour",
        "uncounted_hours": counted.left,
        "totals": _told(whole),
        "volumes": [{"at": at, **_told(counts)} for at, counts in times.items()],
        "lanes": [
            {"lane": lane, **_told(counts)} for lane, counts in sorted(lanes.items(), key=lambda one: one[0] or "")
        ],
        "classes": [
            {
                "item": item,
                "scans": scans,
                "alarm": rate(alarms, scans),
                "agreement": rate(agree, agree + against),
            }
            for item, (scans, alarms, agree, against) in sorted(
                whole.classes.items(), key=lambda one: (-one[1][0], one[0])
            )
        ],
    }


def _told(counts: Counts) -> dict[str, Any]:
    plain = counts.plain
    return {
        "scans": plain["scans"],
        "replaced": plain["replaced"],
        "judged": plain["judged"],
        "actions": {action: plain[action] for action in Action},
        "risks": {risk: plain[f"risk {risk}"] for risk in Risk},
        "answers": {kind: plain[kind] for kind in KINDS},
        "open": plain["open"],
        "overdue": plain["overdue"],
        "late_verdicts": plain["late"],
        "alarm": rate(plain[Action.PHYSICAL_INSPECTION], plain["judged"]),
        "agreement": rate(plain["for"], plain["for"] + plain["against"]),
        "degraded": rate(plain["degraded"], plain["judged"]),
        "milliseconds": {"p50": _rounded(counts.quantile(0.5)), "p95": _rounded(counts.quantile(0.95))},
    }


def _span(given: dict[str, str], now: datetime) -> Span:
    try:
        until = _up(moment_of(given, "until") or now)
        since = _down(moment_of(given, "since") or until - timedelta(days=1))
    except OverflowError as problem:
        raise Problem(400, "until: where no clock goes", parameter="until") from problem
    if not since < until:
        raise Problem(400, "since: not before until", parameter="since")
    if until - since > timedelta(days=MOST_DAYS):
        raise Problem(400, f"since: more than {MOST_DAYS} days before until", parameter="since")
    return Span(since, until, given.get("lane"), one_of(given, "rehearsal", ("true", "false")) == "true")


def _down(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _up(moment: datetime) -> datetime:
    down = _down(moment)
    return down if down == moment else down + timedelta(hours=1)


def _day(hour: datetime) -> str:
    """The beginning of the day, by the box's own clock, in which an hour lies."""
    return hour.astimezone().replace(hour=0).isoformat()


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else float(f"{milliseconds:.3g}")


def _csv(rows: list[dict[str, Any]]) -> bytes:
    flat = [_flat(row) for row in rows]
    return lines([list(flat[0]) if flat else ["nothing"], *(list(row.values()) for row in flat)])


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            found |= {f"{name}_{inner}": each for inner, each in cast("dict[str, Any]", value).items()}
        else:
            found[name] = value
    return found
