"""The engine killed, frozen or never there: intake goes on, nothing is cleared, and all is judged once it is back."""

from __future__ import annotations

import contextlib
import hashlib
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.box import ROOT, Box
from tests.conftest import png

SOON = ", deadline_seconds: 1.5"


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path, source=SOON)


def start_engine(box: Box) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "models", "serve", "--socket", f"{box.folder}/engine.sock", "--backend", "canned"]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)


def drop(box: Box, *names: str) -> None:
    for name in names:
        box.drop(f"{name}.png", png(tuple(hashlib.sha256(name.encode()).digest()[:3])))  # each its own colour


def verdicts(box: Box, name: str) -> list[tuple[str, bool]]:
    rows = box.ask(
        "SELECT verdict.action, answer IS NOT NULL FROM verdict JOIN scan ON scan.id = scan WHERE scan_id = ?"
        " ORDER BY verdict.id",
        name,
    )
    return [(row[0], bool(row[1])) for row in rows]


def test_a_box_without_an_engine_takes_scans_and_says_review_until_it_comes(box: Box) -> None:
    with box:
        box.start(with_engine=False)
        drop(box, "a", "b")
        assert box.verdict("a")["degraded"] == ["engine unavailable"]
        assert verdicts(box, "a") == [("REVIEW", False)]
        engine = start_engine(box)
        try:
            box.until(lambda: len(verdicts(box, "b")) == 2, "judged again")
            assert verdicts(box, "b")[0] == ("REVIEW", False)
            assert verdicts(box, "b")[1][1]
            box.until(lambda: not box.verdict("a")["degraded"], "the later verdict stands in the results folder")
        finally:
            engine.kill()
            engine.wait()


def test_a_killed_engine_is_started_again_and_nothing_is_lost(box: Box) -> None:
    """Twice: more often is `./dev soak kills`, for each time its keeper pauses twice as long."""
    with box:
        box.start()
        for turn in range(2):
            drop(box, *(f"t{turn}{letter}" for letter in "abc"))
            box.engine().kill()
            time.sleep(0.2)
        box.until(lambda: box.one("SELECT count(*) FROM scan WHERE action IS NOT NULL AND owed = 0") == 6, "all judged")
        _no_clear_without_an_answer(box)


def test_a_frozen_engine_never_stops_intake_never_clears_and_recovers(box: Box) -> None:
    with box:
        box.start()
        engine = box.engine()
        engine.send_signal(signal.SIGSTOP)
        drop(box, *"abcdef")
        reviews = "SELECT count(DISTINCT scan) FROM verdict WHERE action = 'REVIEW' AND answer IS NULL"
        box.until(lambda: box.one(reviews) == 6, "all have a verdict")
        _no_clear_without_an_answer(box)
        box.until(lambda: not (box.status() or {"ready": True})["ready"], "the box says that it is not ready")
        with contextlib.suppress(psutil.NoSuchProcess):  # on a slow machine the box has long started another
            engine.send_signal(signal.SIGCONT)
        box.until(lambda: box.one("SELECT count(*) FROM scan WHERE owed = 0") == 6, "all judged by the engine")
        assert all(verdicts(box, name)[-1][1] for name in "abcdef")


def _no_clear_without_an_answer(box: Box) -> None:
    assert box.one("SELECT count(*) FROM verdict WHERE action = 'CLEAR' AND answer IS NULL") == 0
