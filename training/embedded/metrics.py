"""Figures from counts and scores: precision, calibration and how sure one can be. Pure, and nothing of models in it.

Takes arrays, gives numbers. A task is marked scan by scan as (won, could be won): every figure that is such a share,
F1 among them, is added up, bounded and compared in the same way.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.release import EDGE, Curve

Numbers = NDArray[np.floating]
Flags = NDArray[np.bool_]
BINS = 15
SURE = 1.96  # standard deviations: 95 % between the bounds
AGAIN = 1000  # times that scans are drawn anew
STEPS = 50  # of Newton's; a dozen are enough
STIFFNESS = 1e-3  # keeps a slope finite where the right and the wrong can be told apart without exception


def share(marks: Numbers) -> float:
    """Of marks (won, could be won) in rows, all together; where nothing could be won, nothing was lost."""
    won, possible = marks.sum(axis=0)
    return float(won / possible) if possible else 1.0


def bounds(won: float, possible: float) -> tuple[float, float]:
    """Wilson's interval of a share, at 95 %."""
    if not possible:
        return 0.0, 1.0
    mean, slack = won / possible, SURE**2 / possible
    middle = (mean + slack / 2) / (1 + slack)
    half = SURE / (1 + slack) * np.sqrt(mean * (1 - mean) / possible + slack / (4 * possible))
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))


def retention(marks: Numbers, before: Numbers, seed: int = 0) -> tuple[float, float]:
    """How much of a share is left, and the least at 95 %: both marked on the same scans, drawn anew many times."""
    rng = np.random.default_rng(seed)
    drawn = [rng.integers(len(marks), size=len(marks)) for _ in range(AGAIN)]
    kept = [_kept(marks[rows], before[rows]) for rows in drawn]
    return _kept(marks, before), float(np.quantile(kept, 0.05))


def _kept(marks: Numbers, before: Numbers) -> float:
    whole = share(before)
    return share(marks) / whole if whole else 1.0


def average_precision(scores: Numbers, right: Flags, there: int) -> float:
    """The area under precision over recall, at every point of it, precision made to fall only."""
    if not there:
        return float("nan")
    hits = right[np.argsort(-scores, kind="stable")]
    found = np.cumsum(hits)
    precision = found / np.arange(1, len(hits) + 1)
    at_best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(at_best[hits].sum() / there)


def overlap(box: Sequence[float], other: Sequence[float]) -> float:
    """Of two boxes (left, top, right, bottom): what they share, of what they cover."""
    across = min(box[2], other[2]) - max(box[0], other[0])
    down = min(box[3], other[3]) - max(box[1], other[1])
    if across <= 0 or down <= 0:
        return 0.0
    both = across * down
    return both / (_area(box) + _area(other) - both)


def _area(box: Sequence[float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def calibration_error(scores: Numbers, right: Flags) -> float:
    """Expected calibration error: by how much scores and the share of right ones differ, bin by bin."""
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    gaps = [abs(float((right[bins == each] - scores[bins == each]).sum())) for each in np.unique(bins)]
    return float(sum(gaps) / max(1, len(scores)))


def curve_through(scores: Numbers, right: Flags) -> Curve:
    """The logistic function of the log-odds that makes these scores likeliest, by Newton's steps."""
    inputs = np.stack([log_odds(scores), np.ones(len(scores))], axis=1)
    weights = np.array([1.0, 0.0])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (likely - right) + STIFFNESS * (weights - (1, 0))
        bend = (inputs * (likely * (1 - likely))[:, None]).T @ inputs + STIFFNESS * np.eye(2)
        step = np.linalg.solve(bend, slope)
        weights = weights - step / max(1.0, float(np.abs(step).max()))
    return Curve(slope=max(1e-3, float(weights[0])), shift=float(weights[1]))


def on_curve(curve: Curve, scores: Numbers) -> Numbers:
    """Raw scores as shares of being right."""
    return np.array([curve.share(float(score)) for score in scores], dtype=np.float64)


def log_odds(scores: Numbers) -> Numbers:
    inside = np.clip(scores.astype(np.float64), EDGE, 1 - EDGE)
    return np.log(inside / (1 - inside))


def threshold_for(clean: Numbers, most: float) -> float:
    """The least score at which at most this share of clean scans would be stopped."""
    ordered = np.sort(clean)[::-1]
    allowed = int(most * len(ordered))
    return float(np.nextafter(ordered[allowed], 2.0)) if allowed < len(ordered) else 0.0
