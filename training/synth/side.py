"""The second view: what the same things look like from the side of the belt.

From above each ray knows how thick a thing is; taken as lying evenly about its own middle height, that thickness
says how far a ray from the side travels through it. Parts of one thing at different heights are merged.
"""

import math

import numpy as np
from numpy.typing import NDArray

from training.synth.bag import Bag, from_the_side
from training.synth.raster import FIELD, Attenuation, Patch, rasterised
from training.synth.scene import Scene
from training.synth.shapes import Rng, all_points
from training.synth.values import Plane

SLABS = 4  # per pixel of height: thin things must not come out a whole pixel thick


def seen_from_the_side(scene: Scene, rng: Rng, size: int) -> tuple[Attenuation, tuple[Patch, ...]]:
    """The side picture and each placed thing's patch in it, in the same order."""
    attenuation = Attenuation(size)
    shell = from_the_side(scene.bag, rng)
    attenuation.add(rasterised(shell, all_points(shell), size))
    patches = tuple(_lifted(placed.patch, placed.height, scene.bag, size) for placed in scene.placed)
    for patch in patches:
        attenuation.add(patch)
    return attenuation, patches


def _lifted(patch: Patch, height: float, bag: Bag, size: int) -> Patch:
    path = _path_lengths(patch.thickness, FIELD / size)
    centre = (bag.floor - height) * size / FIELD
    y = min(max(round(centre - path.shape[0] / 2), 0), size - path.shape[0])
    columns = np.maximum(patch.thickness.sum(axis=0), np.float32(1e-6))
    low, high = path * (patch.low.sum(axis=0) / columns), path * (patch.high.sum(axis=0) / columns)
    return Patch(patch.x, y, low, high, path, patch.material)


def _path_lengths(thickness: Plane, pixel: float) -> Plane:
    """For each column and height, how many centimetres a ray along the other axis spends inside the thing."""
    slab = pixel / SLABS
    halves = np.rint(thickness / (2 * slab)).astype(np.int64)
    most = max(math.ceil(int(halves.max()) / SLABS), 1) * SLABS
    width = thickness.shape[1]
    first_keys: NDArray[np.int64] = np.arange(width, dtype=np.int64) * (most + 1)
    counts = np.bincount((halves + first_keys).reshape(-1), minlength=width * (most + 1)).reshape(width, most + 1)
    reaching = counts[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]  # rays whose half thickness reaches beyond each slab
    upper = reaching.reshape(width, -1, SLABS).mean(axis=2).T
    return (np.concatenate([upper[::-1], upper]) * pixel).astype(np.float32)
