"""What can be seen of a thing: how much of it is covered, how much of it drowns, and under what.

Pure figures over patches; nothing is drawn here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synth.colour import brightness_behind
from training.synth.raster import VISIBLE, Attenuation, Patch
from training.synth.values import Mask

JUST_SEEN = 0.06  # least difference of display brightness an eye tells apart beside clutter
LARGE = 64  # pixels across from which a thing is sampled


@dataclass(frozen=True, slots=True)
class Cover:
    occluded: float
    hidden: float


def hidden_share(patch: Patch, attenuation: Attenuation) -> float:
    """The share of the thing's pixels that would look the same without it."""
    return measured(patch, attenuation).hidden


def measured(patch: Patch, attenuation: Attenuation) -> Cover:
    """How much of the thing is covered and hidden. A large thing is judged by every second pixel or fewer."""
    step = 1 + max(patch.high.shape) // LARGE
    own = patch.high[::step, ::step]
    mask = own > VISIBLE
    if not mask.any():  # so thin that the coarse grid missed it
        step, own, mask = 1, patch.high, patch.high > VISIBLE
    through = attenuation.high[patch.window][::step, ::step][mask]
    own = own[mask]
    others = np.maximum(through - own, 0)
    unchanged = brightness_behind(others) - brightness_behind(through) <= JUST_SEEN
    return Cover(occluded=float((others > own).mean()), hidden=float(unchanged.mean()))


def centroid(mask: Mask) -> tuple[float, float]:
    """The middle of the thing's pixels, in pixels of the picture."""
    pixels = mask.pixels.view(np.uint8)
    columns, rows = (cv2.reduce(pixels, axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel() for axis in (0, 1))
    return mask.left + _mean_position(columns), mask.top + _mean_position(rows)


def thickest_cover(patch: Patch, others: Iterable[tuple[str, Patch]]) -> str | None:
    """The name of the other thing that takes most from the rays through this one; None where nothing touches it."""
    covers = ((_attenuation_over(patch, other), name) for name, other in others)
    most, name = max(covers, default=(0.0, ""))
    return name if most > 0 else None


def _mean_position(counts: NDArray[np.integer[Any] | np.floating[Any]]) -> float:
    return float(np.dot(counts, np.arange(counts.size)) / counts.sum()) + 0.5


def _attenuation_over(patch: Patch, other: Patch) -> float:
    """What `other` takes from the rays that go through the thing, summed over its pixels."""
    top, bottom = max(patch.window[0].start, other.window[0].start), min(patch.window[0].stop, other.window[0].stop)
    left, right = max(patch.window[1].start, other.window[1].start), min(patch.window[1].stop, other.window[1].stop)
    if top >= bottom or left >= right:
        return 0.0
    mask = patch.high[top - patch.y : bottom - patch.y, left - patch.x : right - patch.x] > VISIBLE
    return float(other.high[top - other.y : bottom - other.y, left - other.x : right - other.x][mask].sum())
