"""Plain goods: books, coins, keys, pans, parcels of powder or food, medicine, toys."""

from training.synth.materials import (
    ALUMINIUM,
    BRASS,
    COPPER,
    DENSE_ORGANIC,
    PAPER,
    PLASTIC,
    POWDER,
    STEEL,
    TEXTILE,
)
from training.synth.shapes import Part, Parts, Rng, blob, ellipse, polygon, rectangle, rounded_rectangle, turned
from training.synth.values import pick


def book(rng: Rng) -> Parts:
    width, depth, thickness = rng.uniform(15, 24), rng.uniform(11, 17), rng.uniform(1, 4)
    cover, pages = rectangle(0, 0, width, depth), rectangle(0.3, 0.3, width - 0.3, depth)
    return (Part(PAPER, 0.5, (cover,)), Part(PAPER, thickness, (pages,)))


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


def keys(rng: Rng) -> Parts:
    parts: list[Part] = [Part(STEEL, 0.2, (ellipse(0, 0, 1.5), ellipse(0, 0, 1.25)))]
    for _ in range(int(rng.integers(3, 7))):
        metal, angle, length = pick(rng, (STEEL, BRASS)), rng.uniform(0, 360), rng.uniform(3.2, 5)
        bow = ellipse(2.3, 0, 1.0, 1.1, points=14), ellipse(1.8, 0, 0.3, points=8)
        teeth = polygon(
            (3, 0.4),
            (length + 2, 0.4),
            (length + 2, -0.1),
            (length + 1.4, -0.4),
            (length + 0.9, 0),
            (4.2, -0.35),
            (3, -0.3),
        )
        parts += [
            Part(metal, 0.22, tuple(turned(line, angle) for line in bow)),
            Part(metal, 0.2, (turned(teeth, angle),)),
        ]
    return tuple(parts)


def food(rng: Rng) -> Parts:
    """Packets of sweets, biscuits or rice: many small pieces in a bag."""
    width, depth = rng.uniform(10, 18), rng.uniform(7, 12)
    across, size = int(rng.integers(3, 7)), rng.uniform(0.8, 1.1)
    pieces = tuple(
        ellipse(
            width * (column + 0.5) / across + rng.uniform(-0.3, 0.3), depth * (row + 0.5) / 4, size * 0.9, points=12
        )
        for row in range(4)
        for column in range(across)
    )
    return (
        Part(PLASTIC, 0.05, (rounded_rectangle(-0.5, -0.5, width + 0.5, depth + 0.5, 0.5),)),
        Part(POWDER, rng.uniform(0.5, 1.5), (rounded_rectangle(0, 0, width, depth, 1),), "round"),
        Part(DENSE_ORGANIC, rng.uniform(1, 2.5), pieces, "round"),
    )


def medicine(rng: Rng) -> Parts:
    """Blister packs in a carton."""
    columns, rows, apart, pill = int(rng.integers(3, 6)), 2, rng.uniform(1.4, 1.9), rng.uniform(0.35, 0.6)
    spots = [(apart * column + 1, apart * row + 1) for column in range(columns) for row in range(rows)]
    width, depth = apart * columns + 0.5, apart * rows + 0.4
    return (
        Part(PAPER, 0.15, (rectangle(-0.3, -0.3, width + 0.3, depth + 0.3),)),
        Part(ALUMINIUM, 0.02, (rectangle(0, 0, width, depth),)),
        Part(POWDER, 1.2, tuple(ellipse(x, y, pill, points=12) for x, y in spots), "round"),
    )


def toy(rng: Rng) -> Parts:
    """A stuffed animal with glass-bead eyes."""
    size = rng.uniform(4, 6)
    body, head = blob(rng, size, 1.0), ellipse(1.6 * size, 0, 0.8 * size)
    ears = ellipse(2.2 * size, 0.6 * size, 0.3 * size), ellipse(2.2 * size, -0.6 * size, 0.3 * size)
    eyes = tuple(ellipse(1.9 * size, y, 0.3, points=10) for y in (-0.25 * size, 0.25 * size))
    return (
        Part(TEXTILE, rng.uniform(5, 9), (body,), "round"),
        Part(TEXTILE, rng.uniform(4, 7), (head,), "round"),
        Part(TEXTILE, 2.5, ears, "round"),
        Part(PLASTIC, 0.6, eyes),
    )
