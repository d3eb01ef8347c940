"""The routes of the desk described for tools: queue, reviews, outcomes, who looks where, classes."""

from __future__ import annotations

from typing import Any

from appliance.dashboard.openapi.scans import brief
from appliance.dashboard.openapi.words import list_of, ok, operation, parameter, record, text
from appliance.store.outcomes import MOST_FOUND, Told
from appliance.store.reviews import MOST_MARKS, Mark, Word

_ASKED = ("400", "401", "403", "503")
_SAID = ("400", "401", "403", "404", "408", "413", "415", "422", "503", "507")
_MAYBE = {"type": ["string", "null"]}
_BOX = {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}, "minItems": 4, "maxItems": 4}
_WHOLE = {"type": "integer", "minimum": 1}
_KEY = {"name": "key", "in": "path", "required": True, "schema": text()}


def of_desk() -> dict[str, Any]:
    """The paths of the desk."""
    return {**_queue(), **_words(), **_classes()}


def _queue() -> dict[str, Any]:
    told = brief()
    why = record(risk=text(), action=text(), overdue={"type": "boolean"}, disagreement={"type": "boolean"})
    more = {"due_at": text(), "verdict_id": _WHOLE, "why_first": why, "with": list_of(text())}
    waiting = {**told, "properties": {**told["properties"], **more}, "required": [*told["required"], *more]}
    place = record(scan_id=_MAYBE, revision={"type": ["integer", "null"], "minimum": 1}, required=())
    queue = record(scans=list_of(waiting), open={"type": "integer"}, last_event={"type": "integer"})
    return {
        "/api/v1/queue": {
            "get": {
                **operation(
                    "The open scans, the most urgent first", "read", {"200": ok(queue)}, _ASKED,
                    parameters=[parameter("limit", "integer")],
                ),
                "security": _ANYBODY,
            }
        },
        "/api/v1/looking": {
            "post": operation(
                "Say which scan somebody looks at now, or none; renewed at least once a minute", "judge",
                {"200": ok(record())}, _SAID, body=place,
            )
        },
    }  # fmt: skip


def _words() -> dict[str, Any]:
    kept = record(id=_WHOLE, key=text(), at=text(), undo_until=text(), undone_at=_MAYBE)
    outcome = record(id=_WHOLE, key=text(), at=text())
    return {
        "/api/v1/reviews": {
            "post": operation(
                "Keep an officer's word on a scan; the same key again is the same word, answered with 200", "judge",
                {"201": ok(kept), "200": ok(kept)}, (*_SAID, "409"), body=_of(Word, marks=_mark(), most=MOST_MARKS),
            )
        },
        "/api/v1/reviews/{key}/undo": {
            "post": operation(
                "Take a word back, within a minute", "judge", {"200": ok(record(undone_at=text()))},
                ("400", "401", "403", "404", "409", "503", "507"), parameters=[_KEY],
            )
        },
        "/api/v1/outcomes": {
            "post": operation(
                "Keep what came of a search; the same key again is the same outcome, answered with 200", "judge",
                {"201": ok(outcome), "200": ok(outcome)}, (*_SAID, "409"),
                body=_of(Told, found=_found(), most=MOST_FOUND),
            )
        },
    }  # fmt: skip


def _classes() -> dict[str, Any]:
    names = record(en=list_of(text()), ms=list_of(text()), vi=list_of(text()))
    told = list_of(record(id=text(), category=text(), standing=text(), names=names))
    asked = operation("What there is to find, by the rulebook in force", "read", {"200": ok(told)}, _ASKED)
    return {"/api/v1/classes": {"get": {**asked, "security": _ANYBODY}}}


_ANYBODY: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
"""Who may read: a token, or somebody who signed in."""


def _of(kind: type[Word | Told], *, most: int, **lists: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value, with its lists of values spelled out."""
    schema = kind.model_json_schema()
    schema.pop("$defs", None)
    for name, items in lists.items():
        schema["properties"][name] = {"type": "array", "maxItems": most, "items": items}
    return schema


def _mark() -> dict[str, Any]:
    schema = Mark.model_json_schema()
    schema["properties"]["box"] = {"anyOf": [_BOX, {"type": "null"}]}
    return schema


def _found() -> dict[str, Any]:
    schema = Told.model_json_schema()
    return schema["$defs"]["Found"]
