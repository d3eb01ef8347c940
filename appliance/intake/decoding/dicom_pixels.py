"""The pixels of a DICOM or DICOS object, and whether they are all there.

Takes bytes, gives one array per frame. Reads the few elements that tell how to
read the pixels and nothing else; what follows the pixels is not looked at.
"""

from __future__ import annotations

import math
import struct
from io import BytesIO
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.filereader import read_partial
from pydicom.pixels.utils import pixel_array  # pyright: ignore[reportUnknownVariableType] - its arrays name no type
from pydicom.tag import BaseTag
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from appliance.errors import IncompleteError, UnreadableError

Pixels = NDArray[Any]

_SYNTAXES = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless)
_PHOTOMETRICS = {"MONOCHROME1": 1, "MONOCHROME2": 1, "RGB": 3}
_BITS = (8, 16)
_PIXEL_DATA = 0x7FE00010
_NEEDED: list[BaseTag | int] = [
    0x00280002, 0x00280004, 0x00280006, 0x00280008, 0x00280010, 0x00280011, 0x00280100, 0x00280101, 0x00280102,
    0x00280103, 0x00281050, 0x00281051, 0x00281052, 0x00281053, _PIXEL_DATA,
]  # fmt: skip
_UNTOLD = 0xFFFFFFFF
"""Instead of a length: the value goes on until a delimiter."""
_BEGINNING, _BEGINNING_LENGTH = struct.Struct("<132xHH4xI"), (0x0002, 0x0000)
_ITEM, _DELIMITER = (0xFFFE, 0xE000), (0xFFFE, 0xE0DD)


def frames(content: bytes, *, most: int, most_pixels: float, windowed: bool) -> list[Pixels]:
    """The frames: grey as uint16, or as uint8 with the object's own window applied; RGB as uint8 with a third axis."""
    found = _read(content)
    count = _check_kind(found, most, most_pixels)
    pixels = cast("Pixels", pixel_array(found))
    return [_shown(found, frame, windowed=windowed) for frame in (pixels if count > 1 else [pixels])]


def _read(content: bytes) -> FileDataset:
    _check_beginning(content)
    stream = BytesIO(content)
    reached = False

    def stop(tag: BaseTag, _kind: str | None, length: int) -> bool:
        nonlocal reached
        if reached or tag > _PIXEL_DATA:
            reached = True
            return True
        reached = tag == _PIXEL_DATA
        if length != _UNTOLD and stream.tell() + length > len(content):
            raise _cut_off(len(content))
        if length == _UNTOLD and reached:
            _check_items(content, stream.tell())
        return False

    try:
        found = read_partial(stream, stop_when=stop, specific_tags=_NEEDED)
    except EOFError as problem:
        raise _cut_off(len(content)) from problem
    if not reached:
        raise _cut_off(len(content))
    if "PixelData" not in found:
        raise UnreadableError("DICOM object without a picture in it")
    return found


def _check_beginning(content: bytes) -> None:
    """The first element tells how long the beginning is that says how to read the rest."""
    if len(content) < _BEGINNING.size:
        raise _cut_off(len(content))
    group, element, length = _BEGINNING.unpack_from(content)
    if (group, element) == _BEGINNING_LENGTH and _BEGINNING.size + length > len(content):
        raise _cut_off(len(content))


def _check_items(content: bytes, position: int) -> None:
    """Walk the fragments of compressed pixel data to their delimiter. They are always little-endian."""
    while True:
        if position + 8 > len(content):
            raise _cut_off(len(content))
        group, element, length = struct.unpack_from("<HHI", content, position)
        position += 8
        if (group, element) not in (_ITEM, _DELIMITER):
            raise UnreadableError(f"DICOM damaged at byte {position - 8}: no fragment begins there")
        if (group, element) == _DELIMITER:
            return
        position += length


def _check_kind(found: FileDataset, most: int, most_pixels: float) -> int:
    """Refuse what we do not take before anything is unpacked; the number of frames."""
    syntax: UID | None = found.file_meta.get("TransferSyntaxUID")
    if syntax not in _SYNTAXES:
        name = syntax.name if syntax else "nobody says what"
        raise UnreadableError(f"DICOM with pixels as {name}", hint="have the scanner send them uncompressed or RLE")
    photometric = str(found.get("PhotometricInterpretation"))
    samples, bits = int(found.get("SamplesPerPixel") or 1), int(found.get("BitsAllocated") or 0)
    if _PHOTOMETRICS.get(photometric) != samples or bits not in _BITS:
        raise UnreadableError(
            f"DICOM with pixels of {photometric}, {samples} x {bits} bits",
            hint="grey and RGB of 8 or 16 bits are taken",
        )
    count, rows, columns = int(found.get("NumberOfFrames") or 1), int(found.get("Rows") or 0), int(found.Columns)
    if min(count, rows, columns) < 1:
        raise UnreadableError("DICOM damaged: a picture without width or height")
    if count > most:
        raise UnreadableError(f"DICOM with {count} frames; at most {most} are taken")
    if count * rows * columns > most_pixels:
        raise UnreadableError(f"DICOM with {count} frames of {columns} x {rows} pixels is too large")
    return count


def _shown(found: FileDataset, frame: Pixels, *, windowed: bool) -> Pixels:
    if found.PhotometricInterpretation == "RGB":
        return (frame >> 8 if frame.dtype.itemsize > 1 else frame).astype(np.uint8)
    window = _window(found) if windowed else None
    slope = float(found.get("RescaleSlope") or 1)
    inverted = (found.PhotometricInterpretation == "MONOCHROME1") != (slope < 0)
    if window:
        low, high = window
        seen = np.clip((frame.astype(np.float32) - np.float32(low)) * np.float32(255 / (high - low)), 0, 255)
        shades = np.rint(seen).astype(np.uint8)
        return ~shades if inverted else shades
    whole = frame.astype(np.int32) - (min(0, int(frame.min())))
    plane = (whole if frame.dtype.itemsize > 1 else whole * 257).astype(np.uint16)
    return ~plane if inverted else plane


def _window(found: FileDataset) -> tuple[float, float] | None:
    """The object's own window, in stored values: where black ends and where white begins."""
    if not ("WindowCenter" in found and "WindowWidth" in found):
        return None
    centre, width = (_first(found.get(name)) for name in ("WindowCenter", "WindowWidth"))
    slope, shift = float(found.get("RescaleSlope") or 1), float(found.get("RescaleIntercept") or 0)
    ends = sorted(((centre - 0.5 + side * (width - 1) / 2) - shift) / slope for side in (-1, 1))
    if not (all(map(math.isfinite, ends)) and ends[1] > ends[0]):
        return None
    return ends[0], ends[1]


def _first(value: Any) -> float:
    try:
        return float(value)
    except TypeError:
        return float(value[0])  # several windows: the first is the default


def _cut_off(size: int) -> IncompleteError:
    return IncompleteError(f"DICOM object ends too early, after {size} bytes", hint="still being written, or cut off")
