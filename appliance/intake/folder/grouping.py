"""Which file belongs to which scan, and as what: picture, sidecar or done-marker.

Takes the settings of a folder and a path, gives the file's place. Pure: what
the file looks like and whether it is finished are not known here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from appliance.intake.folder.names import as_text
from appliance.settings import FolderSource

TEMPORARY = (".part", ".tmp", ".partial", ".crdownload", ".filepart")
"""Endings under which a writer keeps what is not finished."""
ONLY_VIEW = "view"
"""The view's name where a file's name does not tell one."""
PLANES = ("high", "low")
"""The two energies of a view that comes as two files."""


class Kind(Enum):
    """What a file is to its scan."""

    PICTURE = "picture"
    SIDECAR = "sidecar"
    MARKER = "marker"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file stands in its source."""

    path: bytes
    kind: Kind
    scan: bytes
    """Folder and name of the scan, the same for all its files."""
    view: str = ONLY_VIEW
    plane: str | None = None
    told: bool = False
    """True where the file's own name said which view it is."""
    base: bytes = b""
    """For a marker: the path without its ending, of what it says is finished."""


@dataclass(frozen=True, slots=True)
class Part:
    """One picture file in its scan, under a view's name no other file of the scan has with the same plane."""

    path: bytes
    view: str
    plane: str | None


class Sorter:
    """Sorts the files of one source."""

    def __init__(self, settings: FolderSource) -> None:
        self._extensions = frozenset(extension.lower().encode() for extension in settings.extensions)
        self._sidecars = frozenset([b".json", b".xml"] if settings.sidecar_xml else [b".json"])
        self._marker = settings.done_suffix.encode() if settings.done_suffix else None
        self._views = re.compile(settings.views) if settings.views else None

    def place(self, path: bytes) -> Place | None:
        """Say where a file belongs; None if it is no business of ours."""
        name = path.rpartition(b"/")[2]
        if any(step.startswith(b".") for step in path.split(b"/")):
            return None
        if self._marker and name.endswith(self._marker) and len(name) > len(self._marker):
            base = path[: -len(self._marker)]
            return Place(path, Kind.MARKER, self._scan_of(self._stem(base))[0], base=base)
        stem, extension = _split(path)
        extension = extension.lower()
        if extension.decode("latin-1") in TEMPORARY:
            return None
        if extension in self._extensions:
            scan, match = self._scan_of(stem)
            found: dict[str, str | None] = match.groupdict() if match else {}
            view = _clean(found.get("view")) or ONLY_VIEW
            return Place(path, Kind.PICTURE, scan, view, _plane(found.get("plane")), told=match is not None)
        if extension in self._sidecars:
            return Place(path, Kind.SIDECAR, self._scan_of(stem)[0])
        return None

    def sidecars_of(self, path: bytes, scan: bytes) -> tuple[bytes, ...]:
        """Where a picture's sidecar would stand."""
        stems = dict.fromkeys((scan, _split(path)[0]))
        return tuple(stem + extension for stem in stems for extension in sorted(self._sidecars))

    def _stem(self, base: bytes) -> bytes:
        """A marker may stand for scan-1.png as well as for scan-1."""
        stem, extension = _split(base)
        return stem if extension.lower() in self._extensions - {b""} else base

    def _scan_of(self, stem: bytes) -> tuple[bytes, re.Match[str] | None]:
        """The scan a stem belongs to. A stem that tells no scan is one by itself."""
        folder, slash, name = stem.rpartition(b"/")
        match = self._views.fullmatch(os.fsdecode(name)) if self._views else None
        scan = match["scan"] if match else None
        if not match or not scan:
            return stem, None
        return folder + slash + os.fsencode(scan), match


def parts(places: Iterable[Place]) -> tuple[Part, ...]:
    """Put the pictures of one scan in order and give each a view's name of its own."""
    taken: set[tuple[str, str | None]] = set()
    found: list[Part] = []
    for place in sorted(places, key=lambda place: (place.view, place.plane or "", place.path)):
        view, number = place.view, 1
        while (view, place.plane) in taken:
            number += 1
            view = f"{place.view}~{number}"
        taken.add((view, place.plane))
        found.append(Part(place.path, view, place.plane))
    return tuple(sorted(found, key=lambda part: (part.view, part.plane or "", part.path)))


def missing(places: Iterable[Place], expected: int, views: str | None) -> tuple[str, ...]:
    """Say what a scan still lacks; nothing when it is whole. `views` is the pattern by which file names tell views."""
    planes: dict[str, set[str | None]] = {}
    strange: list[str] = []
    for place in places:
        if place.told or views is None:
            planes.setdefault(place.view, set()).add(place.plane)
        else:
            strange.append(as_text(place.path))
    if strange and not planes:
        return tuple(f"{name} does not fit the pattern of views: {views}" for name in strange)
    lacks = [f"{expected - len(planes)} of {expected} views"] if len(planes) < expected else []
    for view, found in sorted(planes.items()):
        if found != {None}:
            lacks.extend(f"{plane} energy of {view}" for plane in PLANES if plane not in found)
    return tuple(lacks)


def _split(path: bytes) -> tuple[bytes, bytes]:
    return os.path.splitext(path)  # noqa: PTH122 - a path of any bytes


def _clean(text: str | None) -> str | None:
    return as_text(os.fsencode(text))[:100] if text else None


def _plane(text: str | None) -> str | None:
    """Vendors say high, HE, hi, h; or low, LE, lo, l."""
    if not text:
        return None
    return next((plane for plane in PLANES if text.lower().startswith(plane[0])), _clean(text))
