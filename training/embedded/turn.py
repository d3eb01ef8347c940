"""More looks of one example: mirrored along either side, and through a display that is set otherwise.

Takes an example, gives another one of the same bag: boxes, places and tokens move with the pixels.
"""

# torch and transformers do not say their types
# pyright: basic

from dataclasses import replace

import cv2
import numpy as np

from models.profile import BAGGAGE
from training.embedded.pool import Example, Seen
from training.synth.shapes import Rng
from training.synth.values import Picture

HALF = 0.5  # of all pictures
HUES = 12.0  # degrees that a palette may differ
BEND = 0.05  # how far each hue goes its own way
GAMMA = 0.25  # natural logarithm
CONTRAST = 0.12
COLUMNS = BAGGAGE.reader_frame[0] // 28
ROWS = BAGGAGE.reader_frame[1] // 28


def tossed(example: Example, rng: Rng) -> Example:
    """Mirrored or not, along either side, by the toss of a coin."""
    return mirrored(example, across=rng.random() < HALF, down=rng.random() < HALF)


def mirrored(example: Example, *, across: bool, down: bool) -> Example:
    way = slice(None, None, -1 if down else 1), slice(None, None, -1 if across else 1)
    seen = tuple(_mirrored(each, across=across, down=down) for each in example.seen)
    return Example(example.detector[way], example.reader[way], seen)


def _mirrored(seen: Seen, *, across: bool, down: bool) -> Seen:
    left, top, right, bottom = seen.box
    if across:
        left, right = 1 - right, 1 - left
    if down:
        top, bottom = 1 - bottom, 1 - top
    cells = np.zeros((ROWS, COLUMNS), np.bool_)
    cells.flat[list(seen.cells)] = True
    cells = cells[:: -1 if down else 1, :: -1 if across else 1]
    place = _swapped(seen.place, "left", "right") if across else seen.place
    return replace(
        seen,
        box=(left, top, right, bottom),
        place=_swapped(place, "top", "bottom") if down else place,
        cells=tuple(int(cell) for cell in np.flatnonzero(cells)),
    )


def _swapped(place: str, one: str, other: str) -> str:
    return place.replace(one, "?").replace(other, one).replace("?", other)


def displayed(picture: Picture, rng: Rng) -> Picture:
    """The picture on another display: hues, saturation, brightness, contrast and a little noise."""
    light = np.linspace(0, 1, 256) ** np.exp(rng.uniform(-GAMMA, GAMMA)) * rng.uniform(1 - CONTRAST, 1)
    shown = cv2.LUT(picture, np.round(light * 255).astype(np.uint8))
    turn = _turned(np.radians(rng.uniform(-HUES, HUES)), rng.uniform(0.85, 1.15))
    shown = cv2.transform(shown, turn + _bent(rng))
    height, width = picture.shape[:2]
    top, left = (int(rng.integers(_GRAIN.shape[0] - side)) for side in (height, width))
    grain = _GRAIN[top : top + height, left : left + width]
    return cv2.add(shown, grain, dtype=cv2.CV_8U).astype(np.uint8, copy=False)


_GREY = np.full((3, 3), 1 / 3)
_GRAIN = np.repeat(np.random.default_rng(0).normal(0, 1.5, (512, 512, 1)), 3, axis=2).round().astype(np.int16)


def _turned(angle: float, saturation: float) -> np.ndarray:
    """Turns colours about the axis from black to white and makes them more or less so; greys stay."""
    cosine, sine = np.cos(angle), np.sin(angle) / np.sqrt(3)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
    turn = cosine * np.eye(3) + (1 - cosine) * _GREY + sine * cross
    return saturation * turn + (1 - saturation) * _GREY


def _bent(rng: Rng) -> np.ndarray:
    """What hues differ in besides: no two scanners show all materials turned alike. Greys stay."""
    bend = rng.normal(0, BEND, (3, 3))
    return bend - bend.mean(axis=1, keepdims=True)
