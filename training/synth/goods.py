"""The harmless things people pack, each drawn anew from the dice it is given.

Gives `GOODS`, name to builder, and `HEAVY`, the goods that hide what lies under them.
"""

from collections.abc import Callable, Mapping

import numpy as np

from training.synth.materials import (
    ALUMINIUM,
    BOARD,
    BRASS,
    CELL,
    COPPER,
    DENSE_ORGANIC,
    GLASS,
    LEATHER,
    LIQUID,
    NYLON,
    PAPER,
    PLASTIC,
    POWDER,
    PVC,
    RUBBER,
    STEEL,
    TEXTILE,
)
from training.synth.shapes import Part, Parts, Rng, blob, ellipse, polygon, rectangle, rounded_rectangle
from training.synth.values import pick

Builder = Callable[[Rng], Parts]
HALF = 0.5


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


def laptop(rng: Rng) -> Parts:
    width, depth = rng.uniform(28, 35), rng.uniform(19, 24)
    cells = tuple(
        rectangle(width * left, 0.06 * depth, width * (left + 0.24), 0.40 * depth) for left in (0.10, 0.37, 0.64)
    )
    corners = zip(rng.uniform(0.1 * width, 0.8 * width, 8), rng.uniform(HALF * depth, 0.85 * depth, 8), strict=True)
    chips = tuple(rectangle(x, y, x + rng.uniform(1, 3), y + rng.uniform(1, 2)) for x, y in corners)
    keys = tuple(
        rectangle(
            width * (0.12 + 0.055 * column),
            depth * (0.46 + 0.07 * row),
            width * (0.155 + 0.055 * column),
            depth * (0.51 + 0.07 * row),
        )
        for column in range(14)
        for row in range(5)
    )
    return (
        Part(pick(rng, (ALUMINIUM, PLASTIC)), 0.35, (rounded_rectangle(0, 0, width, depth, 1.2),)),
        Part(BOARD, 0.18, (rectangle(0.08 * width, 0.45 * depth, 0.92 * width, 0.95 * depth),)),
        Part(CELL, 0.45, cells),
        Part(COPPER, 0.08, (ellipse(0.75 * width, 0.7 * depth, rng.uniform(1.5, 2.5)),)),
        *(Part(BOARD, 0.5, (chip,)) for chip in chips),
        Part(PLASTIC, 0.2, keys),
    )


def phone(rng: Rng) -> Parts:
    width, depth = rng.uniform(14, 17), rng.uniform(6.8, 8)
    return (
        Part(ALUMINIUM, 0.2, (rounded_rectangle(0, 0, width, depth, 0.9),)),
        Part(GLASS, 0.15, (rounded_rectangle(0.1, 0.1, width - 0.1, depth - 0.1, 0.8),)),
        Part(CELL, 0.40, (rectangle(0.28 * width, 0.12 * depth, 0.85 * width, 0.9 * depth),)),
        Part(BOARD, 0.35, (rectangle(0.03 * width, 0.1 * depth, 0.25 * width, 0.9 * depth),)),
    )


def powerbank(rng: Rng) -> Parts:
    number = int(rng.integers(2, 5))
    cells = (Part(CELL, 1.8, (rectangle(2.0 * n + 0.1, 0.1, 2.0 * n + 1.9, 6.6),), "round") for n in range(number))
    return (
        Part(PLASTIC, 0.5, (rounded_rectangle(-0.4, -0.4, 2.0 * number + 0.4, 7.4, 0.6),)),
        *cells,
        Part(BOARD, 0.6, (rectangle(0, 6.7, 2.0 * number, 7.2),)),
    )


def battery(rng: Rng) -> Parts:
    rows = [1.5 * n for n in range(int(rng.integers(1, 5)))]
    return (
        *(Part(CELL, 1.4, (rectangle(0, y, 5.0, y + 1.4),), "round") for y in rows),
        Part(STEEL, 0.4, tuple(rectangle(-0.1, y, 0.15, y + 1.4) for y in rows)),
    )


def shoe(rng: Rng) -> Parts:
    length = rng.uniform(24, 30)
    sole = polygon(
        (0, -2.2),
        (1.2, -3.3),
        (9, -3.1),
        (16, -4.3),
        (length - 4, -4.1),
        (length - 1, -2.4),
        (length, 0),
        (length - 1, 2.2),
        (length - 4, 3.6),
        (16, 3.6),
        (9, 2.8),
        (1.2, 3.2),
        (0, 2.0),
    )
    upper = sole * np.array([0.9, 0.85]) + np.array([0.8, 0])
    parts = (Part(RUBBER, 2.2, (sole,)), Part(LEATHER, 1.2, (upper,), "round"))
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


def book(rng: Rng) -> Parts:
    width, depth, thickness = rng.uniform(15, 24), rng.uniform(11, 17), rng.uniform(1, 4)
    cover, pages = rectangle(0, 0, width, depth), rectangle(0.3, 0.3, width - 0.3, depth)
    return (Part(PAPER, 0.5, (cover,)), Part(PAPER, thickness, (pages,)))


def cosmetics(rng: Rng) -> Parts:
    radius = rng.uniform(1.5, 3.2)
    return (
        Part(pick(rng, (PLASTIC, GLASS)), 0.4, (ellipse(0, 0, radius),)),
        Part(pick(rng, (POWDER, LIQUID)), rng.uniform(2, 5), (ellipse(0, 0, 0.85 * radius),), "round"),
    )


def cable(rng: Rng) -> Parts:
    turn = np.linspace(0, rng.uniform(2, 4) * np.pi, 60)
    radius = rng.uniform(3, 6) * (1 + 0.08 * np.sin(3.3 * turn))
    line = np.stack([radius * np.cos(turn), 0.8 * radius * np.sin(turn)], axis=1)
    return (Part(PVC, 0.35, (line,), stroke=0.45), Part(COPPER, 0.10, (line,), stroke=0.18))


def umbrella(rng: Rng) -> Parts:
    length = rng.uniform(22, 30)
    ribs = tuple(rectangle(2, 0.8 * n - 1.6, length - 6, 0.8 * n - 1.5) for n in range(5))
    return (
        Part(STEEL, 0.4, (rectangle(0, -0.25, length, 0.25),), "round"),
        Part(NYLON, 2.5, (rectangle(2, -2.2, length - 6, 2.2),), "round"),
        Part(PLASTIC, 2.0, (rounded_rectangle(length - 5, -1.1, length, 1.1, 0.6),), "round"),
        Part(STEEL, 0.05, ribs),
    )


def coins(rng: Rng) -> Parts:
    def coin() -> Part:
        x, y = rng.uniform(-3, 3), rng.uniform(-3, 3)
        return Part(pick(rng, (BRASS, COPPER, STEEL)), 0.2, (ellipse(x, y, rng.uniform(0.9, 1.3), points=14),))

    return tuple(coin() for _ in range(int(rng.integers(3, 10))))


def powder_pack(rng: Rng) -> Parts:
    pack = rounded_rectangle(0, 0, rng.uniform(8, 15), rng.uniform(5, 9), 0.8)
    return (Part(pick(rng, (DENSE_ORGANIC, POWDER)), rng.uniform(2.5, 5), (pack,)),)


def iron_pan(rng: Rng) -> Parts:
    radius = rng.uniform(8, 12)
    return (
        Part(STEEL, rng.uniform(0.12, 0.28), (ellipse(0, 0, radius, points=40),)),
        Part(STEEL, 0.5, (ellipse(0, 0, radius, points=40), ellipse(0, 0, 0.94 * radius, points=40))),
        Part(PLASTIC, 1.6, (rectangle(radius, -1, radius + 14, 1),), "round"),
    )


GOODS: Mapping[str, Builder] = {
    "bottle": bottle,
    "laptop": laptop,
    "phone": phone,
    "powerbank": powerbank,
    "battery": battery,
    "shoe": shoe,
    "clothes": clothes,
    "book": book,
    "cosmetics": cosmetics,
    "cable": cable,
    "umbrella": umbrella,
    "coins": coins,
    "powder_pack": powder_pack,
    "iron_pan": iron_pan,
}
HEAVY = ("iron_pan", "powerbank", "powder_pack", "book", "bottle", "laptop")
