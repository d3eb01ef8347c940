"""The clock of a whole box is set while scans wait: their officers get a verdict when they should."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.box import Box
from tests.conftest import png
from tests.faults.set_clock import SetClock, why_not

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


@pytest.mark.parametrize("step", [-3600, 3600])
def test_a_scan_that_waits_is_judged_when_it_is_due(tmp_path: Path, step: int) -> None:
    """Set back it would come an hour late, set forward at once."""
    clock = SetClock(tmp_path / "clock")
    with Box(tmp_path, source=", deadline_seconds: 20") as box:
        box.start(with_engine=False, prefix=clock.prefix)
        box.drop("a.png", png())
        box.until(lambda: box.one("SELECT count(*) FROM scan") == 1, "the scan is taken")
        due = box.one("SELECT due_at FROM scan")
        clock.set(step)
        box.until(lambda: "the clock was set" in box.log(), "the box notices")
        assert abs(box.one("SELECT due_at FROM scan") - due - step) < 2
        assert box.verdict("a")["degraded"] == ["engine unavailable"]
        assert box.verdict("a")["processing_time_ms"] / 1000 - step > 18
