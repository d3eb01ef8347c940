"""The pages for people, and the files they are made of: read once, served by exact name."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import NamedTuple

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from appliance.dashboard.asked import parameters
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.keys import COOKIE, OPEN, SESSION_SECONDS
from appliance.dashboard.openapi import describe
from appliance.dashboard.problems import Problem

_KINDS = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


class _File(NamedTuple):
    content: bytes
    kind: str
    tag: str


def _load() -> dict[str, _File]:
    found: dict[str, _File] = {}
    for file in files("appliance.dashboard").joinpath("static").iterdir():
        kind = _KINDS.get(file.name.rpartition(".")[2])
        if kind:
            content = file.read_bytes()
            found[file.name] = _File(content, kind, f'"{hashlib.sha256(content).hexdigest()[:16]}"')
    return found


_files = _load()


@get("/", opt={"scope": OPEN})
async def desk(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """The live queue for who has a session, else how to get in. `?token=` opens a session once."""
    given = parameters(request, ("token",))
    if "token" in given:
        return await _enter(house, given["token"])
    session = request.cookies.get(COOKIE)
    visitor = await house.keys.visitor(session) if session else None
    welcome = visitor is not None and "read" in visitor.scopes
    return _page("desk.html" if welcome else "door.html", 200 if welcome else 401)


@get("/static/{name:str}", opt={"scope": OPEN})
async def static(request: Asked, name: FromPath[str]) -> Response[bytes]:
    """A file of the pages."""
    file = _files.get(name)
    if file is None or name.endswith(".html"):
        raise Problem(404, "there is nothing at this address")
    headers = {"ETag": file.tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == file.tag:
        return Response(b"", status_code=304, headers=headers, media_type=file.kind)
    return Response(file.content, headers=headers, media_type=file.kind)


@get("/docs", opt={"scope": "read"})
async def docs() -> Response[bytes]:
    """The routes, for people."""
    return _page("docs.html", 200)


@get("/docs/openapi.json", opt={"scope": "read"})
async def openapi(house: NamedDependency[House]) -> Response[bytes]:
    """The routes, for tools."""
    return answer(describe(str(house.health.version().get("app", ""))))


async def _enter(house: House, token: str) -> Response[bytes]:
    bearer = await house.keys.bearer(token)
    if bearer is None or "read" not in bearer.scopes:
        return _page("door.html", 401)
    response = Response(b"", status_code=303, headers={"Location": "/"}, media_type="text/plain")
    response.set_cookie(
        COOKIE, house.keys.open_session(token), max_age=SESSION_SECONDS, path="/", httponly=True, samesite="strict"
    )
    return response


def _page(name: str, status: int) -> Response[bytes]:
    file = _files[name]
    return Response(file.content, status_code=status, media_type=file.kind)
