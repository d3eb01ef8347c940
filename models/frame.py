"""One resize: a picture cut to what lies on the belt and fitted into the frame that a model looks through.

Takes colour pixels, gives the framed pixels and where they lie in the picture. Nothing that differs from the empty
belt is ever cut off; a picture without a belt that can be told is framed whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.answer import Box

    Pixels = NDArray[np.uint8]

COARSE = 4  # the belt is looked for in a picture so many times smaller
DIFFERENT = 18  # of 255, in any colour: from here on a pixel is no longer belt
SPECK = 2  # coarse pixels: thinner than this is noise
MARGIN = 0.02  # of the picture's edge, left around what was found
SMALLEST = 0.08  # of the picture's edge: less than this is not a bag


@dataclass(frozen=True, slots=True)
class Framed:
    """The frame's pixels, and how they are made: scaled from a cut-out and set down at a place."""

    pixels: Pixels
    cut: tuple[int, int, int, int]  # left, top, right, bottom in the picture
    scale: float
    left: int
    top: int
    width: int  # of the picture
    height: int

    def in_picture(self, left: float, top: float, right: float, bottom: float) -> Box:
        """A box of the frame as shares of the picture."""
        across = [min(1.0, max(0.0, ((x - self.left) / self.scale + self.cut[0]) / self.width)) for x in (left, right)]
        down = [min(1.0, max(0.0, ((y - self.top) / self.scale + self.cut[1]) / self.height)) for y in (top, bottom)]
        return across[0], down[0], across[1], down[1]

    def in_frame(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        """A box of the picture, in its pixels, as pixels of the frame."""
        return (
            (left - self.cut[0]) * self.scale + self.left,
            (top - self.cut[1]) * self.scale + self.top,
            (right - self.cut[0]) * self.scale + self.left,
            (bottom - self.cut[1]) * self.scale + self.top,
        )


def framed(pixels: Pixels, width: int, height: int) -> Framed:
    """Cut to the bag, scale to fit, fill the rest with belt."""
    left, top, right, bottom = cut = bag_of(pixels)
    scale = min(width / (right - left), height / (bottom - top))
    inner = min(width, max(1, round((right - left) * scale))), min(height, max(1, round((bottom - top) * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    frame = np.full((height, width, 3), belt_of(pixels), np.uint8)
    x, y = (width - inner[0]) // 2, (height - inner[1]) // 2
    frame[y : y + inner[1], x : x + inner[0]] = cv2.resize(pixels[top:bottom, left:right], inner, interpolation=way)
    return Framed(frame, cut, scale, x, y, pixels.shape[1], pixels.shape[0])


def belt_of(pixels: Pixels) -> Pixels:
    """The colour of nothing at all: what most of the picture's edge shows."""
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return np.median(edge, axis=0).astype(np.uint8)


def bag_of(pixels: Pixels) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of everything that differs from the belt; of the whole picture where that is unclear."""
    height, width = pixels.shape[:2]
    whole = 0, 0, width, height
    small = cv2.resize(pixels, (max(1, width // COARSE), max(1, height // COARSE)), interpolation=cv2.INTER_AREA)
    marked = (np.abs(small.astype(np.int16) - belt_of(pixels)).max(axis=2) > DIFFERENT).astype(np.uint8)
    marked = cv2.morphologyEx(marked, cv2.MORPH_OPEN, np.ones((SPECK, SPECK), np.uint8))
    columns, rows = np.flatnonzero(marked.any(axis=0)), np.flatnonzero(marked.any(axis=1))
    if not len(columns) or len(columns) < SMALLEST * small.shape[1] or len(rows) < SMALLEST * small.shape[0]:
        return whole
    across, down = round(MARGIN * width) + COARSE, round(MARGIN * height) + COARSE
    return (
        max(0, int(columns[0]) * COARSE - across),
        max(0, int(rows[0]) * COARSE - down),
        min(width, (int(columns[-1]) + 1) * COARSE + across),
        min(height, (int(rows[-1]) + 1) * COARSE + down),
    )
