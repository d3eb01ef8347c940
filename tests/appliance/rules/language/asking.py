"""Many expressions asked about one scan."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.rules.facts import Facts
from appliance.rules.history import History
from appliance.rules.language.expression import Expression, Language, Outcome


def evaluate(
    language: Language, expressions: Sequence[Expression], facts: Facts, history: History
) -> tuple[Outcome, ...]:
    """What each says of the scan, one sight for all."""
    sight = language.look(facts, history)
    return tuple(sight.judge(expression) for expression in expressions)
