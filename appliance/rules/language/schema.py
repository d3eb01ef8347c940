"""The facts as types of the rule language, made from their own fields in memory.

Takes nothing but the kinds of the context that a rulebook declares, gives types
and messages. Nothing here knows an expression.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast, get_args, get_origin

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, wrappers_pb2

from appliance.rules.facts import Facts, Kind
from models.answer import Value

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {str: _Field.TYPE_STRING, bool: _Field.TYPE_BOOL, int: _Field.TYPE_INT64, float: _Field.TYPE_DOUBLE}
_WRAPPERS: dict[Kind, str] = {
    "text": "StringValue",
    "number": "DoubleValue",
    "whole": "Int64Value",
    "yes_no": "BoolValue",
}
CONTEXT = "Context"


class Schema:
    """The messages that facts become. A context field is a wrapper, which is null and not 0 when it is absent."""

    def __init__(self, context: Mapping[str, Kind]) -> None:
        self.variables: dict[str, tuple[str, bool]] = {}
        """By name: a message's name, or "string", and whether it is a list."""
        self.fields: dict[str, tuple[str, ...]] = {CONTEXT: tuple(context)}
        """The fields of each message."""
        self.choices: dict[str, tuple[str, ...]] = {}
        """What a field such as `Item.standing` can be at all, where that is known."""
        self.pool = descriptor_pool.DescriptorPool()
        self.pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
        file = descriptor_pb2.FileDescriptorProto(name="facts.proto", syntax="proto3")
        file.dependency.append(wrappers_pb2.DESCRIPTOR.name)
        for name, field in Facts.model_fields.items():
            kind, is_list = _one_of(field.annotation)
            if isinstance(kind, type) and issubclass(kind, Value):
                self._describe(file.message_type.add(name=message_name(kind)), kind)
                self.variables[name] = message_name(kind), is_list
            else:
                self.variables[name] = ("string", True) if is_list else (CONTEXT, False)
        message = file.message_type.add(name=CONTEXT)
        for number, (name, kind) in enumerate(context.items(), 1):
            wrapper = f".google.protobuf.{_WRAPPERS[kind]}"
            message.field.add(name=name, number=number, type=_Field.TYPE_MESSAGE, type_name=wrapper)
        self.pool.AddSerializedFile(file.SerializeToString())
        self._classes = {
            name: message_factory.GetMessageClass(self.pool.FindMessageTypeByName(name)) for name in self.fields
        }

    def show(self, facts: Facts) -> dict[str, Any]:
        """Every variable's value. Raises what protobuf raises for a context that is not as declared."""
        return {name: self._shown(name, getattr(facts, name)) for name in self.variables}

    def _shown(self, name: str, value: Any) -> Any:
        kind, is_list = self.variables[name]
        if kind == "string":
            return list(value)
        make: Any = self._classes[kind]
        if kind == CONTEXT:
            return make(**{field: {"value": given} for field, given in value.items()})
        return [make(**one.__dict__) for one in value] if is_list else make(**value.__dict__)

    def _describe(self, message: descriptor_pb2.DescriptorProto, kind: type[Value]) -> None:
        self.fields[message.name] = tuple(kind.model_fields)
        for number, (name, field) in enumerate(kind.model_fields.items(), 1):
            scalar, is_list = _one_of(field.annotation)
            if get_origin(scalar) is Literal:
                self.choices[f"{message.name}.{name}"] = get_args(scalar)
                scalar = str
            label = _Field.LABEL_REPEATED if is_list else _Field.LABEL_OPTIONAL
            message.field.add(name=name, number=number, type=_SCALARS[scalar], label=label)


def message_name(kind: type[Value]) -> str:
    """How a kind of fact is called in messages to people: Declaration for DeclarationFacts."""
    return kind.__name__.removesuffix("Facts")


def sizes(facts: Facts) -> dict[str, int]:
    """How big a scan is, in the names that `bounds.USUAL` explains."""
    single, repeated = (facts.declaration, facts.scan), (*facts.items, *facts.declared)
    texts = max(len(facts.degraded), _longest(single, tuple))
    inner = _longest(repeated, tuple)
    everything: list[str] = [*facts.degraded, *(value for value in facts.context.values() if isinstance(value, str))]
    for value in (*single, *repeated):
        for given in value.__dict__.values():
            if type(given) is str:
                everything.append(given)
            elif type(given) is tuple:
                everything.extend(cast("tuple[str, ...]", given))
    longest = max(map(len, everything), default=0)
    return {
        "items": len(facts.items),
        "declared": len(facts.declared),
        "texts": texts,
        "inner": inner,
        "text": 1 + longest // 100,
    }


def _longest(values: Iterable[Value], kind: type) -> int:
    fields = (given for value in values for given in value.__dict__.values())
    return max((len(given) for given in fields if type(given) is kind), default=0)


def _one_of(annotation: Any) -> tuple[Any, bool]:
    """What a field holds, and whether it holds many of them."""
    if get_origin(annotation) is tuple:
        return get_args(annotation)[0], True
    if isinstance(annotation, types.GenericAlias):
        return None, False
    return annotation, False
