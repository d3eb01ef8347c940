"""What lies over a book only tightens it, also where two things lie over it; and a rule fires for every spelling."""

from __future__ import annotations

import itertools
from datetime import date

from appliance.rules.book import Book, Case, Changes, Expected, Loosening, Rule, Site
from appliance.rules.language.expression import Language
from appliance.rules.standing import Rulebook, stand
from appliance.scan import Action, Risk
from tests.appliance.rules.scenes import answer, finding, moment, scan
from tests.judging import judge, standing


def book(*rules: Rule, **changes: object) -> Book:
    case = Case(name="none", expect=Expected())
    values = {"name": "b", "version": 1, "profile": "x-ray baggage", "rules": rules, "tests": (case,)}
    return Book.model_validate(values | changes)


def stood(given: Book, site: Site | None = None, level: str = "normal") -> Rulebook:
    return stand(given, site, standing().taxonomy, Language(), "0" * 64, level)


RULE = Rule(id="gun", when="items.exists(i, i.item == 'handgun')", risk=Risk.HIGH, message={"en": "A gun."})


def test_a_sheet_never_makes_anything_less_sure_than_a_raised_level_does() -> None:
    """The level lowers all weapons to 0.1; the sheet's 0.4 for handguns, lower than the book's, takes nothing back."""
    given = book(RULE, thresholds={"all": 0.5}, levels={"raised": Changes(thresholds={"weapon": 0.1})})
    sheet = Site(name="s", version=1, over="b", thresholds={"handgun": 0.4})
    for level, laid in itertools.product(("normal", "raised"), (None, sheet)):
        rulebook = stood(given, laid, level)
        least = min([0.5, *([0.4] if laid else []), *([0.1] if level == "raised" else [])])
        assert rulebook.sure("handgun", "weapon", least)
        assert not rulebook.sure("handgun", "weapon", least - 0.01)


def test_a_book_without_a_threshold_is_always_sure() -> None:
    """Whatever lies over it."""
    sheet = Site(name="s", version=1, over="b", thresholds={"all": 1.0, "weapon": 0.5})
    assert stood(book(RULE), sheet).sure("handgun", "weapon", 0.0)
    assert stood(book(RULE, thresholds={"blade": 0.5}), sheet).sure("handgun", "weapon", 0.0)


def test_a_rule_on_a_class_fires_for_every_spelling_of_it() -> None:
    """The rule names the class; a model may write it with a capital letter, and a threshold holds for it too."""
    rulebook = stood(book(RULE, thresholds={"handgun": 0.95}))
    for name in ("handgun", "Handgun", " HANDGUN "):
        for category in ("weapon", "tool"):
            said = judge(scan(), answer(finding(name, category)), moment(), rulebook=rulebook).verdict
            assert said.recommended_action is Action.PHYSICAL_INSPECTION, (name, category)


def test_a_sheet_never_loosens_what_the_level_raises() -> None:
    """At the normal level it does, and says so; at the raised one the rule stands as the level has it."""
    worry = RULE.model_copy(update={"risk": Risk.MEDIUM})
    given = book(worry, levels={"raised": Changes(risks={"gun": Risk.HIGH}), "other": Changes()})
    sheet = Site(name="s", version=1, over="b", loosens=(Loosening(rule="gun", until=date.max, why="a pilot"),))
    for level, risk in (("normal", None), ("other", None), ("raised", Risk.HIGH)):
        rulebook = stood(given, sheet, level)
        (ready,) = rulebook.rules
        said = judge(scan(), answer(finding("handgun", "weapon")), moment(), rulebook=rulebook).verdict
        assert ready.risk_at(moment().now) is risk
        assert bool(said.loosened) == (risk is None)
        assert ("gun" in {rule.id for rule in said.rules_fired}) == (risk is Risk.HIGH)
        assert (said.recommended_action is Action.PHYSICAL_INSPECTION) == (risk is Risk.HIGH)
