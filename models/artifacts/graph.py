"""Graphs in the ONNX form, read as far as to know that they are whole and keep to themselves.

Takes the bytes of a file. Raises `ArtifactRefusedError` where tensors lie outside the file (the path to them could be
any), where a tensor is not as large as it says, where operators come from elsewhere, or where it is no ONNX at all.
The form is protobuf: each field a number, a kind and a value; what is not asked for here is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from models.artifacts.refusal import ArtifactRefusedError

DEEPEST = 16
"""Graphs within graphs."""
OPERATORS = frozenset({b"", b"ai.onnx", b"ai.onnx.ml"})
"""Whose operators a runtime has built in, and of which none opens a file."""
_SIZES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 14: 8, 15: 16, 16: 2}
"""Bytes of one number, by what the form calls its type; strings and packed types are not among them."""

_MODEL = {7: "graph", 8: "operators", 25: "function", 20: "training"}
_GRAPH = {1: "node", 5: "tensor", 15: "sparse"}
_FUNCTION = {7: "node", 9: "operators", 11: "attribute"}
_NODE = {5: "attribute", 7: "domain"}
_ATTRIBUTE = {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"}
_SPARSE = {1: "tensor", 2: "tensor"}
_OPERATORS = {1: "domain"}
_PARTS = {
    "graph": _GRAPH,
    "function": _FUNCTION,
    "node": _NODE,
    "attribute": _ATTRIBUTE,
    "sparse": _SPARSE,
    "operators": _OPERATORS,
}
_DIMENSIONS, _TYPE, _RAW, _OUTSIDE, _PLACE = 1, 2, 9, 13, 14
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5


class _Field(NamedTuple):
    number: int
    kind: int
    value: memoryview
    """Its bytes, or nothing where it is a number."""
    whole: int
    """The number, where it is one."""


def check_graph(name: str, content: memoryview) -> None:
    """Check one ONNX file."""
    try:
        graphs = sum(_MODEL.get(field.number) == "graph" for field in _fields(content))
        _walk(content, _MODEL, 0)
    except ValueError as problem:
        raise ArtifactRefusedError(name, f"is no ONNX of ours: {problem}") from problem
    if graphs != 1:
        raise ArtifactRefusedError(name, f"is no ONNX of ours: it holds {graphs} graphs")


def _walk(message: memoryview, parts: dict[int, str], depth: int) -> None:
    if depth > DEEPEST * 3:  # a graph, its node, and the node's attribute
        raise ValueError(f"graphs within graphs, more than {DEEPEST} deep")
    for field in _fields(message):
        part = parts.get(field.number)
        if part is None:
            continue
        if field.kind != _BYTES:
            raise ValueError(f"a {part} is no message")
        if part == "domain":
            if bytes(field.value) not in OPERATORS:
                raise ValueError(f"operators of {bytes(field.value)[:60]!r}")
        elif part == "training":
            raise ValueError("it is made for training")
        elif part == "tensor":
            _check_tensor(field.value)
        else:
            _walk(field.value, _PARTS[part], depth + 1)


def _check_tensor(message: memoryview) -> None:
    dimensions: list[int] = []
    kind, raw = 0, None
    for field in _fields(message):
        if field.number == _OUTSIDE or (field.number == _PLACE and field.whole):
            raise ValueError("a tensor lies outside the file")
        if field.number == _DIMENSIONS:
            packed = _numbers(field.value) if field.kind == _BYTES else [field.whole]
            dimensions.extend(packed)
        elif field.number == _TYPE:
            kind = field.whole
        elif field.number == _RAW:
            raw = len(field.value)
    if raw is not None and kind in _SIZES and raw != prod(dimensions) * _SIZES[kind]:
        raise ValueError(f"a tensor of {raw} bytes says that it is {dimensions} of type {kind}")


def _fields(message: memoryview) -> Iterator[_Field]:
    place = 0
    while place < len(message):
        key, place = _number(message, place)
        number, kind = key >> 3, key & 7
        if not 0 < number < 1 << 29:  # others read no more of it
            raise ValueError(f"a field of the number {number}")
        if kind == _VARINT:
            value, place = _number(message, place)
            yield _Field(number, kind, message[:0], value)
            continue
        if kind == _BYTES:
            size, place = _number(message, place)
        elif kind in (_EIGHT, _FOUR):
            size = 8 if kind == _EIGHT else 4
        else:
            raise ValueError(f"a field of kind {kind}")
        if size > len(message) - place:
            raise ValueError("a field is longer than what holds it")
        yield _Field(number, kind, message[place : place + size], 0)
        place += size


def _numbers(packed: memoryview) -> list[int]:
    found: list[int] = []
    place = 0
    while place < len(packed):
        value, place = _number(packed, place)
        found.append(value)
    return found


def _number(message: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 64, 7):
        if place >= len(message):
            raise ValueError("it ends in the middle of a number")
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a number
            return value, place
    raise ValueError("a number without an end")
