"""Pictures that an enemy, a bad cable or a full disk would send: the same ones for the same seed.

`mutated` damages a good file; `bombs` are files that ask for more than anybody has; `hogs` are whole
pictures that keep a decoder busy until it is ended.
"""

from __future__ import annotations

import random
import struct
import zlib

_HEAD = 2048
"""Most damage goes here: it is where formats keep what they say about themselves."""
_TELLING = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\1", b"\x80\0\0\0", b"\xff\xd9", b"\xff\xd8")


def mutated(content: bytes, dice: random.Random) -> bytes:
    """The file with one to thirty-two faults in it; never the file itself."""
    changed = bytearray(content)
    while bytes(changed) == content:
        for _ in range(dice.choice((1, 1, 2, 4, 8, 32))):
            _harm(changed, dice)
    return bytes(changed)


def _harm(content: bytearray, dice: random.Random) -> None:
    if len(content) < 16:
        content += dice.randbytes(16)
    place = dice.randrange(min(len(content), _HEAD) if dice.random() < 0.7 else len(content))
    kind = dice.random()
    if kind < 0.35:
        content[place] = dice.randrange(256)
    elif kind < 0.5:
        content[place] ^= 1 << dice.randrange(8)
    elif kind < 0.65:
        telling = dice.choice(_TELLING)
        content[place : place + len(telling)] = telling
    elif kind < 0.75:
        del content[place : place + dice.randrange(1, 64)]
    elif kind < 0.85:
        content[place:place] = dice.randbytes(dice.randrange(1, 64))
    elif kind < 0.92:
        other = dice.randrange(len(content))
        content[place : place + 32] = content[other : other + 32]
    else:
        del content[dice.randrange(len(content)) :]


def bombs() -> dict[str, bytes]:
    """Small files that ask for much."""
    return {
        "png of 400 megapixels": png(20000, 20000, zlib.compress(bytes(20001 * 2000), 9)),
        "png of 4 gigapixels by its header": png(65535, 65535, zlib.compress(b"\0")),
        "png with rows missing": png(64, 64, zlib.compress(bytes(65 * 20))),
        "jpeg of 4 gigapixels": jpeg_header(65535, 65535),
        "tiff of 4 gigapixels": tiff_header(65535, 65535, 8),
        "tiff whose pages go in a circle": tiff_header(4, 4, 8, after=8),
        "tiff with a piece beyond its end": tiff_header(64, 64, 16),
        "dicom with a million frames": dicom_header(2000, 2000, 1_000_000),
        "zip": b"PK\x03\x04" + bytes(200),
        "text": b"this is no picture\n" * 20,
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>' * 10,
        "gif": b"GIF89a" + bytes(200),
    }


def hogs() -> dict[str, bytes]:
    """Small, right in every detail, and refused only because they take too long or fill the memory."""
    return {
        "png of 63 megapixels": png(8000, 7900, zlib.compress(bytes(8001 * 7900), 9)),
        "jpeg of 20,000 scans": jpeg_of_scans(2000, 20_000),
    }


def png(width: int, height: int, data: bytes) -> bytes:
    """A grey PNG with right checksums around whatever data."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part)) for name, part in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def jpeg_header(width: int, height: int) -> bytes:
    scan = b"\1\1\0\0\x3f\0"
    return b"\xff\xd8" + _frame(0xC0, width, height) + _segment(0xDA, scan) + bytes(64) + b"\xff\xd9"


def jpeg_of_scans(side: int, scans: int) -> bytes:
    """A progressive JPEG that goes over its whole picture again with every sixteen bytes of it."""
    blocks = (side // 8) ** 2
    code = ("0" + 14 * "1") * -(-blocks // 32767)  # each says of 32767 blocks that nothing changes in them
    code += "1" * (-len(code) % 8)
    nothing_new = int(code, 2).to_bytes(len(code) // 8, "big").replace(b"\xff", b"\xff\0")
    tables = (
        _segment(0xDB, b"\0" + b"\1" * 64),
        _segment(0xC4, b"\x00" + b"\1" + bytes(15) + b"\x00"),
        _segment(0xC4, b"\x10" + b"\1" + bytes(15) + b"\xe0"),
    )
    first = _segment(0xDA, b"\1\1\0\0\0\0") + bytes(-(-blocks // 8))
    again = _segment(0xDA, b"\1\1\0\1\1\0") + nothing_new
    return b"\xff\xd8" + _frame(0xC2, side, side) + b"".join(tables) + first + again * scans + b"\xff\xd9"


def _frame(kind: int, width: int, height: int) -> bytes:
    return _segment(kind, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")


def _segment(name: int, part: bytes) -> bytes:
    return b"\xff" + bytes([name]) + struct.pack(">H", len(part) + 2) + part


def tiff_header(width: int, height: int, bits: int, *, after: int = 0) -> bytes:
    entries = (
        (256, width),
        (257, height),
        (258, bits),
        (259, 1),
        (262, 1),
        (273, 4),
        (277, 1),
        (278, height),
        (279, 16),
    )
    packed = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + packed + struct.pack("<I", after) + bytes(64)


def dicom_header(rows: int, columns: int, frames: int) -> bytes:
    def element(group: int, number: int, kind: bytes, value: bytes) -> bytes:
        return struct.pack("<HH2sH", group, number, kind, len(value)) + value

    def short(number: int, value: int) -> bytes:
        return element(0x28, number, b"US", struct.pack("<H", value))

    syntax = element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1\0")
    told = str(frames).encode()
    shape = (
        short(2, 1) + element(0x28, 4, b"CS", b"MONOCHROME2 ") + element(0x28, 8, b"IS", told + b" " * (len(told) % 2))
    )
    shape += (
        short(0x10, rows)
        + short(0x11, columns)
        + short(0x100, 16)
        + short(0x101, 16)
        + short(0x102, 15)
        + short(0x103, 0)
    )
    return bytes(128) + b"DICM" + syntax + shape + struct.pack("<HH2sxxI", 0x7FE0, 0x10, b"OW", 64) + bytes(64)
