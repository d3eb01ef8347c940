"""The engine process's own life: its place, its end, its word to the service manager, its command line."""

from __future__ import annotations

import asyncio
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from models import serve as serving
from models.analyst import PairedEngine
from models.answer import Question
from models.engines.canned import KNOWN
from models.engines.shelf import Shelved
from models.ports import EngineDiedError, EngineUnavailableError
from models.profile import BAGGAGE
from tests.models.engine_process import GENEROUS, EngineProcess, connected, engine, question, service_manager
from tests.models.parts import ABOUT, ColourDetector, ColourReader
from tests.waiting import until


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "models", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=GENEROUS)


def serve(socket: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """For an engine that is expected not to start."""
    return run("serve", "--socket", str(socket), *(options or ("--backend", "canned")))


async def found(socket: Path) -> None:
    async with connected(socket):
        pass


def test_only_its_user_and_group_may_ask(tmp_path: Path) -> None:
    """The socket has mode 0660, and after SIGTERM it is gone."""
    with engine(socket := tmp_path / "engine.sock") as served:
        asyncio.run(found(socket))
        assert stat.S_IMODE(socket.stat().st_mode) == 0o660
        assert served.end() == 0
        assert not socket.exists()


def test_what_is_in_flight_is_finished_before_the_end(tmp_path: Path) -> None:
    """Told to end, the engine still answers what it has begun."""

    async def story(socket: Path, served: EngineProcess) -> None:
        async with connected(socket) as client:
            asked = asyncio.create_task(client.answer(question(tmp_path), GENEROUS))
            await until(lambda: client.health is not None and client.health.in_flight == 1)
            served.signal(signal.SIGTERM)
            assert (await asked).question == "SCAN-1#1"
            await until(lambda: not client.alive)
            assert await asyncio.to_thread(served.process.wait, GENEROUS) == 0

    with engine(socket := tmp_path / "engine.sock", "--delay-ms", "4000") as served:
        asyncio.run(story(socket, served))


def test_a_second_engine_is_refused(tmp_path: Path) -> None:
    """It says so and exits 3; the first is not disturbed, even while it is frozen."""
    with engine(socket := tmp_path / "engine.sock") as first:
        asyncio.run(found(socket))
        first.signal(signal.SIGSTOP)
        second = serve(socket)
        first.signal(signal.SIGCONT)
        assert (second.returncode, second.stdout) == (3, "")
        assert "another engine is alive" in second.stderr
        assert "Traceback" not in second.stderr
        asyncio.run(found(socket))


def test_a_dead_engines_socket_is_replaced(tmp_path: Path) -> None:
    """kill -9 leaves a socket behind; the next engine starts in its place."""
    with engine(socket := tmp_path / "engine.sock") as first:
        asyncio.run(found(socket))
        first.kill()
        assert socket.exists()
    with engine(socket) as second:
        asyncio.run(found(socket))
        assert second.end() == 0


@pytest.mark.parametrize("what", ["file", "folder", "link"])
def test_what_is_no_socket_is_left_alone(tmp_path: Path, what: str) -> None:
    """A file, folder or link at the path is not removed: exit 3, and the reason."""
    path = tmp_path / "engine.sock"
    {"file": path.touch, "folder": path.mkdir, "link": lambda: path.symlink_to("elsewhere")}[what]()
    result = serve(path)
    assert result.returncode == 3
    assert "no socket stands there" in result.stderr
    assert path.exists() or path.is_symlink()


def test_places_where_no_socket_can_be(tmp_path: Path) -> None:
    """A missing folder and a path too long for the kernel are said as such."""
    assert "is not there" in serve(tmp_path / "missing" / "engine.sock").stderr
    assert "too long" in serve(tmp_path / ("e" * 120)).stderr


def test_without_its_release_an_engine_does_not_start(tmp_path: Path) -> None:
    """Exit 3 with what is missing; no socket stays."""
    pytest.importorskip("torch")
    result = serve(tmp_path / "engine.sock", "--release", str(tmp_path))
    assert result.returncode == 3
    assert f"release {tmp_path}: release.json: cannot be opened" in result.stderr
    assert not (tmp_path / "engine.sock").exists()


def test_the_command_line_explains_itself() -> None:
    """Help with an example, and 2 for wrong usage."""
    shown = run("serve", "--help")
    assert shown.returncode == 0
    assert "Example: lanewatch-models serve --socket" in shown.stdout
    assert run("serve").returncode == 2
    assert run("serve", "--socket", "x", "--backend", "oracle").returncode == 2
    assert run("serve", "--socket", "x", "--delay-ms", "5").returncode == 2


def test_help_needs_nothing_heavy() -> None:
    """The command line alone brings in neither values nor sockets nor models."""
    code = "import sys, models.__main__; sys.exit(bool({'pydantic', 'zmq', 'torch', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_engine_that_died_takes_its_process_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in flight is still told, as the engine's own fault; then the place is free for the next start."""
    monkeypatch.setattr(serving, "PATIENCE", 0.5)
    socket, reader = tmp_path / "engine.sock", ColourReader()
    reader.hangs = True

    async def load() -> Shelved:
        return Shelved(PairedEngine(ColourDetector(), reader, BAGGAGE, ABOUT, "toy", ()), canary=KNOWN[1])

    async def story() -> None:
        async with connected(socket) as client:
            asked = asyncio.create_task(client.answer(question(tmp_path), GENEROUS))
            await until(lambda: reader.hanging)
            reader.alive = False
            with pytest.raises(EngineUnavailableError, match="stopping"):
                await asked

    with ThreadPoolExecutor() as beside:
        told = beside.submit(asyncio.run, story())
        with pytest.raises(EngineDiedError, match="start it again"):
            serving.serve(socket, load)
    told.result()
    assert not socket.exists()


@contextmanager
def watched(
    folder: Path, *options: str, watchdog: float = 1.0
) -> Generator[tuple[EngineProcess, Callable[[], list[str]]]]:
    """An engine under a service manager with so many seconds of patience, and what that manager hears."""
    environment = {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": str(int(watchdog * 1e6))}
    with service_manager(folder / "notify") as said, engine(folder / "engine.sock", *options, **environment) as served:
        yield served, said


async def answered(socket: Path, asked: Question, times: int = 1) -> None:
    async with connected(socket) as client:
        for _ in range(times):
            assert (await client.answer(asked, GENEROUS)).question == asked.id


def test_ready_after_the_exam_then_known_questions_while_idle(tmp_path: Path) -> None:
    """READY once, WATCHDOG by answering itself, STOPPING at the end."""
    heard: list[str] = []

    def fed() -> bool:
        heard.extend(said())
        return heard.count("WATCHDOG=1") >= 3

    with watched(tmp_path) as (served, said):
        asyncio.run(until(fed))
        assert served.end() == 0
        heard += said()
    assert heard[:3] == ["STATUS=loading", "READY=1", "STATUS=canned 1, release embedded, exam passed (11)"]
    assert heard[-1] == "STOPPING=1"


def test_nothing_is_heard_of_a_frozen_engine(tmp_path: Path) -> None:
    """Frozen for two watchdog times it says nothing; thawed it goes on."""
    with watched(tmp_path) as (served, said):
        asyncio.run(until(lambda: "WATCHDOG=1" in said()))
        served.signal(signal.SIGSTOP)
        time.sleep(0.2)
        said()
        time.sleep(2)
        assert said() == []
        served.signal(signal.SIGCONT)
        asyncio.run(until(lambda: "WATCHDOG=1" in said()))


def test_a_stuck_engine_feeds_nothing_though_it_breathes(tmp_path: Path) -> None:
    """It answers every heartbeat but no question, not even a known one: no WATCHDOG, by no timer."""

    heard: list[str] = []

    def tried() -> int:
        heard.extend(said())
        return sum(word.startswith("STATUS=known question: no answer within") for word in heard)

    async def breathing() -> None:
        async with connected(tmp_path / "engine.sock") as client:
            await until(lambda: tried() >= 3)
            assert client.alive

    with watched(tmp_path, "--delay-ms", "600000") as (_, said):
        asyncio.run(breathing())
    assert "READY=1" in heard
    assert "WATCHDOG=1" not in heard


def test_an_answer_is_finished_work(tmp_path: Path) -> None:
    """An engine too slow for known questions is kept alive by answers to real ones, and by nothing else."""
    with watched(tmp_path, "--delay-ms", "1000") as (_, said):
        asyncio.run(until(lambda: any("no answer within" in word for word in said())))
        assert "WATCHDOG=1" not in said()
        asyncio.run(answered(tmp_path / "engine.sock", question(tmp_path)))
        asyncio.run(until(lambda: "WATCHDOG=1" in said()))


def test_a_deaf_manager_is_no_reason_to_stop(tmp_path: Path) -> None:
    """Words that nobody takes in do not hold up answers."""
    with watched(tmp_path, watchdog=0.01) as (served, _):
        asyncio.run(answered(tmp_path / "engine.sock", question(tmp_path), times=50))
        assert served.end() == 0
