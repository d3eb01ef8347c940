"""Help comes at once: nothing heavy is imported for it."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("command", "told"), [("synth", "Example: lanewatch-training synth"), ("embedded", "--recipe")]
)
def test_help_needs_no_heavy_library(command: str, told: str) -> None:
    program = (
        f"import sys; from training.__main__ import app; app(['{command}', '--help'], result_action='return_value');"
        " sys.exit(bool({'numpy', 'cv2', 'rich.progress', 'torch', 'transformers'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert told in shown.stdout
