"""Whether a rulebook, its taxonomy and the release in force fit together.

Takes values that were read, gives every misfit with its place: names that nobody can say, rules that name nothing,
prohibited classes that no rule covers, changes that would loosen. Whether the rules do what was meant is `trial.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from appliance.located import Step
from appliance.rules.book import Book, Changes, Rule, Site
from appliance.rules.language.expression import Language
from appliance.rules.language.mentions import Mention
from appliance.rules.standing import ALL, RISKS
from appliance.rules.taxonomy import Taxonomy
from appliance.rules.words import fold
from appliance.scan import Risk
from appliance.spelling import meant
from models.profile import PROFILES

BOOK, TAXONOMY, SITE = 0, 1, 2


MOST_STEPS = 20_000_000
"""Of all rules on a usual big scan: well under a second."""


class Fault(NamedTuple):
    """In which text, at which path, and what is wrong there; `within` is a text that stands there, and a character."""

    whose: int
    path: tuple[Step, ...]
    words: str
    within: tuple[str, int] | None = None


def unsayable(
    book: Book, site: Site | None, taxonomy: Taxonomy, language: Language, says: frozenset[str]
) -> Iterator[Fault]:
    """Names that the release cannot say, and what it says that nobody knows."""
    for name in sorted(says):
        if taxonomy.item(name) is None:
            yield Fault(TAXONOMY, ("items",), f"the release can name {name!r}, which is not among its classes")
    classes = taxonomy.by_id
    known: dict[str, Iterable[str]] = {
        "Item.category": taxonomy.standing_by_category,
        "Line.items": classes,
        "Item.item": classes,
    }
    known |= dict.fromkeys(("Declaration.matched", "Declaration.undeclared"), classes)
    if book.profile in PROFILES:
        known["Item.location"] = PROFILES[book.profile].places
    for whose, path, text, mention in _mentions(book, site, language):
        if mention.text not in known.get(mention.field, (mention.text,)):
            those = known[mention.field]
            near = _class_meant(mention.text, taxonomy) if those is classes else meant(mention.text, those)
            told = f"{mention.field} is never {mention.text!r}{near}"
        elif mention.field == "Item.item" and mention.text not in says:
            told = f"{mention.text!r} cannot be named by the release in force"
        else:
            continue
        yield Fault(whose, path, told, (text, mention.place))


def exhausting(book: Book, site: Site | None, language: Language) -> Iterator[Fault]:
    """A book whose rules, each bearable, take too long together."""
    steps = 0
    for whose, rules in ((BOOK, book.rules), (SITE, site.rules if site else ())):
        for rule in rules:
            steps += language.compile(rule.when).steps
            steps += language.compile_texts(rule.about).steps if rule.about else 0
        if steps > MOST_STEPS:
            told = f"all rules together take up to {steps:,} steps on a big scan, and {MOST_STEPS:,} are allowed"
            yield Fault(whose, ("rules",), told)


def _mentions(
    book: Book, site: Site | None, language: Language
) -> Iterator[tuple[int, tuple[Step, ...], str, Mention]]:
    for whose, rules in ((BOOK, book.rules), (SITE, site.rules if site else ())):
        for number, rule in enumerate(rules):
            proved = {"when": language.compile(rule.when)}
            if rule.about:
                proved["about"] = language.compile_texts(rule.about)
            for key, expression in proved.items():
                for mention in expression.mentions:
                    yield whose, ("rules", number, key), expression.text, mention


def reserved(book: Book, site: Site | None) -> Iterator[Fault]:
    """Rules that are called like what no book can be without."""
    for whose, rules in ((BOOK, book.rules), (SITE, site.rules if site else ())):
        for number, rule in enumerate(rules):
            if rule.id.startswith("floor-"):
                yield Fault(whose, ("rules", number, "id"), "names that begin with floor- are the box's own")


def faults(book: Book, taxonomy: Taxonomy, site: Site | None, today: date) -> Iterator[Fault]:
    """Everything else that does not fit, in no particular order."""
    if book.profile != taxonomy.profile:
        yield Fault(BOOK, ("profile",), f"the taxonomy is of {taxonomy.profile!r}")
    if book.expires and book.expires < today:
        yield Fault(BOOK, ("expires",), f"it ended on {book.expires.isoformat()}")
    rules = {rule.id: rule.risk for rule in book.rules}
    yield from _thresholds(BOOK, ("thresholds",), book.thresholds, None, taxonomy)
    for level, changes in book.levels.items():
        yield from _changes(BOOK, ("levels", level), changes, book, taxonomy, rules)
    if site:
        yield from _site(site, book, taxonomy, rules, today)


def _site(site: Site, book: Book, taxonomy: Taxonomy, rules: Mapping[str, Risk], today: date) -> Iterator[Fault]:
    if site.over != book.name:
        yield Fault(SITE, ("over",), f"the central book is {book.name}")
    for number, rule in enumerate(site.rules):
        if rule.id in rules:
            yield Fault(
                SITE, ("rules", number, "id"), f"the central book has a rule {rule.id}; change its risk with risks"
            )
        yield from _expired(SITE, number, rule, today)
    yield from _changes(SITE, (), site.changes, book, taxonomy, rules)
    for number, one in enumerate(site.loosens):
        if one.rule in {before.rule for before in site.loosens[:number]}:
            yield Fault(SITE, ("loosens", number, "rule"), f"{one.rule} is loosened twice")
        there = rules.get(one.rule)
        if there is None:
            yield Fault(
                SITE, ("loosens", number, "rule"), f"the central book has no rule {one.rule}{meant(one.rule, rules)}"
            )
        elif one.risk and RISKS.index(one.risk) >= RISKS.index(there):
            yield Fault(SITE, ("loosens", number, "risk"), f"{one.rule} is {there}: this does not loosen it")
        if one.until < today:
            yield Fault(SITE, ("loosens", number, "until"), f"it ended on {one.until.isoformat()}")


def _changes(
    whose: int, path: tuple[Step, ...], changes: Changes, book: Book, taxonomy: Taxonomy, rules: Mapping[str, Risk]
) -> Iterator[Fault]:
    """What is laid over a book only tightens it."""
    yield from _thresholds(whose, (*path, "thresholds"), changes.thresholds, book.thresholds, taxonomy)
    for name, risk in changes.risks.items():
        if name not in rules:
            yield Fault(whose, (*path, "risks", name), f"the book has no rule {name}{meant(name, rules)}")
        elif RISKS.index(risk) <= RISKS.index(rules[name]):
            yield Fault(whose, (*path, "risks", name), f"it is {rules[name]} already: this does not raise it")


def _thresholds(
    whose: int, path: tuple[Step, ...], given: Mapping[str, float], base: Mapping[str, float] | None, taxonomy: Taxonomy
) -> Iterator[Fault]:
    """Names that are known and, over a base, no value that makes anything less sure than it is."""
    known = {ALL, *taxonomy.standing_by_category, *(item.id for item in taxonomy.items)}
    for name, value in given.items():
        if name not in known:
            told = f"neither a class nor a category of the taxonomy, nor {ALL}{meant(name, known)}"
            yield Fault(whose, (*path, name), told)
        elif base is not None and value > (least := _least(name, base, taxonomy)):
            yield Fault(whose, (*path, name), f"{value} is more than the book's {least}: this would loosen it")


def _least(name: str, base: Mapping[str, float], taxonomy: Taxonomy) -> float:
    """The threshold a book has for a class or a category, if only by a wider one."""
    item = taxonomy.item(name)
    keys = (name, item.category, ALL) if item else (name, ALL)
    return next((base[key] for key in keys if key in base), 0.0)


def _expired(whose: int, number: int, rule: Rule, today: date) -> Iterator[Fault]:
    if rule.expires and rule.expires < today:
        yield Fault(whose, ("rules", number, "expires"), f"it ended on {rule.expires.isoformat()}")


def _class_meant(given: str, taxonomy: Taxonomy) -> str:
    """A class that is called so, or is spelt nearly so."""
    called = next((name.item.id for name in taxonomy.names if fold(name.alias) == fold(given)), None)
    return f" (did you mean {called}?)" if called else meant(given, taxonomy.by_id)
