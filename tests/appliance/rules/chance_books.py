"""Rulebooks as chance makes them: with holes, loosened as no contract would let pass, erring, ended.

Each rule stands beside what is known of it without asking the rule language.

Takes dice, gives rulebooks without end.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from appliance.rules.book import Actions, Book, Case, Changes, Expected, Floors, Loosening, Rule, Site
from appliance.rules.history import HistoryError, Lookup
from appliance.rules.language.expression import Language
from appliance.rules.standing import Rulebook, stand
from appliance.scan import Action, Risk
from tests.judging import standing

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC).timestamp()
YESTERDAY, TODAY, LATER = date(2026, 11, 19), date(2026, 11, 20), date(2027, 1, 1)
MISFIT = "rules: another profile"
LANGUAGE = Language({"age": "whole", "consignee": "text", "escorted": "yes_no"})


class Seen(NamedTuple):
    """What is known of a scan without asking any rule."""

    kinds: tuple[str, ...]
    declared: int
    views: int
    lane: str
    context: dict[str, Any]


class Known(NamedTuple):
    """One rule, and when it certainly fires or certainly fails; neither, where nothing is certain."""

    when: str
    fires: Callable[[Seen], bool] = lambda _: False
    fails: Callable[[Seen], bool] = lambda _: False


class Past:
    """A history that answers anything but the lane called CLEAR."""

    def ask(self, what: Lookup) -> float:
        if what.of == "CLEAR":
            raise HistoryError("no")
        return 3


ERRING = (
    Known("declared[40].seen > 0", fails=lambda seen: seen.declared <= 40),
    Known("1 / (scan.views - 2) > 100", fails=lambda seen: seen.views == 2),
    Known("context.age < 0", fails=lambda seen: "age" not in seen.context),
    Known("items.size() > 99 || context.escorted", fails=lambda seen: "escorted" not in seen.context),
    Known("history.seen('x', 400 + 0) > 100", fails=lambda _: True),
    Known("history.scans(scan.lane, 60) > 100", fails=lambda seen: seen.lane == "CLEAR"),
    Known("items.all(i, i.confidence > 2.0) && items[items.size()].sure", fails=lambda seen: not seen.kinds),
    Known("items.size() > 99 || 9223372036854775807 + scan.views > 0", fails=lambda _: True),
)
FIRING = (
    Known("items.exists(i, i.restricted)", fires=lambda seen: "restricted" in seen.kinds),
    Known("items.exists(i, !i.known)", fires=lambda seen: "unknown" in seen.kinds),
    Known("items.size() > 2", fires=lambda seen: len(seen.kinds) > 2),
    Known("scan.views > 3", fires=lambda seen: seen.views > 3),
    Known("scan.lane == 'CLEAR'", fires=lambda seen: seen.lane == "CLEAR"),
    Known("has(context.age) && context.age < 18", fires=lambda seen: seen.context.get("age", 18) < 18),
    Known("declared.size() > 44", fires=lambda seen: seen.declared > 44),
    Known("history.seen('ACME', 30) == 3 && scan.views == 2", fires=lambda seen: seen.views == 2),
)
OTHERS = (
    *(Known(rule.rule.when) for rule in standing().rules),
    Known("items.exists(i, i.prohibited && i.sure)"),
    Known("items.exists(i, i.item == 'handgun' && !i.declared)"),
    Known("declaration.matches && items.size() > 0"),
    Known("false"),
    Known("items.exists(i, i.category == 'weapon' && i.confidence > 0.5)"),
)
ABOUTS = (None, None, "items.map(i, i.item)", "items.filter(i, i.prohibited).map(i, i.item)", "[declared[40].text]")


class ChanceBook(NamedTuple):
    """A rulebook, and what of it forbids CLEAR."""

    rulebook: Rulebook
    always: frozenset[str]
    live: tuple[tuple[Known, str | None, bool], ...]
    """Rules in force with what they are about, and whether they ask for anything when they fire."""

    def forbids(self, seen: Seen) -> frozenset[str]:
        found = set(self.always)
        for known, about, loud in self.live:
            if known.fails(seen):
                found.add("rules: erring")
            elif known.fires(seen) and loud:
                found.add("rules: fired")
            if known.fires(seen) and about == ABOUTS[-1] and seen.declared <= 40:
                found.add("rules: erring")
        return frozenset(found)


def rulebooks(dice: random.Random) -> Iterator[ChanceBook]:
    """One after another, the first of them the default one."""
    yield ChanceBook(standing(), frozenset(), ((FIRING[0], None, True),))
    while True:
        yield _book(dice)


def _book(dice: random.Random) -> ChanceBook:
    chosen = [*dice.sample(FIRING, dice.choice((0, 0, 1, 2))), *dice.sample(OTHERS, dice.randint(0, len(OTHERS)))]
    chosen += [dice.choice(ERRING)] if dice.random() < 0.15 else []
    dice.shuffle(chosen)
    rules = [_rule(dice, number, known) for number, known in enumerate(chosen or [Known("false")])]
    level = dice.choice(("normal", "normal", "raised"))
    book = Book(
        name="chance",
        version=1,
        profile="x-ray baggage",
        expires=dice.choice((*(None,) * 8, LATER, TODAY, YESTERDAY)),
        thresholds=_thresholds(dice),
        floors=_floors(dice),
        actions=_actions(dice),
        rules=tuple(rules),
        levels={"raised": Changes(thresholds=_thresholds(dice), actions=_actions(dice), floors=_floors(dice))},
        tests=(Case(name="none", expect=Expected()),),
    )
    site = _site(dice, book) if dice.random() < 0.5 else None
    rulebook = stand(book, site, standing().taxonomy, LANGUAGE, "0" * 64, level)
    always: set[str] = set()
    if book.expires == YESTERDAY:
        always.add("rules: ended")
    laid = [book.actions, *([site.actions] if site else [])]
    laid += [book.levels["raised"].actions] if level != "normal" else []
    if any(actions.low is not Action.CLEAR for actions in laid):
        always.add("rules: low is no CLEAR")
    if dice.random() < 0.03:
        always.add(MISFIT)
        rulebook = dataclasses.replace(rulebook, misfits=("rulebook x@1 does not fit the release: no pistol",))
    loosened = {one.rule: one for one in (site.loosens if site else ()) if one.until >= TODAY}
    live: list[tuple[Known, str | None, bool]] = []
    for known, rule in zip(chosen, rules, strict=False):
        loose = loosened.get(rule.id)
        if rule.expires == YESTERDAY or (loose and loose.risk is None):
            continue
        risk = loose.risk if loose else rule.risk
        live.append((known, rule.about, risk is not Risk.LOW or rule.action not in (None, Action.CLEAR)))
    return ChanceBook(rulebook, frozenset(always), tuple(live))


def _rule(dice: random.Random, number: int, known: Known) -> Rule:
    about = dice.choice(ABOUTS)
    return Rule(
        id=f"rule-{number}",
        when=known.when,
        risk=dice.choice(tuple(Risk)),
        action=dice.choice((None, None, *Action)),
        about=about,
        expires=dice.choice((None, None, None, LATER, TODAY, YESTERDAY)),
        message={"en": "Found {items}." if about else "Found."},
    )


def _site(dice: random.Random, book: Book) -> Site:
    loosened = [rule.id for rule in book.rules if dice.random() < dice.choice((0.2, 1))]
    return Site(
        name="site",
        version=1,
        over=book.name,
        thresholds=_thresholds(dice),
        actions=_actions(dice),
        floors=_floors(dice),
        loosens=tuple(
            Loosening(rule=rule, risk=dice.choice((None, *Risk)), until=dice.choice((LATER, TODAY, YESTERDAY)), why="x")
            for rule in loosened
        ),
    )


def _thresholds(dice: random.Random) -> dict[str, float]:
    names = ("all", "weapon", "blade", "handgun", "folding knife", "explosive", "unheard of")
    return {name: dice.choice((0.0, 0.1, 0.3, 0.999, 1.0)) for name in names if dice.random() < 0.3}


def _floors(dice: random.Random) -> Floors:
    raised = (Risk.MEDIUM, Risk.MEDIUM, Risk.HIGH)
    return Floors(**{name: dice.choice(raised) for name in Floors.model_fields})


def _actions(dice: random.Random) -> Actions:
    low = dice.choice((*(Action.CLEAR,) * 12, Action.REVIEW, Action.PHYSICAL_INSPECTION))
    return Actions(low=low, medium=dice.choice((Action.REVIEW, Action.PHYSICAL_INSPECTION)))
