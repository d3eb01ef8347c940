"""Draws parts: outlines in centimetres become patches of attenuation, which add up to a scan.

A patch is the small window an item covers. Compositing is addition: rays through two things lose what both take.
Leaves turning attenuation into what a detector sees to `detector.py`.
"""

import math
from dataclasses import dataclass
from itertools import accumulate

import cv2
import numpy as np

from training.synth.shapes import STROKE_MARGIN, Part, Parts, bounds
from training.synth.values import Box, Picture, Plane

FIELD = 60.0  # cm the scanner sees, across and along
VISIBLE = 0.01  # attenuation at the high energy from which a pixel belongs to an item
FRACTION_BITS = 4  # cv2 draws at sixteenths of a pixel
Window = tuple[slice, slice]


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """Attenuation (mu times length) at both energies and the thickness in cm, for one window of the picture."""

    x: int
    y: int
    low: Plane
    high: Plane
    thickness: Plane

    @property
    def window(self) -> Window:
        height, width = self.low.shape
        return slice(self.y, self.y + height), slice(self.x, self.x + width)


class Attenuation:
    """The whole picture being filled; things are added and never taken out."""

    def __init__(self, size: int) -> None:
        self.low: Plane = np.zeros((size, size), np.float32)
        self.high: Plane = np.zeros((size, size), np.float32)

    def add(self, patch: Patch) -> None:
        self.low[patch.window] += patch.low
        self.high[patch.window] += patch.high


def rasterised(parts: Parts, size: int) -> Patch:
    """The parts, placed in centimetres of the field, as one patch inside a picture of `size` pixels."""
    windows = [_window(part, size) for part in parts]
    top, bottom = min(rows.start for rows, _ in windows), max(rows.stop for rows, _ in windows)
    left, right = min(columns.start for _, columns in windows), max(columns.stop for _, columns in windows)
    low, high, thickness = (np.zeros((bottom - top, right - left), np.float32) for _ in range(3))
    for part, (rows, columns) in zip(parts, windows, strict=True):
        here = slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
        depth = _depth(part, size / FIELD, (rows, columns))
        cv2.scaleAdd(depth, part.material.low, low[here], low[here])
        cv2.scaleAdd(depth, part.material.high, high[here], high[here])
        np.maximum(thickness[here], depth, out=thickness[here])
    return Patch(left, top, low, high, thickness)


def box_of(patch: Patch) -> Box | None:
    """The pixels the item really darkens; nothing where it darkens none."""
    visible = patch.high > VISIBLE
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    if not rows.size:
        return None
    return (
        patch.x + int(columns[0]),
        patch.y + int(rows[0]),
        patch.x + int(columns[-1]) + 1,
        patch.y + int(rows[-1]) + 1,
    )


def _window(part: Part, size: int) -> Window:
    scale = size / FIELD
    lowest, highest = bounds(np.concatenate(part.outlines))
    margin = STROKE_MARGIN + (part.stroke or 0.0) / 2

    def span(low: float, high: float) -> slice:
        start = min(max(math.floor((low - margin) * scale), 0), size - 1)
        return slice(start, max(min(math.ceil((high + margin) * scale), size), start + 1))

    return span(float(lowest[1]), float(highest[1])), span(float(lowest[0]), float(highest[0]))


def _depth(part: Part, scale: float, window: Window) -> Plane:
    """How many centimetres of the part each ray of the window crosses."""
    rows, columns = window
    mask = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    origin = np.array([columns.start, rows.start])
    points = np.rint((np.concatenate(part.outlines) * scale - origin) * (1 << FRACTION_BITS)).astype(np.int32)
    ends = accumulate(len(line) for line in part.outlines)
    fixed = [points[end - len(line) : end] for line, end in zip(part.outlines, ends, strict=True)]
    if part.stroke is None:
        cv2.fillPoly(mask, fixed, 255, cv2.LINE_AA, FRACTION_BITS)
    else:
        width = max(1, round(part.stroke * scale))
        cv2.polylines(mask, fixed, False, 255, width, cv2.LINE_AA, FRACTION_BITS)
    depth = np.multiply(mask, np.float32(part.thickness / 255), dtype=np.float32)
    if part.profile != "flat":
        depth *= _profile(mask, part.profile == "round")
    return depth


def _profile(mask: Picture, is_round: bool) -> Plane | np.float32:
    """The share of the full thickness at each pixel: a cylinder's arch, or a blade that thins towards its edge."""
    inside = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 3)  # noqa: PLR2004  half covered
    peak = float(inside.max())
    if peak <= 1:
        return np.float32(1)
    share = np.asarray(inside, np.float32) / np.float32(peak)
    return np.sqrt(share * (2 - share)) if is_round else np.minimum(share * np.float32(2.5), 1)
