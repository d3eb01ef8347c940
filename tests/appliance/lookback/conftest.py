"""A store with three scans judged twice, and the pack of the first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.lookback.pack import Written
from appliance.scan import Arrival
from tests.appliance.lookback.keeping import Kept, keep, three


@pytest.fixture
def kept(tmp_path: Path, arrival: Callable[..., Arrival]) -> Kept:
    return keep(tmp_path / "state", three(tmp_path / "state", arrival))


@pytest.fixture
def written(kept: Kept, tmp_path: Path) -> Written:
    return kept.pack("one", tmp_path / "packs")
