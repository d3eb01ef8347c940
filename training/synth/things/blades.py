"""Knives and scissors, each drawn anew from the dice it is given; every builder lies along x."""

from training.synth.materials import ALUMINIUM, CERAMIC, NYLON, PAPER, PLASTIC, STEEL
from training.synth.shapes import Part, Parts, Rng, blade, ellipse, polygon, rectangle, turned
from training.synth.values import pick

CERAMIC_BLADES = 0.1  # share of straight knives no metal detector finds


def straight_knife(rng: Rng) -> Parts:
    length, width, grip = rng.uniform(9, 18), rng.uniform(1.8, 3.5), rng.uniform(8, 12)
    rivets = tuple(ellipse(-grip * share, 0, 0.25, points=10) for share in (0.25, 0.5, 0.75))
    metal = CERAMIC if rng.random() < CERAMIC_BLADES else STEEL
    return (
        Part(metal, 0.16 if metal is STEEL else 0.3, (blade(length, width, rng.uniform(2, 6)),), "bevel"),
        Part(metal, 0.20, (rectangle(-0.9 * grip, -0.45, 0, 0.45),)),
        Part(pick(rng, (PLASTIC, NYLON, PAPER)), 1.4, (rectangle(-grip, -0.42 * width, 0.3, 0.42 * width),), "round"),
        Part(STEEL, 0.8, rivets),
    )


def folding_knife(rng: Rng) -> Parts:
    grip, width = rng.uniform(8, 11), rng.uniform(1.4, 2.2)
    opening = pick(rng, (0.0, rng.uniform(20, 160), 180.0))  # 0 is folded into its handle
    edge = blade(0.82 * grip, width, rng.uniform(1.5, 3.5))
    return (
        Part(STEEL, 0.25, (turned(edge, opening),), "bevel"),
        Part(pick(rng, (ALUMINIUM, PLASTIC)), 0.9, (rectangle(-0.6, -0.6 * width, grip, 0.6 * width),), "round"),
        Part(STEEL, 0.30, (rectangle(-0.4, -0.5 * width, grip - 0.4, -0.3 * width),)),
        Part(STEEL, 1.0, (ellipse(0, 0, 0.4, points=10),)),
    )


def utility_knife(rng: Rng) -> Parts:
    grip, width, out = rng.uniform(11, 15), rng.uniform(1.5, 2.2), rng.uniform(0.5, 5)
    low, high = -0.3 * width, 0.3 * width
    snap_blade = polygon((grip - 1, low), (grip + out, low), (grip + out + 0.7, high), (grip - 1, high))
    scores = tuple(rectangle(1.8 + step, low, 1.9 + step, high) for step in range(int(grip - 4)))
    return (
        Part(PLASTIC, 1.1, (rectangle(0, -width / 2, grip, width / 2),), "round"),
        Part(STEEL, 0.05, (snap_blade,)),
        Part(STEEL, 0.10, (rectangle(1.5, -0.34 * width, grip, 0.34 * width),)),
        Part(STEEL, 0.07, scores),
        Part(STEEL, 0.5, (ellipse(0.5 * grip, 0, 0.35, points=10),)),
    )


def scissors(rng: Rng) -> Parts:
    length, opening = rng.uniform(6, 11), rng.uniform(2, 28)
    grip = length * rng.uniform(0.7, 0.95)
    rings = pick(rng, (PLASTIC, STEEL))
    parts: list[Part] = []
    for hand in (1, -1):
        half = opening / 2 * hand
        edge = polygon((-0.5, -0.45 * hand), (length, 0), (0.4 * length, 0.75 * hand), (-0.5, 0.55 * hand))
        arm = polygon((0, -0.4 * hand), (0, 0.5 * hand), (-0.55 * grip, -0.3 * hand), (-0.55 * grip, -hand))
        ring = ellipse(-0.78 * grip, -1.5 * hand, 0.27 * grip, 0.20 * grip)
        hole = ellipse(-0.78 * grip, -1.5 * hand, 0.19 * grip, 0.12 * grip)
        parts.append(Part(STEEL, 0.22, (turned(edge, half),), "bevel"))
        parts.append(Part(STEEL, 0.25, (turned(arm, half),)))
        parts.append(Part(rings, 0.8 if rings is PLASTIC else 0.3, (turned(ring, half), turned(hole, half))))
    return (*parts, Part(STEEL, 0.6, (ellipse(0, 0, 0.45, points=10),)))


def multi_tool_knife(rng: Rng) -> Parts:
    grip, width = rng.uniform(7, 10), rng.uniform(2.0, 2.8)
    parts = [
        Part(STEEL, 0.25, (rectangle(0, -width / 2, grip, width / 2),)),
        Part(
            pick(rng, (ALUMINIUM, PLASTIC)), 1.3, (rectangle(-0.2, -0.55 * width, grip + 0.2, 0.55 * width),), "round"
        ),
        Part(STEEL, 1.0, (ellipse(0.3, 0, 0.3, points=10), ellipse(grip - 0.3, 0, 0.3, points=10))),
    ]
    for number in range(int(rng.integers(2, 6))):
        opening = pick(rng, (0.0, 0.0, rng.uniform(15, 170)))
        tool = blade(rng.uniform(3, 0.8 * grip), rng.uniform(0.5, 1.2), rng.uniform(0.5, 2))
        y = (0.2 * number - 0.4) * width
        from_far_end = rng.random() < 0.5  # noqa: PLR2004  either end is as likely
        swung = turned(tool, 180 - opening if from_far_end else opening)
        parts.append(Part(STEEL, 0.20, (swung + polygon((grip if from_far_end else 0, y)),), "bevel"))
    return tuple(parts)
