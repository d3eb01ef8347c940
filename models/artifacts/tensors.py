"""Weights in the safetensors form: a JSON header that says where each tensor lies, then nothing but numbers.

Takes the bytes of a file. Raises `ArtifactRefusedError` unless every tensor lies where and is as large as the header
says, with no gap, overlap or rest in which something else could hide.
"""

from __future__ import annotations

from itertools import pairwise
from math import prod
from typing import Annotated

from pydantic import Field, ValidationError

from models.answer import Value
from models.artifacts.refusal import ArtifactRefusedError
from models.artifacts.words import parse

LONGEST_HEADER = 64 << 20
SHORTEST_HEADER = len("{}")
_LENGTH = 8
"""Bytes that tell how long the header is."""
_SIZES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1,
    "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4,
    "U64": 8, "I64": 8, "F64": 8, "C64": 8,
}  # fmt: skip
"""Bytes of one number."""


class _Tensor(Value):
    dtype: str
    shape: list[Annotated[int, Field(ge=0)]]
    data_offsets: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2, max_length=2)]


def check_tensors(name: str, content: memoryview) -> None:
    """Check one file of weights."""
    rest = len(content) - _LENGTH
    length = int.from_bytes(content[:_LENGTH], "little")
    if not SHORTEST_HEADER <= length <= min(LONGEST_HEADER, rest):
        raise ArtifactRefusedError(name, f"its header is said to have {length} bytes, which cannot be")
    header = parse(name, bytes(content[_LENGTH : _LENGTH + length]))
    header.pop("__metadata__", None)
    if not header:
        raise ArtifactRefusedError(name, "holds no tensor")
    spans = sorted(_span(name, key, tensor) for key, tensor in header.items())
    for (_, end), (begin, _) in pairwise([(0, 0), *spans, (rest - length, 0)]):
        if begin != end:
            raise ArtifactRefusedError(name, f"a tensor ends at {end} and the next thing begins at {begin}")


def _span(name: str, key: str, described: object) -> tuple[int, int]:
    try:
        tensor = _Tensor.model_validate(described, strict=True)
    except ValidationError as problem:
        raise ArtifactRefusedError(name, f"tensor {key!r} is not described as one") from problem
    begin, end = tensor.data_offsets
    if tensor.dtype not in _SIZES:
        raise ArtifactRefusedError(name, f"tensor {key!r} is of numbers that are not known: {tensor.dtype}")
    if end - begin != prod(tensor.shape) * _SIZES[tensor.dtype]:
        raise ArtifactRefusedError(name, f"tensor {key!r} is not as large as it says")
    return begin, end
