"""What is on a folder's ground now, file by file and scan by scan.

Takes looks as they come in from listings and hints, in any order, and keeps the
newest. A memory only: after a restart it is built again from the folder and the
store's sightings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from appliance.intake.folder.grouping import Kind, Sorter
from appliance.intake.folder.settle import File, Gathered
from appliance.store.sightings import Look


@dataclass(frozen=True, slots=True)
class Difference:
    """What a listing shows that was not known."""

    changed: dict[bytes, Look]
    gone: tuple[bytes, ...]
    ignored: int
    """Files that are no business of ours."""


def compare(listed: Mapping[bytes, Look], known: Mapping[bytes, Look], sorter: Sorter) -> Difference:
    """Hold a listing against what is known. Can run on another thread."""
    changed: dict[bytes, Look] = {}
    ours = 0
    for path, look in listed.items():
        before = known.get(path)
        if before is None and sorter.place(path) is None:
            continue
        ours += 1
        if before != look:
            changed[path] = look
    return Difference(changed, tuple(path for path in known if path not in listed), len(listed) - ours)


class Gathering:
    """Files by path, and the scans they make up."""

    def __init__(self, sorter: Sorter) -> None:
        self._sorter = sorter
        self._files: dict[bytes, File] = {}
        self._scans: dict[bytes, Gathered] = {}

    def looks(self) -> dict[bytes, Look]:
        return {path: file.look for path, file in self._files.items()}

    def file(self, path: bytes) -> File | None:
        return self._files.get(path)

    def scan(self, key: bytes) -> Gathered | None:
        return self._scans.get(key)

    def scans(self) -> tuple[Gathered, ...]:
        return tuple(self._scans.values())

    def unknown(self, paths: Iterable[bytes]) -> tuple[bytes, ...]:
        return tuple(path for path in paths if path not in self._files)

    def see(
        self, path: bytes, look: Look, looked: float, now: float, *, finished: bool = False, taken: Look | None = None
    ) -> bytes | None:
        """Note how a file looked; gives its scan, or None where it is no business of ours.

        A look from before the last one is left out. `taken` is how the store
        remembers the file, and counts when it is seen for the first time.
        """
        file = self._files.get(path)
        if file is None:
            file = self._add(path, look, now, taken)
            if file is None:
                return None
        elif looked < file.looked:
            return file.place.scan
        elif look != file.look:
            file.look, file.since, file.told = look, now, None
        file.looked = looked
        if finished and file.told is None:
            file.told = now
        return file.place.scan

    def _add(self, path: bytes, look: Look, now: float, taken: Look | None) -> File | None:
        place = self._sorter.place(path)
        if place is None:
            return None
        file = self._files[path] = File(place, look, now, taken=taken)
        scan = self._scans.setdefault(place.scan, Gathered(place.scan))
        _shelf(scan, file)[place.base or path] = file
        return file

    def lose(self, path: bytes, looked: float) -> bytes | None:
        """Forget a file that is gone; gives its scan."""
        file = self._files.get(path)
        if file is None or looked < file.looked:
            return None
        del self._files[path]
        scan = self._scans[file.place.scan]
        del _shelf(scan, file)[file.place.base or path]
        if scan.empty():
            del self._scans[file.place.scan]
        return file.place.scan

    def took(self, files: Iterable[tuple[bytes, Look]]) -> None:
        """Note files as taken, looking like this."""
        for path, look in files:
            if file := self._files.get(path):
                file.taken = look


def _shelf(scan: Gathered, file: File) -> dict[bytes, File]:
    match file.place.kind:
        case Kind.PICTURE:
            return scan.pictures
        case Kind.SIDECAR:
            return scan.sidecars
        case Kind.MARKER:
            return scan.markers
