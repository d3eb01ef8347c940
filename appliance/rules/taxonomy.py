"""What there is in the world of one profile: every class of thing with its names, its standing and its HS headings.

Takes the text of a file, gives lookups. How a declared line finds its class is `matching.py`'s business; what follows
from a class is the rules'.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Literal, NamedTuple

from pydantic import Field, field_validator, model_validator

from appliance.located import MisfitError, Step
from appliance.rules.words import fold
from appliance.scan import LANGUAGES, Language
from models.answer import Value

MOST_NEIGHBOURS = 1_000
"""Names of one length with one first letter: whatever is declared is held against all of them."""
MOST_COVERED = 100_000
"""Classes that all general words together stand for, over all steps: a chain of them would fill the memory."""
Standing = Literal["prohibited", "restricted", "allowed"]
Known = Literal["prohibited", "restricted", "allowed", "unknown"]


class ItemClass(Value):
    """One class of thing."""

    id: str = Field(min_length=1, max_length=60)
    """How it is called in rules and in findings, as the models say it: "folding knife"."""
    names: dict[Language, tuple[str, ...]]
    """Its names and synonyms in each language; the first is what an officer reads."""
    category: str = Field(min_length=1)
    standing: Standing = "allowed"
    hs: tuple[str, ...] = ()
    """HS headings or their first digits: "8211", "821193"."""
    unit: Literal["piece", "pair", "set", "kilogram", "litre"] = "piece"
    """What its quantity usually counts."""
    shows: bool = False
    """True when a scan can show that it is not there."""
    covers: tuple[str, ...] = ()
    """The classes that a general word stands for: electronics covers laptop, phone and more."""

    @field_validator("names", mode="after")
    @classmethod
    def _names_can_be_read(cls, names: dict[Language, tuple[str, ...]]) -> dict[Language, tuple[str, ...]]:
        if not names.get("en"):
            raise MisfitError("no English name", at=("en",))
        for language, aliases in names.items():
            for number, alias in enumerate(aliases):
                if unicodedata.normalize("NFC", alias) != alias or not alias.isprintable():
                    raise MisfitError("not in composed form (NFC), or control characters", at=(language, number))
                if not fold(alias):
                    raise MisfitError("nothing in it can be read as a name", at=(language, number))
        return {language: names[language] for language in LANGUAGES if language in names}  # its order means nothing

    @field_validator("hs", mode="after")
    @classmethod
    def _hs_is_digits(cls, hs: tuple[str, ...]) -> tuple[str, ...]:
        for number, code in enumerate(hs):
            if not re.fullmatch(r"(?:\d\d){1,3}", code, re.ASCII):
                raise MisfitError(f"an HS heading has 2, 4 or 6 digits, not {code!r}", at=(number,))
        return hs


class Name(NamedTuple):
    """One way to say one class."""

    item: ItemClass
    alias: str
    language: Language


class Taxonomy(Value):
    """All classes of a profile."""

    profile: str
    hs_edition: str
    items: tuple[ItemClass, ...]

    def __hash__(self) -> int:
        """Cheap, so that what is made from a taxonomy once can be found again by it."""
        return hash((self.profile, self.hs_edition, len(self.items)))

    @model_validator(mode="after")
    def _fits_together(self) -> Taxonomy:
        if not self.items:
            raise MisfitError("there is no class in it", ("items",))
        places: dict[str, int] = {}
        for number, item in enumerate(self.items):
            if item.id in places:
                raise MisfitError("the id stands twice", ("items", number, "id"), ("items", places[item.id], "id"))
            places[item.id] = number
        for number, item in enumerate(self.items):
            for at, covered in enumerate(item.covers):
                _check_cover(item, self.items[places[covered]] if covered in places else None, (number, at))
        self._check_names()
        return self

    @cached_property
    def by_id(self) -> Mapping[str, ItemClass]:
        return {item.id: item for item in self.items}

    @cached_property
    def covered(self) -> Mapping[str, frozenset[str]]:
        """For every general word all classes it stands for, over any number of steps."""
        return {name: found for name, found in self._within.items() if found}

    @cached_property
    def names(self) -> tuple[Name, ...]:
        return tuple(Name(item, alias, language) for item, alias, language, _ in self._placed_names())

    @cached_property
    def by_name(self) -> Mapping[str, ItemClass]:
        """Classes by each of their names, folded; of a name that two share, the first."""
        return {fold(name.alias): name.item for name in reversed(self.names)}

    @cached_property
    def standing_by_category(self) -> Mapping[str, Known]:
        """The harshest standing of each category; nothing unknown is harmless, so none is allowed."""
        found: dict[str, set[Known]] = {}
        for item in self.items:
            found.setdefault(item.category, set()).add(item.standing)
        return {name: _harshest(kinds) for name, kinds in found.items()}

    def item(self, name: str) -> ItemClass | None:
        """The class with this id."""
        return self.by_id.get(name) or self.by_id.get(fold(name))

    def standing_of(self, name: str, category: str) -> Known:
        """What to think of a finding. What is unknown, or not of the category it is said to be, is never allowed."""
        item = self.item(name)
        if item is not None and item.category == category:
            return item.standing
        return _harshest({self.standing_by_category.get(category, "unknown"), item.standing if item else "unknown"})

    @cached_property
    def _within(self) -> Mapping[str, frozenset[str]]:
        """What each class covers, over any number of steps: each made of what was made before it."""
        found: dict[str, frozenset[str]] = {}
        total = 0
        try:
            for name in TopologicalSorter({item.id: item.covers for item in self.items}).static_order():
                covers = self.by_id[name].covers
                found[name] = frozenset(covers).union(*(found[one] for one in covers))
                total += len(found[name])
                if total > MOST_COVERED:
                    raise self._unfit((name,), f"over all steps, more than {MOST_COVERED} classes are covered")
        except CycleError as problem:
            raise self._unfit(problem.args[1], "covers itself, over other classes") from problem
        return found

    def _unfit(self, names: Iterable[str], words: str) -> MisfitError:
        """Of classes that cover too much, the first in the file."""
        number = next(number for number, item in enumerate(self.items) if item.id in set(names))
        return MisfitError(words, ("items", number, "covers"))

    def _placed_names(self) -> Iterator[tuple[ItemClass, str, Language, tuple[Step, ...]]]:
        for number, item in enumerate(self.items):
            for language, aliases in item.names.items():
                for at, alias in enumerate(aliases):
                    yield item, alias, language, ("items", number, "names", language, at)

    def _check_names(self) -> None:
        """One name means one class, or a class and the general word that covers it."""
        seen: dict[str, tuple[ItemClass, tuple[Step, ...]]] = {}
        neighbours = Counter[tuple[str, int]]()
        for item, alias, _, place in self._placed_names():
            beginning = (min(fold(alias).split(), default="")[:1], len(fold(alias)))
            neighbours[beginning] += 1
            if neighbours[beginning] > MOST_NEIGHBOURS:
                told = f"more than {MOST_NEIGHBOURS} names of {beginning[1]} signs have a word with {beginning[0]!r}"
                raise MisfitError(f"{told}: declarations could not be read in time", place)
            before, where = seen.setdefault(fold(alias), (item, place))
            related = before.id in self._within[item.id] or item.id in self._within[before.id]
            if before.id != item.id and not related:
                raise MisfitError(f"{alias!r} is also a name of {before.id}", place, where)
        for number, item in enumerate(self.items):
            if seen.get(fold(item.id), (None,))[0] is not item:
                raise MisfitError("the id is not among the class's own names", ("items", number, "id"))


def _harshest(said: set[Known]) -> Known:
    """What of several standings counts where not everything is known."""
    if "prohibited" in said:
        return "prohibited"
    return "restricted" if "restricted" in said else "unknown"


def _check_cover(item: ItemClass, covered: ItemClass | None, place: tuple[int, int]) -> None:
    at = ("items", place[0], "covers", place[1])
    if covered is None:
        raise MisfitError(f"no such class: {item.covers[place[1]]}", at)
    if covered.standing != "allowed" or item.standing != "allowed":
        raise MisfitError("a general word never stands for a prohibited or restricted class", at)
