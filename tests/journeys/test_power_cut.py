"""The power goes, again and again, under a whole box at work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.forgetful import why_not
from tests.soak.account import wrongs
from tests.soak.power import soak

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


def test_nothing_acknowledged_is_lost_and_each_scan_is_judged_once(tmp_path: Path) -> None:
    """Cuts in the start and at work; then every picture, verdict and document stands whole."""
    figures = soak(tmp_path, cuts=4, seed=4)
    assert figures["acknowledged"] > 0
    assert figures["files"] > 0
    assert wrongs(figures) == {}


@pytest.mark.parametrize(("without", "shows"), [("commits", "lost"), ("files", "pictures_wrong")])
def test_a_box_without_its_syncs_loses_what_it_acknowledged(tmp_path: Path, without: str, shows: str) -> None:
    """The negative control: were nothing lost here, nothing would be proven above."""
    assert soak(tmp_path, cuts=2, seed=4, without=without)[shows] > 0
