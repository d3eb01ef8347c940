"""What a simulated scan is: pictures per view, the items in it and what was declared.

Leaves the making to `simulator.py` and the wire forms to `write.py` and `truth.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Picture = NDArray[np.uint8]
Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels; right and bottom are one past the last pixel
ViewName = Literal["top", "side"]
Group = Literal["organic", "mixed", "metal"]
Choice = TypeVar("Choice")

PARTLY_HIDDEN = 0.25  # of an item's pixels; below it an item is plainly visible
MOSTLY_HIDDEN = 0.60  # from here on only a patient reader finds it


def pick(rng: np.random.Generator, choices: Sequence[Choice]) -> Choice:
    return choices[int(rng.integers(len(choices)))]


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedView:
    """One picture of the scan: two transmission planes (1 is air, 0 opaque) and their pseudo-colour."""

    name: ViewName
    low: Plane
    high: Plane
    colour: Picture


@dataclass(frozen=True, slots=True)
class SimulatedItem:
    """One thing in the bag. All but `boxes` is said of the top view."""

    name: str
    threat: bool
    boxes: tuple[Box, ...]  # one per view, in the order of the views
    occluded: float  # share of its pixels where the rest of the bag attenuates more than the item itself
    hidden: float  # share of its pixels whose brightness would hardly change if the item were taken out
    material: Group
    place: str  # where in the bag, not in the picture: top-left ... center ... bottom-right
    concealer: str | None  # what lies over a threat that is at least partly hidden

    @property
    def box(self) -> Box:
        return self.boxes[0]

    @property
    def level(self) -> int:
        """1 plainly visible, 2 partly hidden, 3 mostly hidden."""
        return 1 + (self.hidden >= PARTLY_HIDDEN) + (self.hidden >= MOSTLY_HIDDEN)


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedScan:
    """A whole scan; the same seed, index and size always give the same one."""

    seed: int
    index: int
    views: tuple[SimulatedView, ...]
    items: tuple[SimulatedItem, ...]
    declared: tuple[str, ...]

    @property
    def scan_id(self) -> str:
        return f"SCAN-{self.seed}-{self.index:04d}"

    @property
    def size(self) -> int:
        return self.views[0].low.shape[0]

    @property
    def threats(self) -> tuple[SimulatedItem, ...]:
        return tuple(item for item in self.items if item.threat)
