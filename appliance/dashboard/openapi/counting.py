"""The routes of the figures described for tools: statistics, and the report of a shift."""

from __future__ import annotations

from typing import Any

from appliance.dashboard.openapi.desk import brief
from appliance.dashboard.openapi.words import JSON, list_of, operation_of, parameter, record, text

_COUNT = {"type": "integer", "minimum": 0}
_MAYBE = {"type": ["string", "null"]}
_SECONDS = {"type": ["number", "null"]}
_YES = {"type": "boolean"}
_COUNTS = {"type": "object", "additionalProperties": _COUNT}
_SHARE = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
_RATE = record(k=_COUNT, n=_COUNT, rate=_SHARE, low=_SHARE, high=_SHARE)
_ASKED = ("400", "401", "403", "503")
_ANYBODY: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
_TOLD: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("scans", "replaced", "judged"), _COUNT),
    **dict.fromkeys(("actions", "risks", "answers"), _COUNTS),
    **dict.fromkeys(("open", "overdue", "late_verdicts"), _COUNT),
    **dict.fromkeys(("alarm", "agreement", "degraded"), _RATE),
    "milliseconds": record(p50=_SECONDS, p95=_SECONDS),
}


def of_counting() -> dict[str, Any]:
    """The paths of the figures."""
    return {"/api/v1/statistics": {"get": _statistics()}, "/api/v1/shift": {"get": _shift()}}


def _statistics() -> dict[str, Any]:
    figures = record(
        since=text(), until=text(), lane=_MAYBE, rehearsal=_YES, by={"type": "string", "enum": ["hour", "day"]},
        uncounted_hours=_COUNT, totals=record(required=None, **_TOLD),
        volumes=list_of(record(required=None, at=text(), **_TOLD)),
        lanes=list_of(record(required=None, lane=_MAYBE, **_TOLD)),
        classes=list_of(record(item=text(), scans=_COUNT, alarm=_RATE, agreement=_RATE)),
    )  # fmt: skip
    parameters = [
        parameter("since"), parameter("until"), parameter("lane"), parameter("rehearsal", words=("true", "false")),
        parameter("format", words=("json", "csv")), parameter("table", words=("volumes", "lanes", "classes")),
    ]  # fmt: skip
    told = operation_of(
        "What the scans of a time of whole hours come to, at most a quarter of a year, with Wilson's intervals at 95 %."
        " Where uncounted_hours is not 0, ask again: older hours are still being counted",
        "read", _as(figures), _ASKED, parameters=parameters,
    )  # fmt: skip
    return {**told, "security": _ANYBODY}


def _shift() -> dict[str, Any]:
    who = record(name=text(), shown=text())
    belt = record(
        scans=_COUNT, asked=_COUNT, answered=_COUNT, overdue=_COUNT, degraded=_RATE, open=_COUNT, rehearsals=_COUNT
    )
    word = record(
        scan_id=text(), revision=_COUNT, lane=_MAYBE, at=text(), kind=text(), action=_MAYBE, seconds=_SECONDS,
        late=_YES, undone=_YES, standing=_YES, note=text(), outcome=_MAYBE, rehearsal=_YES,
    )  # fmt: skip
    report = record(
        officer=who, since=text(), until=text(), made_at=text(), answers=_COUNTS, judged=_COUNT, undone=_COUNT,
        corrections=_COUNT, agreement=_RATE, median_seconds=_SECONDS, late=_COUNT, outcomes=_COUNTS, belt=belt,
        open=list_of(brief()), words=list_of(word), officers=list_of(who),
    )  # fmt: skip
    told = operation_of(
        "The report of a shift, of the last twelve hours unless told otherwise: one's own, or a supervisor's anybody's",
        "judge", _as(report), (*_ASKED, "404"),
        parameters=[
            parameter("officer"), parameter("since"), parameter("until"), parameter("format", words=("json", "csv"))
        ],
    )  # fmt: skip
    return {**told, "security": [{"session": []}]}


def _as(schema: dict[str, Any]) -> dict[str, Any]:
    return {"200": {"description": "Done.", "content": {JSON: {"schema": schema}, "text/csv": {}}}}
