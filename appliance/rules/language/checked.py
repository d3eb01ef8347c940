"""A type-checked CEL expression as a tree of plain values.

Takes the bytes of a `cel.expr.CheckedExpr` (inside an `Any`), gives nodes with their types and places. The few fields
that are needed are declared here by their published numbers; protobuf passes over all others. What may be in a rule
is `bounds.py`'s business.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

_FIELDS: dict[str, str] = {
    "Checked": "2 reference_map *ReferenceEntry, 3 type_map *TypeEntry, 4 expr Expr, 5 source_info Source",
    "ReferenceEntry": "1 key int64, 2 value Reference",
    "Reference": "1 name string, 3 overload_id *string",
    "TypeEntry": "1 key int64, 2 value Type",
    "Type": "3 primitive int32, 4 wrapper int32, 6 list_type Elements, 9 message_type string",
    "Elements": "1 elem_type Type",
    "Source": "4 positions *PositionEntry",
    "PositionEntry": "1 key int64, 2 value int32",
    "Expr": "2 id int64, 3 const_expr Constant, 4 ident_expr Ident, 5 select_expr Select, 6 call_expr Call,"
    " 7 list_expr List, 9 comprehension_expr Comprehension",
    "Constant": "2 bool_value bool, 3 int64_value int64, 5 double_value double, 6 string_value string",
    "Ident": "1 name string",
    "Select": "1 operand Expr, 2 field string, 3 test_only bool",
    "Call": "1 target Expr, 2 function string, 3 args *Expr",
    "List": "1 elements *Expr",
    "Comprehension": "1 iter_var string, 2 iter_range Expr, 3 accu_var string, 4 accu_init Expr, 5 loop_condition Expr,"
    " 6 loop_step Expr, 7 result Expr",
}
_PRIMITIVES = {1: "bool", 2: "int", 4: "double", 5: "string"}
_CONSTANTS = ("bool_value", "int64_value", "double_value", "string_value")


@dataclass(frozen=True, slots=True)
class _Typed:
    place: int
    """In characters from the start of the text."""
    type: str
    """bool, int, double, string, list(...), a message's name, or "other"."""


@dataclass(frozen=True, slots=True)
class Constant(_Typed):
    """A literal."""

    value: bool | int | float | str


@dataclass(frozen=True, slots=True)
class Name(_Typed):
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Select(_Typed):
    """A field of a message, or whether it is there."""

    operand: Node
    field: str
    test: bool


@dataclass(frozen=True, slots=True)
class Call(_Typed):
    """A function or an operator, with its target first; `overloads` are those that its types leave open."""

    function: str
    arguments: tuple[Node, ...]
    overloads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing(_Typed):
    """A list written out."""

    elements: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Loop(_Typed):
    """What all, exists, exists_one, filter and map are made of: a fold over a list."""

    variable: str
    over: Node
    carried: str
    start: Node
    condition: Node
    step: Node
    result: Node


@dataclass(frozen=True, slots=True)
class Foreign(_Typed):
    """Anything else: messages and maps written out, null, bytes, unsigned numbers."""


Node: TypeAlias = Constant | Name | Select | Call | Listing | Loop | Foreign


def read(serialized: bytes) -> Node | None:
    """Make the tree. None when it is nested deeper than protobuf reads."""
    wrapped = any_pb2.Any()
    checked: Any = _checked()()
    try:
        wrapped.ParseFromString(serialized)
        checked.ParseFromString(wrapped.value)
    except DecodeError:
        return None
    return _Reader(checked).node(checked.expr)


def parts(node: Node) -> tuple[Node, ...]:
    """What a node is made of."""
    match node:
        case Select():
            return (node.operand,)
        case Call():
            return node.arguments
        case Listing():
            return node.elements
        case Loop():
            return (node.over, node.start, node.condition, node.step, node.result)
        case _:
            return ()


class _Reader:
    def __init__(self, checked: Any) -> None:
        self.types = {entry.key: _type(entry.value) for entry in checked.type_map}
        self.overloads = {entry.key: tuple(entry.value.overload_id) for entry in checked.reference_map}
        self.places = {entry.key: entry.value for entry in checked.source_info.positions}

    def node(self, expr: Any) -> Node:
        place, of_type = self.places.get(expr.id, 0), self.types.get(expr.id, "other")
        match expr.WhichOneof("kind"):
            case "const_expr" if (value := expr.const_expr.WhichOneof("kind")) in _CONSTANTS:
                made = Constant(place, of_type, getattr(expr.const_expr, value))
            case "ident_expr":
                made = Name(place, of_type, expr.ident_expr.name)
            case "select_expr":
                select = expr.select_expr
                made = Select(place, of_type, self.node(select.operand), select.field, select.test_only)
            case "call_expr":
                call = expr.call_expr
                arguments = (*((call.target,) if call.HasField("target") else ()), *call.args)
                overloads = self.overloads.get(expr.id, ())
                made = Call(place, of_type, call.function, self.nodes(arguments), overloads)
            case "list_expr":
                made = Listing(place, of_type, self.nodes(expr.list_expr.elements))
            case "comprehension_expr":
                loop = expr.comprehension_expr
                over, *others = self.nodes(
                    (loop.iter_range, loop.accu_init, loop.loop_condition, loop.loop_step, loop.result)
                )
                made = Loop(place, of_type, loop.iter_var, over, loop.accu_var, *others)
            case _:
                made = Foreign(place, of_type)
        return made

    def nodes(self, exprs: Iterable[Any]) -> tuple[Node, ...]:
        return tuple(self.node(expr) for expr in exprs)


def _type(of: Any) -> str:
    if of.HasField("list_type"):
        return f"list({_type(of.list_type.elem_type)})"
    return of.message_type or _PRIMITIVES.get(of.primitive or of.wrapper, "other")


@functools.cache
def _checked() -> Any:
    """The class of a checked expression, in a pool of its own."""
    file = descriptor_pb2.FileDescriptorProto(name="checked.proto", package="checked", syntax="proto3")
    for message, fields in _FIELDS.items():
        made = file.message_type.add(name=message)
        if message in ("Expr", "Constant"):
            made.oneof_decl.add(name="kind")
        for field in fields.split(","):
            number, name, kind = field.split()
            _add(made, int(number), name, kind)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("checked.Checked"))


def _add(message: Any, number: int, name: str, kind: str) -> None:
    field_kind = descriptor_pb2.FieldDescriptorProto
    field = message.field.add(name=name, number=number, label=field_kind.LABEL_OPTIONAL)
    if kind.startswith("*"):
        field.label = field_kind.LABEL_REPEATED
    if message.oneof_decl and name != "id":
        field.oneof_index = 0
    kind = kind.removeprefix("*")
    if kind[0].isupper():
        field.type, field.type_name = field_kind.TYPE_MESSAGE, f".checked.{kind}"
    else:
        field.type = getattr(field_kind, f"TYPE_{kind.upper()}")
