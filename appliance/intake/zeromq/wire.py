"""The words of the ZeroMQ feed: what a scan looks like as frames, and what is answered.

Takes the frames of one message, gives the scan they carry, whole and checked, or
raises `RefusedError` with the reason its sender is told. No socket is touched here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from appliance.errors import RefusedError
from appliance.ports import DeliveredFile
from appliance.scan import Sheet
from appliance.sheet import parse_object, sheet_from

SCAN = b"scan"
ACCEPTED = b"accepted"
REFUSED = b"refused"
VERDICT = b"verdict"
MAX_VIEWS = 16
"""A message with more pictures than this is no scan."""
MAX_VIEW_NAME = 50
HEADER_ROOM = 1_000_000
"""What headers may add to the pictures of a message."""
_OF_A_FILE = frozenset({"sha256", "size", "view", "plane"})
"""The fields that each picture has for itself; all others speak for the scan."""


@dataclass(frozen=True, slots=True)
class CarriedScan:
    """One scan out of one message: every byte held against its header."""

    files: tuple[DeliveredFile, ...]
    sheet: Sheet
    digest: str
    """The sha256 of the first picture; what an acknowledgement names."""
    content: str
    """One digest for all pictures together, for a scan that came without a name."""
    sequence: int | None = field(default=None)


def read_scan(frames: Sequence[bytes], max_bytes: int) -> CarriedScan:
    """Read `scan`, header, picture (, header, picture)*."""
    kind = frames[0] if frames else b""
    if kind != SCAN:
        raise RefusedError(f"unknown kind of message {kind[:20]!r}: the first frame must be `scan`")
    pairs, loose = divmod(len(frames) - 1, 2)
    if loose or not 1 <= pairs <= MAX_VIEWS:
        raise RefusedError(
            f"{len(frames)} frames: after `scan` come a header and a picture for each of 1 to {MAX_VIEWS} views"
        )
    size = sum(len(frame) for frame in frames)
    if size > max_bytes + HEADER_ROOM:
        raise RefusedError(f"{size} bytes: larger than the {max_bytes} this box accepts")
    common: dict[str, Any] = {}
    digests: list[str] = []
    files: list[DeliveredFile] = []
    for number, (header, content) in enumerate(zip(frames[1::2], frames[2::2], strict=True), start=1):
        own = _read_header(header, number, common)
        digests.append(_check_content(own, content, number))
        files.append(_file(own, content, number, pairs))
    return CarriedScan(
        files=_in_order(files),
        sheet=_sheet(common),
        digest=digests[0],
        content=hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest(),
        sequence=_sequence(common),
    )


def named_scan(frames: Sequence[bytes]) -> str | None:
    """The scan a refused message speaks of, as far as that can be told."""
    try:
        name = parse_object(frames[1])["scan_id"]
    except (IndexError, KeyError, ValueError):
        return None
    return name if isinstance(name, str) and 0 < len(name) <= 200 and name.isprintable() else None  # noqa: PLR2004


def to_json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def _read_header(header: bytes, number: int, common: dict[str, Any]) -> dict[str, Any]:
    """Give the picture's own fields; add the scan's fields to what other headers said."""
    try:
        fields = parse_object(header)
    except ValueError as problem:
        raise RefusedError(f"header {number}: {problem}") from problem
    for key, value in fields.items():
        if key not in _OF_A_FILE and common.setdefault(key, value) != value:
            raise RefusedError(f"header {number}: {key}: differs from an earlier header of the same scan")
    return {key: value for key, value in fields.items() if key in _OF_A_FILE}


def _check_content(own: dict[str, Any], content: bytes, number: int) -> str:
    size, promised = own.get("size"), own.get("sha256")
    if type(size) is not int or not isinstance(promised, str):
        raise RefusedError(f"header {number}: needs `size` (a whole number) and `sha256` (a text)")
    if size != len(content) or not content:
        raise RefusedError(f"picture {number}: {len(content)} bytes came, the header says {size}")
    digest = hashlib.sha256(content).hexdigest()
    if digest != promised.lower():
        raise RefusedError(f"picture {number}: its bytes are not those of the header's sha256")
    return digest


def _file(own: dict[str, Any], content: bytes, number: int, pictures: int) -> DeliveredFile:
    view, plane = own.get("view"), own.get("plane")
    if view is None and pictures == 1:
        view = "view"
    if not isinstance(view, str) or not 0 < len(view) <= MAX_VIEW_NAME or not view.isprintable():
        raise RefusedError(f"header {number}: view: needs a name of 1 to {MAX_VIEW_NAME} printable characters")
    if plane not in (None, "high", "low"):
        raise RefusedError(f"header {number}: plane: must be high or low")
    return DeliveredFile(view=view, content=content, plane=plane)


def _in_order(files: list[DeliveredFile]) -> tuple[DeliveredFile, ...]:
    """Bring the planes of a view together, and see that each view stands there once and whole."""
    views: dict[str, list[DeliveredFile]] = {}
    for file in files:
        views.setdefault(file.view, []).append(file)
    for view, parts in views.items():
        planes = sorted(file.plane or "" for file in parts)
        if planes not in ([""], ["high", "low"]):
            raise RefusedError(f"view {view!r}: needs one picture, or one plane high and one plane low")
    return tuple(file for parts in views.values() for file in parts)


def _sheet(common: dict[str, Any]) -> Sheet:
    sheet = sheet_from(common)
    if common.get("scan_id") is not None and sheet.scan_id is None:
        raise RefusedError("scan_id: not a text of 1 to 200 printable characters")
    return sheet


def _sequence(common: dict[str, Any]) -> int | None:
    number = common.get("sequence")
    return number if type(number) is int and number >= 0 else None
