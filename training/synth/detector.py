"""What the detector reads of a scene: blurred, counted in photons, uneven along its line, clipped.

Takes attenuation, gives transmission. The noise comes out of a bank made once, rolled by the dice: drawing it anew
for each scan would cost more than the whole scene.
"""

from functools import cache

import cv2
import numpy as np

from training.synth.shapes import Rng
from training.synth.values import Plane

PHOTONS = 6e4  # per pixel in air
READ_NOISE = 0.0012  # of the air signal
GAIN_SPREAD = 0.003  # between the elements of the line
SPOT = 0.6  # blur of the focal spot in pixels
DARKEST = 5e-4  # below it the reading is the dark current


def detected(attenuation: Plane, gain: Plane, rng: Rng) -> Plane:
    """Transmission in [DARKEST, 1] at one energy."""
    signal = np.asarray(cv2.GaussianBlur(np.exp(-attenuation), (3, 3), SPOT), np.float32)
    size = attenuation.shape[0]
    x, y = rng.integers(0, size, 2)
    reading = signal * np.float32(1 / PHOTONS)  # in place from here on: whole pictures are dear to allocate
    reading += np.float32(READ_NOISE**2)
    np.sqrt(reading, out=reading)
    reading *= _bank(size)[y : y + size, x : x + size]
    reading += signal
    reading *= gain
    return np.clip(reading, DARKEST, 1, out=reading)


def line_gain(size: int, rng: Rng) -> Plane:
    """How much each element of the line over- or understates, the same at both energies."""
    return (1 + GAIN_SPREAD * rng.standard_normal(size)).astype(np.float32)


@cache
def _bank(size: int) -> Plane:
    return np.random.default_rng(0).standard_normal((2 * size, 2 * size), dtype=np.float32)
