"""Electronics: laptops, tablets, phones, powerbanks, batteries, cables, headphones, hair dryers."""

import numpy as np

from training.synth.materials import ALUMINIUM, BOARD, CELL, COPPER, GLASS, PLASTIC, PVC, STEEL
from training.synth.shapes import Part, Parts, Rng, ellipse, polygon, rectangle, rectangles, rounded_rectangle
from training.synth.values import pick

HALF = 0.5


def laptop(rng: Rng) -> Parts:
    width, depth = rng.uniform(28, 35), rng.uniform(19, 24)
    cells = tuple(
        rectangle(width * left, 0.06 * depth, width * (left + 0.24), 0.40 * depth) for left in (0.10, 0.37, 0.64)
    )
    corners = zip(rng.uniform(0.1 * width, 0.8 * width, 8), rng.uniform(HALF * depth, 0.85 * depth, 8), strict=True)
    chips = tuple(rectangle(x, y, x + rng.uniform(1, 3), y + rng.uniform(1, 2)) for x, y in corners)
    columns, rows = np.meshgrid(np.arange(14), np.arange(5))
    lefts, tops = width * (0.12 + 0.055 * columns.ravel()), depth * (0.46 + 0.07 * rows.ravel())
    keys = rectangles(lefts, tops, 0.037 * width, 0.05 * depth)
    return (
        Part(pick(rng, (ALUMINIUM, PLASTIC)), 0.35, (rounded_rectangle(0, 0, width, depth, 1.2),)),
        Part(BOARD, 0.18, (rectangle(0.08 * width, 0.45 * depth, 0.92 * width, 0.95 * depth),)),
        Part(CELL, 0.45, cells),
        Part(COPPER, 0.08, (ellipse(0.75 * width, 0.7 * depth, rng.uniform(1.5, 2.5)),)),
        *(Part(BOARD, 0.5, (chip,)) for chip in chips),
        Part(PLASTIC, 0.4, keys),
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
    number, end, gap = int(rng.integers(2, 5)), rng.uniform(6.0, 7.2), rng.uniform(0.3, 0.8)
    cells = (Part(CELL, 1.8, (rectangle(2.0 * n + 0.1, 0.1, 2.0 * n + 1.9, end),), "round") for n in range(number))
    return (
        Part(PLASTIC, 0.5, (rounded_rectangle(-0.4, -0.4, 2.0 * number + 0.4, end + 0.5 + gap, 0.6),)),
        *cells,
        Part(BOARD, 0.6, (rectangle(0, end + 0.1, 2.0 * number, end + gap),)),
    )


def battery(rng: Rng) -> Parts:
    """A row of single cells, from AAA to the thicker kinds."""
    wide, long = rng.uniform(1.0, 1.9), rng.uniform(4.4, 6.5)
    rows = [1.07 * wide * n for n in range(int(rng.integers(1, 5)))]
    return (
        *(Part(CELL, wide, (rectangle(0, y, long, y + wide),), "round") for y in rows),
        Part(STEEL, 0.4, tuple(rectangle(-0.1, y, 0.15, y + wide) for y in rows)),
    )


def cable(rng: Rng) -> Parts:
    turn = np.linspace(0, rng.uniform(2, 4) * np.pi, 60)
    radius = rng.uniform(3, 6) * (1 + 0.08 * np.sin(3.3 * turn))
    line = np.stack([radius * np.cos(turn), 0.8 * radius * np.sin(turn)], axis=1)
    return (Part(PVC, 0.35, (line,), stroke=0.45), Part(COPPER, 0.10, (line,), stroke=0.18))


def tablet(rng: Rng) -> Parts:
    width, depth = rng.uniform(20, 26), rng.uniform(13, 18)
    cells = tuple(rectangle(width * x, 0.12 * depth, width * (x + 0.3), 0.88 * depth) for x in (0.3, 0.62))
    return (
        Part(ALUMINIUM, 0.18, (rounded_rectangle(0, 0, width, depth, 1.0),)),
        Part(GLASS, 0.12, (rounded_rectangle(0.2, 0.2, width - 0.2, depth - 0.2, 0.9),)),
        Part(CELL, 0.22, cells),
        Part(BOARD, 0.3, (rectangle(0.04 * width, 0.15 * depth, 0.24 * width, 0.85 * depth),)),
        Part(COPPER, 0.04, (rectangle(0.08 * width, 0.4 * depth, 0.2 * width, 0.6 * depth),)),
    )


def headphones(rng: Rng) -> Parts:
    reach = rng.uniform(7, 9)
    band = ellipse(0, 0, reach, 1.1 * reach, points=40)[:21]
    cups = ellipse(reach, 0, 1.6, 3.2), ellipse(-reach, 0, 1.6, 3.2)
    magnets = ellipse(reach, 0, 0.9, 1.4), ellipse(-reach, 0, 0.9, 1.4)
    return (
        Part(PLASTIC, 0.8, (band,), stroke=1.4),
        Part(STEEL, 0.1, (band,), stroke=0.5),
        Part(PLASTIC, 2.0, cups, "round"),
        Part(STEEL, 0.3, magnets),
        Part(COPPER, 0.15, tuple(cup * 0.5 + cup.mean(axis=0) * HALF for cup in magnets)),
    )


def hair_dryer(rng: Rng) -> Parts:
    length, radius = rng.uniform(16, 22), rng.uniform(3.2, 4.2)
    grip = polygon((3, -0.5 * radius), (6.5, -0.5 * radius), (5.5, -13), (2.5, -13))
    coil = polygon(*((9 + 0.5 * n, 0.7 * radius * (1 if n % 2 else -1)) for n in range(int(length) - 8)))
    return (
        Part(PLASTIC, 0.6, (rounded_rectangle(0, -radius, length, radius, 1.5),)),
        Part(PLASTIC, 1.4, (grip,), "round"),
        Part(STEEL, 0.6, (rectangle(2, -1.6, 6, 1.6),), "round"),
        Part(COPPER, 0.25, (rectangle(3, -1.2, 5, 1.2),)),
        Part(STEEL, 0.12, (coil,), stroke=0.25),
        Part(BOARD, 0.3, (rectangle(3, -10, 5, -4),)),
    )
