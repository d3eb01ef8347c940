"""Take scans over HTTP: `inspect` answers with the verdict, `scans` as soon as the scan is safe.

A sheet that is partly wrong never holds back its picture: its declaration is
then `unreadable`, as with a sidecar file. What is no request at all is refused.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import re
from datetime import UTC, datetime
from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency

from appliance.dashboard.addresses import address_of
from appliance.dashboard.bodies import Part, read_body, read_form
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.problems import Problem
from appliance.ports import DeliveredFile, Delivery, Receipt
from appliance.scan import Sheet
from appliance.sheet import parse_object, read_sheet, sheet_from

SOURCE = "http"
_NOT_VIEWS = frozenset({"header", "sidecar", "scan_id", "lane", "declaration", "declared_items", "json", "metadata"})
"""Names under which senders try to put the sheet's fields; a declaration must never get lost as a picture."""
_VIEW = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_MODES = ("vqa",)


@post("/api/v1/inspect", status_code=200, opt={"scope": "inspect"})
async def inspect(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Judge one picture and answer with its verdict."""
    async with house.upload(request.auth):
        body = await read_body(request, house.max_bytes)
        sheet, picture = await asyncio.to_thread(_read_inspect, body, house.max_bytes)
        receipt = await _hand_over(request, house, sheet, (DeliveredFile("view", picture),))
        del body, picture
    address = address_of(receipt.scan_id, receipt.revision)
    try:
        async with asyncio.timeout(house.settings.deadline_seconds):
            document = await house.news.verdict(receipt.id)
    except TimeoutError as problem:
        raise Problem(
            504,
            f"no verdict within {house.settings.deadline_seconds:g} seconds; the scan is safe",
            hint="look for the verdict at `scan`",
            headers={"Location": address},
            scan=address,
            scan_id=receipt.scan_id,
        ) from problem
    return answer(document, headers={"Content-Location": address})


@post("/api/v1/scans", status_code=202, opt={"scope": "inspect"})
async def keep_scan(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Take one scan with one or more views, and answer once it is safe."""
    async with house.upload(request.auth):
        parts = await read_form(request, house.max_bytes)
        files = tuple(_file(part) for part in parts if part.name != "sheet")
        if not files:
            raise Problem(422, "the form holds no picture", hint="add one file part per view, named by the view")
        sheet = read_sheet(next((part.content for part in parts if part.name == "sheet"), b"{}"))
        receipt = await _hand_over(request, house, sheet, files)
    address = address_of(receipt.scan_id, receipt.revision)
    content = {"scan_id": receipt.scan_id, "revision": receipt.revision, "address": address}
    return answer(content, 202, {"Location": address})


async def _hand_over(request: Asked, house: House, sheet: Sheet, files: tuple[DeliveredFile, ...]) -> Receipt:
    name = sheet.scan_id or f"http-{await asyncio.to_thread(_digest, files)}"
    return await house.reception.receive(
        Delivery(
            source=SOURCE,
            slot=f"{SOURCE}:{request.auth.name}:{name}",  # one sender never replaces what another one sent
            name=name,
            files=files,
            sheet=sheet,
            received_at=datetime.now(UTC),
            deadline_seconds=house.settings.deadline_seconds * 0.9,  # a late REVIEW is still better than a 504
        )
    )


def _digest(files: tuple[DeliveredFile, ...]) -> str:
    """A name for what came without one: the same pictures get the same."""
    whole = hashlib.sha256()
    for file in files:
        whole.update(hashlib.sha256(file.content).digest())
    return whole.hexdigest()[:16]


def _read_inspect(body: bytes, limit: int) -> tuple[Sheet, bytes]:
    try:
        fields = parse_object(body, limit=limit)
    except ValueError as problem:
        raise Problem(400, f"the body: {problem}") from problem
    mode = fields.pop("mode", "vqa")
    if mode not in _MODES:
        raise Problem(422, "mode: not one this box knows", hint=f"known: {', '.join(_MODES)}", field="mode")
    picture = _picture(fields.pop("image_base64", None))
    return sheet_from(fields), picture


def _picture(given: Any) -> bytes:
    if not isinstance(given, str) or not given:
        raise Problem(422, "image_base64: the picture's bytes as base64 are needed", field="image_base64")
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError) as problem:
        hint = "plain base64 with padding: no line breaks, no data: prefix, not the URL-safe alphabet"
        raise Problem(422, f"image_base64: not base64: {problem}", hint=hint, field="image_base64") from problem


def _file(part: Part) -> DeliveredFile:
    if part.name in _NOT_VIEWS:
        hint = "the part with the scan's fields is called sheet: one JSON object; all other parts are pictures"
        raise Problem(422, f"{part.name!r} cannot name a view", hint=hint, field=part.name)
    if not _VIEW.fullmatch(part.name):
        raise Problem(
            422,
            f"{part.name[:100]!r} cannot name a view",
            hint="letters, digits, _ . - and at most 63 of them, such as top or side",
            field=part.name[:100],
        )
    if not part.content:
        raise Problem(422, f"the view {part.name!r} is empty", field=part.name)
    return DeliveredFile(part.name, part.content)
