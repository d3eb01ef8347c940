"""One simulated scan from a seed and an index: pack a bag, look at it, say what is in it. Read this first.

Gives a `SimulatedScan`. The same seed, index, size, scanner and split always give the same scan; the bag depends
neither on the scanner nor on the side view. Leaves files to `write.py` and `formats/`.
"""

from typing import Literal

import numpy as np

from training.synth.colour import pseudo_colour
from training.synth.declaration import declared
from training.synth.detector import read_out
from training.synth.fingerprints import KNOWN, SCANNERS, Fingerprint, ScannerName
from training.synth.measure import centroid, measured, thickest_cover
from training.synth.raster import FIELD, Attenuation, Patch, mask_of
from training.synth.scene import USUAL, Habit, Placed, Scene, packed
from training.synth.shapes import Rng
from training.synth.side import seen_from_the_side
from training.synth.values import (
    PARTLY_HIDDEN,
    SimulatedItem,
    SimulatedScan,
    SimulatedView,
    Split,
    ViewName,
    pick,
)

AnyScanner = ScannerName | Literal["mixed"]
SIZE = 448  # pixels across the field


def simulate(
    seed: int,
    index: int,
    *,
    size: int = SIZE,
    views: Literal[1, 2] = 1,
    scanner: AnyScanner = "reference",
    split: Split = "any",
    habit: Habit = USUAL,
) -> SimulatedScan:
    """Scan number `index` of the run `seed`; with two views, the side view comes second.

    A `mixed` scan comes from any scanner but the held-out one. Only things whose shapes belong to the split are in it.
    """
    made_by = pick(np.random.default_rng((seed, index, 4)), KNOWN) if scanner == "mixed" else SCANNERS[scanner]
    scene = packed(np.random.default_rng((seed, index, 0)), size, split, habit)
    pictures = [_view("top", scene.attenuation, made_by, np.random.default_rng((seed, index, 1)))]
    patches = [tuple(placed.patch for placed in scene.placed)]
    if views > 1:
        rng = np.random.default_rng((seed, index, 2))
        attenuation, side_patches = seen_from_the_side(scene, rng, size)
        pictures.append(_view("side", attenuation, made_by, rng))
        patches.append(side_patches)
    seen = (_item(scene, placed, each, size) for placed, *each in zip(scene.placed, *patches, strict=True))
    items = tuple(item for item in seen if item is not None)
    declaration = declared((item.name for item in items if not item.threat), np.random.default_rng((seed, index, 3)))
    return SimulatedScan(seed, index, made_by.name, split, tuple(pictures), items, declaration)


def _view(name: ViewName, attenuation: Attenuation, scanner: Fingerprint, rng: Rng) -> SimulatedView:
    low, high = read_out(attenuation, scanner, rng)
    return SimulatedView(name, low, high, pseudo_colour(low, high, scanner))


def _item(scene: Scene, placed: Placed, patches: list[Patch], size: int) -> SimulatedItem | None:
    """What is true of one thing; None for a thing too faint to be seen in one of the views."""
    masks = tuple(mask for patch in patches if (mask := mask_of(patch)) is not None)
    if len(masks) < len(patches):
        return None
    cover = measured(placed.patch, scene.attenuation)
    concealed = placed.kind.category != "other" and cover.hidden >= PARTLY_HIDDEN
    x, y = centroid(masks[0])
    others = ((other.name, other.patch) for other in scene.placed if other is not placed)
    return SimulatedItem(
        name=placed.name,
        category=placed.kind.category,
        threat=placed.kind.threat,
        shape=placed.shape,
        boxes=tuple(mask.box for mask in masks),
        masks=masks,
        occluded=cover.occluded,
        hidden=cover.hidden,
        material=placed.patch.material,
        place=scene.bag.place(x * FIELD / size, y * FIELD / size),
        concealer=thickest_cover(placed.patch, others) if concealed else None,
    )
