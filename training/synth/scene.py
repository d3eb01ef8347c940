"""Packs a bag: what is in it, where it lies, and what is laid over a threat to hide it.

Gives a `Scene` of patches and their sum. Leaves the naming of what can be seen to `measure.py`.
"""

import zlib
from dataclasses import dataclass

import cv2
import numpy as np

from training.synth.bag import Bag, from_above, packed_bag
from training.synth.measure import hidden_share
from training.synth.raster import FIELD, VISIBLE, Attenuation, Patch, overlap, rasterised
from training.synth.shapes import Outline, Parts, Rng, all_points, bounds, turned
from training.synth.things.catalogue import CATALOGUE, GOODS, HEAVY, TARGETS, THREATS, Kind
from training.synth.values import MOSTLY_HIDDEN, PARTLY_HIDDEN, Split, pick

TRIES = 12  # turns tried until a thing fits where it was meant to lie
MOST_COVERS = 6  # things laid over a target at most
HARMLESS = tuple(name for name in TARGETS if name not in THREATS)
HARMLESS_HIDDEN = 0.3  # share of bags with a target that is no threat, placed and hidden like one
INSTANCES = 10**6  # of each kind and each last digit
DIGITS: dict[Split, tuple[int, int]] = {"any": (0, 10), "train": (0, 8), "val": (8, 9), "test": (9, 10)}
"""An instance's last digit is its split's: no shape of one split ever appears in another."""
WANTED_HIDDEN = (0.0, PARTLY_HIDDEN, MOSTLY_HIDDEN)
BURIED = 0.85  # share of a thing that may be hidden; what nobody could see, nobody would have marked in a data set


@dataclass(frozen=True, slots=True)
class Habit:
    """How bags are packed: how many threats, each count as likely, and how often each of the wanted covers."""

    threats: tuple[int, ...] = (0, 1, 1, 1, 2)
    covers: tuple[float, float, float] = (0.45, 0.35, 0.20)


USUAL = Habit()
RICH = Habit(threats=(3, 4, 5, 6), covers=(0.65, 0.25, 0.10))
"""Bags to learn from: in usual ones each kind of threat is rare."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """One thing in the bag, as seen from above, and how high over the bag's floor its middle is."""

    kind: Kind
    shape: int
    patch: Patch
    height: float

    @property
    def name(self) -> str:
        return self.kind.name


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    bag: Bag
    attenuation: Attenuation
    placed: tuple[Placed, ...]


def packed(rng: Rng, size: int, split: Split, habit: Habit = USUAL) -> Scene:
    bag = packed_bag(rng)
    attenuation = Attenuation(size)
    shell = from_above(bag, rng)
    attenuation.add(rasterised(shell, all_points(shell), size))
    packer = _Packer(rng, bag, attenuation, size, split)
    for _ in range(int(rng.integers(3, 7))):
        packer.put("clothes", *packer.anywhere)
    for _ in range(int(rng.integers(4, 11))):
        packer.put(pick(rng, GOODS), *packer.anywhere)
    if rng.random() < HARMLESS_HIDDEN:
        packer.hide(pick(rng, HARMLESS), habit)
    for _ in range(pick(rng, habit.threats)):
        packer.hide(pick(rng, THREATS), habit)
    return Scene(bag, attenuation, tuple(packer.placed))


def instance(name: str, number: int) -> Parts:
    """One physical thing: the same name and number always give the same parts."""
    return CATALOGUE[name].build(np.random.default_rng((zlib.crc32(name.encode()), number)))


class _Packer:
    """One bag being packed, top view."""

    def __init__(self, rng: Rng, bag: Bag, attenuation: Attenuation, size: int, split: Split) -> None:
        self.rng, self.bag, self.attenuation, self.size = rng, bag, attenuation, size
        self.digits = DIGITS[split]
        self.anywhere = (bag.lowest, bag.highest)
        self.placed: list[Placed] = []

    def hide(self, name: str, habit: Habit) -> None:
        """A thing in one of the nine places, each as likely, and hidden as much as the dice want."""
        wanted = float(self.rng.choice(WANTED_HIDDEN, p=habit.covers))
        patch = self._somewhere(name)
        if patch is None:
            return
        rows, columns = np.nonzero(patch.high > VISIBLE)
        for _ in range(MOST_COVERS):
            if wanted == 0 or hidden_share(patch, self.attenuation) >= wanted:
                return
            point = int(self.rng.integers(rows.size))
            over = np.array([patch.x + columns[point], patch.y + rows[point]]) * FIELD / self.size
            near = over + self.rng.uniform(-1.5, 1.5, 2)
            self.put(pick(self.rng, HEAVY), near, near)

    def _somewhere(self, name: str) -> Patch | None:
        """In one of the nine places; nowhere in a bag too dense for it."""
        tries = (self.put(name, *self.bag.cell(int(self.rng.integers(9)))) for _ in range(TRIES))
        return next((patch for patch in tries if patch is not None), None)

    def put(self, name: str, low: Outline, high: Outline) -> Patch | None:
        """The thing somewhere from `low` to `high`; left out where it would bury what can be named, or be buried."""
        shape = 10 * int(self.rng.integers(INSTANCES)) + int(self.rng.integers(*self.digits))
        parts = instance(name, shape)
        patch = rasterised(parts, _laid(self.rng, all_points(parts), self.bag, low, high), self.size)
        self.attenuation.add(patch)
        half = min(float(patch.thickness.max()), self.bag.depth - 1) / 2
        height = self.rng.uniform(half + 0.4, max(self.bag.depth - half - 0.4, half + 0.5))
        thing = Placed(CATALOGUE[name], shape, patch, height)
        if any(self._buried(each) for each in (thing, *self.placed) if overlap(each.patch, patch)):
            self.attenuation.remove(patch)
            return None
        self.placed.append(thing)
        return patch

    def _buried(self, thing: Placed) -> bool:
        return thing.kind.category != "other" and hidden_share(thing.patch, self.attenuation) > BURIED


def _laid(rng: Rng, points: Outline, bag: Bag, low: Outline, high: Outline) -> Outline:
    """A thing's points turned at random, their middle between `low` and `high`, wholly inside the bag.

    A thing too long to lie there is laid along the bag, as near as the bag allows.
    """
    points = points * np.array([1.0, pick(rng, (1.0, -1.0))])
    hull = cv2.convexHull(points.astype(np.float32))[:, 0].astype(np.float64)  # what must fit; much fewer points
    for degrees in rng.uniform(0, 360, TRIES):
        middle, half = _extent(turned(hull, degrees))
        first, last = np.maximum(low, bag.lowest + half), np.minimum(high, bag.highest - half)
        if (first <= last).all():
            return turned(points, degrees) + (rng.uniform(first, last) - middle)
    middle, half = _extent(hull)
    first, last = bag.lowest + half, bag.highest - half
    target = np.clip(rng.uniform(low, high), first, np.maximum(first, last))
    return points + (np.where(first <= last, target, (first + last) / 2) - middle)


def _extent(points: Outline) -> tuple[Outline, Outline]:
    """The middle of these points and how far they reach from it."""
    lowest, highest = bounds(points)
    return (lowest + highest) / 2, (highest - lowest) / 2
