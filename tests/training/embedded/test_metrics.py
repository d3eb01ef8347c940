"""Figures from counts and scores, held against cases that can be reckoned by hand."""

import numpy as np
import pytest

from models.release import Curve
from training.embedded import metrics


def test_a_share_adds_up_before_it_divides() -> None:
    """And where nothing could be won, nothing was lost."""
    assert metrics.share(np.array([[1, 1], [0, 3]])) == 0.25
    assert metrics.share(np.zeros((2, 2))) == 1.0


def test_wilson_bounds() -> None:
    """Known values of the interval, also where the share is 0 or 1."""
    assert metrics.bounds(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert metrics.bounds(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert metrics.bounds(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert metrics.bounds(0, 0) == (0.0, 1.0)


def test_average_precision_is_the_area_under_the_best_precision() -> None:
    """Right, wrong, right of two: 1 until half of them are found, then two thirds."""
    scores, right = np.array([0.9, 0.8, 0.7]), np.array([True, False, True])
    assert metrics.average_precision(scores, right, 2) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert metrics.average_precision(scores[::-1], right[::-1], 4) == pytest.approx((1 + 2 / 3) / 4)
    assert metrics.average_precision(np.zeros(0), np.zeros(0, np.bool_), 3) == 0.0
    assert np.isnan(metrics.average_precision(scores, right, 0))


def test_overlap_of_boxes() -> None:
    """The whole, a third, and nothing."""
    assert metrics.overlap((0, 0, 1, 1), (0, 0, 1, 1)) == 1.0
    assert metrics.overlap((0, 0, 2, 1), (1, 0, 3, 1)) == pytest.approx(1 / 3)
    assert metrics.overlap((0, 0, 1, 1), (1, 0, 2, 1)) == 0.0


def test_calibration_error_is_how_far_scores_are_from_the_truth() -> None:
    """Ten at 0.75 of which seven are right are 0.05 off."""
    scores, right = np.full(10, 0.75), np.arange(10) < 7
    assert metrics.calibration_error(scores, right) == pytest.approx(0.05)
    assert metrics.calibration_error(np.ones(4), np.ones(4, np.bool_)) == 0.0


def test_the_curve_finds_what_distorted_the_scores() -> None:
    """Scores that were bent by a known curve are straightened by the fitted one."""
    rng = np.random.default_rng(4)
    honest = rng.uniform(0.02, 0.98, 20000)
    right = rng.random(20000) < honest
    raw = metrics.on_curve(Curve(slope=2.0, shift=-1.0), honest)
    assert metrics.calibration_error(raw, right) > 0.08
    curve = metrics.curve_through(raw, right)
    assert (curve.slope, curve.shift) == pytest.approx((0.5, 0.5), abs=0.05)
    assert metrics.calibration_error(metrics.on_curve(curve, raw), right) < 0.02


@pytest.mark.parametrize("right", [True, False])
def test_a_curve_through_nothing_but_right_ones_stays_a_curve(right: bool) -> None:
    """Finite, and still rising, or a release could not hold it."""
    curve = metrics.curve_through(np.linspace(0.1, 0.9, 50), np.full(50, right))
    assert np.isfinite([curve.slope, curve.shift]).all()
    assert curve.slope > 0


def test_no_more_clean_scans_are_stopped_than_allowed() -> None:
    """Of a hundred scores at most four reach the threshold, and one step lower would let in more."""
    scores = np.random.default_rng(5).permutation(np.arange(100) / 100)
    threshold = metrics.threshold_for(scores, 0.04)
    assert (scores >= threshold).sum() == 4
    assert (scores >= np.nextafter(threshold, 0)).sum() == 5
    assert metrics.threshold_for(np.zeros(10), 1.0) == 0.0


def test_retention_is_of_the_same_scans_and_bounded_from_below() -> None:
    """Half of what was right is right still; the bound lies below, and equal readers keep everything."""
    before = np.ones((400, 2))
    now = np.stack([np.arange(400) % 2, np.ones(400)], axis=1)
    kept, least = metrics.retention(now, before)
    assert kept == 0.5
    assert 0.44 < least < 0.5
    assert metrics.retention(before, before) == (1.0, 1.0)
