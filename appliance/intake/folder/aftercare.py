"""What becomes of the source files once the verdict of their scan is stored.

Takes scans all of whose files were taken, asks the store whether there is a
verdict, and only then archives or deletes the files that still look as they
did when they were taken. Blocks on the folder and the archive: use a thread.
"""

from __future__ import annotations

import filecmp
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from appliance.durable import make_folder, sync_file, sync_folder
from appliance.intake.folder.listing import look_at
from appliance.intake.folder.names import as_text
from appliance.intake.folder.settle import Gathered
from appliance.names import as_file_name
from appliance.settings import FolderSource
from appliance.store import sightings
from appliance.store.database import Store
from appliance.store.sightings import Look


class Finished(NamedTuple):
    """The files of one scan, all taken."""

    pictures: tuple[tuple[bytes, Look], ...]
    others: tuple[tuple[bytes, Look], ...]
    """Its sidecars and done-markers, which go when the pictures went."""


def finished(group: Gathered) -> Finished | None:
    """Give the files of a scan if none of them is news."""
    if not group.pictures or any(file.news for file in (*group.pictures.values(), *group.sidecars.values())):
        return None
    others = (*group.sidecars.values(), *group.markers.values())
    return Finished(
        tuple((path, file.look) for path, file in group.pictures.items()),
        tuple((file.place.path, file.look) for file in others),
    )


class Tidied(NamedTuple):
    """What went, and what did not work."""

    gone: tuple[bytes, ...]
    problem: str


class Aftercare:
    """Tidies one folder."""

    def __init__(self, settings: FolderSource, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._root = os.fsencode(settings.path)

    def tidy(self, scans: Iterable[Finished]) -> Tidied:
        """Remove what may go. What cannot be removed stays, is named, and costs the others nothing."""
        gone: list[bytes] = []
        problem = ""
        with self._store.reader() as db:
            for scan in scans:
                names = [sightings.judged_as(db, self._settings.name, path, look) for path, look in scan.pictures]
                if None in names:
                    continue
                try:
                    for path in self._remove(scan, names[0] or ""):
                        gone.append(path)  # noqa: PERF402 - what went before a failure is gone all the same
                except OSError as error:
                    problem = f"cannot {self._settings.after} {as_text(scan.pictures[0][0])}: {error.strerror}"
        return Tidied(tuple(gone), problem)

    def _remove(self, scan: Finished, name: str) -> Iterator[bytes]:
        for path, look in (*scan.pictures, *scan.others):
            if look_at(self._root, [path])[path] != look:
                return  # it changed a moment ago: news, and the rest stays with it
            source = self._settings.path / os.fsdecode(path)
            if self._settings.archive and self._settings.after == "archive":
                _archive(source, self._settings.archive / as_file_name(name))
            source.unlink(missing_ok=True)
            yield path


def _archive(source: Path, folder: Path) -> None:
    """Put a second name for a file, or a copy, into the archive for good; nothing there is ever replaced."""
    make_folder(folder)
    target = folder / source.name
    number = 1
    while os.path.lexists(target) and not _same(source, target):
        number += 1
        target = folder / f"{source.stem}~{number}{source.suffix}"
    if os.path.lexists(target):
        return  # put there before a stop
    try:
        os.link(source, target, follow_symlinks=False)  # a rename would hold up the folder's other events
    except OSError:
        _copy(source, target)  # another file system, or one without hard links
        return
    sync_folder(folder)


def _same(source: Path, target: Path) -> bool:
    return not target.is_symlink() and (source.samefile(target) or filecmp.cmp(source, target, shallow=False))


def _copy(source: Path, target: Path) -> None:
    beside = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(handle, "rb") as reading, beside.open("wb") as writing:  # noqa: PTH123 - an open file, not a path
            shutil.copyfileobj(reading, writing)
        sync_file(beside)
        beside.rename(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)
