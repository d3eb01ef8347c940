"""What the tests of matching share: the shipped taxonomy, and findings and declarations in one line."""

from __future__ import annotations

from typing import Any

from appliance.located import Document, read_model
from appliance.rules.declared import matching
from appliance.rules.declared.recognition import understand
from appliance.rules.reading import MOST_TAXONOMY
from appliance.rules.taxonomy import Taxonomy
from appliance.scan import Declaration, DeclarationMatch, DeclaredItem
from models.answer import Finding
from models.profile import BAGGAGE
from tests.judging import standing

SAYS = frozenset(BAGGAGE.names)


def taxonomy() -> Taxonomy:
    """The very one that the default book stands on: two that are equal would be held against each other each time."""
    return standing().taxonomy


def read_taxonomy(text: str, name: str) -> Taxonomy:
    return read_model(Document(text, name, MOST_TAXONOMY), Taxonomy)


def finding(item: str, view: str | None = None, category: str | None = None) -> Finding:
    known = taxonomy().item(item)
    return Finding(
        item=item,
        category=category or (known.category if known else "other"),
        confidence=0.9,
        location="center",
        occluded=False,
        view=view,
        seen_by=("detector",),
    )


def line(text: str, quantity: float | None = None, hs: str | None = None) -> DeclaredItem:
    return DeclaredItem(text=text, quantity=quantity, hs=hs)


def held(
    *lines: str | DeclaredItem, seen: tuple[str | Finding, ...] = (), complete: bool = True, **changes: Any
) -> DeclarationMatch:
    items = tuple(line(one) if isinstance(one, str) else one for one in lines)
    findings = tuple(finding(one) if isinstance(one, str) else one for one in seen)
    declaration = Declaration(state="given", items=items)
    return matching.match(declaration, findings, taxonomy(), changes.get("says", SAYS), complete=complete)


def meaning(text: str, hs: str | None = None) -> set[str]:
    """The classes that a line is understood as."""
    return {part.item.id for part in understand((line(text, hs=hs),), taxonomy())[0]}
