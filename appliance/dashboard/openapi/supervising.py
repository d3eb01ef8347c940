"""The routes of supervisors described for tools: the rulebook, backtests, words against verdicts."""

from __future__ import annotations

from typing import Any

from appliance.dashboard.openapi.words import list_of, ok, operation, parameter, record, text
from appliance.store.overrides import KINDS

_ASKED = ("400", "401", "403", "503")
_SHOWN = ("401", "403", "503")
_CHANGED = ("400", "401", "403", "404", "408", "409", "413", "415", "422", "429", "503", "507")
_MAYBE = {"type": ["string", "null"]}
_YES: dict[str, Any] = {"type": "boolean"}
_NUMBER = {"type": "integer"}
_ACTIVATION = record(
    at=text(), who=text(), why=text(), origin=text(), supervisor=_MAYBE, digest=text(), name=text(), level=text()
)
_CANDIDATE = record(
    digest={**_MAYBE, "pattern": "^[0-9a-f]{64}$"}, book=_MAYBE, taxonomy=_MAYBE, site=_MAYBE, without_site=_YES,
    required=(),
)  # fmt: skip
_SECOND = {
    **record(name=text(), password=text(), otp=text(), required=("name", "password")),
    "type": ["object", "null"],
}
_WHY: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 500}
_ANYBODY: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
_BACKTEST = record(
    state={"type": "string", "enum": ["none", "running", "done", "failed", "cancelled"]}, rulebook=text(),
    digest=text(), level=text(), days=_NUMBER, by=text(), began_at=text(), ended_at=text(), done=_NUMBER, of=_NUMBER,
    problem=text(), bill={"type": "object"}, words={"type": "array"}, required=("state",),
)  # fmt: skip


def of_supervising() -> dict[str, Any]:
    """The paths of supervisors."""
    return {**_rules(), **_changes(), **_backtests(), **_overrides()}


def _rules() -> dict[str, Any]:
    rules = record(
        in_force={"type": ["object", "null"]}, since=_MAYBE, level=text(), levels={"type": "array"},
        warnings=list_of(text()), notes=list_of(text()), follows={"type": "object"}, profile={"type": "object"},
        earlier={"type": ["object", "null"]}, activations={"type": "array"}, activations_in_all=_NUMBER,
    )  # fmt: skip
    differences = {"type": ["array", "null"], "items": text()}
    texts = record(digest=text(), book=text(), taxonomy=text(), site=_MAYBE, differences=differences, trouble=text())
    digest = {"name": "digest", "in": "path", "required": True, "schema": text()}
    shown = operation("The rulebook in force, what follows from it, and what was", "read", {"200": ok(rules)}, _SHOWN)
    whole = operation(
        "The texts of a rulebook that is or was in force, and how they differ from those in force", "read",
        {"200": ok(texts)}, (*_SHOWN, "404"), parameters=[digest],
    )  # fmt: skip
    checked = record(
        ok=_YES, faults=list_of(text()), name=text(), digest=text(), in_force=_YES, notes=list_of(text()),
        levels=list_of(text()), differences=differences, trouble=text(), two=_MAYBE, required=("ok", "faults"),
    )  # fmt: skip
    return {
        "/api/v1/rules": {"get": {**shown, "security": _ANYBODY}},
        "/api/v1/rules/texts/{digest}": {"get": {**whole, "security": _ANYBODY}},
        "/api/v1/rules/check": {
            "post": operation(
                "Check texts as putting them in force would", "supervise", {"200": ok(checked)}, _CHANGED,
                body=_CANDIDATE,
            )
        },
    }  # fmt: skip


def _changes() -> dict[str, Any]:
    done, again = {"201": ok(_ACTIVATION)}, record(why=_WHY, password=text())
    level = record(why=_WHY, password=text(), level=text())
    put = record(
        why=_WHY, password=text(), candidate=_CANDIDATE, second=_SECOND, required=("why", "password", "candidate")
    )
    return {
        "/api/v1/rules/activate": {
            "post": operation("Put texts in force; two stand for another book", "supervise", done, _CHANGED, body=put)
        },
        "/api/v1/rules/rollback": {
            "post": operation("Go back to the rules before", "supervise", done, _CHANGED, body=again)
        },
        "/api/v1/rules/level": {
            "post": operation("Stand at another threat level", "supervise", done, _CHANGED, body=level)
        },
    }


def _backtests() -> dict[str, Any]:
    days = {"type": "integer", "minimum": 1, "maximum": 3660}
    trial = record(candidate=_CANDIDATE, days=days, level=_MAYBE, required=("candidate",))
    shown = operation("How far the backtest is, or the last bill", "read", {"200": ok(_BACKTEST)}, _SHOWN)
    return {
        "/api/v1/rules/backtest": {
            "get": {**shown, "security": _ANYBODY},
            "post": operation(
                "Judge the last days' scans by other texts, in the background; one at a time", "supervise",
                {"202": ok(_BACKTEST)}, _CHANGED, body=trial,
            ),
            "delete": operation("Cancel it", "supervise", {"200": ok(_BACKTEST)}, _SHOWN),
        }
    }  # fmt: skip


def _overrides() -> dict[str, Any]:
    word = record(
        id=_NUMBER, at=text(), who=text(), kind=text(), note=text(), scan_id=text(), revision=_NUMBER, lane=_MAYBE,
        outcome=_MAYBE, items=list_of(text()), drawn=_NUMBER, rehearsal=_YES, standing=_YES,
        verdict={"type": ["object", "null"]},
    )  # fmt: skip
    page = record(overrides=list_of(word), next=_MAYBE, officers=list_of(record(name=text(), shown=text())))
    return {
        "/api/v1/overrides": {
            "get": operation(
                "Officers' words that differ from the verdict", "supervise", {"200": ok(page)}, _ASKED,
                parameters=[
                    parameter("who"), parameter("kind", words=KINDS), parameter("lane"), parameter("since"),
                    parameter("until"), parameter("cursor", "integer"), parameter("limit", "integer"),
                ],
            )
        }
    }  # fmt: skip
