"""A forgetful disk for each test that asks for one; skipped where there can be none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.forgetful import ForgetfulDisk, why_not


@pytest.fixture
def disk() -> Iterator[ForgetfulDisk]:
    if why_not():
        pytest.skip(why_not())
    with ForgetfulDisk() as mounted:
        yield mounted
