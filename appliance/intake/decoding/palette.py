"""What two energies, or one, look like on a screen.

Takes 16-bit planes of what came through, gives 8-bit pictures: orange organic,
green mixed, blue metal, white nothing, black opaque. Knows nothing of files.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint16]
Shades = NDArray[np.uint8]
Levels = NDArray[np.float32]

_FULL = 65535
_STEPS = 256
"""Of the colour table, in both directions."""
_RATIOS = (1.0, 1.18, 1.30, 1.45, 1.75, 2.25, 2.7, 3.3, 4.4)
"""How much more the low energy is held back than the high: the kind of matter."""
_HUES = (26, 30, 38, 85, 110, 140, 195, 215, 222)
"""The hue in degrees at each of these ratios."""
_QUIET = np.float32(0.004)
"""Added above and below the ratio; without it noise would colour empty air."""
_DARKEST = 5e-4
"""Less than this share of the rays is noise."""
_EDGE = 0.001
"""This share of the darkest and of the brightest pixels does not set the scale."""


def grey(plane: Plane) -> Shades:
    """One plane as grey: a straight line from its darkest to its brightest value, single outliers aside."""
    low, high = _range(plane)
    if low == high:
        return (plane >> 8).astype(np.uint8)
    line = (np.arange(_FULL + 1, dtype=np.float64) - low) * (255 / (high - low))
    return np.rint(np.clip(line, 0, 255)).astype(np.uint8)[plane]


def colour(high: Plane, low: Plane) -> Shades:
    """Two planes as pseudo-colour."""
    through_high, depth_high = _seen(high)
    _, depth_low = _seen(low)
    ratio = (_QUIET + _blurred(depth_low)) / (_QUIET + _blurred(depth_high))
    column = np.clip((ratio - _RATIOS[0]) * ((_STEPS - 1) / (_RATIOS[-1] - _RATIOS[0])), 0, _STEPS - 1)
    return _table()[through_high, column.astype(np.uint8)]


def _seen(plane: Plane) -> tuple[Shades, Levels]:
    """The share that came through, in steps of the table, and its logarithm as depth of matter."""
    through = np.clip(np.arange(_FULL + 1, dtype=np.float32) / np.float32(_air(plane)), _DARKEST, 1)
    steps = np.rint(through * (_STEPS - 1)).astype(np.uint8)
    return steps[plane], (-np.log(through)).astype(np.float32)[plane]


def _air(plane: Plane) -> int:
    """The value of a ray that met nothing: the brightest, unless that is below half of the scale in use."""
    brightest = _range(plane)[1]
    scale = (1 << brightest.bit_length()) - 1
    return max(brightest, scale // 2, 1)


def _range(plane: Plane) -> tuple[int, int]:
    """The darkest and the brightest value that more than a few pixels have."""
    counts = np.cumsum(np.bincount(plane.ravel(), minlength=_FULL + 1))
    few = int(plane.size * _EDGE)
    return int(np.searchsorted(counts, few, side="right")), int(np.searchsorted(counts, plane.size - few))


def _blurred(depth: Levels) -> Levels:
    """The mean of 3 x 3 pixels: single pixels of thin matter have no steady ratio."""
    wide = np.pad(depth, 1, mode="edge")
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    return ((rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9).astype(np.float32, copy=False)


@cache
def _table() -> Shades:
    """The colour for each pair of transmission and ratio."""
    through = np.linspace(0, 1, _STEPS)[:, None]
    hue = np.interp(np.linspace(_RATIOS[0], _RATIOS[-1], _STEPS), _RATIOS, _HUES)[None, :]
    value = 0.04 + 0.96 * through**0.75
    not_air, not_opaque = np.clip(30 * (1 - through) - 0.3, 0, 1), np.clip(14 * through, 0, 1)
    saturation = np.clip(1.35 * (1 - through) ** 0.55, 0, 1) * not_air * not_opaque
    channels: list[NDArray[np.float64]] = []
    for turn in (5, 3, 1):  # red, green, blue: where each stands on the wheel of hues, in sixths
        place = (turn + hue / 60) % 6
        channels.append(value * (1 - saturation * np.clip(np.minimum(place, 4 - place), 0, 1)))
    return np.rint(np.stack(channels, axis=-1) * 255).astype(np.uint8)
