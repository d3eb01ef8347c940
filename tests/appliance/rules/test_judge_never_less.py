"""More things, bigger numbers, odder words and rules that fail never make a scan count for less."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from appliance.rules.book import Rule
from appliance.rules.facts import Kind
from appliance.rules.judge import FLOORS
from appliance.rules.language.expression import Language
from appliance.rules.standing import Ready, Rulebook
from appliance.scan import Action, Declaration, DeclaredItem, Risk, Scan
from models.answer import Answer, ExamNotPassed
from tests.appliance.rules.scenes import action, answer, finding, moment, scan, word
from tests.judging import judge, standing


def declaring(*lines: str, **changes: Any) -> Scan:
    items = tuple(DeclaredItem(text=text) for text in lines)
    return scan(**{"declaration": Declaration(state="given", items=items)} | changes)


@pytest.mark.parametrize("other", ["привет", "x" * 241, "", "   ", "нож"])
@pytest.mark.parametrize("level", ["normal", "raised"])
def test_a_line_nobody_reads_takes_nothing_from_the_others(other: str, level: str) -> None:
    """The laptop is not there, whatever else was written: the raised level opens the bag."""
    rulebook = standing(level)
    alone = judge(declaring("laptop"), answer(), moment(), rulebook=rulebook).verdict
    both = judge(declaring("laptop", other), answer(), moment(), rulebook=rulebook).verdict
    assert both.declaration.not_seen == alone.declaration.not_seen == ("laptop",)
    assert both.degraded == ("declaration unreadable: nobody here reads line 2",)
    assert (both.risk_level, both.recommended_action) == (alone.risk_level, alone.recommended_action)
    assert (both.recommended_action is Action.PHYSICAL_INSPECTION) == (level == "raised")


def test_what_is_no_matter_of_looking_takes_nothing_from_what_was_not_seen() -> None:
    """A declaration read in part, a full disk: the pictures were looked at all the same."""
    partly = Declaration(state="unreadable", items=(DeclaredItem(text="laptop"),), problem="declared_items.1: x")
    for held, when in ((scan(declaration=partly), moment()), (declaring("laptop"), moment(room=False))):
        said = judge(held, answer(), when, rulebook=standing("raised")).verdict
        assert said.declaration.not_seen == ("laptop",)
        assert said.recommended_action is Action.PHYSICAL_INSPECTION


@pytest.mark.parametrize(
    ("held", "seen", "trouble"),
    [
        ({}, None, ""),
        ({}, answer(), "engine late"),
        ({}, answer(components=word("vlm", "answered")), ""),
        ({}, answer(pictures=("c" * 64,)), ""),
        ({}, answer(exam=ExamNotPassed(state="failed", reason="x")), ""),
        ({}, answer(canned=True), ""),
        ({"missing": ("side",)}, answer(), ""),
        ({"quarantine": "not a picture"}, answer(), ""),
    ],
)
def test_what_was_not_fully_looked_at_shows_nothing_to_be_missing(
    held: dict[str, Any], seen: Answer | None, trouble: str
) -> None:
    said = judge(declaring("laptop", **held), seen, moment(), trouble=trouble).verdict
    assert said.declaration.not_seen == ()
    assert said.degraded


@pytest.mark.parametrize("number", [2, 50, 64, 90, 120, 300, 500, 2000, 20_000])
def test_more_weapons_are_never_less(number: int) -> None:
    """Far beyond what any bag holds each rule can still be judged; beyond that it counts for what it says."""
    found = tuple(finding("straight knife") for _ in range(number))
    said = judge(declaring("knife"), answer(*found), moment()).verdict
    assert (said.risk_level, said.recommended_action) == (Risk.HIGH, Action.PHYSICAL_INSPECTION)
    assert bool(said.degraded) == (number > 500)
    assert ("several-prohibited" in {rule.id for rule in said.rules_fired}) == (number <= 500)


def test_a_rule_that_cannot_be_judged_counts_for_no_less_than_it_says() -> None:
    """Twelve thousand bottles exhaust every rule; none may be taken to have said no."""
    bottles = tuple(finding("bottle", "liquid") for _ in range(12_000))
    for found in (bottles, (*bottles, finding("handgun", "weapon", occluded=True))):
        judged = judge(scan(), answer(*found), moment())
        said = judged.verdict
        assert (said.risk_level, said.recommended_action) == (Risk.HIGH, Action.PHYSICAL_INSPECTION)
        failed = {ready.rule.id for ready in standing().rules if not ready.rule.when.startswith("declared.")}
        assert {words.split()[1] for words in said.degraded} == failed
        assert said.degraded == judged.circumstances.erred
        assert {rule.id for rule in said.rules_fired} <= FLOORS  # it did not fire, and is not told as if it had


@pytest.mark.parametrize(
    ("risk", "asks", "expected"),
    [
        (Risk.LOW, None, (Risk.MEDIUM, Action.REVIEW)),
        (Risk.MEDIUM, None, (Risk.MEDIUM, Action.REVIEW)),
        (Risk.LOW, Action.PHYSICAL_INSPECTION, (Risk.MEDIUM, Action.PHYSICAL_INSPECTION)),
        (Risk.HIGH, None, (Risk.HIGH, Action.PHYSICAL_INSPECTION)),
    ],
)
def test_a_failed_rule_asks_for_its_own_risk_and_action(
    risk: Risk, asks: Action | None, expected: tuple[Risk, Action]
) -> None:
    """And for the floor of failing rules, whichever is more."""
    said = judge(scan(), answer(), moment(), rulebook=with_rule("declared[9].seen > 0", risk, asks)).verdict
    assert (said.risk_level, said.recommended_action) == expected
    assert said.rules_fired == ()
    assert said.degraded == ("rule own could not be judged: Index error: index=9 size=0",)


def with_rule(when: str, risk: Risk, asks: Action | None = None, **context: Kind) -> Rulebook:
    """The default book with one more rule, called own."""
    rule = Rule(id="own", when=when, risk=risk, action=asks, message={"en": "Own."})
    language = Language({"consignee": "text", **context})
    own = Ready(rule=rule, risk=risk, when=language.compile(when), about=None, until=float("inf"))
    book = standing()
    others = (dataclasses.replace(one, when=language.compile(one.rule.when), about=None) for one in book.rules)
    return dataclasses.replace(book, language=language, rules=(*others, own))


@pytest.mark.parametrize("quantity", [1000, 1e9, 1e12, 1e15, 1e16, 1e307])
def test_more_of_a_thing_is_never_less(quantity: float) -> None:
    """Numbers that overflow compare with nothing, and a rule would say no."""
    rulebook = with_rule("declared.exists(d, d.quantity * 100.0 - d.quantity * 90.0 > 100.0)", Risk.HIGH)
    held = Declaration(state="given", items=(DeclaredItem(text="clothing", quantity=quantity),))
    said = judge(scan(declaration=held), answer(), moment(), rulebook=rulebook).verdict
    assert said.recommended_action is Action.PHYSICAL_INSPECTION
    assert said.degraded == (("declared beyond all counting: line 1",) if quantity > 1e15 else ())


@pytest.mark.parametrize(
    "line", [DeclaredItem(text="clothing", quantity=1e16), DeclaredItem(text="9" * 30 + " shirts")]
)
def test_what_nobody_counts_is_reviewed(line: DeclaredItem) -> None:
    """No rule sees how many there are, so none can have said that they are no matter."""
    said = judge(scan(declaration=Declaration(state="given", items=(line,))), answer(), moment()).verdict
    assert said.recommended_action is Action.REVIEW
    assert "declared beyond all counting: line 1" in said.degraded


@pytest.mark.parametrize("given", ["17", True, 1e16, 10**400, ["x"], {}])
def test_a_context_of_the_wrong_kind_lowers_nothing(given: object) -> None:
    """A rule's no to what could not be read counts for as much as its yes."""
    rulebook = with_rule("has(context.weight) && context.weight > 30.0", Risk.HIGH, weight="number")
    assert action(scan(context={"weight": 17}), answer(), rulebook=rulebook) is Action.CLEAR
    said = judge(scan(context={"weight": given}), answer(), moment(), rulebook=rulebook).verdict
    assert said.recommended_action is Action.PHYSICAL_INSPECTION
    assert said.rules_fired == ()
    assert said.degraded == (
        "context weight is not a number value",
        "rule own could not be judged: context weight cannot be read",
    )


def test_a_context_that_no_rule_asks_for_is_reviewed() -> None:
    """Other rules say what they say."""
    rulebook = with_rule("has(context.consignee) && context.consignee == 'x'", Risk.HIGH, weight="number")
    said = judge(scan(context={"weight": "17"}), answer(), moment(), rulebook=rulebook).verdict
    assert (said.recommended_action, said.degraded) == (Action.REVIEW, ("context weight is not a number value",))


@pytest.mark.parametrize(
    ("found", "several"),
    [
        ([("straight knife", "top"), ("straight knife", "side")], False),
        ([("straight knife", "top"), ("straight knife", "side"), ("straight knife", "end")], False),
        ([("straight knife", None), ("straight knife", "top")], False),
        ([("straight knife", "top"), ("straight knife", None), ("straight knife", "top")], True),
        ([("straight knife", "top"), ("straight knife", "side"), ("straight knife", "side")], True),
        ([("straight knife", "top"), ("Straight Knife", "side")], False),
        ([("straight knife", "top"), ("scissors", "side")], True),
        ([("thing", "top"), ("thing", "side")], False),
        ([("thing", "top"), ("thing", "top")], True),
        ([("straight knife", "top")], False),
    ],
)
def test_one_thing_in_two_views_is_one_and_two_things_are_two(
    found: list[tuple[str, str | None]], several: bool
) -> None:
    """Counted are those of the view that shows most of a class."""
    seen = (finding(name).model_copy(update={"view": view}) for name, view in found)
    said = judge(scan(), answer(*seen), moment()).verdict
    assert ("several-prohibited" in {rule.id for rule in said.rules_fired}) == several
