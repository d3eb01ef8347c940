"""The building blocks of things: flat outlines in centimetres with a material and a thickness.

An item is a tuple of parts; `threats.py`, `goods.py` and `bag.py` are made of them and `raster.py` draws them.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from training.synth.materials import Material

Outline = NDArray[np.floating[Any]]  # points x, y in cm
Rng = np.random.Generator
CORNER_STEPS = 5  # of the arc at a rounded corner
STROKE_MARGIN = 0.3  # cm left free around outlines, so that strokes and soft edges are drawn whole


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One piece of one material. Outlines inside outlines are holes; with a stroke the outlines are open lines."""

    material: Material
    thickness: float  # cm along the beam
    outlines: tuple[Outline, ...]
    profile: Literal["flat", "round", "bevel"] = "flat"
    stroke: float | None = None  # width of the line in cm


Parts = tuple[Part, ...]


def polygon(*points: tuple[float, float]) -> Outline:
    return np.array(points, dtype=np.float64)


def rectangle(left: float, top: float, right: float, bottom: float) -> Outline:
    return polygon((left, top), (right, top), (right, bottom), (left, bottom))


def rectangles(lefts: Outline, tops: Outline, width: float, height: float) -> tuple[Outline, ...]:
    """Many of one size at once: a keyboard has seventy."""
    corners = polygon((0, 0), (width, 0), (width, height), (0, height))
    return tuple(np.stack([lefts, tops], axis=1)[:, None] + corners)


def smoothed(outline: Outline) -> Outline:
    """The same outline with its corners cut twice."""
    for _ in range(2):
        ahead = np.roll(outline, -1, axis=0)
        outline = np.stack([0.75 * outline + 0.25 * ahead, 0.25 * outline + 0.75 * ahead], axis=1).reshape(-1, 2)
    return outline


def ellipse(x: float, y: float, across: float, along: float | None = None, points: int = 24) -> Outline:
    return polygon((x, y)) + _circle(points) * polygon((across, along or across))


def rounded_rectangle(left: float, top: float, right: float, bottom: float, radius: float) -> Outline:
    low_x, low_y, high_x, high_y = left + radius, top + radius, right - radius, bottom - radius
    corners = polygon((high_x, high_y), (low_x, high_y), (low_x, low_y), (high_x, low_y))
    return np.repeat(corners, CORNER_STEPS + 1, axis=0) + radius * _corner_arcs()


@cache
def _corner_arcs() -> Outline:
    """The four quarters of a circle, each with both its ends."""
    circle = closed(_circle(4 * CORNER_STEPS))
    return np.concatenate(
        [circle[start : start + CORNER_STEPS + 1] for start in range(0, 4 * CORNER_STEPS, CORNER_STEPS)]
    )


@cache
def _circle(points: int) -> Outline:
    angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def closed(outline: Outline) -> Outline:
    """The same line back to its first point: for strokes, which are open."""
    return np.concatenate([outline, outline[:1]])


def blade(length: float, width: float, tip: float) -> Outline:
    """A blade from x = 0 to its point at x = length: straight back, belly curved over the last `tip` cm."""
    angles = np.linspace(0, np.pi / 2, 8)
    belly = np.stack([length - tip + tip * np.sin(angles), -0.35 * width + 0.85 * width * np.cos(angles)], axis=1)
    return np.concatenate([polygon((0, width / 2)), belly, polygon((length - 0.4 * tip, -width / 2), (0, -width / 2))])


def blob(rng: Rng, radius: float, flattening: float) -> Outline:
    """A soft irregular outline, as folded cloth has."""
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    reach = np.full(40, radius)
    for wave in range(2, 7):
        reach += radius * rng.normal(0, 0.35 / wave) * np.cos(wave * angles + rng.uniform(0, 2 * np.pi))
    reach = np.maximum(reach, 0.3 * radius)
    return np.stack([reach * np.cos(angles), flattening * reach * np.sin(angles)], axis=1)


def turned(outline: Outline, degrees: float) -> Outline:
    angle = math.radians(degrees)
    cosine, sine = math.cos(angle), math.sin(angle)
    return outline @ np.array([[cosine, sine], [-sine, cosine]])


def bounds(points: Outline) -> tuple[Outline, Outline]:
    """The lowest and highest x, y."""
    return points.min(axis=0), points.max(axis=0)


def all_points(parts: Parts) -> Outline:
    """Every point of every outline, in order."""
    return np.concatenate([outline for part in parts for outline in part.outlines])
