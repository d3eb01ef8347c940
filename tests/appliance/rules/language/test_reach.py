"""No number in a rule that is accepted is ever infinite or no number at all: such a rule would say no unasked."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.rules.facts import MOST_NUMBER
from appliance.rules.history import Nothing
from appliance.rules.language.expression import Expression, ExpressionError, Language
from tests.appliance.rules.language.asking import evaluate
from tests.appliance.rules.language.nasty_rules import CONTEXT, Told, big_facts

LANGUAGE = Language(CONTEXT)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("1e999 > 1.0", 1),
        ("1e999 * 0.0 == 0.0", 1),
        ("-1e400 > 1.0", 1),
        ("context.weight" + " * context.weight" * 20 + " > 1.0", 339),
        ("1e300 + 1e300 > 1.0", 7),
        ("1e300 - -1e300 > 1.0", 7),
        ("declared.exists(d, d.quantity * 1e299 > 1.0)", 31),
        ("declared.map(d, d.quantity * 1e200).exists(q, q * 1e100 > 1.0)", 49),
        ("[1e200].exists(x, [x * 1e10].exists(y, y * x > 1.0))", 42),
        ("items.exists(i, (i.sure ? 1e200 : 1.0) * (i.sure ? 1.0 : 1e200) > 1.0)", 40),
        ("items.map(i, i.confidence * 1e200).filter(c, c > 1.0)[0] * 1e200 > 1.0", 58),
        ("double(context.age) * 1e290 > 1.0", 21),
        ("history.alarm_rate(scan.lane, 60) * 1e290 > 1.0", 35),
    ],
)
def test_what_could_grow_beyond_all_counting_is_refused(text: str, column: int) -> None:
    with pytest.raises(ExpressionError) as refused:
        LANGUAGE.compile(text)
    assert (refused.value.message, refused.value.column) == (
        "a number could grow beyond all counting: multiply less",
        column,
    )


FACTS = big_facts().model_copy(
    update={"context": {"age": -(2**63), "consignee": "x", "weight": -MOST_NUMBER, "escorted": True}}
)
BIGGEST = FACTS.model_copy(
    update={"declared": tuple(line.model_copy(update={"quantity": MOST_NUMBER}) for line in FACTS.declared)}
)
SOURCES = (
    "context.weight",
    "declared[0].quantity",
    "items[0].confidence",
    "double(context.age)",
    "history.alarm_rate('3', 60)",
    "1e15",
    "1e150",
    "0.0",
    "declared.map(d, d.quantity * d.quantity)[0]",
    "declared.filter(d, d.quantity > 1.0)[0].quantity",
)
NUMBERS = st.recursive(
    st.sampled_from(SOURCES),
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda made: f"({' '.join(made)})")
        | inner.map(lambda made: f"(-{made})")
        | st.tuples(inner, inner).map(lambda made: f"(scan.rehearsal ? {made[0]} : {made[1]})")
        | st.tuples(inner, inner).map(lambda made: f"[{made[0]}, {made[1]}].map(x, x * x)[1]")
    ),
    max_leaves=12,
)


@settings(max_examples=400)
@given(NUMBERS)
def test_every_number_of_an_accepted_rule_is_one(number: str) -> None:
    """Taken from itself it is nothing, which holds neither for infinity nor for what is no number."""
    try:
        asked: list[Expression] = [LANGUAGE.compile(f"({number}) - ({number}) == 0.0")]
    except ExpressionError:
        return
    assert evaluate(LANGUAGE, asked, BIGGEST, Told(MOST_NUMBER)) == (True,)


@pytest.mark.parametrize(
    "text",
    ["declared.exists(d, d.quantity * 100.0 - d.quantity * 90.0 > 100.0)", "context.weight * context.weight > 1.0"],
)
def test_a_rule_holds_for_the_biggest_numbers_too(text: str) -> None:
    assert evaluate(LANGUAGE, [LANGUAGE.compile(text)], BIGGEST, Nothing()) == (True,)


@pytest.mark.parametrize(
    "text",
    [
        "context.age - 1 > 0",
        "context.age * context.age > 0",
        "-context.age > 0",
        "context.age / -1 > 0",
        "context.age % -1 == 0",
        "int(context.weight * context.weight) > 0",
    ],
)
def test_whole_numbers_that_overflow_fail_the_rule(text: str) -> None:
    (said,) = evaluate(LANGUAGE, [LANGUAGE.compile(text)], BIGGEST, Nothing())
    assert not isinstance(said, bool)
