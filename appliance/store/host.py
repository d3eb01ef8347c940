"""What the store asks of the machine: a local disk and a SQLite without the known fault."""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path

from appliance.errors import StoreError

NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "beegfs", "gpfs", "gfs2"),
        *("ocfs2", "davfs", "vboxsf", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.davfs2", "fuse.rclone"),
        "fuse.s3fs",
    }
)
"""File systems on which SQLite's locks and syncs do not hold."""
SOUND_SQLITE = (3, 51, 3)
"""The first version without the WAL-reset fault, which needs a second writer to strike. We have one writer."""


def file_system_of(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """Name the type of the file system a folder lies on."""
    place, best, kind = os.path.realpath(folder), "", "unknown"
    for line in mounts.read_text(encoding="utf-8", errors="surrogateescape").split("\n"):
        parts = line.split(" ")
        if len(parts) < 3:  # noqa: PLR2004 - device, place, kind: the empty end of the file has none
            continue
        point = _spelled_out(parts[1])
        if (place == point or place.startswith(point.rstrip("/") + "/")) and len(point) >= len(best):
            best, kind = point, parts[2]
    return kind


def _spelled_out(place: str) -> str:
    """Read a mount point in which the kernel wrote blanks by their octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), place)


def refuse_network_folder(folder: Path) -> None:
    """Raise where the folder lies on a network share."""
    kind = file_system_of(folder)
    if kind in NETWORK:
        raise StoreError(f"{folder}: lies on a network share ({kind})", hint="storage.root needs a local disk")


def sqlite_warning() -> str | None:
    """Say what is wrong with the SQLite in use, if anything."""
    if sqlite3.sqlite_version_info >= SOUND_SQLITE:
        return None
    return (
        f"SQLite {sqlite3.sqlite_version} has the WAL-reset fault (fixed in 3.51.3); harmless while one process writes"
    )
