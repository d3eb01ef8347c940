"""What holds liquid or paste: bottles, cups, cosmetics, tins."""

import numpy as np

from training.synth.materials import ALUMINIUM, CERAMIC, GLASS, LIQUID, PLASTIC, POWDER, STEEL
from training.synth.shapes import Part, Parts, Rng, ellipse, polygon, rectangle, rounded_rectangle
from training.synth.values import pick


def bottle(rng: Rng) -> Parts:
    wall, radius, height = pick(rng, (PLASTIC, GLASS, ALUMINIUM)), rng.uniform(2.6, 4.2), rng.uniform(14, 22)
    neck, shoulder, full = 0.35 * radius, 0.7 * height, rng.uniform(0.4, 0.95)
    body = polygon(
        (0, -radius),
        (shoulder, -radius),
        (0.88 * height, -neck),
        (height, -neck),
        (height, neck),
        (0.88 * height, neck),
        (shoulder, radius),
        (0, radius),
    )
    return (
        Part(wall, 0.15 if wall is PLASTIC else 0.4, (body,)),
        Part(LIQUID, 1.9 * radius, (rectangle(0.2, -0.95 * radius, shoulder * full, 0.95 * radius),), "round"),
        Part(PLASTIC, 1.2, (rectangle(height, -1.15 * neck, height + 1.5, 1.15 * neck),)),
    )


def cosmetics(rng: Rng) -> Parts:
    radius = rng.uniform(1.5, 3.2)
    return (
        Part(pick(rng, (PLASTIC, GLASS)), 0.4, (ellipse(0, 0, radius),)),
        Part(pick(rng, (POWDER, LIQUID)), rng.uniform(2, 5), (ellipse(0, 0, 0.85 * radius),), "round"),
    )


def mug(rng: Rng) -> Parts:
    radius, height = rng.uniform(3.6, 4.6), rng.uniform(8, 11)
    wall = pick(rng, (CERAMIC, STEEL))
    thickness = 0.7 if wall is CERAMIC else 0.08
    body = rounded_rectangle(0, -radius, height, radius, 0.6)
    inner = rounded_rectangle(0.5, 0.35 - radius, height - 0.05, radius - 0.35, 0.4)
    arc = np.linspace(-np.pi / 2, np.pi / 2, 14)
    handle = np.stack([0.5 * height + 0.28 * height * np.sin(arc), radius + 2.6 * np.cos(arc)], axis=1)
    return (
        Part(wall, thickness, (body,)),
        Part(wall, 2 * thickness, (body, inner)),
        Part(wall, thickness, (handle,), stroke=0.9),
    )


def tin(rng: Rng) -> Parts:
    radius, height = rng.uniform(3.2, 4.5), rng.uniform(5, 11)
    body = rectangle(0, -radius, height, radius)
    ribs = tuple(rectangle(height * share, -radius, height * share + 0.15, radius) for share in (0.3, 0.42, 0.54, 0.66))
    return (
        Part(STEEL, 0.04, (body,)),
        Part(
            STEEL, 0.12, (rectangle(-0.1, -radius, 0.2, radius), rectangle(height - 0.2, -radius, height + 0.1, radius))
        ),
        Part(STEEL, 0.03, ribs),
        Part(LIQUID, 1.8 * radius, (rectangle(0.1, 0.1 - radius, height - 0.1, radius - 0.1),), "round"),
    )


def toiletries(rng: Rng) -> Parts:
    """Tubes and small jars in a soft bag."""
    tubes = [float(n) * 3.2 for n in range(int(rng.integers(2, 5)))]
    long = rng.uniform(8, 13)
    shapes = tuple(polygon((0, y - 1.2), (long, y - 1.5), (long, y + 1.5), (0, y + 1.2)) for y in tubes)
    return (
        Part(PLASTIC, 0.25, (rounded_rectangle(-1.5, -2.2, long + 1.5, tubes[-1] + 2.2, 1.2),)),
        Part(LIQUID, rng.uniform(1.2, 2.4), shapes, "round"),
        Part(PLASTIC, 1.0, tuple(rectangle(-1.1, y - 0.9, 0, y + 0.9) for y in tubes), "round"),
        Part(ALUMINIUM, 0.04, tuple(rectangle(long - 0.6, y - 1.5, long, y + 1.5) for y in tubes)),
    )
