"""Whoever serves may be killed at any moment: nothing of vLLM's stays behind."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytest.importorskip("vllm")

from tests.models.engines.reader_of_chance import make_reader

pytestmark = [
    pytest.mark.timeout(900),
    # Of an engine that was closed before, vLLM leaves a context of ZeroMQ to the collector.
    pytest.mark.filterwarnings("ignore:.*function Context:pytest.PytestUnraisableExceptionWarning"),
]
PATIENCE = 600.0
LOADING = """
import asyncio, sys
from pathlib import Path
from models.engines.qwen_vllm.reader import QwenVllm
from models.profile import BAGGAGE

if __name__ == "__main__":
    asyncio.run(QwenVllm.load(Path(sys.argv[1]), BAGGAGE))
"""


def wait_for(what: str, true: object) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    found = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def test_who_is_killed_while_it_loads_takes_vllm_along(tmp_path: Path) -> None:
    """By SIGKILL, as soon as vLLM's worker has begun to load: both of vLLM's processes end by themselves."""
    folder = make_reader(tmp_path / "reader")
    (tmp_path / "loading.py").write_text(LOADING)
    loading = subprocess.Popen([sys.executable, str(tmp_path / "loading.py"), str(folder)], env=None)
    family: list[psutil.Process] = []

    def worker() -> bool:
        family[:] = psutil.Process(loading.pid).children(recursive=True)
        return any("Worker" in each.name() for each in living(family))

    try:
        wait_for("a worker of vLLM's", worker)
    finally:
        loading.kill()
        loading.wait()
    wait_for("their end", lambda: not living(family))
