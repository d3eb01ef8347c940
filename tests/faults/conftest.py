"""A forgetful disk for each test that asks for one; skipped where there can be none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.forgetful import ForgetfulDisk, why_not


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[ForgetfulDisk]:
    if why_not():
        pytest.skip(why_not())
    with ForgetfulDisk(tmp_path) as mounted:
        yield mounted
