"""Look at scans over HTTP: lists as JSON or CSV, one scan with all it was told, its clean pictures."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.response import Stream

from appliance.dashboard.addresses import address_of, picture_address, plain
from appliance.dashboard.asked import FILTERS, MAX_ID, number, parameters, query
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.problems import Problem
from appliance.dashboard.tables import lines
from appliance.scan import Scan
from appliance.store import browse, events, outcomes, reviews, scans, search
from appliance.store.browse import Query, Row

PAGE = 50
MAX_PAGE = 200
_BELOW = "/api/v1/scans/"
_PICTURE = re.compile(r"(?P<scan>.+)/views/(?P<number>[1-9][0-9]{0,3})\.png", re.DOTALL)
_COLUMNS = (
    "scan_id", "revision", "state", "source", "lane", "received_at", "rehearsal", "superseded", "quarantine",
    "risk_level", "recommended_action", "degraded", "reasoning", "detected_items", "processing_time_ms", "review",
    "reviewed_by", "reviewed_at", "outcome",
)  # fmt: skip
_TOLD = {
    "scan_id", "revision", "state", "source", "lane", "scanned_at", "received_at", "rehearsal", "superseded", "owed",
    "quarantine", "missing", "declaration",
}  # fmt: skip
"""What is told of a scan. The context may speak of a person and stays in the box."""


class _Writer(NamedTuple):
    """How all scans of a list are written into one file."""

    media_type: str
    head: bytes
    line: Callable[[Row], bytes]


@get("/api/v1/scans", opt={"scope": "read"})
async def list_scans(request: Asked, house: NamedDependency[House]) -> Response[bytes] | Stream:
    """The scans, newest first; with `q`, those that hold all its words."""
    given = parameters(request, (*FILTERS, "cursor", "limit", "format"))
    wanted, before = query(given), number(given, "cursor", 1, MAX_ID)
    kind = given.pop("format", "json")
    if kind in _WRITERS:
        most = number(given, "limit", 1, 1_000_000)
        media_type = _WRITERS[kind].media_type
        headers = {"Content-Disposition": f'attachment; filename="scans.{kind}"'}
        return Stream(
            _all(request, house, wanted, before, most, _WRITERS[kind]), media_type=media_type, headers=headers
        )
    if kind != "json":
        raise Problem(400, f"format: {kind[:100]!r} is none of json, {', '.join(_WRITERS)}", parameter="format")
    limit = number(given, "limit", 1, MAX_PAGE) or PAGE
    last_event, page = await house.store.read(lambda db: (events.last_id(db), search.page(db, wanted, before, limit)))
    following = f"/api/v1/scans?{urlencode({**given, 'cursor': str(page.before)})}" if page.before else None
    rest = json.dumps({"next": following, "reached": page.reached, "last_event": last_event})
    body = f'{{"scans":[{",".join(map(listed, page.rows))}],{rest[1:]}'
    headers = {"Link": f'<{following}>; rel="next"'} if following else None
    return Response(body.encode(errors="replace"), media_type="application/json", headers=headers)


@get("/api/v1/scans/{below:path}", opt={"scope": "read"})
async def look_below(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """One scan, or one of its pictures. Ids may hold slashes, so the address is taken apart before decoding."""
    raw = request.scope["raw_path"].decode("latin-1")
    if not raw.startswith(_BELOW):
        raise Problem(404, "there is nothing at this address")
    revision = number(parameters(request, ("revision",)), "revision", 1, MAX_ID)
    rest = raw.removeprefix(_BELOW)
    if found := _PICTURE.fullmatch(rest):
        return await _picture(house, plain(found["scan"]), revision, int(found["number"]))
    scan, content = await house.store.read(lambda db: _whole(db, plain(rest), revision))
    glimpse = [finding.model_dump() for finding in house.news.glimpses.of(scan)]
    return answer({**content, "glimpse": glimpse})


async def _picture(house: House, scan_id: str, revision: int | None, number: int) -> Response[bytes]:
    scan = await house.store.read(lambda db: _find(db, scan_id, revision))
    if number > len(scan.pictures):
        raise Problem(
            404, f"there is no view {number}; this scan's last one is {len(scan.pictures)}", scan_id=scan.scan_id
        )
    picture = scan.pictures[number - 1]
    if picture.sha256 is None:
        raise Problem(404, f"this view cannot be shown: {scan.quarantine or 'not decoded'}", scan_id=scan.scan_id)
    content = await house.reception.clean(picture)
    return Response(content, media_type="image/png", headers={"ETag": f'"{picture.sha256}"'})


def _find(db: sqlite3.Connection, scan_id: str, revision: int | None) -> Scan:
    scan = scans.find(db, scan_id, revision)
    if scan is None:
        raise Problem(404, "there is no such scan", scan_id=scan_id[:200])
    return scan


def _whole(db: sqlite3.Connection, scan_id: str, revision: int | None) -> tuple[Scan, dict[str, Any]]:
    scan = _find(db, scan_id, revision)
    told = browse.verdicts(db, scan.id)
    return scan, {
        **scan.model_dump(mode="json", include=_TOLD),
        "revisions": browse.revisions(db, scan.scan_id),
        "views": [
            {
                "name": picture.name,
                "width": picture.width,
                "height": picture.height,
                "sha256": picture.sha256,
                "address": picture_address(scan.scan_id, scan.revision, n) if picture.sha256 else None,
            }
            for n, picture in enumerate(scan.pictures, 1)
        ],
        "verdict": told[-1]["document"] if told else None,
        "verdict_at": told[-1]["at"] if told else None,
        "verdict_id": told[-1]["id"] if told else None,
        "earlier_verdicts": told[:-1],
        "due_at": moment(scan.due_at),
        "reviews": reviews.listing(db, scan.id),
        "outcomes": outcomes.listing(db, scan.id),
        "earlier_of_consignee": [brief(row) for row in browse.earlier_of_consignee(db, scan.id)],
    }


def moment(seconds: float) -> str:
    """A time as everywhere else in an answer."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def brief(row: Row) -> dict[str, Any]:
    """One scan as lists tell it."""
    return {**_said(row), "verdict": json.loads(row.document) if row.document else None}


def listed(row: Row, more: dict[str, Any] | None = None) -> str:
    """The same as JSON, and what more there is to say; its verdict as it is stored."""
    return (
        f'{json.dumps({**_said(row), **(more or {})}, ensure_ascii=False)[:-1]}, "verdict": {row.document or "null"}}}'
    )


def _said(row: Row) -> dict[str, Any]:
    said = {"key": row.review_key, "who": row.reviewed_by, "kind": row.review, "at": row.reviewed_at}
    return {
        "scan_id": row.scan_id,
        "revision": row.revision,
        "state": row.state,
        "source": row.source,
        "lane": row.lane,
        "received_at": row.received_at,
        "rehearsal": row.rehearsal,
        "superseded": row.superseded,
        "quarantine": row.quarantine,
        "risk_level": row.risk_level,
        "recommended_action": row.recommended_action,
        "address": address_of(row.scan_id, row.revision),
        "picture": picture_address(row.scan_id, row.revision, row.first_view),
        "open": row.open,
        "review": said if row.review else None,
        "outcome": row.outcome,
    }


async def _all(
    request: Asked, house: House, wanted: Query, before: int | None, most: int | None, writer: _Writer
) -> AsyncIterator[bytes]:
    yield writer.head
    left, more = MAX_ID if most is None else most, True
    while left > 0 and more:
        if not await house.keys.still(request, "read"):
            raise Problem(
                401, "who asked may not any more"
            )  # a file cut short is seen to be: its last piece never came
        at, limit = before, min(left, MAX_PAGE)
        page = await house.store.read(lambda db, at=at, limit=limit: search.page(db, wanted, at, limit))
        yield b"".join(writer.line(row) for row in page.rows)
        before, left, more = page.before, left - len(page.rows), page.before is not None


def _object(row: Row) -> bytes:
    return listed(row).encode(errors="replace") + b"\n"


def _cells(row: Row) -> list[Any]:
    document: dict[str, Any] = json.loads(row.document) if row.document else {}
    found = "; ".join(f"{item['item']} {item['confidence']:.2f}" for item in document.get("detected_items", ()))
    known: dict[str, Any] = {**document, **row._asdict(), "detected_items": found}
    return [known.get(column) for column in _COLUMNS]


def _line(row: Row) -> bytes:
    return lines([_cells(row)])


_WRITERS = {
    "csv": _Writer("text/csv", lines([list(_COLUMNS)]), _line),
    "jsonl": _Writer("application/x-ndjson", b"", _object),
}
"""All scans of a list at once: as a table, or one JSON object in each line."""
