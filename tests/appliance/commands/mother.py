"""Runs the command line again and again without paying for its imports each time.

A process that has imported the commands, and forks a child of its own for each of them: with the arguments,
surroundings and outputs it was given, as from a shell. Takes jobs over a socket, tells how each ended. That the real
start of the program works, and how little it loads, is seen elsewhere.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import pkgutil
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import appliance.commands
from appliance.__main__ import main

ROOT = Path(__file__).parents[3]
USED = ("config", "lookback.pack", "lookback.replay", "rulebooks", "rules.judge", "store.database")
"""What commands import only when they run."""


class Mother:
    """The other end: asks for one command at a time."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", __name__, str(theirs.fileno())]
        self._process = subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()], stdout=subprocess.DEVNULL)
        theirs.close()
        self._line = ours
        atexit.register(self.close)

    def close(self) -> None:
        self._line.close()
        self._process.kill()
        self._process.wait()

    def run(self, words: Sequence[str], environment: dict[str, str]) -> tuple[int, str, str]:
        """Its exit code, and what it printed to either side."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            job = json.dumps({"words": list(words), "environment": environment}).encode()
            socket.send_fds(self._line, [job], [out.fileno(), err.fileno()])
            code = json.loads(self._line.recv(100))
            said = []
            for file in (out, err):
                file.seek(0)
                said.append(file.read().decode())
        return code, said[0], said[1]


def serve(line: socket.socket) -> None:
    """Work until nobody asks any more."""
    for module in pkgutil.iter_modules(appliance.commands.__path__):
        importlib.import_module(f"appliance.commands.{module.name}")
    for name in USED:
        importlib.import_module(f"appliance.{name}")
    while True:
        message, outputs, _, _ = socket.recv_fds(line, 1 << 20, 2)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            _live(json.loads(message), outputs)
        for handle in outputs:
            os.close(handle)
        _, status = os.waitpid(pid, 0)
        line.send(json.dumps(os.waitstatus_to_exitcode(status)).encode())


def _live(job: dict[str, Any], outputs: list[int]) -> NoReturn:
    code: object = 1
    try:
        for ours, theirs in enumerate(outputs, start=1):
            os.dup2(theirs, ours)
        os.environ.clear()
        os.environ.update(job["environment"])
        sys.argv = ["lanewatch", *job["words"]]
        main()
    except SystemExit as end:
        code = end.code
    finally:  # nothing of what its mother had open is to be ended here
        if sys.exc_info()[0]:
            traceback.print_exc()
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
