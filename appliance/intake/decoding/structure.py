"""What kind of picture some bytes are, and whether it is all there.

Takes bytes and trusts nothing in them. Decides by the first bytes, never by a
name, and walks PNG and JPEG to their structural end. `IncompleteError` means
that what is there is a good beginning; what follows the end is nobody's concern.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import Literal

from appliance.errors import IncompleteError, UnreadableError

Kind = Literal["PNG", "JPEG", "TIFF", "DICOM"]

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_BEGINNINGS: tuple[tuple[bytes, Kind], ...] = (
    (PNG_MAGIC, "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)
_DICOM_MAGIC, _DICOM_MAGIC_AT = b"DICM", 128
_ZEROS = bytes(64)
"""A file that ends in so many zeros was given its size before its content."""

_HEADER_BYTES = 13
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))

_MARKER = re.compile(rb"\xff+([\x01-\xfe])")
_END, _SCAN = 0xD9, 0xDA
_RESTARTS = range(0xD0, 0xD8)
_FRAMES = (0xC0, 0xC1, 0xC2)  # Huffman: baseline, extended, progressive
_SEGMENTS = (*_FRAMES, 0xC4, _SCAN, 0xDB, 0xDD, *range(0xE0, 0xF0), 0xFE)


def kind_of(content: bytes) -> Kind:
    """Tell the format by the first bytes."""
    for magic, kind in _BEGINNINGS:
        if content.startswith(magic):
            return kind
    if content[_DICOM_MAGIC_AT : _DICOM_MAGIC_AT + 4] == _DICOM_MAGIC:
        return "DICOM"
    short = len(content) < _DICOM_MAGIC_AT + len(_DICOM_MAGIC)
    begun = any(magic.startswith(content) for magic, _ in _BEGINNINGS)
    if begun or not content.strip(b"\0") or (short and not content[:_DICOM_MAGIC_AT].strip(b"\0")):
        raise IncompleteError(f"only {len(content)} bytes so far, and nothing in them tells the format")
    raise UnreadableError(
        f"not a PNG, JPEG, TIFF or DICOM picture: it begins with {content[:8].hex(' ')}",
        hint="have the scanner write one of these formats",
    )


def check_png(content: bytes) -> None:
    """Walk the chunks to IEND; each must be whole and its checksum right."""
    position, seen_header, seen_data = len(PNG_MAGIC), False, False
    while True:
        if position + 8 > len(content):
            raise _cut_off("PNG", len(content))
        length, name = struct.unpack_from(">I4s", content, position)
        end = position + 12 + length
        if not name.isalpha():
            raise damaged(content, f"PNG damaged at byte {position}: no chunk begins there")
        if end > len(content):
            raise _cut_off("PNG", len(content))
        if zlib.crc32(memoryview(content)[position + 4 : end - 4]) != int.from_bytes(content[end - 4 : end], "big"):
            raise damaged(content, f"PNG damaged at byte {position}: the checksum of its {name.decode()} is wrong")
        if not seen_header and (name != b"IHDR" or length != _HEADER_BYTES):
            raise UnreadableError("PNG damaged: it does not begin with its header")
        seen_header, seen_data = True, seen_data or name == b"IDAT"
        position = end
        if name == b"IEND":
            break
    if not seen_data:
        raise UnreadableError("PNG without a picture in it")


def png_interlaced(content: bytes) -> bool:
    return content[28] != 0


def check_png_rows(content: bytes) -> None:
    """Unpack the data of a PNG and hold its length against the header. Decoders leave missing rows black, silently."""
    width, height, depth, colour = struct.unpack_from(">IIBB", content, 16)
    passes = _ADAM7 if png_interlaced(content) else ((0, 0, 1, 1),)
    bits = depth * _CHANNELS.get(colour, 4)
    wanted = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        wanted += rows * (1 + (columns * bits + 7) // 8) if columns > 0 and rows > 0 else 0
    found, unpacker = 0, zlib.decompressobj()
    rest = b"".join(_png_data(content))
    try:
        while found < wanted and not unpacker.eof:
            part = unpacker.decompress(rest, 1 << 20)
            found, rest = found + len(part), unpacker.unconsumed_tail
            if not part and not rest:
                break
    except zlib.error as problem:
        raise UnreadableError(f"PNG damaged: {problem}") from problem
    if found < wanted:
        raise UnreadableError(f"PNG damaged: {found} of {wanted} bytes of its picture are there")


def _png_data(content: bytes) -> list[bytes]:
    parts: list[bytes] = []
    position, name = len(PNG_MAGIC), b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", content, position)
        if name == b"IDAT":
            parts.append(content[position + 8 : position + 8 + length])
        position += 12 + length
    return parts


def check_jpeg(content: bytes) -> list[int]:
    """Walk the segments and scans to the end marker; give the places where a scan's coded data must be over."""
    position, marker, ends = 2, 0, list[int]()
    framed = False
    while marker != _END:
        if position + 2 > len(content):
            raise _cut_off("JPEG", len(content))
        found = _MARKER.match(content, position)
        if not found:
            if not content[position:].strip(b"\xff"):
                raise _cut_off("JPEG", len(content))
            raise damaged(content, f"JPEG damaged at byte {position}: no segment begins there")
        position, marker = found.end(), found[1][0]
        if marker == _END:
            break
        if marker not in _SEGMENTS:
            raise damaged(content, f"JPEG damaged, or of a rare kind: segment {marker:#x} at byte {position}")
        framed = framed or marker in _FRAMES
        position += int.from_bytes(content[position : position + 2], "big")
        if position > len(content):
            raise _cut_off("JPEG", len(content))
        if marker == _SCAN:
            position = _scan_end(content, position, ends)
    if not (framed and ends):
        raise UnreadableError("JPEG without a picture in it")
    return ends


def _scan_end(content: bytes, position: int, ends: list[int]) -> int:
    for found in _MARKER.finditer(content, position):
        ends.append(found.start())
        if found[1][0] not in _RESTARTS:
            return found.start()
    raise _cut_off("JPEG", len(content))


def _cut_off(kind: str, size: int) -> IncompleteError:
    return IncompleteError(f"{kind} ends too early, after {size} bytes", hint="still being written, or cut off")


def damaged(content: bytes, message: str) -> UnreadableError:
    """A fault before a tail of zeros is a file whose writer has not come that far."""
    if content.endswith(_ZEROS):
        return IncompleteError(f"{message}, and it ends in zeros", hint="still being written, or cut off")
    return UnreadableError(message)
