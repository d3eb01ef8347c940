"""What a decoding child says, and why it is not believed.

The reply is one line of JSON and then the PNGs it announces, or an error. Takes
these bytes, gives `DecodedView`s, and raises `BrokenReplyError` unless each PNG
is exactly what we would have written: nothing but header, data and end, with
right checksums, in the size announced and allowed.
"""

from __future__ import annotations

import struct
import zlib
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from appliance.errors import IncompleteError, LanewatchError, UnreadableError
from appliance.ports import DecodedView
from models.answer import Value

MOST_VIEWS = 8
_LONGEST_LINE = 4096
_MAGIC = b"\x89PNG\r\n\x1a\n"
_MANNER = bytes((8, 2, 0, 0, 0))  # 8 bits, RGB, deflate, no interlacing


class BrokenReplyError(LanewatchError):
    """The reply is cut short or does not make sense."""


class _View(Value):
    suffix: str = Field(pattern=r"^(page-[1-8])?$")
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    size: int = Field(gt=0)


class _Views(Value):
    views: Annotated[tuple[_View, ...], Field(min_length=1, max_length=MOST_VIEWS)]


class _Trouble(Value):
    error: Literal["incomplete", "unreadable"]
    message: str = Field(max_length=1000)
    hint: str = Field(max_length=1000)


def most_bytes(max_side: int) -> int:
    """No honest reply is longer than this."""
    one = max_side * (max_side * 3 + 1)
    return _LONGEST_LINE + MOST_VIEWS * (one + one // 1000 + 1024)


def opened(reply: bytes, max_side: int) -> tuple[DecodedView, ...]:
    """The pictures in a reply; raises the error it carries."""
    end = reply.find(b"\n", 0, _LONGEST_LINE)
    if end < 0:
        raise BrokenReplyError("the decoder gave no answer")
    line = reply[:end]
    if line.startswith(b'{"error"'):
        raise _error(line)
    try:
        told = _Views.model_validate_json(line).views
    except ValidationError as problem:
        raise BrokenReplyError("the decoder's answer makes no sense") from problem
    if end + 1 + sum(view.size for view in told) != len(reply):
        raise BrokenReplyError("the decoder's answer is not as long as it says")
    found: list[DecodedView] = []
    position = end + 1
    for view in told:
        png = reply[position : position + view.size]
        position += view.size
        if max(view.width, view.height) > max_side or not _is_ours(png, view.width, view.height):
            raise BrokenReplyError("the decoder's picture is not what it says")
        found.append(DecodedView(view.suffix, png, view.width, view.height))
    return tuple(found)


def _error(line: bytes) -> UnreadableError | BrokenReplyError:
    try:
        trouble = _Trouble.model_validate_json(line)
    except ValidationError:
        return BrokenReplyError("the decoder's answer makes no sense")
    kind = IncompleteError if trouble.error == "incomplete" else UnreadableError
    return kind(_plain(trouble.message), hint=_plain(trouble.hint))


def _plain(words: str) -> str:
    """Words that came out of a file's hands may hold anything; an operator's log may not."""
    return "".join(letter if letter.isprintable() else "?" for letter in words)[:300]


def _is_ours(png: bytes, width: int, height: int) -> bool:
    if not png.startswith(_MAGIC):
        return False
    position, names = len(_MAGIC), list[bytes]()
    while position + 12 <= len(png):
        length, name = struct.unpack_from(">I4s", png, position)
        data = png[position + 8 : position + 8 + length]
        checksum = png[position + 8 + length : position + 12 + length]
        if zlib.crc32(data, zlib.crc32(name)).to_bytes(4, "big") != checksum:
            return False
        if name == b"IHDR" and data != struct.pack(">II", width, height) + _MANNER:
            return False
        names.append(name)
        position += 12 + length
    return position == len(png) and names == [b"IHDR", b"IDAT", b"IEND"]
