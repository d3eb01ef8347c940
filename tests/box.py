"""A whole box as its operators start it, for journeys, soaks and benches: real processes, real files, real sockets."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Self

import psutil

from appliance.commands.common import ask_daemon
from appliance.errors import LanewatchError

ROOT = Path(__file__).parents[1]
PATIENCE = 300.0
"""Seconds after which what does not come is taken for lost, however busy the machine is."""
HARDLY_ANY_DISK = "warn_free_percent: 0.02, stop_free_percent: 0.01"
"""How full the disk of whoever runs the tests is must not decide what they see."""


def free_port() -> int:
    """A port for somebody who opens it later: none of those that the system itself gives to whoever connects."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as door, contextlib.suppress(OSError):
            door.bind(("127.0.0.1", port))
            return port


class Box:
    """One box in a folder of its own."""

    def __init__(
        self, folder: Path, *, source: str = "", more: str = "", engine: str = "", state: Path | None = None
    ) -> None:
        self.folder = folder
        self.scanner = folder / "scanner"
        self.results = folder / "results"
        self.state = state or folder / "state"
        self.port = free_port()
        self.config = folder / "appliance.yaml"
        self.process: subprocess.Popen[bytes] | None = None
        for path in (self.scanner, self.results, self.state / "run"):
            path.mkdir(parents=True, exist_ok=True)
        self.config.write_text(
            "site: {name: test}\n"
            f"storage: {{root: {self.state}, {HARDLY_ANY_DISK}}}\n"
            "sources:\n"
            f"  - {{name: belt-1, kind: folder, path: {self.scanner}, rehearsal: true, settle_seconds: 0.3{source}}}\n"
            f"engine: {{socket: {folder}/engine.sock, backend: canned{engine}}}\n"
            f"results: {{path: {self.results}}}\n"
            f'dashboard: {{bind: "127.0.0.1:{self.port}"}}\n{more}'
        )

    def start(self, *, with_engine: bool = True, wait: bool = True, prefix: tuple[str, ...] = ()) -> Box:
        command = [*prefix, sys.executable, "-m", "appliance", "run", "--config", str(self.config)]
        log = (self.folder / "box.log").open("ab")
        self.process = subprocess.Popen(
            [*command, *(["--with-engine"] if with_engine else [])], cwd=ROOT, stdout=log, stderr=log
        )
        log.close()
        if wait:
            self.until(self.status, "the box answers")
            if with_engine:
                self.until(lambda: (self.status() or {}).get("ready"), "the engine is there")
        return self

    def status(self) -> dict[str, Any] | None:
        with contextlib.suppress(LanewatchError):
            return ask_daemon(self.config, "GET", "/control/status")
        return None

    def token(self, scopes: tuple[str, ...] = ("inspect", "read")) -> str:
        body = {"name": f"t{time.time_ns()}", "scopes": list(scopes)}
        return ask_daemon(self.config, "POST", "/control/tokens", body)["token"]

    def family(self) -> list[psutil.Process]:
        """The daemon and everything it started: engine, decoder."""
        if self.process is None or self.process.poll() is not None:
            return []
        with contextlib.suppress(psutil.Error):
            daemon = psutil.Process(self.process.pid)
            return [daemon, *daemon.children(recursive=True)]
        return []

    def engine(self) -> psutil.Process:
        """The engine's process, once it is there."""
        found: list[psutil.Process] = []

        def look() -> bool:
            for one in self.family():
                with contextlib.suppress(psutil.Error):  # it may be ending
                    if "serve" in one.cmdline():
                        found.append(one)
            return bool(found)

        self.until(look, "an engine runs")
        return found[0]

    def stop(self) -> int:
        """End it as systemd would; the exit code."""
        assert self.process is not None
        family = self.family()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=PATIENCE)
        psutil.wait_procs(family, timeout=PATIENCE)
        return code

    def kill(self) -> None:
        """End everything at once, as a pulled plug does."""
        for one in self.family():
            with contextlib.suppress(psutil.Error):
                one.kill()
        if self.process:
            self.process.wait(timeout=PATIENCE)

    @contextlib.contextmanager
    def db(self) -> Generator[sqlite3.Connection]:
        connection = sqlite3.connect(f"file:{self.state / 'lanewatch.db'}?mode=ro", uri=True, timeout=20)
        connection.row_factory = sqlite3.Row
        try:
            yield connection
        finally:
            connection.close()

    def ask(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self.db() as db:
            return db.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> Any:
        return self.ask(sql, *values)[0][0]

    def drop(self, name: str, content: bytes, sidecar: dict[str, Any] | None = None) -> Path:
        """Put a picture into the scanner's folder the way a good scanner does: write aside, then rename."""
        path = self.scanner / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if sidecar is not None:
            beside = path.with_suffix(".json.part")
            beside.write_text(json.dumps(sidecar))
            beside.rename(path.with_suffix(".json"))
        part = path.with_name(path.name + ".part")
        part.write_bytes(content)
        part.rename(path)
        return path

    def verdict(self, scan_id: str) -> dict[str, Any]:
        """Wait for a verdict document in the results folder."""
        path = self.results / f"{scan_id}.json"
        self.until(path.exists, f"{path.name} appears")
        return json.loads(path.read_bytes())

    def until(self, holds: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
        """Wait, generously, and say what did not come."""
        deadline = time.monotonic() + patience
        while not holds():
            if time.monotonic() > deadline or (self.process is not None and self.process.poll() is not None):
                raise AssertionError(f"not seen: {what}\n{self.status()}\n{self.last_words()}")
            time.sleep(0.02)

    def log(self) -> str:
        return (self.folder / "box.log").read_text()

    def last_words(self) -> str:
        """The end of its log, without the requests of the very waiting."""
        path = self.folder / "box.log"
        lines = path.read_text().splitlines() if path.exists() else []
        return "\n".join([line for line in lines if '"/control/status"' not in line][-30:])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
