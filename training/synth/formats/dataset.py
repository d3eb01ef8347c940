"""A data set being written: scan after scan into one format, split by index, by shape and by scanner.

Of ten scans eight are for training, one for validation, one for the test. No physical thing of one split is in
another, and the test comes from a scanner that training never sees.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synth.simulator import AnyScanner, simulate
from training.synth.values import SimulatedScan, Split

SPLITS: tuple[Split, ...] = ("train", "val", "test")
JPEG = (cv2.IMWRITE_JPEG_QUALITY, 92)
QUICK_PNG = (cv2.IMWRITE_PNG_COMPRESSION, 1)


class Writer(Protocol):
    """One format. It is made with its folder, gets each scan once and is closed at the end."""

    views: Literal[1, 2]

    def add(self, scan: SimulatedScan) -> bool:
        """Write the scan; False if this format has no place for it."""
        ...

    def close(self) -> None:
        """Write what needs all scans."""
        ...


def write_dataset(
    writer: Writer, counting: Iterable[int], *, seed: int, size: int, scanner: AnyScanner | None
) -> dict[str, int]:
    """One scan for each step of `counting`; how many went to each split."""
    written: dict[str, int] = dict.fromkeys(SPLITS, 0)
    index = 0
    for _ in counting:
        while True:
            index += 1
            split = split_of(index)
            chosen = scanner or ("held-out" if split == "test" else "mixed")
            if writer.add(simulate(seed, index, size=size, views=writer.views, scanner=chosen, split=split)):
                break
        written[split] += 1
    writer.close()
    return written


def split_of(index: int) -> Split:
    last = index % 10
    return "val" if last == 8 else "test" if last == 9 else "train"  # noqa: PLR2004  of ten, one each


def save(path: Path, picture: NDArray[np.uint8]) -> None:
    """An RGB or grey picture; the suffix says how."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim > 2 else picture  # noqa: PLR2004  grey has two
    encoded, content = cv2.imencode(path.suffix, pixels, JPEG if path.suffix == ".jpg" else QUICK_PNG)
    if not encoded:
        raise ValueError(f"cv2 cannot write {path.name}")
    path.write_bytes(content.tobytes())


def save_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
