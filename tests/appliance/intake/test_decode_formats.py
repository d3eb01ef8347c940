"""Every format a scanner may write becomes the picture that was in it."""

from __future__ import annotations

import asyncio
import colorsys

import numpy as np
import pytest
from PIL import Image
from pydicom.uid import RLELossless

from appliance.errors import UnreadableError
from appliance.intake.decoding.decoder import ChildDecoder, DecoderCounts
from appliance.intake.decoding.palette import Plane
from appliance.ports import DecodedView
from tests.appliance.intake.decoding import decoded, pixels, with_decoder
from tests.faults.samples import dicom, good_files, image_file, scene, tiff

HIGH, LOW = scene()
STEPS = np.arange(65536, dtype=np.uint16).reshape(256, 256)
"""Every 16-bit value once: what the scale makes of it can be told to the last bit."""
SCALED = np.rint(np.clip((STEPS.astype(float) - 65) * (255 / (65470 - 65)), 0, 255)).astype(np.uint8)


def hue(view: DecodedView, column: int) -> float:
    red, green, blue = (value / 255 for value in pixels(view)[view.height // 2, column])
    return colorsys.rgb_to_hsv(red, green, blue)[0] * 360


def test_every_kind_of_file_decodes_in_a_confined_child() -> None:
    """All of them through one decoder, each of the size it was made with."""

    async def all_kinds(decoder: ChildDecoder) -> tuple[dict[str, tuple[DecodedView, ...]], DecoderCounts]:
        files = good_files()
        views = await asyncio.gather(*(decoder.decode({"": content}, "standard") for content in files.values()))
        return dict(zip(files, views, strict=True)), decoder.counts()

    found, counts = with_decoder(all_kinds)
    assert {name: [(view.suffix, view.width, view.height) for view in views] for name, views in found.items()} == {
        name: [("", 96, 64)] for name in good_files()
    }
    assert (counts.decoded, counts.unreadable, counts.restarts, counts.filtered) == (len(found), 0, 0, True)


def test_an_eight_bit_png_comes_out_pixel_for_pixel() -> None:
    """Re-encoding changes nothing of it."""
    colour = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    (view,) = decoded(image_file(colour, "PNG"))
    assert np.array_equal(pixels(view), colour)


@pytest.mark.parametrize(
    "content",
    [
        image_file(STEPS, "PNG"),
        tiff(STEPS),
        tiff(STEPS, byteorder=">"),
        tiff(STEPS, bigtiff=True),
        tiff(STEPS, tile=(64, 64)),
        image_file(STEPS, "TIFF", compression="tiff_lzw"),
        image_file(STEPS, "TIFF", compression="packbits"),
        image_file(STEPS, "TIFF", compression="zstd"),
        dicom(STEPS),
        dicom(STEPS, RLELossless),
        dicom((STEPS ^ 0x8000).view(np.int16)),
    ],
    ids=["png", "tiff", "big-endian", "bigtiff", "tiled", "lzw", "packbits", "zstd", "dicom", "dicom-rle", "signed"],
)
def test_sixteen_bits_are_scaled_exactly(content: bytes) -> None:
    """The darkest and brightest thousandth aside, each value is where the straight line puts it."""
    (view,) = decoded(content)
    found = pixels(view)[..., 0].astype(int)
    assert np.abs(found - SCALED).max() <= 1
    assert (found == SCALED).mean() > 0.99


def test_white_is_zero_is_turned_round() -> None:
    """TIFF's WhiteIsZero and DICOM's MONOCHROME1 give the same picture as their opposites."""
    turned = [tiff_white_is_zero(~STEPS), dicom(~STEPS, PhotometricInterpretation="MONOCHROME1")]
    for content in turned:
        assert np.array_equal(pixels(decoded(content)[0]), pixels(decoded(tiff(STEPS))[0]))


def tiff_white_is_zero(plane: Plane) -> bytes:
    return image_file(plane, "TIFF", tiffinfo={262: 0})


def test_a_dicom_window_is_applied_as_given() -> None:
    """Below it black, above it white, linear between."""
    (view,) = decoded(dicom(STEPS, WindowCenter=1000.5, WindowWidth=201))
    found = pixels(view)[..., 0].ravel()
    assert (found[900], found[1000], found[1100], found[0], found[-1]) == (0, 128, 255, 0, 255)


@pytest.mark.parametrize(
    "planes",
    [
        {"": tiff(np.stack((HIGH, LOW)))},
        {"high": tiff(HIGH), "low": tiff(LOW)},
        {"low": image_file(LOW, "PNG"), "high": dicom(HIGH, WindowCenter=5, WindowWidth=9)},
    ],
    ids=["two pages", "two files", "two kinds of file"],
)
def test_two_energies_become_orange_for_organic_and_blue_for_metal(planes: dict[str, bytes]) -> None:
    """And white for air."""
    (view,) = decoded(planes)
    assert 20 <= hue(view, 24) <= 45
    assert 200 <= hue(view, 72) <= 230
    assert pixels(view)[32, 48].min() >= 240


def test_the_grey_palette_shows_the_high_energy() -> None:
    """As the high plane alone would be shown."""
    (pair,) = decoded({"high": tiff(HIGH), "low": tiff(LOW)}, "grey")
    (alone,) = decoded(tiff(HIGH))
    assert pair.png == alone.png


def test_planes_of_different_size_are_refused() -> None:
    """A picture of two scans is no picture."""
    with pytest.raises(UnreadableError, match="differ in size: 96 x 64 and 96 x 60"):
        decoded({"high": tiff(HIGH), "low": tiff(LOW[:60])})


def test_pages_and_frames_become_views() -> None:
    """In their order, each with its name; two eight-bit pages are pages, not energies."""
    shades = np.stack([np.full((20, 30), value, np.uint8) for value in (10, 200, 90)])
    for content in (tiff(shades), dicom(shades)):
        views = decoded(content)
        assert [view.suffix for view in views] == ["page-1", "page-2", "page-3"]
    pages = decoded(tiff(shades[:2]))
    assert [int(pixels(page)[0, 0, 0]) for page in pages] == [10, 200]


def test_nine_pages_are_refused() -> None:
    """Eight are the most."""
    with pytest.raises(UnreadableError, match="9 pages"):
        decoded(tiff(np.zeros((9, 8, 8), np.uint8)))


def test_a_large_picture_is_made_smaller_by_area() -> None:
    """The longer side is the limit, and a fine chequerboard becomes the grey it is from afar."""
    board = (np.indices((400, 200)).sum(axis=0) % 2 * 255).astype(np.uint8)
    (view,) = decoded(image_file(board, "PNG"), max_side=100)
    assert (view.width, view.height) == (50, 100)
    assert set(np.unique(pixels(view))) <= {127, 128}


def test_nothing_but_pixels_survives() -> None:
    """Orientation is not obeyed; names, comments and profiles are gone."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a passenger's name"
    image = image_file(np.zeros((20, 40, 3), np.uint8), "JPEG", exif=exif, comment=b"a passenger's name")
    (view,) = decoded(image)
    assert (view.width, view.height) == (40, 20)
    assert b"passenger" in image
    assert b"passenger" not in view.png


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (tiff(np.zeros((8, 8), np.float32)), "samples of 32 bits"),
        (image_file(np.zeros((8, 8), np.uint8), "TIFF", compression="jpeg"), "compression 7"),
        (image_file(np.zeros((8, 8), np.uint8), "GIF"), "not a PNG, JPEG, TIFF or DICOM"),
        (image_file(np.zeros((8, 8), np.uint8), "BMP"), "not a PNG, JPEG, TIFF or DICOM"),
        (dicom(np.zeros((8, 8), np.uint16), BitsAllocated=32), "1 x 32 bits"),
    ],
)
def test_what_is_not_taken_is_said(content: bytes, reason: str) -> None:
    """In words an operator can act on."""
    with pytest.raises(UnreadableError, match=reason):
        decoded(content)
