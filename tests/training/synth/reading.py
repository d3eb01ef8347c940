"""What tests of data sets share: one made, and the scans it was made of."""

import hashlib
from pathlib import Path

import cv2
import numpy as np

from training.synth.formats.dataset import split_of, write_dataset
from training.synth.formats.shelf import Layout, writer_for
from training.synth.simulator import simulate
from training.synth.values import SimulatedScan

SEED, SIZE, COUNT = 17, 160, 30


def made(folder: Path, layout: Layout, count: int = COUNT) -> Path:
    write_dataset(writer_for(layout, folder), range(count), seed=SEED, size=SIZE, scanner=None)
    return folder


def scan_of(index: int) -> SimulatedScan:
    split = split_of(index)
    return simulate(SEED, index, size=SIZE, views=2, scanner="held-out" if split == "test" else "mixed", split=split)


def picture(path: Path) -> np.ndarray:
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return pixels[..., ::-1] if pixels.ndim == 3 else pixels


def everything(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
