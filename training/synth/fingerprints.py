"""How scanners differ: energies, palette, display curve, noise, sharpness and resolution, as one frozen value each.

Gives the scanners that training may see and the one it must not. A thing's attenuation at other energies follows from
that at 60 and 110 keV, because matter takes from a ray in two ways only: photoelectric (E^-3) and Compton.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ScannerName = Literal["reference", "warm", "cool", "coarse", "crisp", "grey", "held-out"]
Mix = tuple[tuple[float, float], tuple[float, float]]  # what of (60, 110) keV makes the low, what the high energy
BASIS = (60.0, 110.0)  # keV, at which materials are known
ELECTRON = 510.999  # keV


@dataclass(frozen=True, slots=True)
class Fingerprint:
    name: ScannerName
    low: float = 60.0  # keV, effective
    high: float = 110.0
    hues: tuple[float, float, float] = (0, 0, 0)  # degrees added to organic, mixed and metal
    gamma: float = 0.75  # of the display; lower lifts what is dark
    saturation: float = 1.0
    air: float = 1.0  # display brightness of nothing at all
    photons: float = 6e4  # per pixel in air
    gain_spread: float = 0.003  # between the elements of the line
    spot: float = 0.6  # blur of the focal spot in pixels
    sharpening: float = 0.0  # edges the display adds
    pixel: float = 1.0  # size of a detector element in picture pixels
    dropped: int = 0  # lines along the belt that were lost

    def mix(self) -> Mix:
        return _share(self.low), _share(self.high)


KNOWN: tuple[Fingerprint, ...] = (
    Fingerprint("reference"),
    Fingerprint("warm", 55, 105, (-7, -6, -8), 0.70, 1.10, photons=4e4),
    Fingerprint("cool", 65, 120, (6, 10, 6), 0.82, 0.90, photons=8e4, gain_spread=0.002, sharpening=0.4),
    Fingerprint("coarse", 58, 110, (2, -8, 3), 0.78, photons=2.5e4, gain_spread=0.005, spot=0.8, pixel=1.5, dropped=1),
    Fingerprint("crisp", 62, 125, (-3, 5, -4), 0.66, 1.05, photons=1.2e5, spot=0.45, sharpening=0.9),
    Fingerprint("grey", 60, 115, (3, -4, 0), 0.85, 0.85, air=0.93, photons=5e4, spot=0.7, dropped=2),
)
"""What training may see."""

HELD_OUT = Fingerprint(
    "held-out", 56, 118, (9, 9, -9), 0.90, 0.95, 0.96, 3e4, 0.004, 0.7, sharpening=0.6, pixel=1.25, dropped=1
)
"""Outside everything training sees, in each of its figures or in their combination."""

REFERENCE = KNOWN[0]
SCANNERS: dict[str, Fingerprint] = {scanner.name: scanner for scanner in (*KNOWN, HELD_OUT)}


def ratio_seen(reference_ratio: NDArray[np.floating], scanner: Fingerprint) -> NDArray[np.floating]:
    """The ratio low over high that this scanner measures where the reference measures `reference_ratio`."""
    (low_60, low_110), (high_60, high_110) = scanner.mix()
    return (low_60 * reference_ratio + low_110) / (high_60 * reference_ratio + high_110)


@cache
def _share(energy: float) -> tuple[float, float]:
    """Weights of the attenuation at 60 and at 110 keV that give the attenuation at `energy`."""
    if energy in BASIS:
        return (1.0, 0.0) if energy == BASIS[0] else (0.0, 1.0)
    known = np.array([_ways(each) for each in BASIS])
    weights = np.array(_ways(energy)) @ np.linalg.inv(known)
    return float(weights[0]), float(weights[1])


def _ways(energy: float) -> tuple[float, float]:
    """How photoelectric effect and Compton scattering (Klein and Nishina's formula) depend on the energy."""
    a = energy / ELECTRON
    log = math.log(1 + 2 * a)
    first = (1 + a) / a**2 * (2 * (1 + a) / (1 + 2 * a) - log / a)
    return (60.0 / energy) ** 3, first + log / (2 * a) - (1 + 3 * a) / (1 + 2 * a) ** 2
