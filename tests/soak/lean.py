"""The box with next to no cache of its database, so that its memory is as large after many scans as after few.

The writer keeps pages up to a limit that only a long soak reaches, whatever comes in. Takes the box's own command
line, and runs it in this process:

    python -m tests.soak.lean python -m appliance run --config FILE
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

from appliance.__main__ import main
from appliance.store import opening

CACHE_KILOBYTES = 1024


def keep_little() -> None:
    """From now on a writer opens with a small cache."""
    usual = opening.open_writer

    def lean(path: Path) -> sqlite3.Connection:
        connection = usual(path)
        connection.execute(f"PRAGMA cache_size = -{CACHE_KILOBYTES}")
        return connection

    opening.open_writer = lean


if __name__ == "__main__":
    _python, _m, program, *arguments = sys.argv[1:]
    keep_little()
    sys.argv = [program, *arguments]
    main()
