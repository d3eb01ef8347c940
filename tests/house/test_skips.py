"""A test that misses a package is skipped on a bare machine, and fails where all were to be installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASE = """
import pytest
pytest_plugins = ["tests.conftest"]

@pytest.mark.skipif(True, reason="storescu is missing: apt-get install dcmtk")
def test_package(): pass

@pytest.mark.skipif(True, reason="needs root")
def test_machine(): pass
"""


@pytest.mark.parametrize(
    ("said", "outcome"), [({}, "2 skipped"), ({"LANEWATCH_TEST_PACKAGES": "installed"}, "1 skipped, 1 error")]
)
def test_only_a_missing_package_fails_and_only_where_told(tmp_path: Path, said: dict[str, str], outcome: str) -> None:
    """The machine's own limits stay reasons to skip."""
    (tmp_path / "test_case.py").write_text(CASE)
    environment = {name: value for name, value in os.environ.items() if name != "LANEWATCH_TEST_PACKAGES"} | said
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert outcome in done.stdout, done.stdout + done.stderr
