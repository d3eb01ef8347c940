"""What there is in the world of one profile: every class of thing with its names, its standing and its HS headings.

Takes values read from a file, gives lookups. How a declared line finds its class is `matching.py`'s business; what
follows from a class is the rules'.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from appliance.scan import Language
from models.answer import Value

Standing = Literal["prohibited", "restricted", "allowed"]


class ItemClass(Value):
    """One class of thing."""

    id: str = Field(min_length=1, max_length=60)
    """How it is called in rules and in findings, as the models say it: "folding knife"."""
    names: dict[Language, tuple[str, ...]]
    """Its names and synonyms in each language; the first is what an officer reads."""
    category: str
    standing: Standing = "allowed"
    hs: tuple[str, ...] = ()
    """HS headings or their first digits: "8211", "821193"."""
    unit: Literal["piece", "pair", "set", "kilogram", "litre"] = "piece"
    """What its quantity usually counts."""
    shows: bool = False
    """True when a scan can show that it is not there."""
    covers: tuple[str, ...] = ()
    """The classes that a general word stands for: electronics covers laptop, phone and more."""


class Taxonomy(Value):
    """All classes of a profile."""

    profile: str
    hs_edition: str
    items: tuple[ItemClass, ...] = Field(min_length=1)
