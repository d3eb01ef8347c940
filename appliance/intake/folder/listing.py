"""What stands in a folder, seen from outside, and the bytes of one file, taken safely.

Takes a folder that somebody else writes into; gives how each file looks, and
the content of a file that looked the same before and after it was read. Never
follows a link, never opens what is no regular file. What a look means is
decided elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field

from appliance.store.sightings import Look

DEEPEST = 32
"""Folders nested deeper than this are not entered."""
_MOST = 2**63 - 1


class ChangedError(Exception):
    """The file is no longer the one that was looked at. Look again."""


@dataclass(slots=True)
class Listing:
    """A whole tree at one moment. Paths are bytes, relative to the folder."""

    identity: tuple[int, int]
    """Device and inode of the folder itself: another one after it was mounted anew."""
    files: dict[bytes, Look] = field(default_factory=dict[bytes, Look])
    refused: int = 0
    """Links, devices, pipes and sockets."""
    unreadable: int = 0
    """Folders that could not be listed, or lie too deep."""


def walk(root: bytes) -> Listing:
    """List a tree. Raises OSError where the folder itself is not there or cannot be read."""
    info = os.stat(root)  # noqa: PTH116 - paths of any bytes, as in all of this module
    listing = Listing((info.st_dev, info.st_ino))
    with os.scandir(root) as entries:
        folders = list(_sort(entries, b"", listing))
    while folders:
        relative = folders.pop()
        if relative.count(b"/") >= DEEPEST:
            listing.unreadable += 1
            continue
        try:
            with _folder(root, relative) as handle, os.scandir(handle) as entries:
                folders.extend(_sort(entries, relative + b"/", listing))
        except FileNotFoundError:
            continue  # it went while we walked
        except OSError:
            listing.unreadable += 1
    return listing


def look_at(root: bytes, paths: Iterable[bytes]) -> dict[bytes, Look | None]:
    """Look at some files; None for what is gone, or no regular file."""
    return {path: _look(root, path) for path in paths}


def read(root: bytes, path: bytes, expected: Look) -> bytes:
    """Read a file that looks as expected, before and after; raise ChangedError or OSError where it cannot be."""
    with _parent(root, path) as (folder, name):
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        try:
            if look_from(os.fstat(handle)) != expected:
                raise ChangedError
            content = _all_of(handle, expected.size)
            if len(content) != expected.size or look_from(os.fstat(handle)) != expected:
                raise ChangedError
            return content
        finally:
            os.close(handle)


def look_from(info: os.stat_result) -> Look | None:
    """How a regular file looks; None for anything else."""
    if not stat.S_ISREG(info.st_mode):
        return None
    return Look(info.st_size, _kept(info.st_mtime_ns), _kept(info.st_ctime_ns), info.st_ino & _MOST)


def _kept(moment: int) -> int:
    """The store's numbers end earlier than those some file systems give."""
    return max(-_MOST, min(moment, _MOST))


def _sort(
    entries: Iterable[os.DirEntry[bytes]] | Iterable[os.DirEntry[str]], prefix: bytes, listing: Listing
) -> list[bytes]:
    """Note the files of one folder and give the folders in it."""
    folders: list[bytes] = []
    for entry in entries:
        name = os.fsencode(entry.name)
        if name.startswith(b"."):
            continue
        try:
            info = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        except OSError:
            listing.unreadable += 1
            continue
        if stat.S_ISDIR(info.st_mode):
            folders.append(prefix + name)
        elif look := look_from(info):
            listing.files[prefix + name] = look
        else:
            listing.refused += 1
    return folders


def _look(root: bytes, path: bytes) -> Look | None:
    try:
        return look_from(os.lstat(os.path.join(root, path)))  # noqa: PTH118
    except (FileNotFoundError, NotADirectoryError):
        return None


def _all_of(handle: int, size: int) -> bytes:
    """Read up to one byte more than the size, so that a file that grew is noticed."""
    parts: list[bytes] = []
    remaining = size + 1
    while remaining and (part := os.read(handle, min(remaining, 1 << 24))):
        parts.append(part)
        remaining -= len(part)
    return b"".join(parts)


@contextlib.contextmanager
def _parent(root: bytes, path: bytes) -> Generator[tuple[int, bytes]]:
    folder, _, name = path.rpartition(b"/")
    with _folder(root, folder) as handle:
        yield handle, name


@contextlib.contextmanager
def _folder(root: bytes, relative: bytes) -> Generator[int]:
    """Open a folder below the root step by step, so that no step can be a link."""
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for step in relative.split(b"/") if relative else ():
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            below = os.open(step, flags, dir_fd=handle)
            os.close(handle)
            handle = below
        yield handle
    finally:
        os.close(handle)
