"""A box with senders before it and somebody who starts it again whenever it ends, as systemd would.

Takes a place for its state; gives figures at the end. An ending that is not a
foreseen one, told in one line, is an AssertionError.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any, Self

from tests.box import PATIENCE, Box, free_port
from tests.soak.account import account, at_rest
from tests.soak.senders import Senders


class AttendedBox:
    """One box, its senders, its endings."""

    def __init__(self, home: Path, state: Path, seed: int, *, with_engine: bool = True, **settings: object) -> None:
        self.with_engine = with_engine
        self.dice = random.Random(seed)
        self.endpoint = f"tcp://127.0.0.1:{free_port()}"
        self.box = Box(
            home / "box",
            state=state,
            source=", deadline_seconds: 100000}\n"
            f"  - {{name: feed-1, kind: zeromq, bind: '{self.endpoint}', curve: false, rehearsal: true,"
            " deadline_seconds: 100000",
        )
        chosen = {"STORAGE__RESERVE_MEGABYTES": 4} | settings
        self.prefix = ("env", *(f"LANEWATCH_{name}={value}" for name, value in chosen.items()))
        self.senders = Senders(4, seed)
        self.endings: Counter[str] = Counter()
        self._read = 0

    def __enter__(self) -> Self:
        self.start()
        self.senders.start(self.endpoint)
        self.until_it_takes()
        return self

    def __exit__(self, *_: object) -> None:
        self.senders.stop(give_up=True)
        self.box.kill()

    def start(self, *prefix: str) -> None:
        self._read = len(self.box.log()) if (self.box.folder / "box.log").exists() else 0
        self.box.start(with_engine=self.with_engine, wait=False, prefix=(*self.prefix, *prefix))

    def stop(self) -> None:
        assert self.box.stop() == 0, self.box.log()[-3000:]
        self.box.process = None

    def kill(self) -> None:
        self.box.kill()
        self.box.process = None

    def is_down(self) -> bool:
        """Whether the box does not run."""
        process = self.box.process
        if process is None:
            return True
        if process.poll() is None:
            return False
        said = self.box.log()[self._read :]
        assert process.returncode == 1, f"ended with {process.returncode}\n{said[-3000:]}"
        assert "Traceback" not in said, f"a traceback\n{said[-6000:]}"
        assert '"exception"' not in said, f"a traceback\n{said[-6000:]}"
        last = [line for line in said.splitlines() if '"event": "ended"' in line and '"room": "daemon"' in line]
        assert last, f"ended without a word\n{said[-3000:]}"
        self.endings[json.loads(last[-1])["problem"].replace(str(self.box.state), "STATE")[:120]] += 1
        self.box.process = None
        return True

    def keep_up(self) -> None:
        if self.is_down():
            self.start()

    def until_it_takes(self, more: int = 2) -> None:
        """Wait until so many more scans are acknowledged."""
        enough = self.senders.count + more
        deadline = time.monotonic() + PATIENCE
        while self.senders.count < enough:
            assert time.monotonic() < deadline, f"takes nothing any more\n{self.box.log()[-3000:]}"
            self.keep_up()
            time.sleep(0.02)

    def finish(self) -> dict[str, Any]:
        """Let it come to rest, end it, and look at what it has kept."""
        self.senders.stop()
        deadline = time.monotonic() + PATIENCE
        while self.senders.running or not at_rest(self.box):
            assert time.monotonic() < deadline, f"does not come to rest\n{self.box.log()[-3000:]}"
            self.keep_up()
            time.sleep(0.1)
        self.stop()
        return {
            **account(self.box, self.senders.acknowledged),
            "endings": dict(self.endings),
            "refusals": dict(self.senders.refusals),
            "tracebacks": self.box.log().count("Traceback") + self.box.log().count('"exception"'),
        }
