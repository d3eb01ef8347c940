"""How far from nothing the numbers with decimals in a rule can get: none is ever infinite, or no number at all.

Takes a checked tree that `bounds.py` does not refuse, gives the places where one could. Infinity less infinity is no
number, which compares with nothing, so a rule that met it would say no without having failed. In what is accepted it
cannot come about: every number a rule begins with is finite and bounded (those of a scan by `facts.MOST_NUMBER`); of
what makes new ones only +, - and * are allowed, whose results are bounded by those of what goes in; and everything else
hands on what it was given. Whole numbers need nothing of this: where they overflow the engine fails, and so the rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from appliance.rules.facts import MOST_NUMBER
from appliance.rules.language.checked import Call, Constant, Loop, Name, Node, Select, parts

FURTHEST = 1e300
"""Infinity begins at 1.8e308. What rounding adds in the longest rule is far less than what lies between."""
_FURTHEST_WHOLE = 2.0**63


def beyond(tree: Node) -> Iterator[int]:
    """Every place where a number could get further than `FURTHEST`."""
    places: list[int] = []
    _reach(tree, {}, places)
    yield from places


def _reach(node: Node, known: Mapping[str, float], places: list[int]) -> float:
    """The furthest that it, or any number in it if it is a list, can be. `known` has the variables of loops."""
    match node:
        case Constant():
            far = abs(node.value) if isinstance(node.value, float) else 0.0
        case Name():
            far = known.get(node.name, MOST_NUMBER)
        case Loop():
            over = _reach(node.over, known, places)
            start = _reach(node.start, known, places)
            inside = {**known, node.variable: over, node.carried: start}  # it only ever grows by what a turn adds
            turns = (_reach(part, inside, places) for part in (node.condition, node.step, node.result))
            far = max(over, start, *turns)
        case Call():
            far = _reach_of_call(node, [_reach(part, known, places) for part in node.arguments])
        case _:
            inner = [_reach(part, known, places) for part in parts(node)]
            far = MOST_NUMBER if isinstance(node, Select) else max(inner, default=0.0)
    if not far <= FURTHEST:
        places.append(node.place)
    return far


def _reach_of_call(call: Call, inner: list[float]) -> float:
    match call.overloads[0]:
        case "add_double" | "subtract_double":
            return inner[0] + inner[1]
        case "multiply_double":
            return inner[0] * inner[1]
        case "int64_to_double":
            return _FURTHEST_WHOLE
        case overload if overload.startswith("history."):
            return MOST_NUMBER
        case _:
            return max(inner, default=0.0)
