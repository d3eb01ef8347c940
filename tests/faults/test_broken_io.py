"""SQLite on a disk that fails by chance, under libfiu."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.broken_io import failing, why_not
from tests.faults.forgetful import ROOT
from tests.faults.sqlite_writer import numbers_left

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


def test_nothing_acknowledged_is_lost_when_one_call_in_a_hundred_fails(tmp_path: Path) -> None:
    """Run after run on one database, each until a failure ends it; then it must be sound and hold every row said."""
    database = tmp_path / "lines.db"
    writer = [sys.executable, "-m", "tests.faults.sqlite_writer", str(database), "FULL", "200"]
    owed: set[int] = set()
    failures = 0
    for _ in range(8):
        run = subprocess.run(
            failing(writer, probability=0.01), cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
        )
        failures += run.returncode != 0
        owed |= {int(line) for line in run.stdout.split()}
        assert owed <= numbers_left(database)
    assert owed
    assert failures
