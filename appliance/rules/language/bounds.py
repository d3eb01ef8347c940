"""What a rule may be made of, and how much work it can be at most.

Takes a checked tree, gives refusals and a cost. The cost counts steps and no seconds, so that a rule that runs out
does so on every box and in every replay.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping

from appliance.rules.history import QUESTIONS
from appliance.rules.language.checked import Call, Constant, Foreign, Listing, Loop, Name, Node, Select, parts

MOST_STEPS = 1_000_000
"""For one rule and one scan. A step takes 1 to 40 ns and up to 32 bytes on the machine of docs/measured.md."""
STEPS_A_TURN = 100
"""One turn of a loop, so that no rule reaches the 10,000 turns at which the engine stops by itself."""
STEPS_A_LOOKUP = 100_000
"""One question to the store."""
STEPS_A_SEARCH = 26
"""Looking for a word in a hundred characters, at worst."""
USUAL = {"items": 16, "declared": 40, "texts": 40, "inner": 4, "text": 2}
"""A big scan as they come: what a rule must be able to afford to be accepted at all. `texts` is the longest list of
texts, `inner` the longest inside an item or a line, `text` the longest text in hundreds of characters."""

_NUMBERS = ("int64", "double")
_COMPARED = ("less", "less_equals", "greater", "greater_equals")
_COUNTED = ("add", "subtract", "multiply", "divide", "negate")
_SEARCHES = ("contains_string", "starts_with_string", "ends_with_string")
_ALLOWED = frozenset(
    {"logical_and", "logical_or", "logical_not", "not_strictly_false", "conditional", "equals", "not_equals"}
    | {"in_list", "list_size", "size_list", "size_string", "string_size", "index_list", "add_list", "modulo_int64"}
    | {"int64_to_double", "double_to_int64", "double_to_double", "int64_to_int64", *_SEARCHES}
    | {f"{name}_{number}" for name in (*_COMPARED, *_COUNTED) for number in _NUMBERS} - {"divide_double"}
)
"""The engine's names of everything a rule may do. A decimal divided by nothing is no error but a number that compares
with none, so a rule would say no for ever: whole numbers fail, and rates are asked of history. What makes texts, looks
for patterns (1.7 s in 2,000 lines), compares whole messages or forgets types is not among them."""


class Work(Counter[tuple[str, ...]]):
    """A count of steps that grows with the sizes of a scan: a polynomial in their names."""

    def plus(self, *others: Work) -> Work:
        total = Work(self)
        for other in others:
            total.update(other)
        return total

    def times(self, other: Work) -> Work:
        product = Work()
        for names, steps in self.items():
            for more, again in other.items():
                product[tuple(sorted((*names, *more)))] += steps * again
        return product

    def at(self, sizes: Mapping[str, int]) -> int:
        """So many steps for a scan of these sizes."""
        return sum(steps * math.prod(sizes[name] for name in names) for names, steps in self.items())


def refusals(node: Node) -> Iterator[tuple[str, int]]:
    """Everything in it that a rule may not be made of, with its place."""
    if isinstance(node, Foreign) or not _is_known(node.type):
        yield "texts, numbers, yes or no, and lists of one kind of them are all that rules know", node.place
    elif isinstance(node, Call) and (len(node.overloads) != 1 or not _is_allowed(node.overloads[0])):
        yield f"{told(node.function)} is not part of the rule language here", node.place
    elif isinstance(node, Call) and node.function in ("_==_", "_!=_") and not _are_plain(node.arguments):
        yield f"{told(node.function)} compares texts, numbers, and yes or no: name a field", node.place
    elif isinstance(node, Call) and node.overloads[0] == "add_list" and not _is_carried(node.arguments[0]):
        yield "+ adds numbers only", node.place
    elif isinstance(node, Call) and node.overloads[0].startswith("history."):
        yield from _out_of_bounds(node)
    for part in parts(node):
        yield from refusals(part)


def _out_of_bounds(call: Call) -> Iterator[tuple[str, int]]:
    """A span that is written out and can never be answered."""
    span = call.arguments[-1]
    given = span.value if isinstance(span, Constant) and isinstance(span.value, int) else 1
    for name, question in QUESTIONS.items():
        if call.overloads[0] == f"history.{name}" and not 1 <= given <= question.most:
            yield f"{question.span} must be 1 to {question.most}", span.place


def told(function: str) -> str:
    """A function or operator as it is written: > for _>_."""
    return function.strip("_@").replace("_", " ")


# --- work -------------------------------------------------------------------------------------------------------------


def work(node: Node) -> Work:
    """The most steps that evaluating it can take."""
    return _work(node, {})[0]


def _work(node: Node, lists: Mapping[str, Work]) -> tuple[Work, Work]:
    """Steps, and the length of what comes out if that is a list. `lists` has the lengths of what loops carry."""
    if isinstance(node, Loop):
        over, length = _work(node.over, lists)
        inside = {**lists, node.carried: length}
        turn = _steps(STEPS_A_TURN).plus(_work(node.condition, inside)[0], _work(node.step, inside)[0])
        around = _work(node.start, lists)[0].plus(_work(node.result, inside)[0])
        return over.plus(length.times(turn), around), length if node.type.startswith("list(") else Work()
    pieces = [_work(part, lists) for part in parts(node)]
    steps = _steps(1).plus(*(piece[0] for piece in pieces))
    is_list = node.type.startswith("list(")
    match node:
        case Name() if is_list:
            return steps, lists.get(node.name) or _sized(node.name if node.name in USUAL else "texts")
        case Select() if is_list:
            return steps, _sized("inner" if node.operand.type in ("Item", "Line") else "texts")
        case Listing():
            return steps.plus(*(_extra_text(element) for element in node.elements)), _steps(len(node.elements))
        case Call():
            lengths = Work().plus(*(piece[1] for piece in pieces))
            return steps.plus(_extra(node, lengths)), lengths if is_list else Work()
        case _:
            return steps, Work()


def _extra(call: Call, lengths: Work) -> Work:
    """What a call costs besides its arguments."""
    overload, kinds = call.overloads[0], [argument.type for argument in call.arguments]
    if overload.startswith("history."):
        return _steps(STEPS_A_LOOKUP)
    if overload in _SEARCHES:
        sought = call.arguments[1]
        long = _steps(1 + len(str(sought.value)) // 100) if isinstance(sought, Constant) else _sized("text")
        return _steps(STEPS_A_SEARCH).times(_sized("text")).times(long)
    if overload == "in_list":
        return lengths.times(_extra_text(call.arguments[0]).plus(_steps(1)))
    if overload == "add_list":
        return lengths
    if overload in ("size_string", "string_size"):  # it counts characters, not bytes
        return _sized("text").plus(_sized("text"))
    return _sized("text") if "string" in kinds else Work()


def _extra_text(node: Node) -> Work:
    """What it costs to copy or compare a text."""
    return Work({("text",): 2}) if node.type == "string" else Work()


def _steps(number: int) -> Work:
    return Work({(): number})


def _sized(name: str) -> Work:
    return Work({(name,): 1})


def _is_allowed(overload: str) -> bool:
    return overload in _ALLOWED or overload.startswith("history.")


def _are_plain(nodes: tuple[Node, ...]) -> bool:
    return all(node.type in ("bool", "int", "double", "string") for node in nodes)


def _is_carried(node: Node) -> bool:
    """True for what a loop itself carries, which filter and map append to. No variable of a rule can be called so."""
    return isinstance(node, Name) and node.name == "@result"


def _is_known(kind: str) -> bool:
    """Lists of lists could grow with every loop."""
    inside = kind.removeprefix("list(").removesuffix(")")
    return inside != "other" and not inside.startswith("list(")
