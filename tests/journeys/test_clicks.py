"""A click is a fact: what was acknowledged is there after kill -9, once."""

from __future__ import annotations

from pathlib import Path

from tests.soak.clicks import soak


def test_no_acknowledged_review_is_lost_when_the_box_is_killed(tmp_path: Path) -> None:
    """The short version of `./dev soak clicks`."""
    told = soak(tmp_path, 5)
    assert (told["acknowledged"], told["the same click again, the same review"]) == (5, 5)
    assert (told["missing"], told["more than acknowledged"], told["chain"]) == (0, 0, "whole")
