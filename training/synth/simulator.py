"""One simulated scan from a seed and an index: pack a bag, look at it, say what is in it. Read this first.

Gives a `SimulatedScan`. The same seed, index and size always give the same scan, and the top view does not depend
on whether a side view was asked for. Leaves files to `write.py`.
"""

from typing import Literal

import numpy as np

from training.synth.colour import pseudo_colour
from training.synth.detector import detected, line_gain
from training.synth.goods import GOODS
from training.synth.measure import centroid, measured, thickest_cover
from training.synth.raster import FIELD, Attenuation, Patch, box_of
from training.synth.scene import Placed, Scene, packed
from training.synth.shapes import Rng
from training.synth.side import seen_from_the_side
from training.synth.values import PARTLY_HIDDEN, SimulatedItem, SimulatedScan, SimulatedView, ViewName, pick

SIZE = 448  # pixels across the field
FORGOTTEN = 0.15  # chance that a thing in the bag is not declared
MISTAKEN = 0.10  # chance that a thing is declared that may not be there


def simulate(seed: int, index: int, *, size: int = SIZE, views: Literal[1, 2] = 1) -> SimulatedScan:
    """Scan number `index` of the run `seed`; with two views, the side view comes second."""
    scene = packed(np.random.default_rng((seed, index, 0)), size)
    pictures = [_view("top", scene.attenuation, np.random.default_rng((seed, index, 1)))]
    patches = [tuple(placed.patch for placed in scene.placed)]
    if views > 1:
        rng = np.random.default_rng((seed, index, 2))
        attenuation, side_patches = seen_from_the_side(scene, rng, size)
        pictures.append(_view("side", attenuation, rng))
        patches.append(side_patches)
    items = [_item(scene, placed, seen, size) for placed, *seen in zip(scene.placed, *patches, strict=True)]
    declared = _declared(scene, np.random.default_rng((seed, index, 3)))
    return SimulatedScan(seed, index, tuple(pictures), tuple(item for item in items if item is not None), declared)


def _view(name: ViewName, attenuation: Attenuation, rng: Rng) -> SimulatedView:
    gain = line_gain(attenuation.low.shape[0], rng)
    low, high = detected(attenuation.low, gain, rng), detected(attenuation.high, gain, rng)
    return SimulatedView(name, low, high, pseudo_colour(low, high))


def _item(scene: Scene, placed: Placed, patches: list[Patch], size: int) -> SimulatedItem | None:
    """What is true of one thing; None for a thing too faint to be seen in one of the views."""
    boxes = tuple(box for patch in patches if (box := box_of(patch)) is not None)
    if len(boxes) < len(patches):
        return None
    cover = measured(placed.patch, scene.attenuation)
    concealed = placed.threat and cover.hidden >= PARTLY_HIDDEN
    x, y = centroid(placed.patch)
    others = ((other.name, other.patch) for other in scene.placed if other is not placed)
    return SimulatedItem(
        name=placed.name,
        threat=placed.threat,
        boxes=boxes,
        occluded=cover.occluded,
        hidden=cover.hidden,
        material=placed.material,
        place=scene.bag.place(x * FIELD / size, y * FIELD / size),
        concealer=thickest_cover(placed.patch, others) if concealed else None,
    )


def _declared(scene: Scene, rng: Rng) -> tuple[str, ...]:
    """The goods in the bag as its owner declares them: some forgotten, now and then one too many."""
    present = dict.fromkeys(placed.name for placed in scene.placed if not placed.threat)
    said = [name for name in present if rng.random() >= FORGOTTEN]
    if rng.random() < MISTAKEN:
        said.append(pick(rng, tuple(GOODS)))
    return tuple(sorted(set(said)))
