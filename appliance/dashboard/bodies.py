"""Read request bodies piece by piece, and stop at the first byte too many.

Takes a request and a limit, gives JSON bytes or the named parts of a form. What
the parts mean is left to the routes.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any, NamedTuple, TypeVar, cast

from litestar import Request
from multipart import (  # pyright: ignore[reportMissingTypeStubs] - it has its types inside
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,  # pyright: ignore[reportUnknownVariableType]
)
from pydantic import TypeAdapter, ValidationError

from appliance.dashboard.problems import Problem
from appliance.sheet import parse_object

T = TypeVar("T")

STALL_SECONDS = 20.0
"""A sender that is silent for so long in the middle of a body is sent away."""
BODY_SECONDS = 60.0
BODY_BYTES_PER_SECOND = 100_000
"""A whole body has so long, and longer by what this rate gives to what has come: nobody holds a place by dripping."""
MAX_PARTS = 24


class Part(NamedTuple):
    """One named part of a form."""

    name: str
    content: bytes


async def read_body(
    request: Request[Any, Any, Any], limit: int, kinds: tuple[str, ...] = ("application/json",)
) -> bytes:
    """Read a whole body of one of the given content types."""
    kind, _ = _content_type(request)
    if kind not in kinds:
        raise Problem(415, f"the body must be {' or '.join(kinds)}, not {kind or 'unnamed'}")
    return b"".join([chunk async for chunk in _chunks(request, limit)])


async def read_value(request: Request[Any, Any, Any], kind: type[T], limit: int) -> T:
    """Read a JSON object as a value of a kind, or say which field is wrong."""
    try:
        content = parse_object(await read_body(request, limit))
    except ValueError as problem:
        raise Problem(400, f"the body: {problem}") from problem
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError as problem:
        raise Problem(422, "the body: half a character (a lone surrogate) stands in a text") from problem
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        raise Problem(422, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from problem


async def read_form(request: Request[Any, Any, Any], limit: int) -> tuple[Part, ...]:
    """Read a multipart form; each name stands once."""
    kind, options = _content_type(request)
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise Problem(415, f"the body must be multipart/form-data with a boundary, not {kind or 'unnamed'}")
    try:
        return await _parse(request, options["boundary"], limit)
    except ParserLimitReached as problem:
        raise Problem(413, f"the form: {problem}") from problem
    except (MultipartError, ValueError) as problem:
        raise Problem(400, f"the form: {problem}") from problem


async def _parse(request: Request[Any, Any, Any], boundary: str, limit: int) -> tuple[Part, ...]:
    parts: dict[str, bytes] = {}
    name, content = "", bytearray()
    with PushMultipartParser(boundary, max_segment_count=MAX_PARTS, strict=True) as parser:
        async for chunk in _chunks(request, limit):
            for event in parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    name, content = event.name or "", bytearray()
                    if not name or name in parts:
                        raise Problem(400, f"the form: a part without a name, or a second {name[:100]!r}")
                elif event is None:
                    parts[name] = bytes(content)
                else:
                    content += event
    return tuple(Part(name, content) for name, content in parts.items())


def _content_type(request: Request[Any, Any, Any]) -> tuple[str, dict[str, str]]:
    try:
        kind, options = cast(
            "tuple[str, dict[str, str]]", parse_options_header(request.headers.get("content-type", ""))
        )
    except ValueError as problem:
        raise Problem(400, f"Content-Type: {problem}") from problem
    return kind.strip().lower(), options


async def _chunks(request: Request[Any, Any, Any], limit: int) -> AsyncIterator[bytes]:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    began, total, more = time.monotonic(), 0, True
    while more:
        left = began + BODY_SECONDS + total / BODY_BYTES_PER_SECOND - time.monotonic()
        try:
            async with asyncio.timeout(min(STALL_SECONDS, left)):
                message = await request.receive()
        except TimeoutError as problem:
            reason = f"the body came too slowly: {total} bytes, then silence or less than a body must bring"
            raise Problem(408, reason) from problem
        if message["type"] != "http.request":
            raise Problem(400, "the sender went away in the middle of the body")
        total += len(message["body"])
        if total > limit:
            raise _too_large(limit)
        more = message["more_body"]
        if message["body"]:
            yield message["body"]


def _too_large(limit: int) -> Problem:
    return Problem(413, f"the body is larger than {limit} bytes", hint="see dashboard.max_megabytes", limit=limit)
