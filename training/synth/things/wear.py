"""What people wear: clothes, shoes, belts, glasses, umbrellas."""

import numpy as np

from training.synth.materials import BRASS, GLASS, LEATHER, NYLON, PLASTIC, RUBBER, STEEL, TEXTILE, TITANIUM
from training.synth.shapes import Part, Parts, Rng, blob, ellipse, polygon, rectangle, rounded_rectangle, smoothed
from training.synth.values import pick

HALF = 0.5


def shoe(rng: Rng) -> Parts:
    length = rng.uniform(24, 30)
    sole = smoothed(
        polygon(
            (0, -2.6),
            (0.9, -3.4),
            (0.35 * length, -2.9),
            (0.68 * length, -4.6),
            (0.9 * length, -4.0),
            (length, -0.6),
            (0.93 * length, 2.6),
            (0.7 * length, 3.9),
            (0.35 * length, 3.0),
            (0.9, 3.4),
            (0, 2.6),
        )
    )
    upper = sole * np.array([0.92, 0.88]) + np.array([1.2, 0])
    heel = smoothed(polygon((0.6, -2.8), (6.5, -2.4), (6.5, 2.4), (0.6, 2.8)))
    parts = (Part(RUBBER, 2.2, (sole,)), Part(LEATHER, 1.2, (upper,), "round"), Part(RUBBER, 1.4, (heel,)))
    eyelets = tuple(ellipse(0.55 * length + step, side, 0.2, points=8) for step in range(5) for side in (-1.0, 1.0))
    shank = Part(STEEL, 0.12, (rectangle(8, -0.8, 15, 0.8),))
    return (*parts, Part(BRASS, 0.05, eyelets), *((shank,) if rng.random() < HALF else ()))


def clothes(rng: Rng) -> Parts:
    radius, flattening = rng.uniform(7, 13), rng.uniform(0.6, 0.9)
    run = np.linspace(-0.7, 0.7, 12)
    folds = tuple(
        np.stack(
            [
                radius * run,
                radius
                * flattening
                * (rng.uniform(-0.6, 0.6) + 0.15 * np.sin(run * rng.uniform(2, 7) + rng.uniform(0, 6))),
            ],
            axis=1,
        )
        for _ in range(int(rng.integers(2, 6)))
    )
    return (
        Part(TEXTILE, rng.uniform(2, 8), (blob(rng, radius, flattening),), "round"),
        Part(TEXTILE, rng.uniform(0.8, 2.0), folds, "round", stroke=rng.uniform(0.8, 2.2)),
    )


def umbrella(rng: Rng) -> Parts:
    length = rng.uniform(22, 30)
    ribs = tuple(rectangle(2, 0.8 * n - 1.6, length - 6, 0.8 * n - 1.5) for n in range(5))
    return (
        Part(STEEL, 0.4, (rectangle(0, -0.25, length, 0.25),), "round"),
        Part(NYLON, 2.5, (rectangle(2, -2.2, length - 6, 2.2),), "round"),
        Part(PLASTIC, 2.0, (rounded_rectangle(length - 5, -1.1, length, 1.1, 0.6),), "round"),
        Part(STEEL, 0.05, ribs),
    )


def belt(rng: Rng) -> Parts:
    """Rolled up, the buckle outside."""
    turn = np.linspace(0, rng.uniform(4, 7) * np.pi, 90)
    radius = 2.0 + 0.22 * turn
    line = np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)
    x, y = float(line[-1, 0]), float(line[-1, 1])
    buckle = (
        rounded_rectangle(x - 1, y - 2.2, x + 3, y + 2.2, 0.5),
        rounded_rectangle(x - 0.4, y - 1.6, x + 2.4, y + 1.6, 0.4),
    )
    return (
        Part(LEATHER, 2.8, (line,), stroke=0.36),
        Part(pick(rng, (STEEL, BRASS)), 0.25, buckle),
        Part(STEEL, 0.3, (rectangle(x - 0.6, y - 0.15, x + 2.8, y + 0.15),)),
    )


def glasses(rng: Rng) -> Parts:
    """In a case, folded."""
    frame = pick(rng, (STEEL, TITANIUM, PLASTIC))
    thickness = 0.5 if frame is PLASTIC else 0.15
    across, along = rng.uniform(2.2, 2.8), rng.uniform(1.6, 2.4)
    lenses = ellipse(-3.2, 0, across, along), ellipse(3.2, 0, across, along)
    arms = polygon((-6, 1.5), (5.5, 0.8)), polygon((6, 1.3), (-5.5, -0.8))
    return (
        Part(PLASTIC, 0.4, (rounded_rectangle(-8, -3.2, 8, 3.2, 2.4),)),
        Part(pick(rng, (GLASS, PLASTIC)), 0.2, lenses),
        Part(frame, thickness, (*(np.concatenate([lens, lens[:1]]) for lens in lenses), *arms), stroke=0.3),
        Part(STEEL, 0.3, (rectangle(-1.0, -0.2, 1.0, 0.2),)),
    )
