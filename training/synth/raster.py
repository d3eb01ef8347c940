"""Draws parts: outlines in centimetres become patches of attenuation, which add up to a scan.

A patch is the small window an item covers. Compositing is addition: rays through two things lose what both take.
Leaves turning attenuation into what a detector sees to `detector.py`.
"""

from dataclasses import dataclass
from itertools import accumulate, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synth.shapes import STROKE_MARGIN, Outline, Part, Parts
from training.synth.values import Box, Group, Mask, Picture, Plane

FIELD = 60.0  # cm the scanner sees, across and along
VISIBLE = 0.01  # attenuation at the high energy from which a pixel belongs to an item
FRACTION_BITS = 4  # cv2 draws at sixteenths of a pixel
FINE = 1 << FRACTION_BITS
Points = NDArray[np.int32]
Window = tuple[slice, slice]


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """Attenuation (mu times length) at both energies and the thickness in cm, for one window of the picture."""

    x: int
    y: int
    low: Plane
    high: Plane
    thickness: Plane
    material: Group  # which kind of matter takes most of what is taken

    @property
    def window(self) -> Window:
        height, width = self.low.shape
        return slice(self.y, self.y + height), slice(self.x, self.x + width)


class Attenuation:
    """The whole picture being filled."""

    def __init__(self, size: int) -> None:
        self.low: Plane = np.zeros((size, size), np.float32)
        self.high: Plane = np.zeros((size, size), np.float32)

    def add(self, patch: Patch) -> None:
        self.low[patch.window] += patch.low
        self.high[patch.window] += patch.high

    def remove(self, patch: Patch) -> None:
        """Take the thing that was added last out again."""
        self.low[patch.window] -= patch.low
        self.high[patch.window] -= patch.high


def overlap(one: Patch, other: Patch) -> bool:
    """Whether the windows of two things share a pixel."""
    return all(
        max(mine.start, theirs.start) < min(mine.stop, theirs.stop)
        for mine, theirs in zip(one.window, other.window, strict=True)
    )


def rasterised(parts: Parts, points: Outline, size: int) -> Patch:
    """The parts as one patch inside a picture of `size` pixels; `points` says where in the field, in centimetres.

    They are `all_points` of the parts, moved and turned.
    """
    scale = size / FIELD
    ends = list(accumulate(len(outline) for part in parts for outline in part.outlines))
    fixed = np.rint(points * (scale * FINE)).astype(np.int32)  # all at once: a bag has hundreds of outlines
    lines = [fixed[start:end] for start, end in pairwise((0, *ends))]
    rest = iter(lines)
    drawn = [_placed(part, [next(rest) for _ in part.outlines], scale, size) for part in parts]
    left, top = min(window[0] for _, _, window in drawn), min(window[1] for _, _, window in drawn)
    right, bottom = max(window[2] for _, _, window in drawn), max(window[3] for _, _, window in drawn)
    taken: dict[Group, float] = {"organic": 0.0, "mixed": 0.0, "metal": 0.0}
    low, high, thickness = np.zeros((3, bottom - top, right - left), np.float32)
    for part, outlines, window in drawn:
        depth = _depth(part, outlines, scale, window)
        here = slice(window[1] - top, window[3] - top), slice(window[0] - left, window[2] - left)
        cv2.scaleAdd(depth, part.material.low, low[here], low[here])
        cv2.scaleAdd(depth, part.material.high, high[here], high[here])
        cv2.max(thickness[here], depth, thickness[here])
        taken[part.material.group] += cv2.sumElems(depth)[0] * part.material.high
    return Patch(left, top, low, high, thickness, max(taken, key=lambda group: taken[group]))


def mask_of(patch: Patch) -> Mask | None:
    """The pixels the item really darkens; nothing where it darkens none."""
    visible = (patch.high > VISIBLE).astype(np.uint8)
    x, y, width, height = cv2.boundingRect(visible)
    if not width:
        return None
    return Mask(patch.x + x, patch.y + y, visible[y : y + height, x : x + width].astype(np.bool_))


def _placed(part: Part, outlines: list[Points], scale: float, size: int) -> tuple[Part, list[Points], Box]:
    """The part with its outlines in sixteenths of a pixel and the window they are drawn in."""
    points = outlines[0] if len(outlines) == 1 else np.concatenate(outlines)
    x, y, width, height = cv2.boundingRect(points)
    margin = round((STROKE_MARGIN + (part.stroke or 0.0) / 2) * scale * FINE)

    def span(low: int, high: int) -> tuple[int, int]:
        start = min(max((low - margin) // FINE, 0), size - 1)
        return start, max(min(-(-(high + margin) // FINE), size), start + 1)

    (left, right), (top, bottom) = span(x, x + width), span(y, y + height)
    return part, outlines, (left, top, right, bottom)


def _depth(part: Part, outlines: list[Points], scale: float, window: Box) -> Plane:
    """How many centimetres of the part each ray of the window crosses."""
    left, top, right, bottom = window
    mask = np.zeros((bottom - top, right - left), np.uint8)
    if part.stroke is None:
        cv2.fillPoly(mask, outlines, 255, cv2.LINE_AA, FRACTION_BITS, (-left * FINE, -top * FINE))
    else:
        origin = np.array((left * FINE, top * FINE), np.int32)
        width = max(1, round(part.stroke * scale))
        cv2.polylines(mask, [line - origin for line in outlines], False, 255, width, cv2.LINE_AA, FRACTION_BITS)
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
