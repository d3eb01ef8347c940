"""Where supervisors try rules out: one text is checked at a time, and at most one backtest runs.

Takes what a backtest is asked, gives how far it is and its bill. It runs in a process of its own that stands behind
everything else and ends at once when it is cancelled, or when the box ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from appliance.dashboard.problems import Problem
from appliance.journal import journal

COMMAND = (sys.executable, "-m", "appliance.dashboard.supervising.judging")
LONGEST_LINE = 16_000_000
"""Bytes of a bill."""
_log = journal("backtest")


class Begun(NamedTuple):
    """What is judged again, and for whom."""

    rulebook: str
    digest: str
    level: str
    days: int
    by: str
    began_at: str


class Bench:
    """At most one backtest, and the bill of the last one."""

    def __init__(self) -> None:
        self.checking = asyncio.Lock()
        """One text is read at a time: each takes seconds of a core."""
        self._begun: Begun | None = None
        self._state = "none"
        self._now: dict[str, Any] = {}
        self._task: asyncio.Task[None] | None = None

    def told(self) -> dict[str, Any]:
        """How it stands: none, running, done, failed or cancelled; how far, and the bill."""
        return {"state": self._state, **(self._begun._asdict() if self._begun else {}), **self._now}

    @property
    def runs(self) -> bool:
        return self._state == "running"

    def begin(self, begun: Begun, asked: bytes) -> None:
        """Begin one, unless one runs."""
        self.free()
        self._begun, self._state, self._now = begun, "running", {"done": 0, "of": 0}
        self._task = asyncio.create_task(self._run(asked))

    def free(self) -> None:
        """Refuse where one runs."""
        if self.runs and self._begun:
            raise Problem(409, f"a backtest is running, begun by {self._begun.by}", hint="wait for it, or cancel it")

    async def cancel(self) -> None:
        """End it now; nothing is kept of it."""
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self, asked: bytes) -> None:
        state, more = "cancelled", {}
        try:
            more = await self._follow(asked)
            state = "done" if "bill" in more else "failed"
        except OSError as problem:
            state, more = "failed", {"problem": f"it could not be started: {problem.strerror}"}
        finally:
            self._state = state
            self._now = {**self._now, **more, "ended_at": datetime.now(UTC).isoformat()}
            _log.info("backtest ended", state=state, problem=more.get("problem"))

    async def _follow(self, asked: bytes) -> dict[str, Any]:
        """Run it and listen; gives its last word."""
        child = await asyncio.create_subprocess_exec(
            *COMMAND,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
            start_new_session=True,
        )
        to_it, from_it = cast("asyncio.StreamWriter", child.stdin), cast("asyncio.StreamReader", child.stdout)
        try:
            to_it.write(asked + b"\n")  # and stays open: it ends when nobody holds the other end any more
            async for line in from_it:
                said = json.loads(line)
                if "done" not in said:
                    return said
                self._now = said
        except (ValueError, OSError):
            return {"problem": "it said something that is no answer"}
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
        return {"problem": "it ended without an answer; the journal has why"}
