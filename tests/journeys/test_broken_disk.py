"""The disk fails, lies or fills up under a whole box: it says so, keeps what it acknowledged, and comes back."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.box import PATIENCE, Box
from tests.conftest import png
from tests.faults import broken_io
from tests.faults.forgetful import ForgetfulDisk, why_not
from tests.models.engine_process import engine
from tests.soak.account import at_rest, wrongs
from tests.soak.attended import AttendedBox
from tests.soak.disk import FailingBox, Point, soak
from tests.soak.senders import Senders

forgetful = pytest.mark.skipif(bool(why_not()), reason=why_not())
BALLAST = 100_000_000

POINTS = [
    Point("write", 3, errno.EIO, forever=True, starting=False, cut=False),
    Point("write", 9, errno.ENOSPC, forever=True, starting=False, cut=True),
    Point("fsync", 2, errno.EIO, forever=False, starting=False, cut=True),
    Point("fsync", 1, errno.EIO, forever=True, starting=True, cut=False),
    Point("fsyncdir", 1, errno.EIO, forever=False, starting=True, cut=True),
    Point("rename", 1, errno.EIO, forever=True, starting=False, cut=False),
    Point("create", 2, errno.ENOSPC, forever=True, starting=True, cut=False),
]


@pytest.fixture
def disk() -> Iterator[ForgetfulDisk]:
    with ForgetfulDisk() as mounted:
        yield mounted


@forgetful
def test_whatever_fails_once_or_for_ever_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """A few points of the sweep; `./dev soak disk` has them all."""
    figures = soak(tmp_path, POINTS, seed=1)
    assert figures["acknowledged"] > len(POINTS)
    assert figures["endings"]
    assert wrongs(figures) == {}
    assert figures["tracebacks"] == 0


@forgetful
def test_what_a_failed_sync_left_in_memory_only_is_not_built_upon(tmp_path: Path, disk: ForgetfulDisk) -> None:
    """Syncs fail, so the box ends; it starts again and acknowledges more; then the power goes."""
    with FailingBox(tmp_path, disk, seed=1) as story:
        disk.fail("fsync", nth=5, forever=True)
        _until(story.is_down)
        disk.heal()
        story.until_it_takes(20)
        story.cut()
        figures = story.finish()
    assert wrongs(figures) == {}


@forgetful
def test_on_a_full_disk_senders_are_refused_and_what_was_taken_is_still_judged(
    tmp_path: Path, disk: ForgetfulDisk
) -> None:
    """Down the ladder and up again: a reason for everybody, no CLEAR, and the files left in place are judged later."""
    ballast = disk.path / "ballast"
    ballast.touch()
    os.truncate(ballast, BALLAST)
    with FailingBox(tmp_path, disk, seed=1, with_engine=False) as story:
        box = story.box
        story.until_it_takes(5)
        disk.limit(disk.used())
        box.until(lambda: _refused(story.senders, "disk", "full"), "senders are told why")
        box.until(lambda: _status(box)["disk"]["rung"] == "stop", "status says so")
        left = box.drop("left.png", png())
        ready = httpx2.get(f"http://127.0.0.1:{box.port}/readyz", timeout=PATIENCE)
        assert ready.status_code == 503
        assert any("disk" in reason for reason in ready.json()["reasons"])
        assert any("disk" in reason for reason in _status(box)["reasons"])
        assert box.one("SELECT count(*) FROM verdict") == 0
        with engine(box.folder / "engine.sock"):  # not the box's own, which might come before the disk is full
            _until(lambda: at_rest(box))
            assert box.one("SELECT count(*) FROM verdict") >= 5
            assert box.one("SELECT count(*) FROM verdict WHERE action = 'CLEAR'") == 0
            assert left.exists()
            assert box.one("SELECT count(*) FROM scan WHERE scan_id = 'left'") == 0
            disk.limit(None)
            story.until_it_takes()
            assert box.verdict("left")["scan_id"] == "left"
            figures = story.finish()
    assert wrongs(figures) == {}
    assert figures["endings"] == {}


@forgetful
@pytest.mark.parametrize("trouble", ["full", "gone"])
def test_a_results_folder_in_trouble_stops_nothing_else(tmp_path: Path, disk: ForgetfulDisk, trouble: str) -> None:
    """Scans are taken and judged meanwhile, the status says so, and in the end every document stands there."""
    results = disk.path / "results"
    results.mkdir()
    disk.sync()
    with AttendedBox(tmp_path, tmp_path / "state", 1, RESULTS__PATH=results) as story:
        box = story.box
        box.results = results
        box.until(lambda: (box.status() or {}).get("ready"), "the engine is there")
        if trouble == "full":
            disk.limit(disk.used())
        else:
            disk.cut()
        box.until(lambda: any("results" in one for one in _status(box)["warnings"]), "the status says so")
        judged = box.one("SELECT count(*) FROM verdict")
        story.until_it_takes(5)
        box.until(lambda: box.one("SELECT count(*) FROM verdict") >= judged + 5, "scans are judged")
        assert _status(box)["ready"]
        if trouble == "full":
            disk.limit(None)
        else:
            disk.mend()
        figures = story.finish()
    assert wrongs(figures) == {}
    assert figures["endings"] == {}
    assert not figures["refusals"]


@pytest.mark.skipif(bool(broken_io.why_not()), reason=broken_io.why_not())
def test_calls_that_fail_by_chance_lose_nothing(tmp_path: Path) -> None:
    """One call in two hundred fails, life after life of the daemon; each ends with one clear line or not at all."""
    with AttendedBox(tmp_path, tmp_path / "state", 1) as story:
        story.stop()
        lives = 0
        while lives < 4 or not story.endings:
            lives += 1
            enough = story.senders.count + 100
            story.start(*broken_io.failing([], probability=0.005))
            _until(lambda enough=enough: story.is_down() or story.senders.count >= enough)
            story.kill()
        figures = story.finish()
    assert wrongs(figures) == {}


def _refused(senders: Senders, *words: str) -> bool:
    return any(all(word in reason for word in words) for reason in senders.refusals)


def _status(box: Box) -> dict[str, Any]:
    found: list[dict[str, Any] | None] = []
    box.until(lambda: found.append(box.status()) or found[-1], "the box answers")
    return found[-1] or {}


def _until(holds: Callable[[], object], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
