"""The smoke test as a newcomer runs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.box import ROOT


@pytest.mark.timeout(180)
def test_the_demo_judges_its_scans_and_leaves_with_0() -> None:
    command = [sys.executable, "-m", "appliance", "demo", "--scans", "5", "--exit"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=150)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all 5 scans have a verdict" in done.stdout
    assert "look here: http://127.0.0.1:" in done.stdout
