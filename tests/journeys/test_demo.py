"""The smoke test as a newcomer runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.box import ROOT


def demo(*options: str, scans: int) -> str:
    """What it tells on its way to a verdict for every scan."""
    command = [sys.executable, "-m", "appliance", "demo", "--scans", str(scans), "--exit", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"all {scans} scans have a verdict" in done.stdout
    assert "look here: http://127.0.0.1:" in done.stdout
    return done.stdout


@pytest.mark.skipif(find_spec("torch") is None, reason="the models need the set cpu or gpu")
def test_the_demo_judges_its_scans_and_leaves_with_0(tmp_path: Path) -> None:
    """With the embedded models: both parts look at every picture, whatever they say of it.

    Other processors may round too far for the exam, and so weak a reader may contradict itself, or talk on and on.
    """
    demo("--folder", str(tmp_path), scans=5)
    verdicts = [json.loads(path.read_bytes()) for path in (tmp_path / "results").glob("[!.]*.json")]
    assert len(verdicts) == 5
    for verdict in verdicts:
        spoke = ("exam", "vlm failed: it ", "vlm failed: the answer did not end")
        assert not [why for why in verdict["degraded"] if not any(word in why for word in spoke)], verdict
        assert verdict["provenance"]["engine"].endswith("-none")  # the stack of the embedded release


def test_without_models_it_can_be_told_to_make_answers_up() -> None:
    assert "makes its answers up" in demo("--backend", "canned", scans=3)
