"""The routes for administrators and auditors described for tools: the box, what fills it, chains, evidence."""

from __future__ import annotations

from typing import Any

from appliance.dashboard.openapi.words import JSON, list_of, ok, ok_of, operation, parameter, record, text

_ASKED = ("400", "401", "403", "503")
_WHOLE: dict[str, Any] = {"type": "integer"}
_YES: dict[str, Any] = {"type": "boolean"}
_MAYBE: dict[str, Any] = {"type": ["object", "null"]}
_NEVER: dict[str, Any] = {"type": "null", "description": "Not known to this version."}
_BROKEN = record(seq=_WHOLE, problem=text())
_CHAIN = record(rows=_WHOLE, last=text(), broken={"anyOf": [_BROKEN, {"type": "null"}]})
_WALKED = record(
    ok=_YES, began_at=text(), ended_at=text(), chains=record(verdicts=_CHAIN, deeds=_CHAIN)
)  # fmt: skip
_CHAINS = record(
    running=_YES,
    began_at={"type": ["string", "null"]},
    trouble=text(),
    found={"anyOf": [_WALKED, {"type": "null"}]},
)


def of_administering() -> dict[str, Any]:
    """The paths of administrators and auditors."""
    return {**_box(), **_record()}


def _box() -> dict[str, Any]:
    state = record(ready=_YES, reasons=list_of(text()), warnings=list_of(text()), waiting=_WHOLE, owed=_WHOLE)
    box = record(
        at=text(),
        state=state,
        sources={"type": "object", "additionalProperties": {"type": "object"}},
        engine=record(alive=_YES, identity=_MAYBE),
        gpus=list_of({"type": "object"}),
        rulebook={"type": "object"},
        centre=_NEVER,
        disk={"type": "object"},
        store=record(bytes=_WHOLE, checked_at=text(), chains=_MAYBE),
        backup=_NEVER,
        version={"type": "object"},
    )
    part = record(part=text(), files=_WHOLE, bytes=_WHOLE)
    fill = record(at=text(), parts=list_of(part))
    return {
        "/api/v1/box": {
            "get": operation("How the box is; null is what it does not know", "administer", {"200": ok(box)}, _ASKED)
        },
        "/api/v1/box/fill": {
            "get": operation("What fills the disk, counted now", "administer", {"200": ok(fill)}, _ASKED)
        },
    }


def _record() -> dict[str, Any]:
    pack = {"200": ok_of("application/zip", {"type": "string", "contentMediaType": "application/zip"})}
    begun = {"202": {"description": "Begun.", "content": {JSON: {"schema": _CHAINS}}}}
    return {
        "/api/v1/record/chains": {
            "get": operation("What the last walk over both chains found", "audit", {"200": ok(_CHAINS)}, _ASKED),
            "post": operation("Begin a walk over both chains", "audit", begun, _ASKED),
        },
        "/api/v1/record/evidence": {
            "get": operation(
                "One scan with everything that proves what was said of it, as a zip; who takes it is written down",
                "audit",
                pack,
                (*_ASKED, "404", "507"),
                parameters=[parameter("scan_id"), parameter("revision", "integer")],
            )
        },
    }
