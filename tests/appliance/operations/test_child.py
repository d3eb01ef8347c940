"""A child is kept running, ends with its keeper, and is killed when it will not end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from appliance.operations import child
from tests.waiting import until

ROOT = Path(__file__).parents[3]
NOTE = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); "
PARENT = """
import asyncio, sys
from appliance.operations.child import keep_running
asyncio.run(keep_running("sleeper", [sys.executable, "-c", sys.argv[1], sys.argv[2]]))
"""


def pids(note: Path) -> list[int]:
    return [int(line) for line in note.read_text().split()] if note.exists() else []


def test_a_child_that_ends_is_started_again_and_ends_with_its_keeper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "PAUSE", 0.01)
    note = tmp_path / "note"

    async def story() -> None:
        command = [sys.executable, "-c", NOTE + "time.sleep(60)", str(note)]
        keeper = asyncio.create_task(child.keep_running("sleeper", command))
        await until(lambda: len(pids(note)) == 1)
        os.kill(pids(note)[0], signal.SIGKILL)
        await until(lambda: len(pids(note)) == 2)
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper

    asyncio.run(story())
    assert [pid for pid in pids(note) if psutil.pid_exists(pid)] == []


def test_a_child_that_will_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "GRACE", 0.2)
    note = tmp_path / "note"
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + NOTE + "time.sleep(60)"

    async def story() -> int:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", deaf, str(note))
        await until(lambda: len(pids(note)) == 1)
        await child.end(process)
        await child.end(process)
        return await process.wait()

    assert asyncio.run(story()) == -signal.SIGKILL


def test_a_child_ends_when_its_keeper_is_killed_without_a_word(tmp_path: Path) -> None:
    note = tmp_path / "note"
    keeper = subprocess.Popen([sys.executable, "-c", PARENT, NOTE + "time.sleep(60)", str(note)], cwd=ROOT)
    give_up = time.monotonic() + 30
    while not pids(note) and time.monotonic() < give_up:
        time.sleep(0.02)
    (pid,) = pids(note)
    keeper.kill()
    keeper.wait()
    with contextlib.suppress(psutil.NoSuchProcess):
        assert psutil.wait_procs([psutil.Process(pid)], timeout=300)[0]
