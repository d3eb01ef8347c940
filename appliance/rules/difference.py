"""How one rulebook differs from another, in words for the people who answer for it.

Takes two that were read, gives sentences. Everything that was read is walked through, so that nothing that could
matter to a verdict is passed over; what stands only in the spelling of a file is not told.
"""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from appliance.rules.book import Book, Changes, Site
from appliance.rules.reading import Parts
from appliance.rules.standing import Rulebook
from models.answer import Value

Fields = dict[str, Any]
UNTOLD = "they differ in ways not told here: compare the files"
_NOTHING: tuple[Any, ...] = (None, "", [], {}, False)


class _Kind(NamedTuple):
    """What a list is made of: its key, how one is called, what is said of a new one, and what their order means."""

    key: str
    called: str
    new: str = "is new"
    gone: str = "is gone"
    order: str = ""

    def rest(self, entry: Fields) -> Fields:
        """What a new one says beside that."""
        said = {field for _, field, _, _ in string.Formatter().parse(self.called + self.new)}
        return {field: value for field, value in entry.items() if field not in said and value not in _NOTHING}


_KINDS = {
    "rules": _Kind("id", "rule {id}", "is new: {risk} when {when}", order=", in which an officer reads them"),
    "items": _Kind(
        "id", "class {id}", "is new: {standing}, {category}", order=": where two share a name, the first has it"
    ),
    "loosens": _Kind(
        "rule", "loosening of rule {rule}", "is new: worth {risk} until {until}: {why}", "is gone: it is followed again"
    ),
    "tests": _Kind("name", "test {name!r}"),
}
_CALLED = {"hs": "HS", "covers": "stands for", "names": "name", "items": "classes", "loosens": "loosenings"}


def between(first: Parts, second: Parts) -> tuple[str, ...]:
    """Everything that differs; nothing when they say the same."""
    told = (
        *_whole("the rulebook", "", first.book, second.book),
        *_fields("taxonomy: ", _dumped(first.taxonomy), _dumped(second.taxonomy)),
        *_site(first.site, second.site),
    )
    same = (first.book, first.taxonomy, first.site) == (second.book, second.taxonomy, second.site)
    return told or (() if same else (UNTOLD,))


def of_level(one: Rulebook, other: Rulebook) -> tuple[str, ...]:
    """What follows from standing at another threat level: the same book twice."""
    return tuple(_fields("", _standing(one), _standing(other)))


def _standing(book: Rulebook) -> Fields:
    keys = {key for each in book.thresholds for key in each}
    return {
        "actions": _dumped(book.actions),
        "floors": _dumped(book.floors),
        "thresholds": {key: min(each[key] for each in book.thresholds if key in each) for key in sorted(keys)},
        "rules": {ready.rule.id: ready.risk.value for ready in book.rules},
    }


def _whole(what: str, where: str, one: Book | Site, other: Book | Site) -> Iterator[str]:
    if (one.name, one.version) != (other.name, other.version):
        yield f"{what} is {other.name}@{other.version} instead of {one.name}@{one.version}"
    yield from _fields(where, *(_dumped(each, "name", "version") for each in (one, other)))


def _site(one: Site | None, other: Site | None) -> Iterator[str]:
    if one and other:
        yield from _whole("the site's sheet", "site: ", one, other)
    elif sheet := other or one:
        yield f"the site's sheet {sheet.name}@{sheet.version} is {'new' if other else 'gone'}"
        none = _dumped(Site(name=sheet.name, version=sheet.version, over=sheet.over), "name", "version")
        held = _dumped(sheet, "name", "version")
        yield from _fields("site: ", *((none, held) if other else (held, none)))


def _dumped(whole: Value, *but: str) -> Fields:
    return whole.model_dump(mode="json", exclude=set(but))


def _fields(where: str, one: Fields, other: Fields) -> Iterator[str]:
    """Every field of two that differs, by its name."""
    for name in dict.fromkeys((*one, *other)):
        before, after = one.get(name), other.get(name)
        if before == after:
            continue
        if name in _KINDS and _listed(before) and _listed(after):
            yield from _entries(where.removeprefix("taxonomy: "), name, before or [], after or [])
        elif isinstance(before, dict) and isinstance(after, dict):
            if name == "levels":
                yield from _levels(where, cast("Fields", before), cast("Fields", after))
                continue
            yield from _fields(f"{where}{_CALLED.get(name, name)}: ", cast("Fields", before), cast("Fields", after))
        else:
            yield from _value(f"{where}{_CALLED.get(name, name)}", before, after)


def _listed(value: Any) -> bool:
    """Whether it is a list of things that have a name."""
    return isinstance(value, list) and all(isinstance(each, dict) for each in cast("list[Any]", value))


def _entries(where: str, name: str, one: list[Fields], other: list[Fields]) -> Iterator[str]:
    """Things with a name, each held against its like."""
    kind = _KINDS[name]
    before, after = ({each[kind.key]: each for each in entries} for entries in (one, other))
    for key, each in before.items():
        if key not in after:
            yield f"{where}{kind.called.format(**each)} {kind.gone}"
    for key, each in after.items():
        what = f"{where}{kind.called.format(**each)}"
        if key not in before:
            yield f"{what} {kind.new.format(**{field: _shown(value) for field, value in each.items()})}"
            yield from _fields(f"{what}: ", {}, kind.rest(each))
        else:
            yield from _fields(f"{what}: ", before[key], each)
    if len(before) < len(one) or len(after) < len(other):
        yield f"{where}{_CALLED.get(name, name)}: several share a name and are not told one by one: compare the files"
    common = [key for key in before if key in after]
    if common != [key for key in after if key in before]:
        yield f"{where}the {_CALLED.get(name, name)} stand in another order{kind.order}"


def _levels(where: str, one: Fields, other: Fields) -> Iterator[str]:
    nothing = _dumped(Changes())
    for name in sorted({*one, *other}):
        if name not in other:
            yield f"{where}level {name} is gone"
            continue
        if name not in one:
            yield f"{where}level {name} is new"
        yield from _fields(f"{where}level {name}: ", one.get(name, nothing), other[name])


def _value(what: str, before: Any, after: Any) -> Iterator[str]:
    """What is no list of words is told whole."""
    one, other = _texts(before), _texts(after)
    if one is None or other is None:
        yield f"{what} is {_shown(after)} instead of {_shown(before)}"
        return
    gone, new = [word for word in one if word not in other], [word for word in other if word not in one]
    if gone:
        yield f"{what} no longer {', '.join(map(_shown, gone))}"
    if new:
        yield f"{what} now also {', '.join(map(_shown, new))}"
    if not gone and not new:
        yield f"{what} in another order, or told more than once: {', '.join(map(_shown, other))}"


def _texts(value: Any) -> list[str] | None:
    """A list of words, if it is one."""
    words = cast("list[Any]", value) if isinstance(value, list) else None
    return words if words is not None and all(isinstance(word, str) for word in words) else None


def _shown(value: Any) -> str:
    """A value as it is read: whatever a line cannot show plainly stands in quotation marks."""
    if value is None or value == "":
        return "nothing"
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    plain = value.isprintable() and value == " ".join(value.split())
    return value if plain else json.dumps(value, ensure_ascii=not value.replace("\n", "").isprintable())
