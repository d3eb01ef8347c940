"""A store with three scans judged twice, and the pack of the first: new for each test, and once for all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from appliance.lookback.pack import Written
from tests.appliance.lookback.keeping import Kept, keep, three


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return keep(tmp_path / "state", three(tmp_path / "state"))


@pytest.fixture
def written(kept: Kept, tmp_path: Path) -> Written:
    return kept.pack("one", tmp_path / "packs")


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Written:
    place = tmp_path_factory.mktemp("honest")
    return keep(place / "state", three(place / "state")).pack("one", place)


@pytest.fixture
def pack(honest: Written, tmp_path: Path) -> Path:
    """A copy of it to spoil."""
    return Path(shutil.copytree(honest.folder, tmp_path / "pack"))
