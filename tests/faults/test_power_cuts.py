"""The control experiment in small: the disk forgets, and SQLite with FULL does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.forgetful import why_not
from tests.faults.power_cuts import cut_sqlite

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


def test_full_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    """Three cuts, each in the middle of commits."""
    tally = cut_sqlite(tmp_path, synchronous="FULL", cuts=3, seed=1)
    assert tally.acknowledged > 0
    assert tally.lost == 0


def test_normal_loses_some(tmp_path: Path) -> None:
    """The negative control: were nothing lost here, nothing would be proven above."""
    assert cut_sqlite(tmp_path, synchronous="NORMAL", cuts=3, seed=1).lost > 0
