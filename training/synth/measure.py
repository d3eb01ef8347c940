"""What can be seen of a thing: how much of it is covered, how much of it drowns, and under what.

Pure figures over patches; nothing is drawn here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.synth.colour import brightness
from training.synth.raster import VISIBLE, Attenuation, Patch

JUST_SEEN = 0.06  # least difference of display brightness an eye tells apart beside clutter
LARGE = 96  # pixels across from which a thing is sampled


@dataclass(frozen=True, slots=True)
class Cover:
    occluded: float
    hidden: float


def hidden_share(patch: Patch, attenuation: Attenuation) -> float:
    """The share of the thing's pixels that would look the same without it."""
    return measured(patch, attenuation).hidden


def measured(patch: Patch, attenuation: Attenuation) -> Cover:
    """How much of the thing is covered and hidden. A large thing is judged by every second or third pixel."""
    step = 1 + max(patch.high.shape) // LARGE
    own = patch.high[::step, ::step]
    mask = own > VISIBLE
    if not mask.any():  # so thin that the coarse grid missed it
        step, own, mask = 1, patch.high, patch.high > VISIBLE
    through = attenuation.high[patch.window][::step, ::step][mask]
    own = own[mask]
    others = np.maximum(through - own, 0)
    unchanged = brightness(np.exp(-others)) - brightness(np.exp(-through)) <= JUST_SEEN
    return Cover(occluded=float((others > own).mean()), hidden=float(unchanged.mean()))


def centroid(patch: Patch) -> tuple[float, float]:
    """The middle of the thing's pixels, in pixels of the picture."""
    visible = patch.high > VISIBLE
    per_column: NDArray[np.int64] = np.count_nonzero(visible, axis=0)
    per_row: NDArray[np.int64] = np.count_nonzero(visible, axis=1)
    return patch.x + _mean_position(per_column), patch.y + _mean_position(per_row)


def thickest_cover(patch: Patch, others: Iterable[tuple[str, Patch]]) -> str | None:
    """The name of the other thing that takes most from the rays through this one; None where nothing touches it."""
    covers = {name: _attenuation_over(patch, other) for name, other in others}
    name = max(covers, key=lambda name: covers[name], default=None)
    return name if name is not None and covers[name] > 0 else None


def _mean_position(counts: NDArray[np.int64]) -> float:
    return float(np.dot(counts, np.arange(len(counts)))) / float(counts.sum())


def _attenuation_over(patch: Patch, other: Patch) -> float:
    """What `other` takes from the rays that go through the thing, summed over its pixels."""
    top, bottom = max(patch.window[0].start, other.window[0].start), min(patch.window[0].stop, other.window[0].stop)
    left, right = max(patch.window[1].start, other.window[1].start), min(patch.window[1].stop, other.window[1].stop)
    if top >= bottom or left >= right:
        return 0.0
    mask = patch.high[top - patch.y : bottom - patch.y, left - patch.x : right - patch.x] > VISIBLE
    return float(other.high[top - other.y : bottom - other.y, left - other.x : right - other.x][mask].sum())
