"""Writing files so that a power cut finds the old or the new, never a part.

The one place that renames and syncs. Content first, then the name, then the
folder the name stands in.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
from pathlib import Path

_BESIDE = re.compile(r"\.[0-9a-f]{16}\.part")


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make a file that somebody else wrote durable, content and name."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder, and its name durable, with all parents that are missing."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o750, exist_ok=True)
    sync_folder(folder.parent)


class Draft:
    """Content on its way to a path: written, and with sync on the disk for good, but under no name yet."""

    def __init__(self, path: Path, content: bytes, *, sync: bool, mode: int = 0o640) -> None:
        self._path = path
        self._beside = path.with_name(f".{secrets.token_hex(8)}.part")
        self._sync = sync
        try:
            handle = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
            try:
                remaining = memoryview(content)
                while remaining:
                    remaining = remaining[os.write(handle, remaining) :]
                if sync:
                    os.fsync(handle)
            finally:
                os.close(handle)
        except BaseException:
            self.drop()
            raise

    def show(self, *, sync_name: bool = True) -> None:
        """Let it stand at its path, in the place of what stood there."""
        try:
            self._beside.rename(self._path)
        except BaseException:
            self.drop()
            raise
        if self._sync and sync_name:
            sync_folder(self._path.parent)

    def drop(self) -> None:
        """Forget it."""
        self._beside.unlink(missing_ok=True)


def durable_write(path: Path, content: bytes, *, sync: bool = True, sync_name: bool = True, mode: int = 0o640) -> None:
    """Put content at a path, whole and for good.

    With sync=False it is whole unless the power goes: for what can be made again.
    With sync_name=False the caller syncs the folder, once for many files.
    """
    Draft(path, content, sync=sync, mode=mode).show(sync_name=sync_name)


def show_new(beside: Path, path: Path) -> None:
    """Let a file or folder that was written and synced beside stand at a path where nothing stands yet."""
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, "stands there already", str(path))
    beside.rename(path)
    sync_folder(path.parent)


def sweep(folder: Path, before: float) -> int:
    """Remove the drafts of a process that was killed before this moment from a folder; gives how many."""
    found = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if not _BESIDE.fullmatch(entry.name) or not entry.is_file(follow_symlinks=False):
                continue
            if entry.stat(follow_symlinks=False).st_mtime < before:
                Path(entry.path).unlink(missing_ok=True)
                found += 1
    return found
