"""The known pictures beside an exam, looked at before any library decodes them.

Takes the bytes of a PNG. Raises `ArtifactRefusedError` where it is none, where it is larger than a known picture has
any reason to be, or where it is not whole: each chunk is held against its own checksum.
"""

from __future__ import annotations

import struct
import zlib

from models.artifacts.refusal import ArtifactRefusedError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS = 1 << 24
KINDS = frozenset({b"IHDR", b"IDAT", b"IEND"})
"""The chunks of a plain picture: no text, no palette, no colour profile."""
_AROUND = 12  # bytes of a chunk besides its content: length, kind, checksum
_HEADER = 13


def check_picture(name: str, content: memoryview) -> None:
    """Check one PNG file."""
    if bytes(content[: len(SIGNATURE)]) != SIGNATURE:
        raise ArtifactRefusedError(name, "is no PNG")
    kinds: list[bytes] = []
    place = len(SIGNATURE)
    while place < len(content):
        kind, body = _chunk(name, content, place)
        if kind == b"IHDR":
            _check_size(name, body)
        kinds.append(kind)
        place += _AROUND + len(body)
    if kinds[:1] != [b"IHDR"] or kinds[-1] != b"IEND" or kinds[1:-1] != [b"IDAT"] * (len(kinds) - 2):
        raise ArtifactRefusedError(name, "is no PNG of ours: its chunks are not a header, a picture and an end")


def _chunk(name: str, content: memoryview, place: int) -> tuple[bytes, memoryview]:
    if len(content) - place < _AROUND:
        raise ArtifactRefusedError(name, "ends in the middle of a chunk")
    (length,) = struct.unpack(">I", content[place : place + 4])
    if length > len(content) - place - _AROUND:
        raise ArtifactRefusedError(name, "has a chunk that is longer than the file")
    kind = bytes(content[place + 4 : place + 8])
    if kind not in KINDS:
        raise ArtifactRefusedError(name, f"is no PNG of ours: it has a chunk {kind!r}")
    end = place + 8 + length
    if zlib.crc32(content[place + 4 : end]) != struct.unpack(">I", content[end : end + 4])[0]:
        raise ArtifactRefusedError(name, f"has a chunk {kind!r} that is not what its checksum says")
    return kind, content[place + 8 : end]


def _check_size(name: str, header: memoryview) -> None:
    if len(header) != _HEADER:
        raise ArtifactRefusedError(name, "has a header that is none")
    width, height = struct.unpack(">II", header[:8])
    if not 0 < width * height <= MOST_PIXELS:
        raise ArtifactRefusedError(name, f"says that it is {width} x {height}")
