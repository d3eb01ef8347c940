"""Hand tools: hammers, pliers, wrenches, screwdrivers."""

from training.synth.materials import NYLON, PAPER, PLASTIC, RUBBER, STEEL
from training.synth.shapes import Part, Parts, Rng, ellipse, polygon, rectangle, rounded_rectangle, smoothed, turned
from training.synth.values import pick


def hammer(rng: Rng) -> Parts:
    length, head = rng.uniform(22, 30), rng.uniform(9, 12)
    grip = pick(rng, (PAPER, RUBBER, STEEL))
    claw = polygon((-1.3, 0.2 * head), (1.2, 0.2 * head), (0.9, 0.35 * head), (-0.4, 0.6 * head), (-0.9, 0.4 * head))
    return (
        Part(grip, 0.5 if grip is STEEL else 2.4, (rectangle(0, -1.0, length, 1.0),), "round"),
        Part(STEEL, 2.0, (rectangle(-1.3, -0.2 * head, 1.3, 0.2 * head),), "round"),
        Part(STEEL, 2.2, (rounded_rectangle(-1.5, -0.45 * head, 1.5, -0.2 * head, 0.2),), "round"),
        Part(STEEL, 0.8, (claw,), "bevel"),
    )


def pliers(rng: Rng) -> Parts:
    grip, jaw, opening = rng.uniform(10, 14), rng.uniform(4, 7), rng.uniform(4, 26)
    sleeve = pick(rng, (PLASTIC, RUBBER))
    parts: list[Part] = []
    for hand in (1, -1):
        half = opening / 2 * hand
        beak = polygon((-0.8, -0.7 * hand), (jaw, -0.05 * hand), (jaw, 0.45 * hand), (0, 1.1 * hand))
        arm = polygon(
            (0.4, 0), (0, -1.0 * hand), (-0.4 * grip, -1.5 * hand), (-grip, -0.9 * hand), (-0.4 * grip, -0.6 * hand)
        )
        cover = smoothed(
            polygon(
                (-0.25 * grip, -2.0 * hand),
                (-0.6 * grip, -2.1 * hand),
                (-1.04 * grip, -1.4 * hand),
                (-1.04 * grip, -0.5 * hand),
                (-0.6 * grip, -0.3 * hand),
                (-0.25 * grip, -0.2 * hand),
            )
        )
        parts.append(Part(STEEL, 0.6, (turned(beak, half),)))
        parts.append(Part(STEEL, 0.45, (turned(arm, half),)))
        parts.append(Part(sleeve, 1.3, (turned(cover, half),), "round"))
    return (*parts, Part(STEEL, 1.2, (ellipse(0, 0, 0.9),)))


def wrench(rng: Rng) -> Parts:
    length, width, gap = rng.uniform(13, 24), rng.uniform(1.3, 1.9), rng.uniform(0.7, 1.2)
    ring, hole = ellipse(length, 0, 1.05 * width), ellipse(length, 0, 0.62 * width, points=6)
    mouth = polygon(
        (0.9 * width, -0.5 * width),
        (0, -1.25 * width),
        (-1.5 * width, -1.1 * width),
        (-1.7 * width, -gap),
        (-0.3 * width, -0.8 * gap),
        (-0.3 * width, 0.8 * gap),
        (-1.7 * width, gap),
        (-1.5 * width, 1.1 * width),
        (0, 1.25 * width),
        (0.9 * width, 0.5 * width),
    )
    return (
        Part(
            STEEL, rng.uniform(0.35, 0.55), (rectangle(0.6 * width, -0.4 * width, length - 0.8 * width, 0.4 * width),)
        ),
        Part(STEEL, rng.uniform(0.6, 0.9), (turned(mouth, rng.uniform(-15, 15)),)),
        Part(STEEL, 0.8, (ring, hole)),
    )


def screwdriver(rng: Rng) -> Parts:
    shaft, grip, thick = rng.uniform(7, 16), rng.uniform(8, 11), rng.uniform(1.2, 1.6)
    handle = rounded_rectangle(-grip, -thick, 0, thick, 0.6)
    return (
        Part(pick(rng, (PLASTIC, NYLON)), 2.4, (handle,), "round"),
        Part(RUBBER, 0.6, tuple(rectangle(-0.85 * grip, y - 0.2, -0.2 * grip, y + 0.2) for y in (-0.7, 0.0, 0.7))),
        Part(STEEL, 0.6, (rectangle(-0.6 * grip, -0.3, shaft, 0.3),), "round"),
        Part(STEEL, 0.25, (polygon((shaft, -0.3), (shaft + 0.8, -0.5), (shaft + 0.8, 0.5), (shaft, 0.3)),)),
        Part(PLASTIC, 1.2, (rectangle(-0.5, -0.7 * thick, 0.4, 0.7 * thick),), "round"),
    )
