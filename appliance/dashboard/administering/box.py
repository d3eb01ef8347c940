"""The box in one look, for its administrator: only what the rooms know already, and null for what nobody knows.

Nothing can be changed here. What a source brought last is asked of the store, so that a restart forgets none of it.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from appliance.dashboard.house import House, answer
from appliance.store import rulebooks

FILES = ("lanewatch.db", "lanewatch.db-wal")
"""The database, and its log."""


@get("/api/v1/box", opt={"scope": "administer"})
async def look(house: NamedDependency[House]) -> Response[bytes]:
    """How the box is at this moment."""
    return answer(await asyncio.to_thread(_look, house))


def _look(house: House) -> dict[str, Any]:
    status, root = house.health.status(), house.store.root
    with house.store.reader() as db:
        activation = rulebooks.in_force(db)
        sources = {name: {**counts, "last_scan": _last_of(db, name)} for name, counts in status["sources"].items()}
    usage = shutil.disk_usage(root)
    found = house.chains.told()["found"]
    return {
        "at": datetime.now(UTC).isoformat(),
        "state": {key: status[key] for key in ("ready", "reasons", "warnings", "waiting", "owed")},
        "sources": sources,
        "engine": status["engine"],
        "gpus": status["gpus"],
        "rulebook": {**status["rulebook"], "in_force": activation._asdict() if activation else None},
        "centre": None,
        "disk": {**status["disk"], "root": str(root), "total_bytes": usage.total, "free_bytes": usage.free},
        "store": {
            "bytes": sum(_size(root / name) for name in FILES),
            "checked_at": house.store.opened_at,
            "chains": {"ok": found["ok"], "at": found["ended_at"]} if found else None,
        },
        "backup": None,
        "version": status["version"],
    }


def _last_of(db: sqlite3.Connection, source: str) -> dict[str, Any] | None:
    row = db.execute(
        "SELECT scan_id, revision, received_at FROM scan WHERE source = ? ORDER BY id DESC LIMIT 1", (source,)
    ).fetchone()
    return dict(row) if row else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
