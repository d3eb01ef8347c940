"""What fills the disk, counted when somebody asks: every file under the box's own folder is looked at once.

That may take a while where there are many scans, so it is done on a thread, and by one at a time.
"""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from appliance.dashboard.house import House, answer
from appliance.dashboard.problems import Problem

PARTS = {
    "pictures": "originals",
    "clean": "clean",
    "rulebooks": "rulebooks",
    "reserve": "reserve",
    "lanewatch.db": "database",
    "lanewatch.db-wal": "database",
    "lanewatch.db-shm": "database",
}
"""What stands under `storage.root`, and what it is called; the rest is called so."""


@get("/api/v1/box/fill", opt={"scope": "administer"})
async def count(house: NamedDependency[House]) -> Response[bytes]:
    """How many bytes each part of the box's folder takes."""
    if house.counting.locked():
        raise Problem(503, "somebody has the same counted at this moment", headers={"Retry-After": "5"})
    async with house.counting:
        parts = await asyncio.to_thread(_count, house.store.root)
    return answer({"at": datetime.now(UTC).isoformat(), "parts": parts})


def _count(root: Path) -> list[dict[str, Any]]:
    found: dict[str, list[int]] = {name: [0, 0] for name in (*dict.fromkeys(PARTS.values()), "rest")}
    with os.scandir(root) as entries:
        for entry in entries:
            files, size = _below(entry.path) if entry.is_dir(follow_symlinks=False) else (1, _size(entry))
            part = found[PARTS.get(entry.name, "rest")]
            part[0] += files
            part[1] += size
    return [{"part": name, "files": files, "bytes": size} for name, (files, size) in found.items()]


def _below(folder: str) -> tuple[int, int]:
    """How many files, and how large together. What goes away meanwhile is not there."""
    files = size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.lstat(f"{place}/{name}").st_blocks * 512
            except FileNotFoundError:
                continue
            files += 1
    return files, size


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_blocks * 512
    except FileNotFoundError:
        return 0
