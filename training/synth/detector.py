"""What the detector reads of a scene: blurred, counted in photons, uneven along its line, clipped.

Takes attenuation at 60 and 110 keV, gives transmission at the scanner's own two energies. The noise comes out of a
bank made once, rolled by the dice: drawing it anew for each scan would cost more than the whole scene.
"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synth.fingerprints import Fingerprint
from training.synth.raster import Attenuation
from training.synth.shapes import Rng
from training.synth.values import Plane

READ_NOISE = 0.0012  # of the air signal
DARKEST = 5e-4  # below it the reading is the dark current


def read_out(attenuation: Attenuation, scanner: Fingerprint, rng: Rng) -> tuple[Plane, Plane]:
    """Transmission in [DARKEST, 1] at the low and at the high energy."""
    size = attenuation.low.shape[0]
    elements = round(size / scanner.pixel)
    gain = (1 + scanner.gain_spread * rng.standard_normal(elements)).astype(np.float32)
    lost = rng.integers(elements, size=scanner.dropped)
    low, high = (_detected(plane, scanner, gain, lost, rng) for plane in _at_its_energies(attenuation, scanner))
    return _in_picture(low, size), _in_picture(high, size)


def _at_its_energies(attenuation: Attenuation, scanner: Fingerprint) -> tuple[Plane, Plane]:
    if scanner.mix() == ((1.0, 0.0), (0.0, 1.0)):
        return attenuation.low, attenuation.high
    low, high = (
        np.asarray(cv2.addWeighted(attenuation.low, of_60, attenuation.high, of_110, 0), np.float32)
        for of_60, of_110 in scanner.mix()
    )
    return low, high


def _detected(attenuation: Plane, scanner: Fingerprint, gain: Plane, lost: NDArray[np.int64], rng: Rng) -> Plane:
    signal = np.asarray(cv2.GaussianBlur(np.exp(-attenuation), (3, 3), scanner.spot), np.float32)
    elements = gain.shape[0]
    if elements != signal.shape[0]:
        signal = np.asarray(cv2.resize(signal, (elements, elements), interpolation=cv2.INTER_AREA), np.float32)
    x, y = rng.integers(0, elements, 2)
    reading = signal * np.float32(1 / scanner.photons)  # in place from here on: whole pictures are dear to allocate
    reading += np.float32(READ_NOISE**2)
    np.sqrt(reading, out=reading)
    reading *= _bank(elements)[y : y + elements, x : x + elements]
    reading += signal
    reading *= gain
    reading[lost] = reading[lost - 1]  # the display repeats the line before
    return np.clip(reading, DARKEST, 1, out=reading)


def _in_picture(reading: Plane, size: int) -> Plane:
    if reading.shape[0] == size:
        return reading
    return np.asarray(cv2.resize(reading, (size, size), interpolation=cv2.INTER_LINEAR), np.float32)


@cache
def _bank(size: int) -> Plane:
    return np.random.default_rng(0).standard_normal((2 * size, 2 * size), dtype=np.float32)
