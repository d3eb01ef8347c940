"""Understand a declared line: which classes of a taxonomy it names, by which words, and how many.

Takes a line and a taxonomy, gives what the line means. A prohibited or restricted class is named only by one of its
names as it stands, in a line that is nothing but a list of names; no likeness and no HS code ever reaches it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from rapidfuzz import fuzz, process

from appliance.rules.taxonomy import ItemClass, Name, Taxonomy
from appliance.rules.words import NEUTRAL, Reading, Words, bare, contents, counted, fold, read
from appliance.scan import DeclaredItem, Understood

LEAST_ALIKE = 80
"""Of 100: names that are less alike as a whole are not looked at."""
SHORTEST_ALIKE = 4
"""Names with fewer letters match exactly or not at all."""
LONG_WORD, LONG_ALIKE = 7, 88
"""From this many letters on, a word may differ when it is this much alike. Shorter ones have too many neighbours: of
them only doubled or swapped letters are forgiven."""
MOST_WORDS = 9
"""More words than these are a sentence, not a name."""
LEAST_HS = 4
"""Digits of an HS code that say anything."""
MOST_LOOKED_UP = 4_000
"""Pieces of one declaration that are looked up by likeness. With more of them none is: no line depends on another."""


class Part(NamedTuple):
    """What one piece of a line was understood as."""

    item: ItemClass
    by: Understood
    count: float | None = None
    comparable: bool = True
    strict: bool = True
    """False where more than numbers and units had to be taken away, or the words are only alike."""


class Index:
    """The names of a taxonomy, arranged for looking up."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.marked: dict[str, Name] = {}
        self.unmarked: dict[str, Name | None] = {}
        self.together: dict[str, Name] = {}
        self.alike: tuple[dict[tuple[str, int], dict[str, Name]], ...] = ({}, {})
        self.hs = [(code, item) for item in taxonomy.items if item.standing == "allowed" for code in item.hs]
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
        shelf = self.alike[not marked]
        near = {text: name for n in range(-2, 3) for text, name in shelf.get((form[0], len(form) + n), {}).items()}
        if together := self.together.get("".join(words)):
            return together, fuzz.token_sort_ratio(form, fold(together.alias)) / 100
        for found, score, _ in process.extract(
            form, list(near), scorer=fuzz.token_sort_ratio, score_cutoff=LEAST_ALIKE
        ):
            if _words_alike(form.split(), found.split()):
                return near[found], score / 100
        return None

    def _add_unmarked(self, form: str, name: Name) -> None:
        """A single marked word without its marks is another word (súng, sung): allowed classes only, and longer ones."""
        if " " not in form and not form.isascii() and (name.item.standing != "allowed" or len(form) < SHORTEST_ALIKE):
            return
        loose = bare(form)
        other = self.unmarked.setdefault(loose, name)
        if loose in self.marked or (other and other.item.id != name.item.id):
            self.unmarked[loose] = None  # two things that only their marks tell apart

    def _add_alike(self, form: str, name: Name) -> None:
        self.together.setdefault(form.replace(" ", ""), name)
        single = " " not in form and not form.isascii()  # without its marks it is another word
        for shelf, spelt in zip(self.alike, (form, "" if single else bare(form)), strict=True):
            if not spelt:
                continue
            ordered = " ".join(sorted(spelt.split()))
            shelf.setdefault((ordered[0], len(ordered)), {}).setdefault(ordered, name)


@lru_cache(maxsize=4)
def index_of(taxonomy: Taxonomy) -> Index:
    """The index of a taxonomy, made once."""
    return Index(taxonomy)


def understand(lines: tuple[DeclaredItem, ...], taxonomy: Taxonomy) -> list[tuple[Part, ...]]:
    """What each line means. A line that nobody understands, or that takes back what it says, means nothing."""
    index = index_of(taxonomy)
    readings = [None if line.quantity == 0 else read(line.text) for line in lines]
    exact = [_exactly(reading, index) if reading else [] for reading in readings]
    open_pieces = {
        piece
        for reading, found in zip(readings, exact, strict=True)
        if reading
        for piece, parts in zip(reading.pieces, found, strict=True)
        if not parts
    }
    guess = len(open_pieces) <= MOST_LOOKED_UP
    return [
        _meaning(line, reading, found, index, guess=guess) if reading else ()
        for line, reading, found in zip(lines, readings, exact, strict=True)
    ]


def _meaning(
    line: DeclaredItem, reading: Reading, exact: list[list[Part]], index: Index, *, guess: bool
) -> tuple[Part, ...]:
    """All that a line says. One that names something prohibited or restricted has to be plain throughout."""
    parts_named = [part for parts in exact for part in parts]
    strict = reading.plain and all(exact) and all(part.strict for part in parts_named)
    if not strict and any(part.item.standing != "allowed" for part in parts_named):
        return ()
    found: list[Part] = []
    for piece, parts in zip(reading.pieces, exact, strict=True):
        if parts:
            found += parts
        elif guess:
            found += _alike(piece, reading, index)
    return tuple(found or _by_hs(line, exact, index))


def _exactly(reading: Reading, index: Index) -> list[list[Part]]:
    return [list(_exact_parts(piece, reading, index)) for piece in reading.pieces]


def _exact_parts(piece: Words, reading: Reading, index: Index) -> Iterator[Part]:
    """The piece as a name; otherwise as a container and its contents."""
    forms = [form for form in counted(piece) if 0 < len(form.words) <= MOST_WORDS]
    for form in forms:
        if name := index.exact(form.words, marked=reading.marked):
            yield _part(name, "exact", 1.0, form.count, comparable=form.comparable, strict=form.strict)
            return
    for form in forms:
        for head, rest, of in contents(form.words):
            container = index.exact(head, marked=reading.marked)
            if container is None or container.item.category != "container":
                continue
            for inner in counted(rest):
                name = index.exact(inner.words, marked=reading.marked) or _plainer(inner.words, reading, index)
                if name:
                    yield _part(container, "exact", 1.0, None, comparable=False)
                    yield _part(name, "exact", 1.0, None, comparable=False, strict=of and inner.strict)
                    return
    for form in forms:
        if name := _plainer(form.words, reading, index):
            yield _part(name, "exact", 1.0, form.count, comparable=form.comparable, strict=False)
            return


def _plainer(words: Words, reading: Reading, index: Index) -> Name | None:
    """The allowed class that is named once words that merely describe are left out: "my old laptop"."""
    core = _core(words, marked=reading.marked)
    name = index.exact(core, marked=reading.marked) if core and core != words else None
    return name if name and name.item.standing == "allowed" else None


def _core(words: Words, *, marked: bool) -> Words:
    describing = NEUTRAL if marked else _BARE_NEUTRAL
    return tuple(word for word in words if word not in describing)


def _alike(piece: Words, reading: Reading, index: Index) -> Iterator[Part]:
    """What a piece with slips in it is likely to say."""
    *_, form = counted(piece)
    core = _core(form.words, marked=reading.marked)
    if len(core) <= MOST_WORDS and (like := index.like(core, marked=reading.marked)):
        yield _part(like[0], "alike", like[1], form.count, comparable=form.comparable, strict=False)


def _by_hs(line: DeclaredItem, exact: list[list[Part]], index: Index) -> Iterator[Part]:
    """Where words say nothing, the allowed classes of the line's HS code: a form can list every code there is."""
    code = "".join(character for character in line.hs or "" if character in "0123456789")
    fitting = [(entry, item) for entry, item in index.hs if code.startswith(entry)]
    if len(code) < LEAST_HS or any(exact):
        return
    longest = max((len(entry) for entry, _ in fitting), default=0)
    for entry, item in fitting:
        if len(entry) == longest:
            by = Understood(item=item.id, how="hs", alias=entry, language=None, score=1)
            yield Part(item, by, None, comparable=False, strict=False)


def _part(
    name: Name,
    how: Literal["exact", "alike"],
    score: float,
    count: float | None,
    *,
    comparable: bool,
    strict: bool = True,
) -> Part:
    by = Understood(item=name.item.id, how=how, alias=name.alias, language=name.language, score=score)
    return Part(name.item, by, count, comparable, strict)


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
    return min(len(this), len(that)) >= LONG_WORD and fuzz.token_sort_ratio(this, that) >= LONG_ALIKE


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


_BARE_NEUTRAL = frozenset(map(bare, NEUTRAL))
