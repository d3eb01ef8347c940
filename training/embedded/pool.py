"""A pool of framed simulated scans to learn from: rendered once, read many times, by detector and reader alike.

Takes a seed, gives numbered chunks in a folder: the pictures of both frames as plain arrays that can be mapped, and one
line of truth for each. Every other chunk is of bags with many threats. A chunk appears whole or not at all.
"""

import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.frame import Framed, framed
from models.profile import BAGGAGE
from training.synth.lessons import Fact, fact_of
from training.synth.scene import RICH, USUAL, Habit
from training.synth.simulator import AnyScanner, simulate
from training.synth.values import Picture, SimulatedItem, Split

Share = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Seen(Fact):
    """What is true of one target, and where it is in the two frames."""

    box: Share  # left, top, right, bottom as shares of the detector's frame
    cells: tuple[int, ...]  # the reader's tokens that the thing reaches into, counted along the rows


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    detector: Picture
    reader: Picture
    seen: tuple[Seen, ...]


def fill(folder: Path, chunks: int, scans: int, seed: int, *, split: Split, scanner: AnyScanner, hands: int) -> None:
    """Draw what is missing of so many chunks of so many scans."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [number for number in range(chunks) if not (folder / name_of(number)).exists()]
    with ProcessPoolExecutor(hands, get_context("spawn")) as pool:  # a fork may stop at what threads here hold
        for done in [pool.submit(_draw, folder, number, scans, seed, split, scanner) for number in missing]:
            done.result()


def name_of(number: int) -> str:
    return f"{number:04d}"


def _draw(folder: Path, number: int, scans: int, seed: int, split: Split, scanner: AnyScanner) -> None:
    cv2.setNumThreads(1)
    habit = RICH if number % 2 else USUAL
    examples = [example_of(seed, index, split, scanner, habit) for index in range(number * scans, (number + 1) * scans)]
    place = folder / f"{name_of(number)}.part"
    place.mkdir(exist_ok=True)
    np.save(place / "detector.npy", np.stack([each.detector for each in examples]))
    np.save(place / "reader.npy", np.stack([each.reader for each in examples]))
    lines = [json.dumps([asdict(item) for item in each.seen]) for each in examples]
    (place / "truth.jsonl").write_text("\n".join(lines) + "\n")
    place.rename(folder / name_of(number))


def example_of(seed: int, index: int, split: Split, scanner: AnyScanner, habit: Habit = USUAL) -> Example:
    """One scan as both models see it."""
    scan = simulate(seed, index, scanner=scanner, split=split, habit=habit)
    picture = scan.views[0].colour
    large, small = framed(picture, *BAGGAGE.detector_frame), framed(picture, *BAGGAGE.reader_frame)
    return Example(large.pixels, small.pixels, tuple(_seen(item, large, small) for item in scan.targets))


def _seen(item: SimulatedItem, large: Framed, small: Framed) -> Seen:
    width, height = BAGGAGE.detector_frame
    left, top, right, bottom = large.in_frame(*item.box)
    box = left / width, top / height, right / width, bottom / height
    return Seen(**asdict(fact_of(item)), box=box, cells=_cells(item, small))


def _cells(item: SimulatedItem, frame: Framed) -> tuple[int, ...]:
    """The tokens, each of 28 by 28 pixels, of which a thing covers at least a sixteenth."""
    width, height = BAGGAGE.reader_frame
    mask = item.masks[0]
    left, top, right, bottom = (round(edge) for edge in frame.in_frame(*mask.box))
    shape = max(1, right - left), max(1, bottom - top)
    small = cv2.resize(mask.pixels.astype(np.float32), shape, interpolation=cv2.INTER_AREA)
    whole = np.zeros((height, width), np.float32)
    area = whole[max(0, top) : top + shape[1], max(0, left) : left + shape[0]]
    area[:] = small[: area.shape[0], : area.shape[1]]
    covered = whole.reshape(height // 28, 28, width // 28, 28).mean(axis=(1, 3))
    return tuple(int(cell) for cell in np.flatnonzero(covered >= 1 / 16))


class Pool:
    """The chunks that are there now, all of one size."""

    def __init__(self, folder: Path) -> None:
        self._chunks = [_Chunk(place) for place in sorted(folder.glob("[0-9]" * 4))]

    def __len__(self) -> int:
        return sum(map(len, self._chunks))

    def __getitem__(self, number: int) -> Example:
        size = len(self._chunks[0])
        return self._chunks[number // size][number % size]


class _Chunk:
    def __init__(self, place: Path) -> None:
        self._detector: NDArray[np.uint8] = np.load(place / "detector.npy", mmap_mode="r")
        self._reader: NDArray[np.uint8] = np.load(place / "reader.npy", mmap_mode="r")
        self._lines: Sequence[str] = (place / "truth.jsonl").read_text().splitlines()

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, number: int) -> Example:
        seen = tuple(_read(line) for line in json.loads(self._lines[number]))
        return Example(self._detector[number], self._reader[number], seen)


def _read(line: dict[str, object]) -> Seen:
    return Seen(**{**line, "box": tuple(line["box"]), "cells": tuple(line["cells"])})  # pyright: ignore[reportArgumentType]
