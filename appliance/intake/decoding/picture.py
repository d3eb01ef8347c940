"""Untrusted bytes to clean pictures: what a confined child does with one file.

Takes the bytes of a file, or of its two energy planes, and gives 8-bit RGB PNGs
made anew from nothing but pixels. Uses no file, no clock and no network. Says
`IncompleteError` or `UnreadableError` in words for an operator.
"""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from appliance.errors import UnreadableError
from appliance.intake.decoding import dicom_pixels, palette, structure
from appliance.intake.decoding.tiff_structure import check_tiff

Frame = Image.Image | palette.Plane
"""8 bits as an image, or one 16-bit plane still to be given its shades."""

MOST_PAGES = 8
_ENERGIES = 2
_BAND = 256  # rows compared at once
_FOREIGN = bytes(range(0x11, 0x91, 8))
"""Put behind coded data, to see whether the picture depends on what stands there."""


class Limits(NamedTuple):
    megapixels: float
    max_side: int


class Clean(NamedTuple):
    suffix: str
    width: int
    height: int
    png: bytes


def clean(planes: dict[str, bytes], shades: str, limits: Limits) -> list[Clean]:
    """Make the clean pictures: of one file, or of a "high" and a "low" energy that came as two."""
    if set(planes) == {"high", "low"}:
        pictures = [_paired(_only_plane(planes["high"], limits), _only_plane(planes["low"], limits), shades, limits)]
    elif len(planes) == 1:
        pictures = _alone(next(iter(planes.values())), shades, limits)
    else:
        raise UnreadableError(f"{len(planes)} files for one view", hint="one, or a high and a low plane")
    names = [""] if len(pictures) == 1 else [f"page-{number}" for number in range(1, len(pictures) + 1)]
    return [Clean(name, one.width, one.height, _png(one)) for name, one in zip(names, pictures, strict=True)]


def _alone(content: bytes, shades: str, limits: Limits) -> list[Image.Image]:
    kind = structure.kind_of(content)
    found = _frames(kind, content, limits, windowed=True)
    planes = [frame for frame in found if isinstance(frame, np.ndarray)]
    if kind == "TIFF" and len(planes) == len(found) == _ENERGIES and planes[0].shape == planes[1].shape:
        high, low = planes
        return [_paired(high, low, shades, limits)]
    return [_shaded(frame, limits) for frame in found]


def _only_plane(content: bytes, limits: Limits) -> palette.Plane:
    found = _frames(structure.kind_of(content), content, limits, windowed=False)
    if len(found) != 1:
        raise UnreadableError(f"an energy plane with {len(found)} pages", hint="one page per plane")
    plane = found[0]
    if isinstance(plane, Image.Image):
        if plane.mode != "L":
            raise UnreadableError("an energy plane in colour", hint="have the scanner write grey planes")
        return np.asarray(plane, np.uint16) * np.uint16(257)
    return plane


def _paired(high: palette.Plane, low: palette.Plane, shades: str, limits: Limits) -> Image.Image:
    if high.shape != low.shape:
        sizes = " and ".join(f"{plane.shape[1]} x {plane.shape[0]}" for plane in (high, low))
        raise UnreadableError(f"the two energy planes differ in size: {sizes}")
    if shades == "grey":
        return _shaded(high, limits)
    return Image.fromarray(palette.colour(_shrunk(high, limits), _shrunk(low, limits)))


def _shaded(frame: Frame, limits: Limits) -> Image.Image:
    if isinstance(frame, Image.Image):
        size = _target(frame.width, frame.height, limits)
        image = frame if frame.mode in ("L", "RGB") else frame.convert("RGB")
        return (image if size is None else image.resize(size, Image.Resampling.BOX)).convert("RGB")
    return Image.fromarray(palette.grey(_shrunk(frame, limits))).convert("RGB")


def _shrunk(plane: palette.Plane, limits: Limits) -> palette.Plane:
    """The mean over areas: rays are counted, not picked."""
    size = _target(plane.shape[1], plane.shape[0], limits)
    if size is None:
        return plane
    small = Image.fromarray(plane.astype(np.float32)).resize(size, Image.Resampling.BOX)
    return np.rint(np.asarray(small)).astype(np.uint16)


def _target(width: int, height: int, limits: Limits) -> tuple[int, int] | None:
    share = limits.max_side / max(width, height)
    return None if share >= 1 else (max(1, round(width * share)), max(1, round(height * share)))


def _frames(kind: structure.Kind, content: bytes, limits: Limits, *, windowed: bool) -> list[Frame]:
    try:
        if kind == "PNG":
            return [_from_png(content, limits)]
        if kind == "JPEG":
            return [_from_jpeg(content, limits)]
        if kind == "TIFF":
            return _from_tiff(content, limits)
        return _from_dicom(content, limits, windowed=windowed)
    except (UnreadableError, MemoryError):
        raise
    except Exception as problem:
        # The libraries raise whatever they trip over. To the operator it is all one: damaged.
        raise structure.damaged(content, f"{kind} damaged: {type(problem).__name__}: {problem}") from problem


def _from_png(content: bytes, limits: Limits) -> Frame:
    structure.check_png(content)
    frame = _loaded(_opened(content, "PNG", limits))
    last = frame[-1] if isinstance(frame, np.ndarray) else np.asarray(frame.crop((0, frame.height - 1, *frame.size)))
    if structure.png_interlaced(content) or not last.any():  # rows that were missing are all zero
        structure.check_png_rows(content)
    return frame


def _from_jpeg(content: bytes, limits: Limits) -> Frame:
    """Decoded twice: a picture that depends on what follows its coded data has too little of it."""
    ends = structure.check_jpeg(content)
    image = _opened(content, "JPEG", limits)
    frame = _loaded(image)
    pieces = [content[start:end] for start, end in zip([0, *ends], [*ends, len(content)], strict=True)]
    other = _opened(_FOREIGN.join(pieces), "JPEG", limits)
    for top in range(0, image.height, _BAND):
        box = (0, top, image.width, min(top + _BAND, image.height))
        if image.crop(box).tobytes() != other.crop(box).tobytes():
            raise UnreadableError("JPEG damaged: its coded data ends before the picture does")
    return frame


def _from_tiff(content: bytes, limits: Limits) -> list[Frame]:
    pages = check_tiff(content)
    if len(pages) > MOST_PAGES:
        raise UnreadableError(f"TIFF with {len(pages)} pages; at most {MOST_PAGES} are taken")
    found: list[Frame] = []
    pixels = 0
    for page in pages:
        image = _opened(content, "TIFF", limits)
        image.seek(page.number)
        pixels += image.width * image.height
        _check_size(image, pixels, limits)
        frame = _loaded(image)
        found.append(~frame if isinstance(frame, np.ndarray) and page.white_is_zero else frame)
    return found


def _from_dicom(content: bytes, limits: Limits, *, windowed: bool) -> list[Frame]:
    found = dicom_pixels.frames(content, most=MOST_PAGES, most_pixels=limits.megapixels * 1e6, windowed=windowed)
    return [frame if frame.dtype == np.uint16 else Image.fromarray(frame) for frame in found]


def _opened(content: bytes, kind: structure.Kind, limits: Limits) -> Image.Image:
    try:
        image = Image.open(BytesIO(content), formats=(kind,))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as problem:
        raise UnreadableError(
            f"{kind} of too many pixels; at most {limits.megapixels:g} megapixels are taken"
        ) from problem
    except UnidentifiedImageError as problem:  # its own words tell nothing but an address in memory
        raise structure.damaged(content, f"{kind} damaged: its header makes no picture") from problem
    _check_size(image, image.width * image.height, limits)
    return image


def _check_size(image: Image.Image, pixels: int, limits: Limits) -> None:
    """Before anything is allocated."""
    if pixels > limits.megapixels * 1e6:
        raise UnreadableError(
            f"{image.width} x {image.height} pixels are too many; at most {limits.megapixels:g} megapixels are taken"
        )


def _loaded(image: Image.Image) -> Frame:
    image.load()
    if not image.mode.startswith("I;16"):
        if image.mode in ("I", "F"):
            raise UnreadableError("samples of 32 bits", hint="have the scanner write 8 or 16 bits")
        return image
    pixels: NDArray[Any] = np.asarray(image)
    return pixels.astype(np.uint16)


def _png(image: Image.Image) -> bytes:
    """Written by hand and not packed: packing costs a scan more time than all else together, at both ends."""
    pixels = np.asarray(image).reshape(image.height, -1)
    rows = np.zeros((image.height, 1 + pixels.shape[1]), np.uint8)  # each begins with 0: no filter
    rows[:, 1:] = pixels
    header = struct.pack(">IIBBBBB", image.width, image.height, 8, 2, 0, 0, 0)
    data = zlib.compress(rows.data, 0)
    return structure.PNG_MAGIC + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return b"".join((struct.pack(">I", len(data)), name, data, struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))))
