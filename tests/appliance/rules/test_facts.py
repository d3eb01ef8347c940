"""What a rule sees: the fields of the facts are the fields of the language, and a context is taken as declared."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.rules.facts import MOST_NUMBER, Facts, Kind, Line, context_name, read_context
from appliance.rules.history import Nothing
from appliance.rules.language.expression import ExpressionError, Failed, Language
from appliance.rules.language.schema import Schema, sizes
from appliance.scan import MatchedLine, Understood
from tests.appliance.rules.language.asking import evaluate
from tests.appliance.rules.language.nasty_rules import big_facts, worst_facts
from tests.judging import standing

TAXONOMY = standing().taxonomy
KINDS: dict[str, Kind] = {"age": "whole", "consignee": "text", "weight": "number", "escorted": "yes_no"}


def holds(text: str, **context: Any) -> object:
    """What one rule says of a scan with this context."""
    language = Language(KINDS)
    facts = big_facts().model_copy(update={"context": context})
    return evaluate(language, [language.compile(text)], facts, Nothing())[0]


@pytest.mark.parametrize("path", [f"{m}.{f}" for m, fs in Schema({}).fields.items() for f in fs])
def test_every_field_of_the_facts_can_be_asked(path: str) -> None:
    """A field added to the facts is in the language; nobody has to add it twice."""
    message, field = path.split(".")
    where = {"Item": "items[0]", "Line": "declared[0]"}.get(message, message.lower())
    value = getattr({"Item": big_facts().items[0], "Line": big_facts().declared[0]}.get(message), field, None)
    if value is None:
        value = getattr(getattr(big_facts(), message.lower()), field)
    literal = {bool: str(value).lower(), str: f'"{value}"', int: f"{value}", float: f"{value}"}.get(type(value))
    text = f"{where}.{field}.size() == {len(value)}" if literal is None else f"{where}.{field} == {literal}"
    language = Language()
    assert evaluate(language, [language.compile(text)], big_facts().model_copy(update={"context": {}}), Nothing()) == (
        True,
    )


def test_every_variable_is_a_field_of_the_facts() -> None:
    """There is no second list of names."""
    assert set(Schema({}).variables) == set(Facts.model_fields)


def test_a_matched_line_is_shown_with_what_it_was_understood_as() -> None:
    """The rules see classes, whatever language the words were in."""
    understood = Understood(item="folding knife", how="exact", alias="pisau lipat", language="ms", score=1)
    matched = MatchedLine(text="pisau lipat", understood=(understood,), result="seen", seen=1, amount="fits")
    line = Line.of(matched, TAXONOMY)
    assert (line.items, line.quantity, line.seen) == (("folding knife",), 0.0, 1)
    assert (line.prohibited, line.restricted) == (True, False)
    other = matched.model_copy(update={"understood": (understood.model_copy(update={"item": "lighter"}),)})
    assert (Line.of(other, TAXONOMY).prohibited, Line.of(other, TAXONOMY).restricted) == (False, True)


def test_no_rule_sees_a_quantity_beyond_all_counting() -> None:
    """A million million is shown as it is; what is more than anybody counts, as the most there is."""
    lines = [MatchedLine(text="x", result="seen", quantity=given) for given in (1e12, 1e15, 1e307)]
    shown = [Line.of(line, TAXONOMY).quantity for line in lines]
    assert shown == [1e12, MOST_NUMBER, MOST_NUMBER]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("text", ["", "ACME", "é\n"], [1, True, ["x"], "\ud800"]),
        ("number", [0, 1, 2.5, -1e15], [float("nan"), float("inf"), 1e16, 10**400, True, "1"]),
        ("whole", [0, 2**63 - 1, -(2**62)], [2**63, 1.0, True, "1"]),
        ("yes_no", [True, False], [1, 0, "yes"]),
    ],
)
def test_context_is_taken_as_declared(kind: Kind, good: list[Any], bad: list[Any]) -> None:
    """What is of another kind is not guessed at: it is absent, and told."""
    for value in good:
        assert read_context({"x": kind}, {"x": value, "y": 1}) == ({"x": value}, {})
    for value in bad:
        assert read_context({"x": kind}, {"x": value}) == ({}, {"x": f"context x is not a {kind} value"})


def test_an_absent_field_is_absent() -> None:
    """It is not told as odd, and not made up."""
    assert read_context(KINDS, {"age": None}) == ({}, {})


@pytest.mark.parametrize(
    ("text", "age", "said"),
    [
        ("has(context.age)", None, False),
        ("has(context.age)", 0, True),
        ("has(context.age) && context.age < 18", None, False),
        ("has(context.age) && context.age < 18", 0, True),
        ("context.age == 0", None, False),  # an absent field equals nothing
        ("context.age in [0]", None, False),
        ("context.age != 0", None, True),
        ("context.age == 0", 0, True),
    ],
)
def test_an_absent_context_field_is_never_zero(text: str, age: int | None, said: bool) -> None:
    """Asked whether it is there, it is not; compared for equality, it equals nothing."""
    assert holds(text, **({} if age is None else {"age": age})) is said


@pytest.mark.parametrize(
    "text",
    [
        "context.age < 18",
        "context.age + 1 == 1",
        "context.weight > 0.5",
        "context.escorted",
        "!context.escorted",
        "context.escorted ? true : false",
        "context.consignee.contains('x')",
        "history.seen(context.consignee, 30) > 1",
    ],
)
def test_to_reckon_with_an_absent_field_fails(text: str) -> None:
    """A rule that forgot to ask whether the field is there is no "no match"."""
    assert holds(text) == Failed("a context field is absent: ask has(context.field) first")
    assert isinstance(holds(text, age=1, weight=0.5, escorted=True, consignee="ACME"), bool)


def test_a_context_that_is_not_as_declared_fails_every_rule() -> None:
    """It is a fault of ours, and no scan is cleared by it."""
    said = holds("true", age="many")
    assert isinstance(said, Failed)
    assert said.words.startswith("the facts cannot be shown to the rules")
    assert isinstance(holds("true", shoe_size=3), Failed)


def test_a_context_without_fields_has_none() -> None:
    """A book that declares no context can ask for none."""
    with pytest.raises(ExpressionError, match="Context has no field age"):
        Language().compile("context.age > 1")


def test_sizes_are_those_of_the_scan() -> None:
    """What the bounds reckon with."""
    assert sizes(worst_facts()) == {"items": 64, "declared": 2000, "texts": 2000, "inner": 3, "text": 6}
    empty = worst_facts().model_copy(update={"items": (), "declared": (), "degraded": ("x" * 1000,), "context": {}})
    assert sizes(empty) == {"items": 0, "declared": 0, "texts": 2000, "inner": 0, "text": 11}


@pytest.mark.parametrize("name", ["", "shoe size", "Age", "1st", "in", "null", "a__b", "a_1", "x" * 41, "é", "a\n"])
def test_a_context_field_has_a_plain_name(name: str) -> None:
    """What could not be written in a rule is refused when it is declared."""
    with pytest.raises(ValueError, match="a name is lower-case words"):
        context_name(name)


def test_context_names_that_look_alike_are_told_apart() -> None:
    """Whatever protobuf makes of them."""
    language = Language({"ab": "whole", "a_b": "whole", "for": "whole", "package": "whole", "size": "whole"})
    facts = big_facts().model_copy(update={"context": {"ab": 1, "a_b": 2, "for": 3, "package": 4, "size": 5}})
    text = "context.ab == 1 && context.a_b == 2 && context.size == 5"
    assert evaluate(language, [language.compile(text)], facts, Nothing()) == (True,)
