"""The bag itself: shell, piping, wires, zip, trolley rods and wheels. Its thin lines are most of what looks real.

Gives the bag's frame, in which things are placed and places are named, and its parts for both views.
"""

from dataclasses import dataclass

import numpy as np

from training.synth.materials import ALUMINIUM, BRASS, LEATHER, NYLON, PLASTIC, PVC, RUBBER, STEEL, Material
from training.synth.raster import FIELD
from training.synth.shapes import Outline, Part, Parts, Rng, closed, ellipse, polygon, rectangle, rounded_rectangle
from training.synth.values import pick

ROWS = ("top", "center", "bottom")
COLUMNS = ("left", "center", "right")
TROLLEYS = 0.5  # share of bags with rods and wheels


@dataclass(frozen=True, slots=True)
class Bag:
    """Where the bag lies in the field, in cm, and how tall it stands on the belt."""

    left: float
    top: float
    width: float
    length: float
    depth: float
    corner: float
    trolley: bool
    skin: Material
    skin_thickness: float
    wire: Material
    wire_thickness: float

    @property
    def lowest(self) -> Outline:
        return polygon((self.left, self.top))[0]

    @property
    def highest(self) -> Outline:
        return polygon((self.left + self.width, self.top + self.length))[0]

    @property
    def floor(self) -> float:
        """The height of the belt in the side view, whose picture has the bag in its middle."""
        return (FIELD + self.depth) / 2

    def cell(self, number: int) -> tuple[Outline, Outline]:
        """The corners of one of the nine places, counted along the rows."""
        third = (self.highest - self.lowest) / 3
        low = self.lowest + third * np.array([number % 3, number // 3])
        return low, low + third

    def place(self, x: float, y: float) -> str:
        """The word for a point of the field: which ninth of the bag it is in."""
        row = ROWS[min(2, max(0, int(3 * (y - self.top) / self.length)))]
        column = COLUMNS[min(2, max(0, int(3 * (x - self.left) / self.width)))]
        return "center" if row == column == "center" else f"{row}-{column}"


def packed_bag(rng: Rng) -> Bag:
    width, length = rng.uniform(42, 56), rng.uniform(30, 42)
    return Bag(
        left=(FIELD - width) / 2 + rng.uniform(-1, 1),
        top=(FIELD - length) / 2 + rng.uniform(-1, 1),
        width=width,
        length=length,
        depth=rng.uniform(18, 26),
        corner=rng.uniform(2, 5),
        trolley=bool(rng.random() < TROLLEYS),
        skin=pick(rng, (NYLON, LEATHER, PLASTIC)),
        skin_thickness=rng.uniform(0.06, 0.22),
        wire=pick(rng, (STEEL, PVC, ALUMINIUM)),
        wire_thickness=rng.uniform(0.05, 0.20),
    )


def from_above(bag: Bag, rng: Rng) -> Parts:
    rings = tuple(
        closed(_inset(bag, rng.uniform(0.1, 1.2)) + rng.normal(0, 0.08, (24, 2)))
        for _ in range(int(rng.integers(1, 4)))
    )
    teeth = tuple(_dashes(closed(_inset(bag, rng.uniform(0.4, 1.4)))))
    return (
        Part(bag.skin, bag.skin_thickness, (_inset(bag, 0),)),
        Part(PLASTIC, rng.uniform(0.3, 0.9), (_inset(bag, 0), _inset(bag, 0.45))),
        Part(bag.wire, bag.wire_thickness, rings, stroke=0.14),
        Part(BRASS, 0.05, teeth, stroke=0.2),
        *(_trolley(bag, rng) if bag.trolley else _straps(bag, rng)),
    )


def from_the_side(bag: Bag, rng: Rng) -> Parts:
    shell = rounded_rectangle(bag.left, bag.floor - bag.depth, bag.left + bag.width, bag.floor, bag.corner)
    inner = rounded_rectangle(
        bag.left + 0.45, bag.floor - bag.depth + 0.45, bag.left + bag.width - 0.45, bag.floor - 0.45, bag.corner - 0.45
    )
    seam = bag.floor - bag.depth * rng.uniform(0.45, 0.55)
    zip_line = polygon((bag.left, seam), (bag.left + bag.width, seam))
    wheels = tuple(ellipse(bag.left + bag.width * share, bag.floor + 1.0, 1.6) for share in (0.08, 0.92))
    return (
        Part(bag.skin, bag.skin_thickness, (shell,)),
        Part(PLASTIC, rng.uniform(1.0, 2.0), (shell, inner)),
        Part(bag.wire, bag.wire_thickness, (closed(shell),), stroke=0.14),
        Part(BRASS, 0.05, tuple(_dashes(zip_line)), stroke=0.2),
        *((Part(RUBBER, 2.5, wheels, "round"),) if bag.trolley else ()),
    )


def _inset(bag: Bag, inset: float) -> Outline:
    right, bottom = bag.left + bag.width - inset, bag.top + bag.length - inset
    return rounded_rectangle(bag.left + inset, bag.top + inset, right, bottom, max(bag.corner - inset, 0.5))


def _dashes(line: Outline, gap: float = 0.6, dash: float = 0.1) -> list[Outline]:
    """Short strokes along a line: the teeth of a zip."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    starts = np.arange(0, along[-1], gap)

    def at(distance: Outline) -> Outline:
        return np.stack([np.interp(distance, along, line[:, axis]) for axis in (0, 1)], axis=1)

    return list(np.stack([at(starts), at(starts + dash)], axis=1))


def _trolley(bag: Bag, rng: Rng) -> Parts:
    rods = [bag.left + bag.width * share for share in (rng.uniform(0.25, 0.40), rng.uniform(0.60, 0.75))]
    top, bottom = bag.top + 0.5, bag.top + 0.95 * bag.length
    tubes = tuple(rectangle(x - 0.4, top, x + 0.4, bottom) for x in rods)
    cores = tuple(rectangle(x - 0.25, top, x + 0.25, bottom) for x in rods)
    handle = rounded_rectangle(rods[0] - 1, top, rods[1] + 1, top + 1.6, 0.6)
    wheels = tuple(ellipse(x, bag.top + bag.length - 1.0, 1.1) for x in (bag.left + 3, bag.left + bag.width - 3))
    return (
        Part(ALUMINIUM, rng.uniform(0.1, 0.3), (*tubes, *cores)),
        Part(ALUMINIUM, 0.15, cores),
        Part(PLASTIC, 1.2, (handle,), "round"),
        Part(RUBBER, 2.2, wheels, "round"),
        Part(STEEL, 1.0, tuple(ellipse(float(w[:, 0].mean()), float(w[:, 1].mean()), 0.3, points=10) for w in wheels)),
    )


def _straps(bag: Bag, rng: Rng) -> Parts:
    """A soft bag: two carrying straps with their buckles."""
    run = np.linspace(0, 1, 14)
    parts: list[Part] = []
    for y in (bag.top + 0.25 * bag.length, bag.top + 0.75 * bag.length):
        sag = rng.uniform(-4, 4) * np.sin(np.pi * run)
        line = np.stack([bag.left + bag.width * (0.15 + 0.7 * run), y + sag], axis=1)
        x, end = float(line[0, 0]), float(line[0, 1])
        buckle = (rectangle(x - 1.2, end - 1.5, x + 1.2, end + 1.5), rectangle(x - 0.8, end - 1.1, x + 0.8, end + 1.1))
        parts += [Part(NYLON, 0.5, (line,), stroke=2.4), Part(STEEL, 0.2, buckle)]
    return tuple(parts)
