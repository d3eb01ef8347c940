"""Three hundred damaged files among good ones; `tests/soak/hostile_files.py` is the long version."""

from __future__ import annotations

import asyncio

from tests.soak.hostile_files import soak


def test_damaged_files_are_refused_and_good_ones_beside_them_decoded() -> None:
    """Every good file gives the same picture as alone; every damaged one a picture or a reason, and no surprise."""
    figures = asyncio.run(soak(count=300, seed=7, width=96, height=64, compare=False))
    assert figures["surprises"] == []
    assert figures["good_decoded"] == figures["good"]
    assert figures["bad_refused"] + figures["bad_but_whole"] == figures["bad"]
    assert figures["restarts"] == 0
