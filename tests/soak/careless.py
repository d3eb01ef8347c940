"""The negative controls: the same box without one of its syncs, which must then lose what it acknowledged.

Takes what is left out and the box's own command line, and runs it in this process:

    python -m tests.soak.careless commits python -m appliance run --config FILE
"""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

from appliance.__main__ import main
from appliance.store import opening
from appliance.store.database import Store


def without_synced_commits() -> None:
    """SQLite's own default for WAL: a commit returns before it is on the disk."""
    careful = opening.open_writer

    def careless(path: Path) -> sqlite3.Connection:
        connection = careful(path)
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    opening.open_writer = careless
    Store._sync_at_commit = lambda _self, _wanted: None


def without_synced_files() -> None:
    """Files and folders are never synced by us; SQLite goes on to sync its own."""
    os.fsync = lambda _: None


LEFT_OUT = {"commits": without_synced_commits, "files": without_synced_files}


if __name__ == "__main__":
    left_out, _python, _m, program, *arguments = sys.argv[1:]
    LEFT_OUT[left_out]()
    sys.argv = [program, *arguments]
    main()
