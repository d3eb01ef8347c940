"""Whatever text, scan or history comes: a rule is refused when loaded, or says yes, no or that it failed."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.rules.facts import Kind
from appliance.rules.history import Nothing
from appliance.rules.language.expression import Expression, ExpressionError, Failed, Language
from tests.appliance.rules.language.asking import evaluate
from tests.appliance.rules.language.nasty_rules import CONTEXT, HONEST, Told, big_facts, nasty, worst_facts

LANGUAGE = Language(CONTEXT)
FACTS = big_facts()


def tried(text: str) -> Expression | ExpressionError:
    """Compile it, or take the error."""
    try:
        return LANGUAGE.compile(text)
    except ExpressionError as problem:
        return problem


def test_two_thousand_nasty_rules_are_refused_or_end() -> None:
    """In one process: none hangs, none crashes, none is anything but yes, no or failed."""
    made = [tried(text) for text in nasty(7, 2000)]
    accepted = [one for one in made if isinstance(one, Expression)]
    refused = [one for one in made if isinstance(one, ExpressionError)]
    assert len(accepted) > 300
    assert len(refused) > 500
    assert all(one.message and "\n" not in one.message and min(one.line, one.column) >= 1 for one in refused)
    for facts in (FACTS, worst_facts()):
        for said in evaluate(LANGUAGE, accepted, facts, Nothing()):
            assert isinstance(said, (bool, Failed))


@settings(max_examples=300)
@given(st.text(max_size=80) | st.lists(st.sampled_from(" ".join(HONEST).split()), max_size=20).map(" ".join))
def test_any_text_is_refused_or_judged(text: str) -> None:
    """There is no third way out of a text."""
    made = tried(text)
    if isinstance(made, Expression):
        assert isinstance(evaluate(LANGUAGE, [made], FACTS, Nothing())[0], (bool, Failed))
    else:
        assert made.message


NAMES = st.text(max_size=30)
KINDS: dict[Kind, st.SearchStrategy[Any]] = {
    "text": st.text(max_size=300),
    "whole": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(),
    "yes_no": st.booleans(),
}


@settings(max_examples=200)
@given(
    st.data(),
    st.integers(0, 30),
    st.integers(0, 60),
    st.lists(NAMES, max_size=5),
    st.sampled_from([0, 3, float("nan"), OSError("gone")]),
)
def test_judging_never_raises(
    data: st.DataObject, items: int, lines: int, names: list[str], answer: float | Exception
) -> None:
    """Whatever a scan and its context are like, every rule says yes, no or that it failed."""
    context = {name: data.draw(KINDS[kind]) for name, kind in CONTEXT.items() if data.draw(st.booleans())}
    declaration = FACTS.declaration.model_copy(update={"undeclared": tuple(names)})
    changes = {"items": FACTS.items[:items], "declared": FACTS.declared[:lines], "degraded": tuple(names)}
    facts = FACTS.model_copy(update=changes | {"declaration": declaration, "context": context})
    expressions = [LANGUAGE.compile(text) for text in HONEST]
    outcomes = evaluate(LANGUAGE, expressions, facts, Told(answer))
    assert len(outcomes) == len(HONEST)
    assert all(isinstance(said, (bool, Failed)) for said in outcomes)
