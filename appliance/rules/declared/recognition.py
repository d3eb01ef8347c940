"""Understand a declared line: which classes of a taxonomy it names, by which words, and how many.

Takes a line and a taxonomy, gives what the line means. A prohibited or restricted class is named only by one of its
names as it stands, in a line that is nothing but a list of names; no likeness and no HS code ever reaches it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from appliance.rules.declared.index import Index, index_of, ratio
from appliance.rules.taxonomy import ItemClass, Name, Taxonomy
from appliance.rules.words import NEUTRAL, TELLING, TURNING, VAGUE, Reading, Words, bare, contents, counted, fold, read
from appliance.scan import DeclaredItem, Understood

MOST_WORDS = 9
"""More words than these are a sentence, not a name."""
LEAST_HS = 4
"""Digits of an HS code that say anything."""
MOST_READ = 40_000
"""Characters of one declaration. With more of them nothing is understood: no line depends on another."""


class Part(NamedTuple):
    """What one piece of a line was understood as."""

    item: ItemClass
    by: Understood
    number: float | None = None
    comparable: bool = True
    strict: bool = True
    """False where more than numbers and units had to be taken away, or the words are only alike."""


Known = Mapping[tuple[Words, bool], tuple[Part, ...]]
"""What pieces mean, with and without marks over letters."""


def understand(lines: tuple[DeclaredItem, ...], taxonomy: Taxonomy) -> list[tuple[Part, ...]]:
    """What each line means. A line that nobody understands, or that takes back what it says, means nothing."""
    if is_too_long(lines):
        return [()] * len(lines)
    index = index_of(taxonomy)
    readings = [None if line.quantity == 0 else _read(line.text, index) for line in lines]
    pieces = {(piece, one.marked) for one in readings if one for piece in one.pieces}
    exact = {piece: tuple(_exact_parts(*piece, index)) for piece in pieces}
    unknown = [piece for piece, parts in exact.items() if not parts]
    alike = {piece: tuple(_alike(*piece, index)) for piece in unknown}
    return [
        _meaning(line, reading, exact, alike, index) if reading else ()
        for line, reading in zip(lines, readings, strict=True)
    ]


def is_too_long(lines: tuple[DeclaredItem, ...]) -> bool:
    """Whether a declaration is more than anybody here reads."""
    return sum(len(line.text) for line in lines) > MOST_READ


def _read(text: str, index: Index) -> Reading | None:
    """Cut a line, unless it is a name as a whole: "nuts and bolts"."""
    reading = read(text)
    if reading and reading.plain and len(reading.pieces) > 1:
        for form in counted(reading.whole):
            if index.exact(form.words, marked=reading.marked):
                return reading._replace(pieces=(reading.whole,))
    return reading


def _meaning(line: DeclaredItem, reading: Reading, exact: Known, alike: Known, index: Index) -> tuple[Part, ...]:
    """All that a line says. One that names something prohibited or restricted has to be plain throughout."""
    pieces = [(piece, reading.marked) for piece in reading.pieces]
    named = [part for piece in pieces for part in exact[piece]]
    strict = reading.plain and all(exact[piece] for piece in pieces) and all(part.strict for part in named)
    if not strict and any(part.item.standing != "allowed" for part in named):
        return ()
    found = tuple(part for piece in pieces for part in exact[piece] or alike.get(piece, ()))
    return found or (() if named else tuple(_by_hs(line, index)))


def _exact_parts(piece: Words, marked: bool, index: Index) -> Iterator[Part]:
    """The piece as a name, if need be with describing words; otherwise as a container and its contents."""
    forms = [form for form in counted(piece) if 0 < len(form.words) <= MOST_WORDS]
    for form in forms:
        if name := index.exact(form.words, marked=marked):
            yield _part(name, "exact", 1.0, form.number, comparable=form.comparable, strict=form.strict)
            return
    for form in forms:
        if name := _plainer(form.words, marked, index):
            yield _part(name, "exact", 1.0, form.number, comparable=form.comparable, strict=False)
            return
    for form in forms:
        for head, rest, of in contents(form.words):
            container = index.exact(head, marked=marked)
            if container is None or container.item.category != "container":
                continue
            for inner in counted(rest):
                name = index.exact(inner.words, marked=marked) or _plainer(inner.words, marked, index)
                if name:
                    yield _part(container, "exact", 1.0, None, comparable=False)
                    yield _part(name, "exact", 1.0, None, comparable=False, strict=of and inner.strict)
                    return


def _plainer(words: Words, marked: bool, index: Index) -> Name | None:
    """The allowed class that is named once words and numbers that merely describe are left out: "iphone 15 pro"."""
    core = _core(words, marked) or words[:1]  # "hp baru": all of it describes, and yet the first names a thing
    name = index.exact(core, marked=marked) if core != words else None
    return name if name and name.item.standing == "allowed" else None


def _core(words: Words, marked: bool) -> Words:
    describing = NEUTRAL if marked else _BARE_NEUTRAL
    return tuple(word for word in words if word not in describing and word.isalpha())


def _alike(piece: Words, marked: bool, index: Index) -> Iterator[Part]:
    """What a piece with slips in it is likely to say."""
    *_, form = counted(piece)
    core = _core(form.words, marked)
    if not 0 < len(core) <= MOST_WORDS:
        return
    if like := index.like(core, marked=marked) or _headed(core, marked, index):
        yield _part(like[0], "alike", like[1], form.number, comparable=form.comparable, strict=False)


def _headed(words: Words, marked: bool, index: Index) -> tuple[Name, float] | None:
    """The allowed class of the noun that others describe: "gaming laptop", "điện thoại samsung".

    The noun stands last in English and first in Malay and Vietnamese, where a single word is mostly too little. Where
    another known thing is among the describing words ("belt sander", "toy phone"), or the noun says little ("engine
    oil"), nobody knows what is meant.
    """
    if not TURNING.isdisjoint(words):
        return None
    cuts = [(words[start:], words[:start], ("en",)) for start in range(1, len(words)) if not marked]
    least = 1 if words[0] in TELLING else 2
    cuts += [(words[:end], words[end:], ("ms", "vi")) for end in range(len(words) - 1, least - 1, -1)]
    for head, rest, languages in cuts:
        name = index.exact(head, marked=marked)
        if name and name.item.standing != "allowed":
            return None
        if name is None or name.language not in languages or name.alias in VAGUE:
            continue
        others = [index.exact(other, marked=marked) for other in (rest, *((word,) for word in rest))]
        if set(head).isdisjoint(rest) and all(other is None or _akin(other.item, name.item) for other in others):
            return name, ratio(" ".join(words), fold(name.alias)) / 100
    return None


def _akin(one: ItemClass, other: ItemClass) -> bool:
    """Chocolate biscuits are biscuits, and what smells, tastes or looks of a plant is no plant: "lemon tea"."""
    return one.id == other.id or one.category == other.category == "food" or one.category == "plant"


def _by_hs(line: DeclaredItem, index: Index) -> Iterator[Part]:
    """Where words say nothing, the allowed classes of the line's HS code: a form can list every code there is."""
    code = "".join(character for character in line.hs or "" if character in "0123456789")
    if len(code) < LEAST_HS:
        return
    entry = next((code[:digits] for digits in (6, 4, 2) if code[:digits] in index.hs), "")
    below = [key for key in index.hs if len(code) == LEAST_HS and key.startswith(code)]  # a heading for all under it
    told: set[str] = set()
    for heading in below or [entry]:
        for item in index.hs.get(heading, ()):
            if item.id not in told:
                told.add(item.id)
                by = Understood(item=item.id, how="hs", alias=heading, language=None, score=1)
                yield Part(item, by, None, comparable=False, strict=False)


def _part(
    name: Name,
    how: Literal["exact", "alike"],
    score: float,
    number: float | None,
    *,
    comparable: bool,
    strict: bool = True,
) -> Part:
    by = Understood(item=name.item.id, how=how, alias=name.alias, language=name.language, score=score)
    return Part(name.item, by, number, comparable, strict)


_BARE_NEUTRAL = frozenset(map(bare, NEUTRAL))
