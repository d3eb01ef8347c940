"""Pseudo-colour as on a screener's display: hue by kind of matter, brightness by how much comes through.

Takes the two transmission planes, gives an RGB picture: orange organic, green mixed, blue metal, black opaque. The
shades are the scanner's.
"""

from functools import cache

import cv2
import numpy as np

from training.synth.fingerprints import REFERENCE, Fingerprint, ratio_seen
from training.synth.values import Picture, Plane

RATIOS = (1.0, 1.18, 1.30, 1.45, 1.75, 2.25, 2.7, 3.3, 4.4)  # low over high attenuation, at 60 and 110 keV
HUES = (26, 30, 38, 85, 110, 140, 195, 215, 222)  # degrees at those ratios
PALETTE = (0, 0, 0, 1, 1, 1, 2, 2, 2)  # which of a scanner's three shifts applies there
STEPS = 256  # of the colour table, in each direction
OPAQUE = 5.8  # attenuation at the low energy beyond which its noise, not matter, makes the ratio: shown as metal
QUIET = 0.004  # added above and below the ratio: without it, noise colours empty air


def brightness_behind(attenuation: Plane) -> Plane:
    """Display brightness, 0..1, of the reference scanner behind so much matter: the gamma lifts what is dark."""
    return np.float32(0.04) + np.float32(0.96) * np.exp(np.float32(-REFERENCE.gamma) * attenuation)


def pseudo_colour(low: Plane, high: Plane, scanner: Fingerprint = REFERENCE) -> Picture:
    first, last = _ends(scanner)
    ratio = _smooth_depth(low)
    opaque = ratio > OPAQUE
    np.divide(ratio, _smooth_depth(high), out=ratio)
    ratio[opaque] = last
    np.subtract(ratio, first, out=ratio)
    np.multiply(ratio, (STEPS - 1) / (last - first), out=ratio)
    shown = _sharpened(high, scanner.sharpening) if scanner.sharpening else high
    row = shown * np.float32(STEPS - 1)
    picture = cv2.remap(_table(scanner), ratio, row, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(picture, np.uint8)


def _smooth_depth(transmission: Plane) -> Plane:
    """Attenuation averaged over 3 x 3 pixels, and QUIET: single pixels of thin matter have no stable ratio."""
    depth = np.asarray(cv2.blur(np.log(transmission), (3, 3)), np.float32)
    np.subtract(QUIET, depth, out=depth)
    return depth


def _sharpened(plane: Plane, amount: float) -> Plane:
    soft = cv2.GaussianBlur(plane, (5, 5), 1.2)
    return np.asarray(cv2.addWeighted(plane, 1 + amount, soft, -amount, 0), np.float32)


def _ends(scanner: Fingerprint) -> tuple[float, float]:
    """The least and greatest ratio in the scanner's table."""
    first, last = ratio_seen(np.array([RATIOS[0], RATIOS[-1]]), scanner)
    return float(first), float(last)


@cache
def _table(scanner: Fingerprint) -> Picture:
    """RGB by transmission (down) and ratio (across)."""
    transmission = np.linspace(0, 1, STEPS, dtype=np.float32)[:, None]
    hues = np.array(HUES) + np.array(scanner.hues)[list(PALETTE)]
    hue = np.interp(np.linspace(*_ends(scanner), STEPS), ratio_seen(np.array(RATIOS), scanner), hues)
    not_air, not_opaque = np.clip((1 - transmission) * 30 - 0.3, 0, 1), np.clip(transmission * 14, 0, 1)
    strength = np.clip(1.35 * (1 - transmission) ** 0.55, 0, 1) * scanner.saturation
    hsv = np.empty((STEPS, STEPS, 3), np.float32)
    hsv[..., 0], hsv[..., 1] = hue, np.clip(strength * not_air * not_opaque, 0, 1)
    hsv[..., 2] = scanner.air * (0.04 + 0.96 * transmission**scanner.gamma)
    rgb = np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB))
    return np.rint(rgb * 255).astype(np.uint8)
