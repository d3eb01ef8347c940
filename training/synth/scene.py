"""Packs a bag: what is in it, where it lies, and what is laid over a threat to hide it.

Gives a `Scene` of patches and their sum. Leaves the naming of what can be seen to `measure.py`.
"""

from dataclasses import dataclass

import numpy as np

from training.synth.bag import Bag, from_above, packed_bag
from training.synth.goods import GOODS, HEAVY
from training.synth.measure import hidden_share
from training.synth.raster import FIELD, VISIBLE, Attenuation, Patch, rasterised
from training.synth.shapes import Outline, Parts, Rng, all_points, bounds, turned, with_points
from training.synth.threats import THREATS
from training.synth.values import MOSTLY_HIDDEN, PARTLY_HIDDEN, Group, pick

TRIES = 12  # turns tried until a thing fits where it was meant to lie
MOST_COVERS = 6  # things laid over a threat at most
THREATS_PER_BAG = (0, 1, 1, 1, 2)
WANTED_HIDDEN, WANTED_OFTEN = (0.0, PARTLY_HIDDEN, MOSTLY_HIDDEN), (0.45, 0.35, 0.20)


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """One thing in the bag, as seen from above, and how high over the bag's floor its middle is."""

    name: str
    threat: bool
    material: Group
    patch: Patch
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    bag: Bag
    attenuation: Attenuation
    placed: tuple[Placed, ...]


def packed(rng: Rng, size: int) -> Scene:
    bag = packed_bag(rng)
    attenuation = Attenuation(size)
    attenuation.add(rasterised(from_above(bag, rng), size))
    packer = _Packer(rng, bag, attenuation, size)
    for _ in range(int(rng.integers(3, 7))):
        packer.put_good("clothes", *packer.anywhere)
    for _ in range(int(rng.integers(5, 12))):
        packer.put_good(pick(rng, tuple(GOODS)), *packer.anywhere)
    for _ in range(pick(rng, THREATS_PER_BAG)):
        packer.put_threat(pick(rng, tuple(THREATS)))
    return Scene(bag, attenuation, tuple(packer.placed))


class _Packer:
    """One bag being packed, top view."""

    def __init__(self, rng: Rng, bag: Bag, attenuation: Attenuation, size: int) -> None:
        self.rng, self.bag, self.attenuation, self.size = rng, bag, attenuation, size
        self.anywhere = (bag.lowest, bag.highest)
        self.placed: list[Placed] = []

    def put_good(self, name: str, low: Outline, high: Outline) -> None:
        self._put(name, GOODS[name](self.rng), low, high, threat=False)

    def put_threat(self, name: str) -> None:
        """A threat in one of the nine places, each as likely, and hidden as much as the dice want."""
        place = self.bag.cell(int(self.rng.integers(9)))
        patch = self._put(name, THREATS[name](self.rng), *place, threat=True)
        wanted = float(self.rng.choice(WANTED_HIDDEN, p=WANTED_OFTEN))
        rows, columns = np.nonzero(patch.high > VISIBLE)
        for _ in range(MOST_COVERS):
            if wanted == 0 or hidden_share(patch, self.attenuation) >= wanted:
                return
            point = int(self.rng.integers(rows.size))
            over = np.array([patch.x + columns[point], patch.y + rows[point]]) * FIELD / self.size
            near = over + self.rng.uniform(-1.5, 1.5, 2)
            self.put_good(pick(self.rng, HEAVY), near, near)

    def _put(self, name: str, parts: Parts, low: Outline, high: Outline, *, threat: bool) -> Patch:
        laid = _laid(self.rng, parts, self.bag, low, high)
        patch = rasterised(laid, self.size)
        self.attenuation.add(patch)
        half = min(float(patch.thickness.max()), self.bag.depth - 1) / 2
        height = self.rng.uniform(half + 0.4, max(self.bag.depth - half - 0.4, half + 0.5))
        groups: list[Group] = [part.material.group for part in parts]
        self.placed.append(Placed(name, threat, max(dict.fromkeys(groups), key=groups.count), patch, height))
        return patch


def _laid(rng: Rng, parts: Parts, bag: Bag, low: Outline, high: Outline) -> Parts:
    """The parts turned at random, their middle between `low` and `high`, wholly inside the bag.

    A thing too long to lie there is laid along the bag, as near as the bag allows.
    """
    points = all_points(parts) * np.array([1.0, pick(rng, (1.0, -1.0))])
    for _ in range(TRIES):
        posed = turned(points, rng.uniform(0, 360))
        nearest, farthest = _room(posed, bag)
        first, last = np.maximum(low, nearest), np.minimum(high, farthest)
        if (first <= last).all():
            return with_points(parts, _moved(posed, rng.uniform(first, last)))
    nearest, farthest = _room(points, bag)
    target = np.clip(rng.uniform(low, high), nearest, np.maximum(nearest, farthest))
    return with_points(parts, _moved(points, np.where(nearest <= farthest, target, (nearest + farthest) / 2)))


def _room(points: Outline, bag: Bag) -> tuple[Outline, Outline]:
    """Where the middle of these points may be so that all of them are inside the bag."""
    lowest, highest = bounds(points)
    half = (highest - lowest) / 2
    return bag.lowest + half, bag.highest - half


def _moved(points: Outline, centre: Outline) -> Outline:
    lowest, highest = bounds(points)
    return points + (centre - (lowest + highest) / 2)
