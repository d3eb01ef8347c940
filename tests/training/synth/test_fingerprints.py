"""Scanners: the physics of their energies, the colours of their palettes, and one that looks like no other."""

import cv2
import numpy as np
import pytest

from training.synth.colour import pseudo_colour
from training.synth.fingerprints import HELD_OUT, KNOWN, REFERENCE, SCANNERS, Fingerprint
from training.synth.materials import ALUMINIUM, COPPER, GLASS, LIQUID, PAPER, PLASTIC, STEEL, TEXTILE, Material
from training.synth.simulator import simulate

BANDS = {"organic": (8, 55), "mixed": (70, 160), "metal": (175, 240)}  # degrees of hue, whatever the scanner
AT_80_KEV = {LIQUID: 0.1837, ALUMINIUM: 0.545, STEEL: 4.684}  # 1/cm, of water, aluminium and iron


@pytest.mark.parametrize("scanner", SCANNERS.values(), ids=list(SCANNERS))
@pytest.mark.parametrize(
    ("material", "thickness"),
    [
        *((LIQUID, 6.0), (PLASTIC, 2.0), (PAPER, 3.0), (TEXTILE, 8.0)),
        *((GLASS, 1.0), (ALUMINIUM, 0.8), (STEEL, 0.2), (COPPER, 0.1)),
    ],
)
def test_every_class_of_matter_is_in_its_hue_band(scanner: Fingerprint, material: Material, thickness: float) -> None:
    """Orange organic, green mixed, blue metal, on every display."""
    (low_60, low_110), (high_60, high_110) = scanner.mix()
    low = np.full((9, 9), np.exp(-thickness * (low_60 * material.low + low_110 * material.high)), np.float32)
    high = np.full((9, 9), np.exp(-thickness * (high_60 * material.low + high_110 * material.high)), np.float32)
    picture = pseudo_colour(low, high, scanner).astype(np.float32) / 255
    hue, saturation, _ = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)[4, 4]
    first, last = BANDS[material.group]
    assert first <= hue <= last
    assert saturation > 0.25


@pytest.mark.parametrize(("material", "expected"), AT_80_KEV.items())
def test_attenuation_between_the_known_energies_is_right(material: Material, expected: float) -> None:
    """Tables say the same of 80 keV as photoelectric effect and Compton scattering together, within a few percent."""
    of_60, of_110 = Fingerprint("cool", low=80.0).mix()[0]
    assert of_60 * material.low + of_110 * material.high == pytest.approx(expected, rel=0.03)


def test_air_is_bright_and_what_nothing_gets_through_is_black() -> None:
    """The two ends of every palette have no hue."""
    air, opaque = np.ones((5, 5), np.float32), np.full((5, 5), 5e-4, np.float32)
    for scanner in SCANNERS.values():
        white = pseudo_colour(air, air, scanner)
        assert white.min() >= 250 * scanner.air
        assert int(white.max()) - int(white.min()) <= 2
        assert pseudo_colour(opaque, opaque, scanner).max() < 25


def test_the_bag_is_the_same_whatever_the_scanner() -> None:
    """Only the pictures differ: items, masks and declaration do not."""
    scans = [simulate(5, 3, size=160, scanner=name) for name in SCANNERS]
    assert all(scan.items == scans[0].items and scan.declaration == scans[0].declaration for scan in scans)
    pictures = {scan.views[0].colour.tobytes() for scan in scans}
    assert len(pictures) == len(SCANNERS)


def test_the_held_out_scanner_is_none_that_training_sees() -> None:
    """Mixed scans come from all the others and never from it, and its look is far from each of theirs."""
    assert {simulate(6, index, size=64, scanner="mixed").scanner for index in range(80)} == {own.name for own in KNOWN}
    held_out = simulate(5, 3, size=160, scanner="held-out").views[0].colour.astype(int)
    again = simulate(5, 3, size=160, scanner="held-out").views[0].colour.astype(int)
    assert np.array_equal(held_out, again)
    for known in KNOWN:
        other = simulate(5, 3, size=160, scanner=known.name).views[0].colour.astype(int)
        assert np.abs(other - held_out).mean() > 3
    outside = [
        HELD_OUT.gamma > max(known.gamma for known in KNOWN),
        HELD_OUT.hues not in [known.hues for known in KNOWN],
    ]
    assert all(outside)


def test_the_reference_needs_no_mixing() -> None:
    """Its two energies are those at which materials are known."""
    assert REFERENCE.mix() == ((1.0, 0.0), (0.0, 1.0))
