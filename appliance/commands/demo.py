"""`lanewatch demo`: a whole box on rehearsal scans, with engine, daemon, dashboard and a scanner that practises.

Makes a folder with a small configuration, starts the daemon with its engine,
then the rehearsal scanner beside it, and tells where to look.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter, validators

from appliance.commands.common import UsageError, ask_daemon
from appliance.errors import LanewatchError
from appliance.operations.child import die_with_parent, end

CONFIG = """\
# A box for practice: everything in this folder, nothing leaves this machine.
site: {{name: rehearsal}}
storage: {{root: ./state}}
sources:
  - {{name: rehearsal, kind: folder, path: ./scanner, settle_seconds: 0.2, rehearsal: true, lane: L1}}
engine: {{socket: ./state/run/engine.sock, release: embedded, backend: {backend}}}
results: {{path: ./results}}
dashboard: {{bind: "{bind}"}}
"""
START = 60.0
"""Seconds the box gets until it is ready."""
VISITOR = "demo"
LOADING = 300.0
"""Seconds the engine gets until its models are loaded and examined."""


def demo(
    *,
    scans: Annotated[
        int | None, Parameter(validator=validators.Number(gte=1), help="Stop the scanner after so many scans.")
    ] = None,
    exit_: Annotated[
        bool, Parameter(name="--exit", negative="", help="Leave once all --scans have a verdict.")
    ] = False,
    every: Annotated[
        float, Parameter(validator=validators.Number(gte=0, lte=86_400), help="Seconds between two scans.")
    ] = 2.0,
    folder: Annotated[Path | None, Parameter(help="Keep everything here; else a temporary folder.")] = None,
    bind: Annotated[str | None, Parameter(help="HOST:PORT of the dashboard.")] = None,
    backend: Annotated[
        Literal["auto", "vllm", "transformers", "canned"],
        Parameter(help="What runs the embedded models; canned makes answers up and needs nothing installed."),
    ] = "auto",
) -> int:
    """Run a whole box on rehearsal scans, with the embedded models.

    Example: lanewatch demo --scans 20 --exit
    """
    if exit_ and scans is None:
        raise UsageError("--exit needs --scans NUMBER: without it there is no end to wait for")
    if bind is not None:
        _try_bind(bind)
    if folder is not None:
        _try_folder(folder)
    pace = 0.2 if exit_ else every
    return asyncio.run(_run(folder, bind or _free_bind(), backend, scans, pace, leave=exit_))


def _try_bind(bind: str) -> None:
    """Say before anything starts that the dashboard could not listen there."""
    from pydantic import TypeAdapter, ValidationError

    from appliance.dashboard.server import listen
    from appliance.kinds import Bind

    try:
        TypeAdapter(Bind).validate_python(bind)
        listen(bind).close()
    except ValidationError as problem:
        raise UsageError(f"--bind {bind}: not HOST:PORT, such as 127.0.0.1:8080") from problem
    except LanewatchError as problem:
        raise UsageError(f"--bind: {problem}") from problem


def _try_folder(folder: Path) -> None:
    """Say before anything starts that nothing can be kept there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        raise UsageError(f"--folder {folder}: {problem.strerror}", hint="name one you may write to") from problem


async def _run(folder: Path | None, bind: str, backend: str, scans: int | None, every: float, *, leave: bool) -> int:
    """Run until somebody stops it, or until so many scans have a verdict."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    with contextlib.ExitStack() as cleanup:
        place = folder or Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="lanewatch-demo-")))
        story = asyncio.create_task(_story(place.resolve(), bind, backend, scans, every, leave=leave))
        stop = asyncio.create_task(told.wait())
        await asyncio.wait({story, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not story.done():
            story.cancel()
            await asyncio.gather(story, return_exceptions=True)
            return 0
        return story.result()


async def _story(folder: Path, bind: str, backend: str, scans: int | None, every: float, *, leave: bool) -> int:
    config = _lay_out(folder, bind, backend)
    log = folder / "box.log"
    async with _child("the box", "-m", "appliance", "run", "--config", str(config), "--with-engine", log=log) as box:
        _say("the box is starting")
        await _until(config, box, START, "the box did not start", lambda _: True)
        _say("the engine is loading its models")
        found = await _until(config, box, LOADING, "the engine did not start", lambda found: found["version"]["engine"])
        _say(f"the engine is ready: {found['version']['engine']}")
        code = _invited(config)
        if backend == "canned":
            _say("this engine makes its answers up: they have nothing to do with the pictures")
        _say(f"look here: http://{bind}/#code={code}")
        _say(f"drop pictures here: {folder / 'scanner'}    verdicts appear here: {folder / 'results'}")
        command = ["-m", "training", "synth", "--into", str(folder / "scanner"), "--seed", str(time.time_ns() % 10**6)]
        async with _child("the rehearsal scanner", *command, "--every", str(every), "--count", str(scans or 10**6)):
            return await _watch(folder, box, scans, leave=leave)


def _invited(config: Path) -> str:
    """A code by which whoever tries the demo comes in as a supervisor, once."""
    known = [each["name"] for each in ask_daemon(config, "GET", "/control/officers")["officers"]]
    if VISITOR not in known:
        ask_daemon(config, "POST", "/control/officers", {"name": VISITOR, "role": "supervisor"})
    return ask_daemon(config, "POST", f"/control/officers/{VISITOR}/code", {"purpose": "enter"})["code"]


async def _watch(folder: Path, box: asyncio.subprocess.Process, scans: int | None, *, leave: bool) -> int:
    """Tell each verdict as it appears."""
    seen: set[Path] = set()
    deadline = time.monotonic() + 60 + (scans or 0) * 3
    while box.returncode is None:
        for path in sorted(set((folder / "results").glob("[!.]*.json")) - seen):
            seen.add(path)
            verdict = json.loads(path.read_bytes())
            count = f"{len(seen)}/{scans}" if scans else str(len(seen))
            _say(f"[{count}] {verdict['scan_id']}: {verdict['recommended_action']}: {verdict['reasoning']}")
        if scans and leave and len(seen) >= scans:
            _say(f"all {scans} scans have a verdict")
            return 0
        if scans and leave and time.monotonic() > deadline:
            raise LanewatchError(f"only {len(seen)} of {scans} scans have a verdict", hint=_last_words(folder))
        await asyncio.sleep(0.1)
    raise LanewatchError(f"the box ended with {box.returncode}", hint=_last_words(folder))


def _lay_out(folder: Path, bind: str, backend: str) -> Path:
    for name in ("scanner", "results", "state/run"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    config = folder / "appliance.yaml"
    if not config.exists():
        config.write_text(CONFIG.format(bind=bind, backend=backend), encoding="utf-8")
    return config


async def _until(
    config: Path, box: asyncio.subprocess.Process, within: float, trouble: str, fits: Callable[[dict[str, Any]], Any]
) -> dict[str, Any]:
    """Ask the box how it is until that fits."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline and box.returncode is None:
        with contextlib.suppress(LanewatchError):
            found = await asyncio.to_thread(ask_daemon, config, "GET", "/control/status")
            if found["pid"] == box.pid and fits(found):  # and not another box that lives in this folder
                return found
        await asyncio.sleep(0.1)
    raise LanewatchError(trouble, hint=_last_words(config.parent))


@contextlib.asynccontextmanager
async def _child(name: str, *arguments: str, log: Path | None = None) -> AsyncGenerator[asyncio.subprocess.Process]:
    with (log or Path(os.devnull)).open("ab") as out:
        child = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, stdout=out, stderr=out if log else None, preexec_fn=die_with_parent
        )
    try:
        yield child
    finally:
        await end(child)
        if child.returncode not in (0, -signal.SIGTERM):
            _say(f"{name} ended with {child.returncode}")


def _last_words(folder: Path) -> str:
    """The end of the box's journal, for whoever has to find out why."""
    lines = (folder / "box.log").read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(["the last lines of its journal:", *lines[-5:]])


def _say(text: str) -> None:
    """Progress for the person at the terminal."""
    print(text, flush=True)


def _free_bind() -> str:
    """127.0.0.1:8080, or a free port where that one is taken."""
    for port in (8080, 0):
        with socket.socket() as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                door.bind(("127.0.0.1", port))
            except OSError:
                continue
            return f"127.0.0.1:{door.getsockname()[1]}"
    raise LanewatchError("no free port on 127.0.0.1")
