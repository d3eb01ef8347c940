"""What a simulated scan is: pictures per view, the items in it and what was declared.

Leaves the making to `simulator.py` and the wire forms to `write.py`, `truth.py` and `formats/`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from training.synth.fingerprints import ScannerName

Plane = NDArray[np.float32]
Picture = NDArray[np.uint8]
Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels; right and bottom are one past the last pixel
ViewName = Literal["top", "side"]
Split = Literal["any", "train", "val", "test"]
Group = Literal["organic", "mixed", "metal"]
Category = Literal["weapon", "blade", "ammunition", "explosive", "flammable", "tool", "electronics", "liquid", "other"]
Choice = TypeVar("Choice")

PARTLY_HIDDEN = 0.25  # of an item's pixels; below it an item is plainly visible
MOSTLY_HIDDEN = 0.60  # from here on only a patient reader finds it


def pick(rng: np.random.Generator, choices: Sequence[Choice]) -> Choice:
    return choices[int(rng.integers(len(choices)))]


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """The pixels of one item in one view, cut to its box."""

    left: int
    top: int
    pixels: NDArray[np.bool_]

    @property
    def box(self) -> Box:
        height, width = self.pixels.shape
        return self.left, self.top, self.left + width, self.top + height


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedView:
    """One picture of the scan: two transmission planes (1 is air, 0 opaque) and their pseudo-colour."""

    name: ViewName
    low: Plane
    high: Plane
    colour: Picture


@dataclass(frozen=True, slots=True)
class SimulatedItem:
    """One thing in the bag. All but `boxes` and `masks` is said of the top view."""

    name: str
    category: Category
    threat: bool
    shape: int  # number of the instance: the same name and number is the same physical thing
    boxes: tuple[Box, ...]  # one per view, in the order of the views
    masks: tuple[Mask, ...] = field(compare=False, repr=False)  # the same
    occluded: float  # share of its pixels where the rest of the bag attenuates more than the item itself
    hidden: float  # share of its pixels whose brightness would hardly change if the item were taken out
    material: Group
    place: str  # where in the bag, not in the picture: top-left ... center ... bottom-right
    concealer: str | None  # what lies over it, if it is at least partly hidden and not just goods

    @property
    def box(self) -> Box:
        return self.boxes[0]

    @property
    def target(self) -> bool:
        """Worth finding: everything but plain goods."""
        return self.category != "other"

    @property
    def words(self) -> str:
        return self.name.replace("_", " ")

    @property
    def level(self) -> int:
        """OL1 plainly visible, OL2 partly hidden, OL3 mostly hidden."""
        return 1 + (self.hidden >= PARTLY_HIDDEN) + (self.hidden >= MOSTLY_HIDDEN)


@dataclass(frozen=True, slots=True)
class DeclaredLine:
    """One line of the declaration, and what it stands for."""

    text: str
    quantity: int
    name: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the owner says is in the bag, and how that differs from what is in it."""

    lines: tuple[DeclaredLine, ...]
    omitted: tuple[str, ...]  # in the bag and not declared; threats never are
    invented: tuple[str, ...]  # declared and not in the bag
    miscounted: tuple[str, ...]  # declared with another number than there is

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(line.text for line in self.lines)


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedScan:
    """A whole scan; the same seed, index, size, scanner and split always give the same one."""

    seed: int
    index: int
    scanner: ScannerName
    split: Split
    views: tuple[SimulatedView, ...]
    items: tuple[SimulatedItem, ...]
    declaration: Declaration

    @property
    def scan_id(self) -> str:
        return f"SCAN-{self.seed}-{self.index:04d}"

    @property
    def size(self) -> int:
        return self.views[0].low.shape[0]

    @property
    def threats(self) -> tuple[SimulatedItem, ...]:
        return tuple(item for item in self.items if item.threat)

    @property
    def targets(self) -> tuple[SimulatedItem, ...]:
        return tuple(item for item in self.items if item.target)
