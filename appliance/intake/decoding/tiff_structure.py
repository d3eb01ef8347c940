"""Whether a TIFF is all there and of a kind we take; pixels are another's business (`picture.py`).

Takes bytes, gives the pages that are pictures of their own. Walks every
directory and holds every strip and tile against the end of the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from appliance.errors import IncompleteError, UnreadableError
from appliance.intake.decoding.structure import damaged

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_NUMBERS = {1: "B", 3: "H", 4: "I", 16: "Q"}
_SUBFILE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES = 254, 256, 257, 258, 259, 262, 277
_STRIPS, _ROWS_PER_STRIP, _STRIP_BYTES, _PLANAR = 273, 278, 279, 284
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES, _FORMAT = 322, 323, 324, 325, 339
_NEEDED = {
    _SUBFILE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES, _STRIPS, _ROWS_PER_STRIP, _STRIP_BYTES,
    _PLANAR, _TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES, _FORMAT,
}  # fmt: skip
_UNCOMPRESSED = 1
_COMPRESSIONS = {_UNCOMPRESSED, 5, 8, 32773, 32946, 50000}  # LZW, Deflate, PackBits, old Deflate, Zstandard
_PHOTOMETRICS = {0, 1, 2, 3}  # white is zero, black is zero, RGB, palette
_SEPARATE, _UNSIGNED = 2, 1
_MOST_DIRECTORIES = 64

Tags = dict[int, tuple[int, ...]]


class TiffPage(NamedTuple):
    """One picture in the file."""

    number: int
    white_is_zero: bool


def check_tiff(content: bytes) -> tuple[TiffPage, ...]:
    """Walk the file; the pages it holds, without the small copies that some writers put beside them."""
    pages: list[TiffPage] = []
    for number, tags in enumerate(_directories(content)):
        if _one(tags, _SUBFILE, 0) & 1:
            continue
        if not (_one(tags, _WIDTH, 0) and _one(tags, _HEIGHT, 0)):
            raise damaged(content, "TIFF damaged: a page without width or height")
        _check_kind(tags)
        _check_data(tags, len(content))
        pages.append(TiffPage(number, _one(tags, _PHOTOMETRIC, 1) == 0))
    if not pages:
        raise UnreadableError("TIFF without a picture in it")
    return tuple(pages)


def _directories(content: bytes) -> Iterator[Tags]:
    order = "<" if content[:2] == b"II" else ">"
    big = content[2:4] in (b"+\0", b"\0+")
    start, link, count_form, entry_form = (8, "Q", "Q", "HHQ") if big else (4, "I", "H", "HHI")
    entry_size = 20 if big else 12
    (position,) = _take(content, start, order + link)
    seen: set[int] = set()
    while position or not seen:
        if position == 0:
            raise _cut_off(len(content))
        if position in seen or len(seen) >= _MOST_DIRECTORIES:
            raise UnreadableError("TIFF damaged: its pages go in a circle")
        seen.add(position)
        (count,) = _take(content, position, order + count_form)
        first = position + struct.calcsize(order + count_form)
        tags: Tags = {}
        for entry in range(first, first + min(count, 65536) * entry_size, entry_size):
            tag, kind, many = _take(content, entry, order + entry_form)
            place = entry + struct.calcsize(order + entry_form)
            if kind not in _SIZES:
                raise UnreadableError(f"TIFF damaged: tag {tag} has no known type")
            size = _SIZES[kind] * many
            if size > struct.calcsize(order + link):
                (place,) = _take(content, place, order + link)
            if place + size > len(content):
                raise _cut_off(len(content))
            if tag in _NEEDED and kind in _NUMBERS:
                tags[tag] = struct.unpack_from(f"{order}{many}{_NUMBERS[kind]}", content, place)
        yield tags
        (position,) = _take(content, first + count * entry_size, order + link)


def _check_kind(tags: Tags) -> None:
    bits = set(tags.get(_BITS, (1,)))
    compression = _one(tags, _COMPRESSION, _UNCOMPRESSED)
    if compression not in _COMPRESSIONS:
        raise UnreadableError(
            f"TIFF with compression {compression}",
            hint="have the scanner write it uncompressed, LZW, Deflate or Zstandard",
        )
    if bits not in ({8}, {16}) or set(tags.get(_FORMAT, (_UNSIGNED,))) != {_UNSIGNED}:
        raise UnreadableError(
            f"TIFF with samples of {'/'.join(map(str, sorted(bits)))} bits, or not of whole positive numbers",
            hint="have the scanner write 8 or 16 bits",
        )
    if _one(tags, _PHOTOMETRIC, 1) not in _PHOTOMETRICS:
        raise UnreadableError("TIFF neither grey nor RGB", hint="have the scanner write grey or RGB")


def _check_data(tags: Tags, size: int) -> None:
    """Every strip or tile must be named, and lie inside the file; where nothing is compressed, be long enough too."""
    width, height = _one(tags, _WIDTH, 0), _one(tags, _HEIGHT, 0)
    tiled = _TILES in tags
    across, down = (_one(tags, _TILE_WIDTH, 0), _one(tags, _TILE_HEIGHT, 0)) if tiled else (width, height)
    down = down if tiled else min(height, _one(tags, _ROWS_PER_STRIP, height))
    if not (across and down):
        raise UnreadableError("TIFF damaged: its pieces have no width or height")
    samples = _one(tags, _SAMPLES, 1)
    separate = _one(tags, _PLANAR, 1) == _SEPARATE
    per_plane = -(-width // across) * -(-height // down)
    wanted = per_plane * (samples if separate else 1)
    places = tags.get(_TILES if tiled else _STRIPS, ())
    lengths = tags.get(_TILE_BYTES if tiled else _STRIP_BYTES, ())
    if len(places) != wanted or len(lengths) != wanted:
        raise UnreadableError(f"TIFF damaged: {len(places)} of {wanted} pieces of a page are named")
    if not all(places) or not all(lengths) or any(map(size.__lt__, map(int.__add__, places, lengths))):
        raise _cut_off(size)
    if _one(tags, _COMPRESSION, _UNCOMPRESSED) == _UNCOMPRESSED:
        row = -(-across * max(tags[_BITS]) * (1 if separate else samples) // 8)
        last = down if tiled else height - (per_plane - 1) * down
        for number, length in enumerate(lengths):
            if length < row * (last if number % per_plane == per_plane - 1 else down):
                raise UnreadableError(f"TIFF damaged: piece {number} of a page is too short")


def _one(tags: Tags, tag: int, otherwise: int) -> int:
    values = tags.get(tag)
    return values[0] if values else otherwise


def _take(content: bytes, position: int, form: str) -> tuple[int, ...]:
    if position + struct.calcsize(form) > len(content):
        raise _cut_off(len(content))
    return struct.unpack_from(form, content, position)


def _cut_off(size: int) -> IncompleteError:
    return IncompleteError(f"TIFF ends too early, after {size} bytes", hint="still being written, or cut off")
