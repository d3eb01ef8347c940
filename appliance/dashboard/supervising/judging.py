"""`python -m appliance.dashboard.supervising.judging`: the process in which a backtest of the desk runs.

Takes what is asked as one line of JSON, gives lines: how far it is, then the bill. It stands behind everything else
that runs on the box, and ends with all its helpers when whoever asked is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from appliance.errors import LanewatchError
from appliance.lookback.backtest import Asked, backtest
from appliance.lookback.page import sentences
from models.answer import Value

GENTLE = 10
"""How far it stands back for others, as `nice` counts; the command at the terminal does not."""


class Wanted(Value):
    """What is asked."""

    database: Path
    asked: Asked


def main() -> None:
    """Judge again what was judged, and say what it comes to."""
    with contextlib.suppress(OSError):
        os.nice(GENTLE)
    wanted = Wanted.model_validate_json(sys.stdin.readline())
    threading.Thread(target=_end_with_who_asked, daemon=True).start()
    try:
        bill = backtest(wanted.database, wanted.asked, lambda done, of: _say(done=done, of=of))
    except LanewatchError as problem:
        _say(problem=str(problem))
    else:
        _say(bill=bill.model_dump(mode="json"), words=list(sentences(bill)))


def _say(**words: Any) -> None:
    sys.stdout.write(json.dumps(words, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _end_with_who_asked() -> None:
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
