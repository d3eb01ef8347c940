"""How one rulebook differs from another, in words for the people who answer for it.

Takes two that were read, gives sentences: what an officer will notice first, then wording and tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from appliance.rules.book import Book, Changes, Rule, Site
from appliance.rules.reading import Parts
from appliance.rules.taxonomy import ItemClass, Taxonomy
from appliance.scan import LANGUAGES
from models.answer import Value


def between(first: Parts, second: Parts) -> tuple[str, ...]:
    """Everything that differs; nothing when they say the same."""
    one, other = first.book, second.book
    return (
        *_version("the rulebook", one, other),
        *_rules("", one.rules, other.rules),
        *_settings("", _plain(one), _plain(other)),
        *_levels(one.levels, other.levels),
        *_classes(first.taxonomy, second.taxonomy),
        *_site(first.site, second.site),
        *_tests(one, other),
    )


def _version(what: str, one: Book | Site, other: Book | Site) -> Iterator[str]:
    if (one.name, one.version) != (other.name, other.version):
        yield f"{what} is {other.name}@{other.version} instead of {one.name}@{one.version}"


def _rules(where: str, one: tuple[Rule, ...], other: tuple[Rule, ...]) -> Iterator[str]:
    before, after = {rule.id: rule for rule in one}, {rule.id: rule for rule in other}
    for name in [name for name in before if name not in after]:
        yield f"{where}rule {name} ({before[name].risk}) is gone"
    for name, rule in after.items():
        if name not in before:
            yield f"{where}rule {name} is new: {rule.risk} when {_line(rule.when)}"
        else:
            yield from _rule(f"{where}rule {name}", before[name], rule)
    common = [name for name in before if name in after]
    if common != [name for name in after if name in before]:
        yield f"{where}the rules stand in another order, in which an officer reads them"


def _rule(what: str, one: Rule, other: Rule) -> Iterator[str]:
    for key in ("risk", "action", "expires"):
        yield from _value(f"{what}: {key}", getattr(one, key), getattr(other, key))
    for key in ("when", "about"):
        yield from _value(f"{what}: {key}", _line(getattr(one, key) or ""), _line(getattr(other, key) or ""))
    for language in LANGUAGES:
        yield from _value(f"{what}: message ({language})", one.message.get(language), other.message.get(language))
    if one.why != other.why:
        yield f"{what}: why it is there is told otherwise"


def _plain(book: Book | Site | Changes) -> dict[str, Any]:
    """The settings of a book that are neither rules nor words."""
    found: dict[str, Any] = {}
    for name in ("profile", "expires", "context", "thresholds", "floors", "actions", "risks"):
        value = getattr(book, name, None)
        found[name] = value.model_dump(mode="json") if isinstance(value, Value) else value
    return found


def _settings(where: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    for name, before in one.items():
        after = other[name]
        if isinstance(before, dict) or isinstance(after, dict):
            old, new = cast("dict[str, Any]", before or {}), cast("dict[str, Any]", after or {})
            for key in sorted({*old, *new}):
                yield from _value(f"{where}{name}: {key}", old.get(key), new.get(key))
        else:
            yield from _value(f"{where}{name}", before, after)


def _levels(one: Mapping[str, Changes], other: Mapping[str, Changes]) -> Iterator[str]:
    for name in sorted({*one, *other}):
        if name not in other:
            yield f"level {name} is gone"
        else:
            new = "" if name in one else " (new)"
            yield from _settings(f"level {name}{new}: ", _plain(one.get(name, Changes())), _plain(other[name]))


def _classes(one: Taxonomy, other: Taxonomy) -> Iterator[str]:
    before, after = {item.id: item for item in one.items}, {item.id: item for item in other.items}
    for name in [name for name in before if name not in after]:
        yield f"class {name} ({before[name].standing}) is gone"
    for name, item in after.items():
        if name not in before:
            yield f"class {name} is new: {item.standing}, {item.category}"
        else:
            yield from _class(f"class {name}", before[name], item)


def _class(what: str, one: ItemClass, other: ItemClass) -> Iterator[str]:
    for key in ("standing", "category", "unit"):
        yield from _value(f"{what}: {key}", getattr(one, key), getattr(other, key))
    if one.shows != other.shows:
        yield f"{what}: a scan {'can' if other.shows else 'cannot'} show that it is not there"
    yield from _words(f"{what}: HS", one.hs, other.hs)
    yield from _words(f"{what}: stands for", one.covers, other.covers)
    for language in LANGUAGES:
        yield from _words(f"{what}: name ({language})", one.names.get(language, ()), other.names.get(language, ()))


def _site(one: Site | None, other: Site | None) -> Iterator[str]:
    if one is None or other is None:
        if one is not other:
            yield f"the site's sheet {other.name}@{other.version} is new" if other else "the site's sheet is gone"
        return
    yield from _version("the site's sheet", one, other)
    yield from _rules("site's ", one.rules, other.rules)
    yield from _settings("site: ", _plain(one), _plain(other))
    before, after = {each.rule: each for each in one.loosens}, {each.rule: each for each in other.loosens}
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if new is None:
            yield f"site: rule {name} is followed again"
        elif old != new:
            yield f"site: rule {name} is loosened to {new.risk or 'nothing'} until {new.until}: {new.why}"


def _tests(one: Book, other: Book) -> Iterator[str]:
    before, after = {case.name: case for case in one.tests}, {case.name: case for case in other.tests}
    for name in [name for name in before if name not in after]:
        yield f"test {name!r} is gone"
    for name, case in after.items():
        if name not in before:
            yield f"test {name!r} is new"
        elif before[name] != case:
            yield f"test {name!r} expects or describes something else"


def _value(what: str, one: object, other: object) -> Iterator[str]:
    if one != other:
        yield f"{what} is {_shown(other)} instead of {_shown(one)}"


def _words(what: str, one: tuple[str, ...], other: tuple[str, ...]) -> Iterator[str]:
    if gone := [word for word in one if word not in other]:
        yield f"{what} no longer {', '.join(gone)}"
    if new := [word for word in other if word not in one]:
        yield f"{what} now also {', '.join(new)}"
    if not gone and not new and one != other:
        yield f"{what} in another order; the first is what an officer reads"


def _shown(value: object) -> str:
    return "nothing" if value is None or value == "" else str(value)


def _line(text: str) -> str:
    return " ".join(text.split())
