"""What burns or bursts: an explosive-like block with its wires and cell, lighters and spray cans."""

import numpy as np

from training.synth.materials import ALUMINIUM, BOARD, CELL, COPPER, DENSE_ORGANIC, LIQUID, PLASTIC, PVC, STEEL
from training.synth.shapes import Outline, Part, Parts, Rng, ellipse, rectangle, rounded_rectangle
from training.synth.values import pick

METAL_LIGHTERS = 0.35


def explosive(rng: Rng) -> Parts:
    """A dense organic block, a detonator in it, wires from there to a cell and a small board."""
    width, depth = rng.uniform(9, 16), rng.uniform(5, 9)
    sticks = int(rng.integers(2, 5)) if rng.random() < 0.4 else 0  # noqa: PLR2004  sticks are rarer than blocks
    cell_y = depth + rng.uniform(0.8, 2)
    board_x, cap_y = rng.uniform(0.55, 0.75) * width, depth * rng.uniform(0.3, 0.7)
    if sticks:
        wide = depth / sticks
        block = tuple(rectangle(0, wide * n + 0.05, width, wide * (n + 1) - 0.05) for n in range(sticks))
    else:
        block = (rounded_rectangle(0, 0, width, depth, 0.5),)
    cap = rectangle(0.5 * width, cap_y - 0.3, 0.5 * width + 4.5, cap_y + 0.3)
    ends = ((0.5 * width + 4.5, cap_y), (board_x + 1, cell_y + 1)), ((0.5 * width + 4.5, cap_y), (2, cell_y + 0.7))
    wires = (*(_wire(rng, *pair) for pair in ends), _wire(rng, (5.2, cell_y + 0.7), (board_x, cell_y + 0.5)))
    return (
        Part(DENSE_ORGANIC, rng.uniform(3.0, 5.5), block, "round" if sticks else "flat"),
        Part(ALUMINIUM, 0.5, (cap,), "round"),
        Part(STEEL, 0.12, (rectangle(0.5 * width + 3, cap_y - 0.2, 0.5 * width + 4.5, cap_y + 0.2),)),
        Part(CELL, 1.4, (rectangle(0.2, cell_y, 5.2, cell_y + 1.4),), "round"),
        Part(BOARD, 0.35, (rectangle(board_x, cell_y - 0.2, board_x + 3.5, cell_y + 2.3),)),
        Part(BOARD, 0.5, (rectangle(board_x + 0.6, cell_y + 0.3, board_x + 1.8, cell_y + 1.2),)),
        Part(PVC, 0.3, wires, stroke=0.36),
        Part(COPPER, 0.12, wires, stroke=0.18),
    )


def lighter(rng: Rng) -> Parts:
    height, width = rng.uniform(5.6, 8), rng.uniform(2.0, 2.6)
    metal = rng.random() < METAL_LIGHTERS
    wall = Part(STEEL, 0.12, (rounded_rectangle(0, 0, 0.75 * height, width, 0.25),))
    tank = Part(PLASTIC, 0.35, (rounded_rectangle(0, 0, 0.75 * height, width, 0.4),))
    filled = rectangle(0.2, 0.2, 0.75 * height * rng.uniform(0.3, 0.9), width - 0.2)
    wheel = ellipse(0.9 * height, 0.65 * width, 0.38, points=14)
    return (
        wall if metal else tank,
        Part(LIQUID, 0.9, (filled,), "round"),
        Part(STEEL, 0.1, (rectangle(0.74 * height, 0.05, height, 0.95 * width),)),
        Part(STEEL, 0.7, (wheel,)),
        Part(STEEL, 0.2, (rectangle(0.1 * height, 0.46 * width, 0.8 * height, 0.54 * width),)),
    )


def spray_can(rng: Rng) -> Parts:
    radius, height = rng.uniform(2.2, 3.4), rng.uniform(13, 20)
    wall = pick(rng, (STEEL, ALUMINIUM))
    thickness = 0.05 if wall is STEEL else 0.16
    body = rounded_rectangle(0, -radius, height, radius, 0.5)
    full = rng.uniform(0.4, 0.85)
    return (
        Part(wall, thickness, (body,)),
        Part(wall, 4 * thickness, (body, rounded_rectangle(0.15, 0.12 - radius, height - 0.15, radius - 0.12, 0.4))),
        Part(LIQUID, 1.7 * radius, (rectangle(0.3, 0.2 - radius, full * height, radius - 0.2),), "round"),
        Part(wall, 2 * thickness, (rounded_rectangle(height - 0.2, -0.7 * radius, height + 1.3, 0.7 * radius, 0.4),)),
        Part(PLASTIC, 1.4, (rectangle(height + 1.2, -0.45, height + 2.4, 0.45),), "round"),
        Part(PLASTIC, 0.35, (rectangle(0.6, -0.15, height + 1.2, 0.15),)),
        Part(STEEL, 0.6, (ellipse(rng.uniform(1, full * height), rng.uniform(-0.6, 0.6) * radius, 0.35, points=12),)),
    )


def _wire(rng: Rng, first: tuple[float, float], last: tuple[float, float]) -> Outline:
    """A loose bow from one end to the other."""
    run = np.linspace(0, 1, 14)
    line = np.outer(1 - run, first) + np.outer(run, last)
    bow = rng.uniform(-2.2, 2.2) * np.sin(np.pi * run) + 0.3 * np.sin(rng.uniform(6, 12) * run)
    across = np.array([last[1] - first[1], first[0] - last[0]])
    return np.asarray(line + np.outer(bow, across / max(float(np.linalg.norm(across)), 1.0)), np.float64)
