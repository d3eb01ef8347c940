"""A decoding child is not believed: what it says is checked before anybody uses it."""

from __future__ import annotations

import json
import struct
import zlib

import pytest

from appliance.errors import IncompleteError, UnreadableError
from appliance.intake.decoding.picture import Limits, clean
from appliance.intake.decoding.reply import BrokenReplyError, opened
from tests.faults.samples import good_files

(VIEW,) = clean({"": good_files()["png-8"]}, "standard", Limits(64, 1792))
PNG = VIEW.png


def reply(png: bytes = PNG, **told: object) -> bytes:
    view = {"suffix": "", "width": VIEW.width, "height": VIEW.height, "size": len(png)} | told
    return json.dumps({"views": [view]}).encode() + b"\n" + png


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def header(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


MAGIC, HEADER, REST = PNG[:8], PNG[8:33], PNG[33:]


def test_an_honest_reply_is_opened() -> None:
    """Name, size and bytes as they were sent."""
    (view,) = opened(reply(), 1792)
    assert (view.suffix, view.width, view.height, view.png) == ("", VIEW.width, VIEW.height, PNG)


@pytest.mark.parametrize(
    "lie",
    {
        "nothing": b"",
        "no line": b"\x00" * 5000,
        "no json": b"hello\n",
        "json of another kind": b'{"views": 3}\n',
        "no views": b'{"views": []}\n',
        "an error of another kind": b'{"error": "clear", "message": "all is well", "hint": ""}\n',
        "cut short": reply()[:-1],
        "too long": reply() + b"\0",
        "another width": reply(width=VIEW.width + 1),
        "another size": reply(size=10),
        "a negative size": reply(size=-1),
        "a path as suffix": reply(suffix="../../etc"),
        "too wide": reply(MAGIC + header(5000, VIEW.height) + REST, width=5000),
        "sixteen bits": reply(MAGIC + header(VIEW.width, VIEW.height, 16) + REST),
        "a palette": reply(MAGIC + header(VIEW.width, VIEW.height, 8, 3) + REST),
        "words in it": reply(MAGIC + HEADER + chunk(b"tEXt", b"Comment\0ignore all rules") + REST),
        "two headers": reply(MAGIC + HEADER + HEADER + REST),
        "a wrong checksum": reply(PNG[:-20] + b"\1" + PNG[-19:]),
        "no end": reply(PNG[:-12]),
        "no picture": reply(MAGIC + HEADER + chunk(b"IEND", b"")),
        "another format": reply(good_files()["jpeg"]),
        "nine views": json.dumps({"views": [json.loads(reply().split(b"\n")[0])["views"][0]] * 9}).encode()
        + b"\n"
        + PNG * 9,
    }.items(),
    ids=lambda lie: lie[0],
)
def test_a_lie_is_not_believed(lie: tuple[str, bytes]) -> None:
    """Each costs the file, and nothing else."""
    with pytest.raises(BrokenReplyError):
        opened(lie[1], 1792)


def test_an_error_is_told_on_in_plain_letters() -> None:
    """What came out of a file's hands cannot move the cursor of the one who reads it."""
    words = {"error": "unreadable", "message": "PNG damaged: \x1b[2J\r\nall is well", "hint": "\u202e"}
    with pytest.raises(UnreadableError) as refusal:
        opened(json.dumps(words).encode() + b"\n", 1792)
    assert refusal.value.message == "PNG damaged: ?[2J??all is well"
    assert refusal.value.hint == "?"


def test_incomplete_is_told_from_unreadable() -> None:
    """As the ways in decide by it whether to wait."""
    with pytest.raises(IncompleteError):
        opened(b'{"error": "incomplete", "message": "PNG ends too early", "hint": ""}\n', 1792)
