"""The names of a taxonomy, arranged for looking up: exactly as they stand, or by likeness.

Takes a taxonomy, gives the class that goes by some words. Likeness only ever leads to allowed classes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

from rapidfuzz import fuzz, process

from appliance.rules.taxonomy import ItemClass, Name, Taxonomy
from appliance.rules.words import Words, bare, fold

LEAST_ALIKE = 80
"""Of 100: names that are less alike as a whole are not looked at."""
SHORTEST_ALIKE = 4
"""Names with fewer letters match exactly or not at all."""
LONG_WORD, LONG_ALIKE = 7, 88
"""From this many letters on, a word may differ when it is this much alike. Shorter ones have too many neighbours: of
them only doubled or swapped letters are forgiven."""

ratio = cast("Callable[[str, str], float]", cast("Any", fuzz).token_sort_ratio)
_extract = cast("Callable[..., list[tuple[str, float, int]]]", cast("Any", process).extract)


class Index:
    """The names of a taxonomy, arranged for looking up."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.marked: dict[str, Name] = {}
        self.unmarked: dict[str, Name | None] = {}
        self.together: dict[str, Name] = {}
        self.alike: tuple[dict[str, Name], ...] = ({}, {})
        self.near: tuple[dict[tuple[str, int], list[str]], ...] = ({}, {})
        self.hs: dict[str, list[ItemClass]] = {}
        for item in taxonomy.items:
            for code in item.hs if item.standing == "allowed" else ():
                self.hs.setdefault(code, []).append(item)
        for name in taxonomy.names:
            self.marked.setdefault(fold(name.alias), name)
        for name in taxonomy.names:
            if name.language == "en":
                self.marked.setdefault(_plural(fold(name.alias)), name)
        for form, name in self.marked.items():
            self._add_unmarked(form, name)
            if name.item.standing == "allowed" and len(form) >= SHORTEST_ALIKE:
                self._add_alike(form, name)

    def exact(self, words: Words, *, marked: bool) -> Name | None:
        """The class that goes by exactly these words. Without any marks they also stand for the marked name."""
        form = " ".join(words)
        return self.marked.get(form) or (None if marked else self.unmarked.get(form))

    def like(self, words: Words, *, marked: bool) -> tuple[Name, float] | None:
        """The allowed class with the name that is most alike, and how alike it is."""
        form = " ".join(sorted(words))
        if len(form) < SHORTEST_ALIKE:
            return None
        near = self.near[not marked].get((form[0], len(form)), ())
        if together := self.together.get("".join(words)):
            return together, ratio(form, fold(together.alias)) / 100
        for found, score, _ in _extract(form, near, scorer=ratio, score_cutoff=LEAST_ALIKE):
            if _words_alike(form.split(), found.split()):
                return self.alike[not marked][found], score / 100
        return None

    def _add_unmarked(self, form: str, name: Name) -> None:
        """A single marked word without its marks is another word (súng, sung): only longer allowed ones count."""
        if " " not in form and not form.isascii() and (name.item.standing != "allowed" or len(form) < SHORTEST_ALIKE):
            return
        loose = bare(form)
        other = self.unmarked.setdefault(loose, name)
        if loose in self.marked or (other and other.item.id != name.item.id):
            self.unmarked[loose] = None  # two things that only their marks tell apart

    def _add_alike(self, form: str, name: Name) -> None:
        self.together.setdefault(form.replace(" ", ""), name)
        single = " " not in form and not form.isascii()  # without its marks it is another word
        for known, near, spelt in zip(self.alike, self.near, (form, "" if single else bare(form)), strict=True):
            ordered = " ".join(sorted(spelt.split()))
            if ordered and known.setdefault(ordered, name) is name:
                for length in range(len(ordered) - 2, len(ordered) + 3):
                    near.setdefault((ordered[0], length), []).append(ordered)


@lru_cache(maxsize=4)
def index_of(taxonomy: Taxonomy) -> Index:
    """The index of a taxonomy, made once."""
    return Index(taxonomy)


def _words_alike(these: list[str], those: list[str]) -> bool:
    """Word by word: "mobile home" is no "mobile phone"."""
    several = len(these) > 1
    return len(these) == len(those) and all(
        _word_alike(this, that, several=several) for this, that in zip(these, those, strict=True)
    )


def _word_alike(this: str, that: str, *, several: bool) -> bool:
    if this == that:
        return True
    if several and bare(this) == bare(that):  # marks slip, but alone they make another word
        return True
    if min(len(this), len(that)) < SHORTEST_ALIKE or this[0] != that[0]:
        return False
    if _undoubled(this) == _undoubled(that) or (this[-1] == that[-1] and sorted(this) == sorted(that)):
        return True
    return min(len(this), len(that)) >= LONG_WORD and ratio(this, that) >= LONG_ALIKE


def _undoubled(word: str) -> str:
    return re.sub(r"(.)\1", r"\1", word)


def _plural(form: str) -> str:
    """A regular English plural: what else there is stands in the taxonomy."""
    if form.endswith(("s", "x", "ch", "sh")):
        return form + "es"
    if form.endswith("y") and form[-2:-1] not in "aeiou":
        return form[:-1] + "ies"
    if form.endswith("knife"):
        return form[:-2] + "ves"
    return form + "s"
