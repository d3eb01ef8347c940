"""Which texts an expression holds against which fields, so that they can be checked before any scan is.

Takes a checked tree, gives mentions. Whether a text can ever be there is for
whoever knows the taxonomy and the release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from appliance.rules.language.checked import Call, Constant, Listing, Loop, Name, Node, Select, parts
from appliance.rules.language.schema import CONTEXT

_WHOLE = ("_==_", "_!=_", "@in")
_IN_PART = ("contains", "startsWith", "endsWith")


@dataclass(frozen=True, slots=True)
class Mention:
    """A text that is held against a field."""

    field: str
    """As in `Item.category`, `Line.items` or `degraded`."""
    text: str
    place: int
    """Where it stands, in characters from the start."""
    whole: bool
    """False when it is only looked for in the field's text."""


def mentions(node: Node) -> tuple[Mention, ...]:
    """Every text of the expression that is held against a field, in its order."""
    return tuple(sorted(set(_mentions(node, {})), key=lambda mention: (mention.place, mention.field)))


def context_of(node: Node) -> frozenset[str]:
    """The context fields an expression looks at, or asks whether they are there."""
    own = {node.field} if isinstance(node, Select) and node.operand.type == CONTEXT else set[str]()
    return frozenset(own).union(*map(context_of, parts(node)))


_Origin = frozenset[str | tuple[str, int]]
"""Where a value can come from: fields by name, and texts with their places."""


def _mentions(node: Node, known: Mapping[str, _Origin]) -> Iterator[Mention]:
    if isinstance(node, Call) and node.function in (*_WHOLE, *_IN_PART):
        whole, origins = node.function in _WHOLE, [_origin(argument, known) for argument in node.arguments]
        for fields, texts in (origins, reversed(origins)):
            for field in fields:
                if isinstance(field, str):
                    yield from (Mention(field, *text, whole) for text in texts if not isinstance(text, str))
    inside = {**known, node.variable: _origin(node.over, known)} if isinstance(node, Loop) else known
    for part in parts(node):
        yield from _mentions(part, inside)


def _origin(node: Node, known: Mapping[str, _Origin]) -> _Origin:
    match node:
        case Constant(value=str() as text):
            return frozenset({(text, node.place)})
        case Name():
            own = node.type == "list(string)" and not node.name.startswith("@")  # @ is what a loop carries
            return known.get(node.name, frozenset({node.name} if own else ()))
        case Select():
            return frozenset({f"{node.operand.type}.{node.field}"})
        case Loop():
            return _origin(node.step, {**known, node.variable: _origin(node.over, known)})
        case Call() | Listing() if node.type != "bool":  # as the condition of a choice between texts is
            return frozenset[str | tuple[str, int]]().union(*(_origin(part, known) for part in parts(node)))
        case _:
            return frozenset()
