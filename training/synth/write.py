"""Lays a simulated scan into a folder the way scanners do: sidecar first, then one file per view or energy.

Takes a scan and how its scanner behaves, gives the files written. A scanner owes nobody durability, so nothing is
synced here; keeping a scan for good is the box's business.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synth.values import Picture, Plane, SimulatedScan

Style = Literal["rename", "slow", "done"]
Format = Literal["png", "jpeg", "tiff16"]
PIECES = 8  # a slow scanner writes a file in
PAUSE = 0.05  # seconds between two of them
JPEG_QUALITY = 90
QUICK_PNG = (  # a fifth quicker than the library's own choice, and no larger
    cv2.IMWRITE_PNG_COMPRESSION, 1,
    cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY,
    cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP,
)  # fmt: skip
UNCOMPRESSED = 1  # of TIFF: every reader can open it
BRIGHTEST = 65535  # what air reads in a 16-bit plane


@dataclass(frozen=True, slots=True)
class Scanner:
    """How one scanner writes: where to, as what, and in which manner.

    `rename` writes to `.part` and renames; `slow` writes in place, in pieces; `done` writes in place and lays an
    empty `<file>.done` beside it afterwards.
    """

    folder: Path
    lane: str
    style: Style = "rename"
    format: Format = "png"
    sidecars: bool = True

    def write(self, scan: SimulatedScan, scanned_at: datetime) -> tuple[Path, ...]:
        """The picture files of this scan, whole on return."""
        if self.sidecars:
            _renamed(self.folder / f"{scan.scan_id}.json", _sidecar(scan, self.lane, scanned_at))
        paths: list[Path] = []
        for name, content in pictures(scan, self.format):
            path = self.folder / name
            self._put(path, content)
            paths.append(path)
        return tuple(paths)

    def _put(self, path: Path, content: bytes) -> None:
        match self.style:
            case "rename":
                _renamed(path, content)
            case "slow":
                _in_pieces(path, content)
            case "done":
                path.write_bytes(content)
                path.with_name(f"{path.name}.done").touch()


def pictures(scan: SimulatedScan, file_format: Format) -> Iterator[tuple[str, bytes]]:
    """File name and content of each picture: one per view, or two energy planes per view for `tiff16`."""
    for view in scan.views:
        stem = f"{scan.scan_id}_{view.name}" if len(scan.views) > 1 else scan.scan_id
        match file_format:
            case "png":
                yield f"{stem}.png", _encoded(".png", _blue_first(view.colour), QUICK_PNG)
            case "jpeg":
                quality = (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY)
                yield f"{stem}.jpg", _encoded(".jpg", _blue_first(view.colour), quality)
            case "tiff16":
                plain = (cv2.IMWRITE_TIFF_COMPRESSION, UNCOMPRESSED)
                yield f"{stem}_high.tif", _encoded(".tif", _counts(view.high), plain)
                yield f"{stem}_low.tif", _encoded(".tif", _counts(view.low), plain)


def _sidecar(scan: SimulatedScan, lane: str, scanned_at: datetime) -> bytes:
    """Single things are declared by their words alone, others with their number."""
    lines = scan.declaration.lines
    document = {
        "scan_id": scan.scan_id,
        "lane": lane,
        "scanned_at": scanned_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "declared_items": [line.text for line in lines if line.quantity == 1],
        "declaration": [{"text": line.text, "quantity": line.quantity} for line in lines if line.quantity > 1],
    }
    return (json.dumps(document, indent=1) + "\n").encode()


def _counts(plane: Plane) -> NDArray[np.uint16]:
    return np.rint(plane * BRIGHTEST).astype(np.uint16)


def _blue_first(colour: Picture) -> Picture:
    """The order cv2 writes."""
    return np.asarray(cv2.cvtColor(colour, cv2.COLOR_RGB2BGR), np.uint8)


def _encoded(suffix: str, pixels: Picture | NDArray[np.uint16], settings: tuple[int, ...] = ()) -> bytes:
    encoded, content = cv2.imencode(suffix, pixels, settings)
    if not encoded:
        raise ValueError(f"cv2 cannot write {suffix} pictures of shape {pixels.shape}")
    return content.tobytes()


def _renamed(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def _in_pieces(path: Path, content: bytes) -> None:
    step = -(-len(content) // PIECES)
    with path.open("wb", buffering=0) as file:
        for start in range(0, len(content), step):
            if start:
                time.sleep(PAUSE)
            file.write(content[start : start + step])
