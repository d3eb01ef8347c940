"""From what was said about many scans to figures: how good, how sure, and how far two readers agree.

Takes what `look.py` keeps. Scores become shares of being right by curves that are fitted on other scans (validation)
than those the figures are of (test), and so do thresholds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.profile import BAGGAGE
from models.release import Curve
from training.embedded import metrics
from training.embedded.look import Looked
from training.embedded.marks import Claim, agreement
from training.embedded.metrics import Numbers

FALSE_ALARMS = 0.04  # of clean bags, the detector's own, aimed at on validation: below the 5 % that are allowed
LEVELS = (1, 2, 3)
QUESTIONS = ("presence", "location", "occlusion", "specific")


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a release says of its scores."""

    detector: Curve
    reader: Curve
    proposes: float


def calibrated(looked: Looked) -> Calibration:
    """Fitted on validation: the curves, and the score from which a detection alone is a finding.

    The detector's false alarms are its own. Whatever prohibited thing the reader names is a finding as well; to silence
    the detector for a reader's false alarms would cost more bags than it spares.
    """
    detector, reader = (_fitted(claims) for claims in (looked.detected, looked.read))
    clean = [not prohibited for prohibited in _prohibited(looked)]
    scores = _best(looked.detected, detector)[clean]
    return Calibration(detector, reader, min(1.0, metrics.threshold_for(scores, FALSE_ALARMS)))


def figures(looked: Looked, by: Calibration) -> dict[str, Any]:
    return {
        "scans": len(looked.facts),
        "detector": _detector(looked, by),
        "reader": tasks(looked),
        "reader_calibration_error": _error(looked.read, by.reader),
        "bags": _bags(looked, by),
    }


def tasks(looked: Looked) -> dict[str, Any]:
    """Each task of the reader, with the bounds of its share."""
    names = sorted({name for one in looked.marks for name in one})
    return {name: _told(marks_of(looked, name)) for name in [*names, "questions"]}


def marks_of(looked: Looked, task: str) -> Any:
    """One row for each scan."""
    of = QUESTIONS if task == "questions" else (task,)
    marks = [[one.get(name, (0, 0)) for name in of] for one in looked.marks]
    return np.array(marks, dtype=np.float64).sum(axis=1)


def compared(looked: Looked, before: Looked) -> dict[str, Any]:
    """What a reader keeps of another one's skill on the same scans, task by task, and how far they name the same."""
    kept: dict[str, Any] = {}
    for name in tasks(before):
        now, then = marks_of(looked, name), marks_of(before, name)
        retained, least = metrics.retention(now, then)
        kept[name] = {"before": metrics.share(then), "now": metrics.share(now), "retained": retained, "least": least}
    same = np.array([agreement(one, other) for one, other in zip(looked.said, before.said, strict=True)])
    return {"scans": len(same), "agreement": metrics.share(same), "tasks": kept}


def _told(marks: Numbers) -> dict[str, float]:
    won, possible = (float(each) for each in marks.sum(axis=0))
    low, high = metrics.bounds(won, possible)
    return {"share": metrics.share(marks), "low": low, "high": high, "of": possible}


def _detector(looked: Looked, by: Calibration) -> dict[str, Any]:
    truth = [fact for facts in looked.facts for fact in facts]
    claims = [claim for one in looked.detected for claim in one]
    by_class = {name: _precision([c for c in claims if c.item == name], sum(f.name == name for f in truth))
                for name in BAGGAGE.names}  # fmt: skip
    levels: dict[str, Any] = {}
    for level in LEVELS:
        there = sum(fact.level == level for fact in truth)
        right = [c for c in claims if c.level == level]
        found = sum(metrics.on_curve(by.detector, _scores(right)) >= by.proposes)
        levels[f"OL{level}"] = {
            "map50": _mean(
                _precision(
                    [c for c in claims if c.item == name and c.level in {0, level}],
                    sum(f.name == name and f.level == level for f in truth),
                )
                for name in BAGGAGE.names
            ),
            "found": found / max(1, there),
            "of": there,
        }
    return {
        "map50": _mean(by_class.values()),
        "by_class": by_class,
        "by_level": levels,
        "calibration_error": _error(looked.detected, by.detector),
    }


def _bags(looked: Looked, by: Calibration) -> dict[str, Any]:
    """A bag is stopped where something prohibited is proposed, named, or either."""
    proposed = _best(looked.detected, by.detector) >= by.proposes
    named = np.array([any(claim.prohibited for claim in claims) for claims in looked.read])
    prohibited = np.array(_prohibited(looked))
    return {
        name: {
            "detected": _told(_stopped(stopped[prohibited])),
            "false_alarms": _told(_stopped(stopped[~prohibited])),
        }
        for name, stopped in {"detector": proposed, "reader": named, "both": proposed | named}.items()
    }


def _stopped(stopped: NDArray[np.bool_]) -> Numbers:
    return np.stack([stopped, np.ones_like(stopped)], axis=1).astype(np.float64)


def _prohibited(looked: Looked) -> list[bool]:
    return [any(BAGGAGE.thing(fact.name).prohibited for fact in facts) for facts in looked.facts]


def _best(claims: Sequence[Sequence[Claim]], curve: Curve) -> Numbers:
    """The surest claim of something prohibited in each scan; 0 without one."""
    raw = np.array([max((claim.score for claim in one if claim.prohibited), default=0.0) for one in claims])
    return np.where(raw > 0, metrics.on_curve(curve, raw), 0.0)


def _fitted(claims: Sequence[Sequence[Claim]]) -> Curve:
    every = [claim for one in claims for claim in one]
    return metrics.curve_through(_scores(every), _right(every))


def _error(claims: Sequence[Sequence[Claim]], curve: Curve) -> float:
    every = [claim for one in claims for claim in one]
    return metrics.calibration_error(metrics.on_curve(curve, _scores(every)), _right(every))


def _precision(claims: Sequence[Claim], there: int) -> float:
    return metrics.average_precision(_scores(claims), _right(claims), there)


def _scores(claims: Sequence[Claim]) -> Numbers:
    return np.array([claim.score for claim in claims], dtype=np.float64)


def _right(claims: Sequence[Claim]) -> Any:
    return np.array([claim.right for claim in claims], dtype=np.bool_)


def _mean(values: Iterable[float]) -> float:
    """Of the classes that are there."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")
