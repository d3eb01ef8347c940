"""Good pictures of every kind a scanner may write, made here, and what is in them.

Gives whole files as bytes. `scene` is the content: two planes of what came through.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pydicom
import tifffile
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, RLELossless, SecondaryCaptureImageStorage, generate_uid

Plane = NDArray[np.uint16]

AIR = 60000


def scene(width: int = 96, height: int = 64) -> tuple[Plane, Plane]:
    """High and low energy: air, on the left a block of organic matter, on the right one of metal."""
    depth_high, ratio = np.zeros((height, width)), np.ones((height, width))
    rows = slice(height // 4, -height // 4)
    depth_high[rows, width // 8 : width * 3 // 8], ratio[rows, width // 8 : width * 3 // 8] = 0.9, 1.22
    depth_high[rows, width * 5 // 8 : width * 7 // 8], ratio[rows, width * 5 // 8 : width * 7 // 8] = 0.7, 3.6
    noise = np.random.default_rng(5).normal(0, 0.002, (2, height, width))
    high, low = (np.exp(-depth) * (1 + noise[index]) for index, depth in enumerate((depth_high, depth_high * ratio)))
    return tuple(np.clip(plane * AIR, 0, 65535).astype(np.uint16) for plane in (high, low))


def good_files(width: int = 96, height: int = 64) -> dict[str, bytes]:
    """One good file of each kind, by a name that tells the kind."""
    high, low = scene(width, height)
    shades = (high >> 8).astype(np.uint8)
    colour = np.dstack((shades, (low >> 8).astype(np.uint8), shades))
    return {
        "png-8": image_file(colour, "PNG"),
        "png-16": image_file(high, "PNG"),
        "jpeg": image_file(colour, "JPEG", quality=90),
        "jpeg-progressive": image_file(colour, "JPEG", progressive=True),
        "tiff-16": tiff(high),
        "tiff-rgb": tiff(colour),
        "tiff-deflate": image_file(high, "TIFF", compression="tiff_adobe_deflate"),
        "tiff-lzw": image_file(shades, "TIFF", compression="tiff_lzw"),
        "tiff-planes": tiff(np.stack((high, low))),
        "dicom": dicom(high),
        "dicom-rle": dicom(high, RLELossless),
    }


def image_file(pixels: NDArray[np.generic], kind: str, **more: object) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, kind, **more)
    return file.getvalue()


def tiff(pixels: NDArray[np.generic], **more: object) -> bytes:
    file = BytesIO()
    rgb = pixels.ndim == 3 and pixels.shape[-1] == 3
    tifffile.imwrite(file, pixels, photometric="rgb" if rgb else "minisblack", **more)
    return file.getvalue()


def dicom(pixels: NDArray[np.generic], syntax: UID = ExplicitVRLittleEndian, **more: object) -> bytes:
    """A secondary capture; a third axis in front makes frames."""
    found = Dataset()
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found.file_meta.MediaStorageSOPClassUID = found.SOPClassUID = SecondaryCaptureImageStorage
    found.file_meta.MediaStorageSOPInstanceUID = found.SOPInstanceUID = generate_uid(entropy_srcs=["lanewatch"])
    found.PatientName = "Doe^Jane"
    found.SpecificCharacterSet = "ISO_IR 192"
    found.Rows, found.Columns = pixels.shape[-2:]
    if pixels.ndim == 3:
        found.NumberOfFrames = pixels.shape[0]
    found.SamplesPerPixel, found.PhotometricInterpretation = 1, "MONOCHROME2"
    found.BitsAllocated = found.BitsStored = pixels.dtype.itemsize * 8
    found.HighBit = found.BitsStored - 1
    found.PixelRepresentation = int(pixels.dtype.kind == "i")
    for name, value in more.items():
        setattr(found, name, value)
    if syntax == RLELossless:
        found.compress(RLELossless, pixels, generate_instance_uid=False)
    else:
        found.PixelData = pixels.tobytes()
        found["PixelData"].VR = "OW"
    file = BytesIO()
    pydicom.dcmwrite(file, found, enforce_file_format=True)
    return file.getvalue()
