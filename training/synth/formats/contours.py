"""Masks in the forms data sets want: run lengths, polygons, one polygon, a picture.

Polygons go through the middles of the outermost pixels, in pixels of the picture; holes are lost in them.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synth.values import Mask

Polygon = NDArray[np.floating[Any]]
FEWEST = 3  # points of a polygon


def full(mask: Mask, size: int) -> NDArray[np.bool_]:
    """The mask in a picture of its own."""
    picture = np.zeros((size, size), np.bool_)
    left, top, right, bottom = mask.box
    picture[top:bottom, left:right] = mask.pixels
    return picture


def run_lengths(mask: Mask, size: int) -> list[int]:
    """COCO's uncompressed runs: down each column, clear and set in turn, beginning with clear."""
    pixels = full(mask, size).T.ravel()
    changes = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    runs = np.diff(np.concatenate([[0], changes, [pixels.size]]))
    return [0, *runs.tolist()] if pixels[0] else runs.tolist()


def polygons(mask: Mask) -> list[Polygon]:
    """One outline for each separate piece, the largest first; never none."""
    found = [line for line in _outlines(mask.pixels.view(np.uint8)) if len(line) >= FEWEST]
    found.sort(key=lambda line: -abs(cv2.contourArea(line)))
    pieces: list[Polygon] = [line[:, 0] + (mask.left + 0.5, mask.top + 0.5) for line in found]
    return pieces or [_corners(mask)]


def one_polygon(mask: Mask) -> Polygon:
    """One outline about all pieces, which thin bridges join where there are several."""
    pixels = mask.pixels.astype(np.uint8)
    pieces = sorted(_outlines(pixels), key=len, reverse=True)
    for piece in pieces[1:]:
        apart = np.abs(pieces[0] - piece[None, :, 0]).sum(axis=2)  # from each point of the largest to each of this one
        near, far = np.unravel_index(int(apart.argmin()), apart.shape)
        cv2.line(pixels, pieces[0][near, 0].tolist(), piece[far, 0].tolist(), 1)
    outline = max(_outlines(pixels), key=len)
    return outline[:, 0] + (mask.left + 0.5, mask.top + 0.5) if len(outline) >= FEWEST else _corners(mask)


def _outlines(pixels: NDArray[np.uint8]) -> list[NDArray[np.int32]]:
    lines, _ = cv2.findContours(pixels, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [np.asarray(line, np.int32) for line in lines]


def _corners(mask: Mask) -> Polygon:
    left, top, right, bottom = mask.box
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)
