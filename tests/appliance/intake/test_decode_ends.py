"""A picture is taken only when all of it is there; one that is not yet whole is told from one that never will be."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from appliance.errors import IncompleteError, UnreadableError
from appliance.intake.decoding.picture import Clean, Limits, clean
from appliance.intake.decoding.structure import check_jpeg
from tests.faults.mutate import bombs, png
from tests.faults.samples import good_files, image_file, tiff

GOOD = good_files()
LIMITS = Limits(64, 1792)
NOISE = np.random.default_rng(2).integers(0, 256, (64, 96, 3), dtype=np.uint8)


def cleaned(content: bytes) -> list[Clean]:
    return clean({"": content}, "standard", LIMITS)


@pytest.mark.parametrize("name", GOOD)
def test_no_beginning_of_a_file_is_a_picture(name: str) -> None:
    """Cut anywhere, a good file is incomplete: it may still be growing."""
    content = GOOD[name]
    cuts = {*range(0, 420, 3), *range(0, len(content), len(content) // 60), *range(len(content) - 20, len(content))}
    for cut in sorted(cut for cut in cuts if cut < len(content)):
        with pytest.raises(IncompleteError):
            cleaned(content[:cut])


@pytest.mark.parametrize("name", ["png-8", "png-16", "jpeg", "jpeg-progressive", "tiff-deflate"])
def test_a_file_given_its_size_before_its_content_is_incomplete(name: str) -> None:
    """As some copying programs do: zeros where the rest will come."""
    content = GOOD[name]
    for cut in range(0, len(content) - 100, len(content) // 12):
        with pytest.raises(IncompleteError):
            cleaned(content[:cut] + bytes(len(content) - cut))


@pytest.mark.parametrize("name", GOOD)
def test_what_follows_the_end_is_nobodys_concern(name: str) -> None:
    """A vendor's trailer, padding or rubbish changes nothing."""
    content = GOOD[name]
    for trailer in (bytes(1000), b"\xff" * 1000, b"vendor's trailer " * 40):
        assert cleaned(content + trailer) == cleaned(content)


@pytest.mark.parametrize("name", bombs())
def test_a_bomb_is_refused_with_a_reason(name: str) -> None:
    """Before any memory is given to it."""
    with pytest.raises(UnreadableError) as refusal:
        cleaned(bombs()[name])
    assert len(refusal.value.message) > 10
    assert "Error" not in refusal.value.message


def test_a_tiff_that_does_not_say_what_its_shades_mean_is_refused_in_words() -> None:
    """The same words each time, and none of the library's own, which tell an address in memory."""
    content = GOOD["tiff-rgb"].replace(struct.pack("<HHI", 262, 3, 1), struct.pack("<HHI", 262, 3, 0))
    assert content != GOOD["tiff-rgb"]
    with pytest.raises(UnreadableError, match=r"^TIFF damaged: its header makes no picture$"):
        cleaned(content)


def test_a_png_with_rows_missing_is_refused() -> None:
    """Its checksums are right and its end is there, and still a part of the picture is not."""
    rows = bytes([0, *range(1, 65)])
    assert cleaned(png(64, 64, zlib.compress(rows * 64)))
    for there in (0, 1, 32, 63):
        with pytest.raises(UnreadableError, match=r"bytes of its picture are there|truncated"):
            cleaned(png(64, 64, zlib.compress(rows * there)))


def test_a_png_with_a_black_last_row_is_whole() -> None:
    """Black rows are looked at twice, not refused."""
    picture = NOISE.copy()
    picture[-5:] = 0
    assert cleaned(image_file(picture, "PNG"))


@pytest.mark.parametrize("more", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 2}])
def test_a_jpeg_with_its_middle_missing_is_refused(more: dict[str, object]) -> None:
    """An end marker behind half of the data does not make a picture."""
    content = image_file(NOISE, "JPEG", quality=90, **more)
    assert cleaned(content)
    end = check_jpeg(content)[-1]
    for missing in (20, 200, 1000):
        with pytest.raises(UnreadableError):
            cleaned(content[: end - missing] + content[end:])


@pytest.mark.parametrize("name", ["tiff-deflate", "tiff-lzw"])
def test_a_compressed_tiff_with_its_middle_blanked_is_refused(name: str) -> None:
    """Its pieces have their length, and not their content."""
    content = bytearray(GOOD[name])
    content[200:800] = bytes(600)
    with pytest.raises(UnreadableError):
        cleaned(bytes(content))


def test_an_uncompressed_tiff_with_short_pieces_is_refused() -> None:
    """Fewer bytes than its rows need."""
    content = tiff(NOISE[..., 0])
    place = content.index(struct.pack("<HHII", 279, 4, 1, 64 * 96))
    with pytest.raises(UnreadableError, match="too short"):
        cleaned(content[:place] + struct.pack("<HHII", 279, 4, 1, 64 * 95) + content[place + 12 :])


def test_every_changed_byte_of_a_png_is_noticed() -> None:
    """The checksums see to it."""
    content = GOOD["png-8"]
    for place in range(0, len(content) - 12, 37):
        changed = bytearray(content)
        changed[place] ^= 0x10
        with pytest.raises(UnreadableError):
            cleaned(bytes(changed))
