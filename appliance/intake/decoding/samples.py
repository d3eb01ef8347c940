"""Pictures of our own, tiny ones of each kind and ordinary ones: what a decoder gets its hand in with.

Gives the bytes of whole files; the most frequent kinds come first.
"""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
from PIL import Image

_SIDE = 16
_ORDINARY = 448
_LITTLE_ENDIAN = b"1.2.840.10008.1.2.1\0"
_LONG_FORM = (b"OB", b"OW")


def tiny_pictures() -> tuple[dict[str, bytes], ...]:
    """What `picture.clean` takes: single files, and at last a pair of planes."""
    plane = Image.fromarray(np.arange(_SIDE * _SIDE, dtype=np.uint16).reshape(_SIDE, _SIDE) << 8)
    shades = Image.fromarray(np.asarray(plane).astype(np.uint8)).convert("RGB")
    tiff, dicom = _file(plane, "TIFF", compression="zstd"), _dicom(plane.tobytes())
    alone = (_file(shades, "JPEG"), _file(shades, "PNG"), _file(plane, "PNG"), tiff, dicom)
    return (*({"": content} for content in alone), {"high": tiff, "low": dicom})


def ordinary_pictures() -> tuple[dict[str, bytes], ...]:
    """A PNG and a JPEG as large as most that come, each as one file."""
    noise = np.random.default_rng(0).integers(0, 16, (_ORDINARY, _ORDINARY, 3), np.uint8)
    return tuple({"": _file(Image.fromarray(noise), kind)} for kind in ("PNG", "JPEG"))


def _file(image: Image.Image, kind: str, **more: str) -> bytes:
    file = BytesIO()
    image.save(file, kind, **more)
    return file.getvalue()


def _dicom(pixels: bytes) -> bytes:
    whole = struct.Struct("<H").pack
    elements = (
        (0x0002, 0x0010, b"UI", _LITTLE_ENDIAN),
        (0x0028, 0x0002, b"US", whole(1)),
        (0x0028, 0x0004, b"CS", b"MONOCHROME2 "),
        (0x0028, 0x0010, b"US", whole(_SIDE)),
        (0x0028, 0x0011, b"US", whole(_SIDE)),
        (0x0028, 0x0100, b"US", whole(16)),
        (0x0028, 0x0101, b"US", whole(16)),
        (0x0028, 0x0102, b"US", whole(15)),
        (0x0028, 0x0103, b"US", whole(0)),
        (0x7FE0, 0x0010, b"OW", pixels),
    )
    return bytes(128) + b"DICM" + b"".join(_element(*element) for element in elements)


def _element(group: int, number: int, kind: bytes, value: bytes) -> bytes:
    form = "<HH2sxxI" if kind in _LONG_FORM else "<HH2sH"
    return struct.pack(form, group, number, kind, len(value)) + value
