"""The words the OpenAPI document is written in: operations, answers, parameters, records."""

from __future__ import annotations

from typing import Any

from appliance.dashboard.access.keys import COOKIE, PROOF
from appliance.scan import Action, Risk, ScanState

JSON = "application/json"
SCHEMES: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    "proof": {"type": "apiKey", "in": "header", "name": PROOF, "description": "`proof` of GET /api/v1/me"},
}
_PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
_MEANINGS = {
    "400": "The request cannot be read.",
    "401": "Nobody signed in, no valid token, or a wrong password at the door.",
    "403": "Whoever asks lacks the right; or a password said once more is wrong.",
    "404": "Nothing there.",
    "408": "The sender fell silent in the middle of the body, or sent it too slowly.",
    "409": "Something stands against it; `detail` says what.",
    "413": "The body is too large.",
    "415": "Another content type is needed.",
    "422": "A field is missing or wrong; `field` names it.",
    "429": "Too many wrong guesses; see Retry-After.",
    "503": "Not now; see Retry-After.",
    "504": "No verdict in time; the scan is safe, its address is in `scan`.",
    "507": "The disk is full; nothing was kept.",
}
_WORDS: dict[str, tuple[str, ...]] = {
    "action": tuple(Action),
    "risk": tuple(Risk),
    "state": tuple(ScanState),
    "degraded": ("true", "false"),
}
NAME: dict[str, Any] = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
_BY_SESSION: list[dict[str, list[str]]] = [{"session": [], "proof": []}]


def operation_of(
    summary: str,
    scope: str,
    answers: dict[str, Any],
    bad: tuple[str, ...] = (),
    *,
    body: dict[str, Any] | None = None,
    parameters: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    return {
        "summary": summary,
        "x-scope": scope or "open",
        **({} if scope else {"security": []}),
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": {"required": True, "content": body}} if body else {}),
        "responses": {**answers, **{code: {"description": _MEANINGS[code], **_PROBLEM} for code in bad}},
    }


def ok_of(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "Done.", "content": {kind: {"schema": schema}}}


def parameter(name: str, kind: str = "string", words: tuple[str, ...] | None = None) -> dict[str, Any]:
    words = words or _WORDS.get(name)
    timed = {"format": "date-time"} if name in ("since", "until") else {}
    return {"name": name, "in": "query", "schema": {"type": kind, **timed, **({"enum": list(words)} if words else {})}}


def operation(
    summary: str,
    scope: str,
    answers: dict[str, Any],
    bad: tuple[str, ...],
    *,
    body: dict[str, Any] | None = None,
    parameters: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """An operation for people: JSON in and out, by session and proof."""
    content = {JSON: {"schema": body}} if body else None
    told = operation_of(summary, "" if scope == "open" else scope, answers, bad, body=content, parameters=parameters)
    return told if scope == "open" else {**told, "security": _BY_SESSION}


def ok(schema: dict[str, Any]) -> dict[str, Any]:
    return ok_of(JSON, schema)


def record(*, required: tuple[str, ...] | None = None, **fields: dict[str, Any]) -> dict[str, Any]:
    """An object with these fields, all of them always there unless said otherwise."""
    return {"type": "object", "properties": fields, "required": list(fields if required is None else required)}


def list_of(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema}


def text() -> dict[str, Any]:
    return {"type": "string"}
