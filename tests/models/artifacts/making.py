"""Small model folders for tests, made byte by byte: good ones, so that each bad one differs from them in one thing."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

ONES = struct.pack("<6f", *[1.0] * 6)
HEADER: dict[str, Any] = {
    "__metadata__": {"format": "pt"},
    "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
    "b": {"dtype": "BF16", "shape": [4], "data_offsets": [16, 24]},
}


def tensors(header: dict[str, Any] | bytes = HEADER, body: bytes = ONES, length: int | None = None) -> bytes:
    """A safetensors file."""
    words = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(words) if length is None else length).to_bytes(8, "little") + words + body


def field(number: int, value: int | bytes | str) -> bytes:
    """One field of a protobuf message."""
    if isinstance(value, int):
        return _number(number << 3) + _number(value)
    content = value.encode() if isinstance(value, str) else value
    return _number(number << 3 | 2) + _number(len(content)) + content


def tensor(*more: bytes, dimensions: tuple[int, ...] = (2, 3), raw: bytes = ONES) -> bytes:
    """An ONNX tensor of floats."""
    return b"".join((*(field(1, side) for side in dimensions), field(2, 1), field(8, "w"), field(9, raw), *more))


def node(*more: bytes, domain: str = "") -> bytes:
    return field(1, "x") + field(2, "y") + field(4, "Add") + field(7, domain) + b"".join(more)


def graph(*nodes: bytes, initializer: bytes | None = None) -> bytes:
    whole = b"".join(field(1, one) for one in nodes or (node(),))
    return whole + field(2, "net") + field(5, tensor() if initializer is None else initializer)


def model(whole: bytes | None = None, *more: bytes, domain: str = "") -> bytes:
    """An ONNX file."""
    operators = field(1, domain) + field(2, 20)
    return field(1, 9) + field(7, graph() if whole is None else whole) + field(8, operators) + b"".join(more)


def folder(place: Path, files: dict[str, bytes] | None = None, **manifest: Any) -> Path:
    """A model's folder with the manifest that its files deserve."""
    place.mkdir()
    whole = {"model.safetensors": tensors(), "detector.onnx": model(), "config.json": b'{"model_type": "x"}'}
    whole |= files or {}
    listed = {name: {"size": len(one), "sha256": hashlib.sha256(one).hexdigest()} for name, one in whole.items()}
    for name, one in whole.items():
        (place / name).write_bytes(one)
    (place / "manifest.json").write_text(json.dumps({"files": listed} | manifest))
    return place


def _number(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])
