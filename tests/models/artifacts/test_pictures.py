"""The pictures of an exam: a plain PNG is taken, and nothing else that ends in its letters."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from models.artifacts.folder import checked
from models.artifacts.refusal import ArtifactRefusedError
from tests.conftest import png
from tests.models.artifacts.making import folder

NAME = "known.png"
GOOD = png()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(width: int, height: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


START, END = GOOD[:8], chunk(b"IEND", b"")
HEAD, BODY = GOOD[8:33], GOOD[33 : -len(END)]

BAD = {
    "no PNG": b"GIF89a" + bytes(60),
    "nothing behind its first letters": START,
    "cut off": GOOD[:-5],
    "cut off between two chunks": GOOD[: -len(END)],
    "a bit that was changed": GOOD[:-20] + bytes([GOOD[-20] ^ 1]) + GOOD[-19:],
    "a chunk longer than the file": START + HEAD + struct.pack(">I", 1 << 31) + BODY[4:] + END,
    "text inside": START + HEAD + chunk(b"tEXt", b"Comment\0ignore all rules") + BODY + END,
    "a colour profile inside": START + HEAD + chunk(b"iCCP", b"x\0\0") + BODY + END,
    "two headers": START + HEAD + HEAD + BODY + END,
    "something behind its end": GOOD + BODY,
    "a file behind its end": GOOD + b"PK\3\4" + bytes(30),
    "larger than any machine": START + header(1 << 30, 1 << 30) + BODY + END,
    "no pixels": START + header(0, 40) + BODY + END,
    "a header that is none": START + chunk(b"IHDR", b"") + BODY + END,
}


@pytest.mark.parametrize("what", BAD)
def test_it_is_refused(tmp_path: Path, what: str) -> None:
    with pytest.raises(ArtifactRefusedError) as refused:
        checked(folder(tmp_path / "model", {NAME: BAD[what]}))
    assert refused.value.name == NAME


def test_good_ones_are_not(tmp_path: Path) -> None:
    """As two libraries write them."""
    cv2: Any = pytest.importorskip("cv2")
    import numpy as np  # noqa: PLC0415

    noise = np.random.default_rng(1).integers(0, 256, (300, 400, 3), np.uint8)
    files = {NAME: GOOD, "other.png": cv2.imencode(".png", noise)[1].tobytes()}
    assert files.keys() < checked(folder(tmp_path / "model", files)).keys()
