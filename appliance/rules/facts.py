"""What a rule sees of one scan. The fields here are the fields of the rule language; there is no second list.

Takes nothing, gives values. Filling them is the judge's business, showing them
to an expression is `expression.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from appliance.rules.taxonomy import Taxonomy
from appliance.scan import Amount, MatchedLine, Result
from models.answer import ComponentName, Share, Value

Kind = Literal["text", "number", "whole", "yes_no"]
"""What a rulebook can declare a context field to be."""

_CONTEXT_NAME = re.compile(r"(?!(?:true|false|null|in)$)(?=.{1,40}\Z)[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*")


def context_name(name: str) -> str:
    """What a context field may be called."""
    if not _CONTEXT_NAME.fullmatch(name):
        raise ValueError("a name is lower-case words joined by _, as in home_port")
    return name


ContextName = Annotated[str, AfterValidator(context_name)]

MOST_NUMBER = 1e15
"""No number with decimals that a rule sees is further from nothing: `language/reach.py` builds on it."""
_MOST_WHOLE = (1 << 63) - 1
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a character: JSON can hold it, UTF-8 cannot."""


class Item(Value):
    """One finding, with what the taxonomy knows of it. `items` is the list of all."""

    item: str
    """The class of the taxonomy: "folding knife"."""
    category: str
    standing: Literal["prohibited", "restricted", "allowed", "unknown"]
    prohibited: bool
    restricted: bool
    known: bool
    """False when neither the class nor its category is in the taxonomy."""
    confidence: Share
    sure: bool
    """True when the confidence reaches the book's threshold."""
    concealed: bool
    declared: bool
    again: bool
    """True where it only shows once more, in another view than the one that shows most of its class."""
    location: str
    view: str
    """Empty when the engine named none."""
    seen_by: tuple[ComponentName, ...]
    """The components that saw it: detector, vlm."""


class Line(Value):
    """One declared line, held against what was seen. `declared` is the list of all."""

    text: str
    items: tuple[str, ...]
    """The classes it was understood as."""
    prohibited: bool
    """True when one of them is."""
    restricted: bool
    result: Result
    quantity: float = Field(ge=0, le=MOST_NUMBER)
    """0 when none was given."""
    seen: int
    amount: Amount

    @classmethod
    def of(cls, line: MatchedLine, taxonomy: Taxonomy) -> Line:
        """Show a matched line to the rules."""
        items = tuple(understood.item for understood in line.understood)
        standings = {taxonomy.by_id[item].standing for item in items}
        return cls(
            text=line.text,
            items=items,
            prohibited="prohibited" in standings,
            restricted="restricted" in standings,
            result=line.result,
            quantity=min(line.quantity or 0.0, MOST_NUMBER),
            seen=line.seen,
            amount=line.amount,
        )


class DeclarationFacts(Value):
    """The declaration as a whole."""

    state: Literal["given", "absent", "unreadable"]
    matches: bool
    matched: tuple[str, ...]
    undeclared: tuple[str, ...]
    not_seen: tuple[str, ...]
    not_verifiable: tuple[str, ...]


class ScanFacts(Value):
    """The scan itself."""

    lane: str
    """Empty when nobody said."""
    source: str
    views: int
    missing: tuple[str, ...]
    rehearsal: bool


class Facts(Value):
    """Everything a rule sees, by the names it sees it under."""

    items: tuple[Item, ...]
    declared: tuple[Line, ...]
    declaration: DeclarationFacts
    scan: ScanFacts
    degraded: tuple[str, ...] = ()
    """What lacked for a full judgement, in words."""
    context: dict[str, bool | int | float | str] = Field(default_factory=dict)
    """What the rulebook declared and the sender gave. An absent field is absent, not 0."""


def read_context(kinds: Mapping[str, Kind], given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Take the declared fields out of what a sender gave; and which are there but of another kind, in words."""
    values: dict[str, Any] = {}
    odd: dict[str, str] = {}
    for name, kind in kinds.items():
        value = given.get(name)
        if value is None:
            continue
        if not _fits(kind, value):
            odd[name] = f"context {name} is not a {kind} value"
        else:
            values[name] = float(value) if kind == "number" else value
    return values, odd


def _fits(kind: Kind, value: Any) -> bool:
    if kind == "text":
        return isinstance(value, str) and not _LONE_SURROGATE.search(value)
    if kind == "yes_no":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind == "whole":
        return isinstance(value, int) and abs(value) <= _MOST_WHOLE
    return isinstance(value, (int, float)) and abs(value) <= MOST_NUMBER
