"""What is told of scans, described for tools: one scan as lists tell it, and one with all there is about it."""

from __future__ import annotations

from typing import Any

from appliance.dashboard.openapi.words import list_of, record, text
from appliance.scan import Action, Risk, ScanState

_MAYBE = {"type": ["string", "null"]}
_WHOLE = {"type": "integer", "minimum": 1}
_YES = {"type": "boolean"}
_VERDICT = {"$ref": "#/components/schemas/Verdict"}
_STATE = {"type": "string", "enum": list(ScanState)}


def brief() -> dict[str, Any]:
    """One scan as lists tell it."""
    said = record(key=text(), who=text(), kind=text(), at=text())
    return record(
        scan_id=text(), revision=_WHOLE, state=_STATE, source=text(), lane=_MAYBE, received_at=text(), rehearsal=_YES,
        superseded=_YES, quarantine=_MAYBE, risk_level=_or_none(Risk), recommended_action=_or_none(Action),
        address=text(), picture=_MAYBE, open=_YES, review=_maybe(said), outcome=_MAYBE, verdict=_maybe(_VERDICT),
    )  # fmt: skip


def page() -> dict[str, Any]:
    """A page of scans with the address of the next one."""
    return record(scans=list_of(brief()), next=_MAYBE, last_event={"type": "integer"})


def whole() -> dict[str, Any]:
    """One scan with all there is about it."""
    view = record(name=text(), width=_count(), height=_count(), sha256=_MAYBE, address=_MAYBE)
    given = record(id=_WHOLE, at=text(), document=_VERDICT)
    seen = record(
        item=text(), category=text(), confidence={"type": "number"}, location=text(), occluded=_YES,
        box={"type": ["array", "null"]}, view=_MAYBE, seen_by=list_of(text()),
    )  # fmt: skip
    said = record(
        id=_WHOLE, key=text(), verdict_id={"type": ["integer", "null"]}, at=text(), who=text(), kind=text(),
        marks=list_of({"type": "object"}), note=text(), undone_at=_MAYBE, standing=_YES,
    )  # fmt: skip
    found = list_of(record(item=text(), quantity=_WHOLE))
    came = record(id=_WHOLE, key=text(), at=text(), who=text(), kind=text(), found=found, note=text())
    return record(
        scan_id=text(), revision=_WHOLE, state=_STATE, source=text(), lane=_MAYBE, scanned_at=_MAYBE,
        received_at=text(), rehearsal=_YES, superseded=_YES, owed=_YES, quarantine=_MAYBE, missing=list_of(text()),
        declaration={"type": "object"}, revisions=list_of(_WHOLE), views=list_of(view), verdict=_maybe(_VERDICT),
        verdict_at=_MAYBE, verdict_id={"type": ["integer", "null"]}, earlier_verdicts=list_of(given), due_at=text(),
        glimpse=list_of(seen), reviews=list_of(said), outcomes=list_of(came), earlier_of_consignee=list_of(brief()),
    )  # fmt: skip


def _maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _or_none(words: type[Risk | Action]) -> dict[str, Any]:
    return {"type": ["string", "null"], "enum": [*words, None]}


def _count() -> dict[str, Any]:
    return {"type": "integer", "minimum": 0}
