"""What a killed box left half written is gone after its next start, and nothing else is."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.box import Box

STRAY = ".0123456789abcdef.part"


def test_a_start_sweeps_away_what_was_left_half_written(tmp_path: Path) -> None:
    """Only names of our own making, and only old ones."""
    with Box(tmp_path) as box:
        folders = [box.state / "pictures" / "ab", box.state / "clean" / "00", box.results]
        kept = [box.results / name for name in (".0123456789abcdef.partly", "scan.part", ".00.part")]
        fresh = box.results / ".fedcba9876543210.part"
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        strays = [folder / STRAY for folder in folders]
        for path in (*strays, *kept, fresh):
            path.write_bytes(b"half")
            os.utime(path, (1, 1))
        os.utime(fresh, (time.time() - 60,) * 2)  # it may be another box that writes it now
        box.start(with_engine=False)
        box.until(lambda: not any(path.exists() for path in strays), "the strays are gone")
        assert all(path.exists() for path in (*kept, fresh))
