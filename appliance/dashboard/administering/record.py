"""The box's record for its auditors: do both chains hold, and one scan with everything that proves what was said of it.

Read-only, but that whoever takes evidence out of the box is written down, as is everything else people do.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Stream

from appliance.dashboard.asked import MAX_ID, number, parameters
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.problems import Problem
from appliance.durable import make_folder
from appliance.lookback import known, pack
from appliance.lookback.known import Known
from appliance.store import deeds

PIECE = 1 << 18


class Packed(NamedTuple):
    """A pack as one zip that is open and stands under no name any more."""

    name: str
    archive: BinaryIO
    size: int
    digest: str
    manifest: str
    missing: tuple[str, ...]
    wrong: tuple[str, ...]


@get("/api/v1/record/chains", opt={"scope": "audit"})
async def tell_chains(house: NamedDependency[House]) -> Response[bytes]:
    """What the last walk over both chains found, and whether one is under way."""
    return answer(house.chains.told())


@post("/api/v1/record/chains", opt={"scope": "audit", "person": True}, status_code=202)
async def walk_chains(house: NamedDependency[House]) -> Response[bytes]:
    """Begin a walk over both chains, unless one is under way; what it finds is told by GET."""
    house.chains.begin()
    return answer(house.chains.told(), 202)


@get("/api/v1/record/evidence", opt={"scope": "audit"})
async def take_evidence(request: Asked, house: NamedDependency[House]) -> Response[bytes] | Stream:
    """The pack that `lanewatch scans export --evidence` writes, as its zip. One is written at a time."""
    given = parameters(request, ("scan_id", "revision"))
    scan_id, revision = given.get("scan_id", ""), number(given, "revision", 1, MAX_ID)
    if not scan_id:
        raise Problem(400, "scan_id: which scan?", parameter="scan_id")
    found = await house.store.read(lambda db: known.read(db, scan_id, revision))
    if found is None:
        raise Problem(404, f"no such scan: {scan_id[:200]!r}", hint="names are told apart by every letter")
    if house.packing.locked():
        raise Problem(503, "another pack is being written at this moment", headers={"Retry-After": "5"})
    async with house.packing:
        packed = await asyncio.to_thread(_pack, found, house.store.root)
    about = f"{found.scan['scan_id']} r{found.scan['revision']}"
    at, who = datetime.now(UTC).isoformat(), request.auth.name
    await house.store.write(lambda db: deeds.record(db, at, who, "evidence taken", about, zip=packed.digest))
    headers = {
        "Content-Disposition": f'attachment; filename="{_plain(packed.name)}"',
        "Content-Length": str(packed.size),
        "X-Lanewatch-Zip": packed.digest,
        "X-Lanewatch-Manifest": packed.manifest,
        "X-Lanewatch-Missing": str(len(packed.missing)),
        "X-Lanewatch-Wrong": str(len(packed.wrong)),
    }
    return Stream(_pieces(packed.archive), media_type="application/zip", headers=headers)


def _pack(found: Known, root: Path) -> Packed:
    """Write the pack aside, and leave nothing of it behind but the open zip."""
    make_folder(root / "run")
    into = Path(tempfile.mkdtemp(prefix="evidence-", dir=root / "run"))
    try:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        written = pack.write(found, root, into, at)
        archive = written.archive.open("rb")
        size = written.archive.stat().st_size
    finally:
        shutil.rmtree(into, ignore_errors=True)
    digest = hashlib.file_digest(archive, "sha256").hexdigest()
    archive.seek(0)
    return Packed(written.archive.name, archive, size, digest, written.manifest, written.missing, written.wrong)


async def _pieces(archive: BinaryIO) -> AsyncGenerator[bytes]:
    with archive:
        while piece := await asyncio.to_thread(archive.read, PIECE):
            yield piece


def _plain(name: str) -> str:
    """A name that fits into a header whatever the scan is called; the zip's own folder bears the real one."""
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_.~") else "_" for sign in name)
