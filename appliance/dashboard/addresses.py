"""Where a scan and its pictures are found; an id may hold any character."""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes

from appliance.dashboard.problems import Problem


def address_of(scan_id: str, revision: int) -> str:
    return f"/api/v1/scans/{quote(scan_id, safe='')}?revision={revision}"


def picture_address(scan_id: str, revision: int, number: int | None) -> str | None:
    """The address of a view; None where there is none to see."""
    if number is None:
        return None
    return f"/api/v1/scans/{quote(scan_id, safe='')}/views/{number}.png?revision={revision}"


def plain(part: str) -> str:
    """Undo percent-encoding, strictly."""
    try:
        return unquote_to_bytes(part).decode()
    except UnicodeDecodeError as problem:
        raise Problem(400, "the address is not UTF-8 once its %XX are undone") from problem
