"""YOLO: `images/<split>/<scan>.png`, `labels/<split>/<scan>.txt` and `data.yaml`; everything as shares of the picture.

A row is `class cx cy w h` to detect and `class x1 y1 x2 y2 ...` to segment. A scan without targets has no label file.
"""

from pathlib import Path
from typing import Literal

from training.synth.formats.contours import one_polygon
from training.synth.formats.dataset import SPLITS, save, save_text
from training.synth.things.catalogue import TARGETS
from training.synth.values import SimulatedItem, SimulatedScan


class Yolo:
    views: Literal[1, 2] = 1

    def __init__(self, folder: Path, *, segment: bool) -> None:
        self.folder, self.segment = folder, segment

    def add(self, scan: SimulatedScan) -> bool:
        save(self.folder / "images" / scan.split / f"{scan.scan_id}.png", scan.views[0].colour)
        row = _polygon_row if self.segment else _box_row
        rows = [f"{TARGETS.index(item.name)} {_shares(row(item), scan.size)}\n" for item in scan.targets]
        if rows:
            save_text(self.folder / "labels" / scan.split / f"{scan.scan_id}.txt", "".join(rows))
        return True

    def close(self) -> None:
        names = "".join(f"  {number}: {name}\n" for number, name in enumerate(TARGETS))
        places = "".join(f"{split}: images/{split}\n" for split in SPLITS)
        save_text(self.folder / "data.yaml", f"path: .\n{places}names:\n{names}")


def _box_row(item: SimulatedItem) -> list[float]:
    left, top, right, bottom = item.box
    return [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]


def _polygon_row(item: SimulatedItem) -> list[float]:
    return one_polygon(item.masks[0]).ravel().tolist()


def _shares(pixels: list[float], size: int) -> str:
    return " ".join(f"{pixel / size:.6f}" for pixel in pixels)
