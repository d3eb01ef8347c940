"""Read the files of one scan and make a delivery of them.

Takes what was decided to be taken, gives a `Delivery` with all bytes and the
looks to remember. Blocks on the folder: call it on a thread. A sidecar that is
broken never holds back its pictures; one still being written does, for a while.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from appliance.intake.folder import listing
from appliance.intake.folder.grouping import Part, parts
from appliance.intake.folder.mapping import parse_xml
from appliance.intake.folder.names import as_name, as_slot, as_text
from appliance.intake.folder.settle import Take
from appliance.ports import DeliveredFile, Delivery
from appliance.scan import Sheet
from appliance.settings import FolderSource
from appliance.sheet import MAX_BYTES, parse_object, sheet_from, unreadable
from appliance.store.sightings import Look

MOST_FILES = 16
"""More pictures than this are not read for one scan."""


class NotYetError(Exception):
    """The sidecar is still being written."""

    def __init__(self, until: float) -> None:
        super().__init__(f"not before {until}")
        self.until = until


@dataclass(frozen=True, slots=True)
class Load:
    """A delivery, and how its files looked."""

    delivery: Delivery
    taken: tuple[tuple[bytes, Look], ...]


def load(root: bytes, take: Take, settings: FolderSource, now: float, received_at: datetime) -> Load:
    """Read everything; raises NotYetError, listing.ChangedError or OSError where it cannot be done now."""
    sheet, sheets = _sheet(root, take, settings, now)
    looks = {place.path: look for place, look in take.pictures}
    files: list[DeliveredFile] = []
    missing = list(take.missing)
    for number, part in enumerate(parts(place for place, _ in take.pictures)):
        look = looks[part.path]
        reason = _reason_against(look, number, settings)
        if reason:
            missing.append(f"{as_text(part.path)}: {reason}")
        content = _note(part, look, reason) if reason else listing.read(root, part.path, look)
        files.append(DeliveredFile(part.view, content, part.plane))
    delivery = Delivery(
        source=settings.name,
        slot=as_slot(settings.name, take.scan),
        name=sheet.scan_id or as_name(take.scan.rpartition(b"/")[2]),
        files=tuple(files),
        sheet=sheet if sheet.lane else sheet.model_copy(update={"lane": settings.lane}),
        received_at=received_at,
        deadline_seconds=settings.deadline_seconds,
        missing=tuple(missing),
        rehearsal=settings.rehearsal,
        palette=settings.palette,
        accept_incomplete=take.accept_incomplete,
    )
    return Load(delivery, (*looks.items(), *sheets, *take.markers))


def _reason_against(look: Look, number: int, settings: FolderSource) -> str:
    """Say why a file is not read, if it is not."""
    if look.size > settings.max_megabytes * 1_000_000:
        return f"larger than {settings.max_megabytes:g} MB, not read"
    return f"one of more than {MOST_FILES} files, not read" if number >= MOST_FILES else ""


def _note(part: Part, look: Look, reason: str) -> bytes:
    """Stand in for a file that is not read: no picture, so an officer gets to see why; the same file, the same note."""
    seen = f"{look.size} bytes, {look.mtime_ns}, {look.ctime_ns}, {look.inode}"
    return f"Lanewatch: {as_text(part.path)}: {reason}\n{seen}\n".encode()


def _sheet(root: bytes, take: Take, settings: FolderSource, now: float) -> tuple[Sheet, Iterable[tuple[bytes, Look]]]:
    """Read the sidecar, and say which sidecars are thereby done with."""
    if not take.sidecars:
        return Sheet(), ()
    path, look, end = min(take.sidecars, key=lambda sidecar: _preference(sidecar[0], take.scan))
    done = [(path, look) for path, look, _ in take.sidecars]
    try:
        return sheet_from(_fields(root, path, look, settings)), done
    except ValueError as problem:
        patience = take.since + max(settings.settle_seconds, settings.sidecar_wait_seconds)
        if now < min(end, patience):
            raise NotYetError(min(end, patience)) from problem
        sheet = unreadable(f"{as_text(path)}: {problem}")
        return sheet, done if now >= end else ()  # what still changes will be news again


def _fields(root: bytes, path: bytes, look: Look, settings: FolderSource) -> dict[str, Any]:
    if look.size > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES} bytes")
    raw = listing.read(root, path, look)
    return parse_xml(raw, settings.sidecar_xml) if path.lower().endswith(b".xml") else parse_object(raw)


def _preference(path: bytes, scan: bytes) -> tuple[bool, bool, bytes]:
    """The scan's own sidecar before those of its views, and JSON before XML."""
    stem, _, extension = path.rpartition(b".")
    return stem != scan, extension.lower() != b"json", path
