"""The first start: nobody is known yet, so a code is made that lets the first administrator in.

Takes the store, leaves the code in the journal and in a file that only the box's own user can read. There is no
default password.
"""

from __future__ import annotations

import os
import sqlite3

from appliance.durable import make_folder
from appliance.journal import journal
from appliance.store import officers
from appliance.store.database import Store

CODE = "setup-code"
_log = journal("dashboard")


async def invite_first(store: Store) -> None:
    """Make a new code at each start until somebody has used one; then take the file away."""
    path = store.root / "run" / CODE
    make_folder(path.parent)
    path.unlink(missing_ok=True)
    code = await store.write(_invite)
    if code is None:
        return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{code}\n")
    _log.warning("nobody is known yet: the first administrator comes in by this code", code=code, file=str(path))


def take_away(store: Store) -> None:
    """The code was used: its file tells nobody anything any more."""
    (store.root / "run" / CODE).unlink(missing_ok=True)


def _invite(db: sqlite3.Connection) -> str | None:
    if any(each.role == "administrator" for each in officers.listing(db)):
        return None
    return officers.invite(db, None, "setup", "(first start)")
