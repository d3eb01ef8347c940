"""Whether a rulebook, its taxonomy and the release in force fit together.

Takes values that were read, gives every misfit with its place: names that nobody can say, things of the taxonomy that
the release calls otherwise, changes that would loosen, what has ended. Whether the tests name what there is, is
`cases.py`'s; whether the rules do what was meant, `trial.py`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from appliance.located import Step
from appliance.rules.book import Book, Case, Changes, Rule, Site
from appliance.rules.language.bounds import USUAL, Work
from appliance.rules.language.expression import Language
from appliance.rules.language.mentions import Mention
from appliance.rules.standing import ALL, RISKS
from appliance.rules.taxonomy import Taxonomy
from appliance.rules.words import fold
from appliance.scan import Risk
from appliance.spelling import NEAR, meant, nearest
from models.profile import PROFILES

BOOK, TAXONOMY, SITE = 0, 1, 2
MOST_STEPS = 20_000_000
"""Of all rules on a usual big scan: well under a second."""
MOST_TRIED = 200_000_000
"""Of all rules in all tests, and on one thing of every prohibited class."""
STEPS_A_RULE = 2_000
"""What a rule costs however little it does."""
MOST_CATEGORIES = 100
"""More are no categories, and comparing them takes time."""
LONGEST = timedelta(days=366)
"""What a site does not follow, it follows again after so long at the most."""


class Fault(NamedTuple):
    """In which text, at which path, and what is wrong there: as `located.Trouble` has it."""

    whose: int
    path: tuple[Step, ...]
    words: str
    within: tuple[str, int] | None = None
    guess: Callable[[], str] | None = None


def all_rules(book: Book, site: Site | None) -> Iterator[tuple[int, int, Rule]]:
    """Every rule, with the text it stands in and its number there."""
    for whose, rules in ((BOOK, book.rules), (SITE, site.rules if site else ())):
        for number, rule in enumerate(rules):
            yield whose, number, rule


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
        guess = None
        if mention.text not in known.get(mention.field, (mention.text,)):
            those = known[mention.field]
            guess = partial(_meant, mention.text, those, taxonomy)
            told = f"{mention.field} is never {mention.text!r}"
        elif mention.field == "Item.item" and mention.text not in says:
            told = f"{mention.text!r} cannot be named by the release in force"
        else:
            continue
        yield Fault(whose, path, told, (text, mention.place), guess)


def _mentions(
    book: Book, site: Site | None, language: Language
) -> Iterator[tuple[int, tuple[Step, ...], str, Mention]]:
    for whose, number, rule in all_rules(book, site):
        proved = {"when": language.compile(rule.when)}
        if rule.about:
            proved["about"] = language.compile_texts(rule.about)
        for key, expression in proved.items():
            for mention in expression.mentions:
                yield whose, ("rules", number, key), expression.text, mention


def _meant(given: str, those: Iterable[str], taxonomy: Taxonomy) -> str:
    """What is spelt nearly so; of classes, first what is called so."""
    called = taxonomy.by_name.get(fold(given)) if those is taxonomy.by_id else None
    return f" (did you mean {called.id}?)" if called else meant(given, those)


def exhausting(book: Book, site: Site | None, taxonomy: Taxonomy, language: Language) -> Iterator[Fault]:
    """A book whose rules, each bearable, take too long together; or whose trial does."""
    works: dict[int, list[Work]] = {BOOK: [], SITE: []}
    for whose, _, rule in all_rules(book, site):
        works[whose].append(language.compile(rule.when).work)
        works[whose] += [language.compile_texts(rule.about).work] if rule.about else []
    both = Work().plus(*works[BOOK], *works[SITE])
    if (steps := both.at(USUAL)) > MOST_STEPS:
        told = f"all rules together take up to {steps:,} steps on a big scan, and {MOST_STEPS:,} are allowed"
        yield Fault(BOOK if Work().plus(*works[BOOK]).at(USUAL) > MOST_STEPS else SITE, ("rules",), told)
    alone = 2 * sum(item.standing == "prohibited" for item in taxonomy.items)
    sizes = [(1, 1)] * alone + [(len(case.seen), len(case.declared or ())) for case in _cases(book, site)]
    runs = len(sizes) * STEPS_A_RULE * (len(works[BOOK]) + len(works[SITE]))
    for (seen, lines), times in Counter(sizes).items():
        runs += times * both.at(USUAL | {"items": seen, "declared": lines})
    if runs > MOST_TRIED:
        told = f"to try the book takes up to {runs:,} steps, and {MOST_TRIED:,} are allowed: fewer tests or rules"
        yield Fault(BOOK, ("tests",), told)


def _cases(book: Book, site: Site | None) -> tuple[Case, ...]:
    return (*book.tests, *(site.tests if site else ()))


def reserved(book: Book, site: Site | None) -> Iterator[Fault]:
    """Rules that are called like what no book can be without."""
    for whose, number, rule in all_rules(book, site):
        if rule.id.startswith("floor-"):
            yield Fault(whose, ("rules", number, "id"), "names that begin with floor- are the box's own")


def ended(book: Book, site: Site | None, new: Collection[int], today: date) -> Iterator[Fault]:
    """What has no effect any more, or for longer than anybody may say; only of texts that are newly given."""
    if book.expires and book.expires < today:  # then nothing is CLEAR: no book is put in force so
        yield Fault(BOOK, ("expires",), _ended(book.expires))
    for whose, number, rule in all_rules(book, site):
        if whose in new and rule.expires and rule.expires < today:
            yield Fault(whose, ("rules", number, "expires"), _ended(rule.expires))
    for number, one in enumerate(site.loosens if site and SITE in new else ()):
        if one.until < today:
            yield Fault(SITE, ("loosens", number, "until"), _ended(one.until))
        elif one.until - today > LONGEST:
            told = f"a site loosens for {LONGEST.days} days at the most: until {(today + LONGEST).isoformat()}"
            yield Fault(SITE, ("loosens", number, "until"), told)


def _ended(day: date) -> str:
    return f"it ended on {day.isoformat()}"


def categories(book: Book, taxonomy: Taxonomy) -> Iterator[Fault]:
    """Classes of a category that the release does not say of them, or that is a slip of the pen."""
    said = {thing.name: thing.category for thing in PROFILES[book.profile].things} if book.profile in PROFILES else {}
    used = Counter(item.category for item in taxonomy.items)
    if len(used) > MOST_CATEGORIES:
        yield Fault(TAXONOMY, ("items",), f"more than {MOST_CATEGORIES} categories")
        return
    for number, item in enumerate(taxonomy.items):
        near = nearest(item.category, used.keys() - {item.category}, NEAR) if used[item.category] == 1 else None
        if (category := said.get(item.id, item.category)) != item.category:
            told = f"the release says that {item.id} is of category {category}"
        elif near:
            told = f"no other class is of this category (did you mean {near}?)"
        else:
            continue
        yield Fault(TAXONOMY, ("items", number, "category"), told)


def faults(book: Book, taxonomy: Taxonomy, site: Site | None) -> Iterator[Fault]:
    """Names and values that do not go together, in no particular order."""
    if book.profile != taxonomy.profile:
        yield Fault(BOOK, ("profile",), f"the taxonomy is of {taxonomy.profile!r}")
    rules = {rule.id: rule.risk for rule in book.rules}
    yield from _thresholds(BOOK, ("thresholds",), book.thresholds, None, taxonomy)
    for level, changes in book.levels.items():
        yield from _changes(BOOK, ("levels", level), changes, book, taxonomy, rules)
    if site:
        yield from _site(site, book, taxonomy, rules)


def _site(site: Site, book: Book, taxonomy: Taxonomy, rules: Mapping[str, Risk]) -> Iterator[Fault]:
    if site.over != book.name:
        yield Fault(SITE, ("over",), f"the central book is {book.name}")
    for number, rule in enumerate(site.rules):
        if rule.id in rules:
            yield Fault(
                SITE, ("rules", number, "id"), f"the central book has a rule {rule.id}; change its risk with risks"
            )
    yield from _changes(SITE, (), site.changes, book, taxonomy, rules)
    twice = Counter[str]()
    for number, one in enumerate(site.loosens):
        twice[one.rule] += 1
        if twice[one.rule] > 1:
            yield Fault(SITE, ("loosens", number, "rule"), f"{one.rule} is loosened twice")
        there = rules.get(one.rule)
        if there is None:
            told = f"the central book has no rule {one.rule}"
            yield Fault(SITE, ("loosens", number, "rule"), told, guess=partial(meant, one.rule, rules))
        elif one.risk and RISKS.index(one.risk) >= RISKS.index(there):
            yield Fault(SITE, ("loosens", number, "risk"), f"{one.rule} is {there}: this does not loosen it")


def _changes(
    whose: int, path: tuple[Step, ...], changes: Changes, book: Book, taxonomy: Taxonomy, rules: Mapping[str, Risk]
) -> Iterator[Fault]:
    """What is laid over a book only tightens it."""
    yield from _thresholds(whose, (*path, "thresholds"), changes.thresholds, book.thresholds, taxonomy)
    for name, risk in changes.risks.items():
        if name not in rules:
            told = f"the book has no rule {name}"
            yield Fault(whose, (*path, "risks", name), told, guess=partial(meant, name, rules))
        elif RISKS.index(risk) <= RISKS.index(rules[name]):
            yield Fault(whose, (*path, "risks", name), f"it is {rules[name]} already: this does not raise it")


def _thresholds(
    whose: int, path: tuple[Step, ...], given: Mapping[str, float], base: Mapping[str, float] | None, taxonomy: Taxonomy
) -> Iterator[Fault]:
    """Names that are known and, over a base, no value that makes anything less sure than it is."""
    known = {ALL, *taxonomy.standing_by_category, *taxonomy.by_id}
    for name, value in given.items():
        if name not in known:
            told = f"neither a class nor a category of the taxonomy, nor {ALL}"
            yield Fault(whose, (*path, name), told, guess=partial(meant, name, known))
        elif base is not None and value > (least := _least(name, base, taxonomy)):
            yield Fault(whose, (*path, name), f"{value} is more than the book's {least}: this would loosen it")


def _least(name: str, base: Mapping[str, float], taxonomy: Taxonomy) -> float:
    """The threshold a book has for a class or a category, if only by a wider one."""
    item = taxonomy.item(name)
    keys = (name, item.category, ALL) if item else (name, ALL)
    return next((base[key] for key in keys if key in base), 0.0)
