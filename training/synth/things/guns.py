"""Handguns of metal and printed ones, and ammunition."""

from dataclasses import replace

import numpy as np

from training.synth.materials import BRASS, COPPER, LEAD, NYLON, PAPER, PLASTIC, STEEL, Material
from training.synth.shapes import Outline, Part, Parts, Rng, ellipse, polygon, rectangle, rounded_rectangle
from training.synth.values import pick

REVOLVERS = 0.3  # share of metal handguns
CARTRIDGE = polygon((0, -0.48), (1.9, -0.48), (1.9, 0.48), (0, 0.48))
BULLET = polygon((1.8, -0.45), (2.4, -0.42), (2.8, -0.22), (2.95, 0), (2.8, 0.22), (2.4, 0.42), (1.8, 0.45))


def handgun(rng: Rng) -> Parts:
    scale = rng.uniform(0.85, 1.15)
    return _shaped(_revolver(rng) if rng.random() < REVOLVERS else _pistol(STEEL, 0.35, STEEL), scale, rng)


def printed_gun(rng: Rng) -> Parts:
    """All plastic but for its firing pin, a spring and what it fires."""
    thickness = rng.uniform(1.8, 2.6)
    body = _pistol(PLASTIC, thickness, PLASTIC)
    kept = tuple(part for part in body if part.material is not STEEL)
    pin = Part(STEEL, 0.25, (rectangle(-0.3, 1.2, 3.2, 1.5),))
    coil = polygon(*((9 + 0.35 * step, 1.9 if step % 2 else 1.2) for step in range(16)))
    return _shaped((*kept, pin, Part(STEEL, 0.12, (coil,), stroke=0.14)), rng.uniform(0.9, 1.2), rng)


def ammunition(rng: Rng) -> Parts:
    """A box of cartridges in rows, or a handful of loose ones."""
    if rng.random() < 0.5:  # noqa: PLR2004  both as likely
        rows, columns = int(rng.integers(2, 6)), int(rng.integers(4, 10))
        spots = [polygon((3.3 * row, 1.15 * column)) for row in range(rows) for column in range(columns)]
        box = rounded_rectangle(-0.4, -0.9, 3.3 * rows, 1.15 * columns - 0.2, 0.3)
        return (Part(pick(rng, (PAPER, PLASTIC)), 0.5, (box,)), *_cartridges(spots))
    loose: list[Outline] = [polygon(tuple(rng.uniform(-3.5, 3.5, 2))) for _ in range(int(rng.integers(4, 12)))]
    return _cartridges(loose)


def _cartridges(spots: list[Outline]) -> Parts:
    cases = tuple(CARTRIDGE + spot for spot in spots)
    return (
        Part(BRASS, 0.16, cases),
        Part(LEAD, 0.35, tuple(BULLET + spot for spot in spots)),
        Part(COPPER, 0.08, tuple(BULLET + spot for spot in spots)),
        Part(BRASS, 0.4, tuple(rectangle(0, -0.5, 0.2, 0.5) + spot for spot in spots)),
    )


def _pistol(frame: Material, thickness: float, slide_of: Material) -> Parts:
    slide = polygon((-0.6, 0), (17, 0), (17, 2.4), (16.2, 2.7), (-0.2, 2.7), (-0.6, 1.9))
    body = polygon((-0.8, 0), (12.5, 0), (12.5, -1.1), (4.6, -1.3), (2.9, -9.6), (-1.9, -9.0), (-0.2, -2.4))
    guard = polygon((4.4, -1.0), (9.0, -1.0), (8.3, -3.8), (4.2, -3.8))
    guard_hole = polygon((4.8, -1.3), (8.4, -1.3), (7.8, -3.3), (4.7, -3.3))
    trigger = polygon((5.6, -1.2), (6.3, -1.2), (5.9, -2.9), (5.4, -2.9))
    magazine = polygon((0.9, -1.2), (3.6, -1.2), (2.3, -9.1), (-0.9, -8.7))
    rounds = tuple(
        polygon((0.9, -2.0), (3.3, -2.2), (3.2, -2.9), (0.8, -2.7)) - polygon((0.23 * n, n)) for n in range(6)
    )
    serrations = tuple(rectangle(0.2 + 0.5 * n, 0.3, 0.4 + 0.5 * n, 2.5) for n in range(5))
    return (
        Part(slide_of, 0.55 if slide_of is STEEL else thickness, (slide, rectangle(5, 1.2, 17.1, 2.0))),
        Part(STEEL, 0.45, (rectangle(5, 1.2, 17, 2.2), rectangle(7, 1.5, 17.1, 1.9))),
        Part(STEEL, 0.35, (ellipse(1.2, 1.4, 1.2, 0.7),)),
        Part(frame, thickness, (body,)),
        Part(frame, thickness, (guard, guard_hole)),
        Part(slide_of, 0.1, serrations),
        Part(STEEL, 0.5, (trigger,)),
        Part(STEEL, 0.16, (magazine,)),
        Part(BRASS, 0.22, rounds),
    )


def _revolver(rng: Rng) -> Parts:
    length = rng.uniform(5, 13)
    grip = polygon((-0.5, 0.6), (1.6, -0.2), (0.6, -4), (-0.6, -8.2), (-4.2, -7.4), (-2.6, -3.2), (-2.4, 0.4))
    frame = polygon((-1.6, 2.4), (6.2, 2.6), (6.2, -1.0), (1.2, -1.0), (-0.8, -1.6), (-2.4, 0.6))
    window = polygon((0.9, 2.0), (5.3, 2.0), (5.3, -0.6), (0.9, -0.6))
    guard = polygon((1.0, -0.8), (5.2, -0.8), (4.4, -3.4), (1.4, -3.6))
    guard_hole = polygon((1.4, -1.1), (4.7, -1.1), (4.1, -3.0), (1.8, -3.1))
    hammer = polygon((-1.6, 2.2), (-2.9, 3.4), (-3.3, 2.9), (-2.2, 1.4))
    flutes = tuple(rectangle(1.2, y, 4.9, y + 0.45) for y in (-0.5, 0.55, 1.6))
    return (
        Part(pick(rng, (NYLON, PLASTIC, PAPER)), 2.2, (grip,), "round"),
        Part(STEEL, 0.35, (frame, window)),
        Part(STEEL, 0.7, (rectangle(1.0, -0.8, 5.2, 2.3),), "round"),
        Part(BRASS, 0.2, flutes),
        Part(STEEL, 0.5, (rectangle(6.0, 0.9, 6.0 + length, 2.5), rectangle(6.0, 1.4, 6.1 + length, 2.0))),
        Part(STEEL, 0.3, (guard, guard_hole)),
        Part(STEEL, 0.5, (polygon((2.6, -1.0), (3.2, -1.0), (2.9, -2.6), (2.5, -2.5)), hammer)),
    )


def _shaped(parts: Parts, scale: float, rng: Rng) -> Parts:
    """Of one model or another: longer or shorter, the grip raked more or less."""
    stretch, rake = polygon((scale * rng.uniform(0.85, 1.15), scale))[0], rng.uniform(-0.2, 0.25)

    def shaped(line: Outline) -> Outline:
        below = np.minimum(line[:, 1], 0)
        return np.stack([line[:, 0] + rake * below, line[:, 1]], axis=1) * stretch

    return tuple(replace(part, outlines=tuple(shaped(line) for line in part.outlines)) for part in parts)
