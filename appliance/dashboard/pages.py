"""The pages for people, and the files they are made of, served by exact name."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from appliance.dashboard.asked import FILTERS, parameters
from appliance.dashboard.files import FILES, page
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.keys import COOKIE, OPEN, SESSION_SECONDS
from appliance.dashboard.openapi import describe
from appliance.dashboard.problems import Problem


@get("/", opt={"scope": OPEN})
async def desk(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """The live queue for who has a session, else how to get in. `?token=` opens a session once."""
    given = parameters(request, ("token",))
    if "token" in given:
        return await _enter(house, given["token"])
    session = request.cookies.get(COOKIE)
    visitor = await house.keys.visitor(session) if session else None
    welcome = visitor is not None and "read" in visitor.scopes
    return _page(house, "desk.html") if welcome else _page(house, "door.html", 401)


@get("/scans", opt={"scope": "read"})
async def older(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """All scans, page by page; what is picked out stands in the address, as at /api/v1/scans."""
    parameters(request, (*FILTERS, "cursor"))
    return _page(house, "scans.html")


@get("/static/{name:str}", opt={"scope": OPEN})
async def static(request: Asked, name: FromPath[str]) -> Response[bytes]:
    """A file of the pages."""
    file = FILES.get(name)
    if file is None or name.endswith(".html"):
        raise Problem(404, "there is nothing at this address")
    headers = {"ETag": file.tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == file.tag:
        return Response(b"", status_code=304, headers=headers, media_type=file.kind)
    return Response(file.content, headers=headers, media_type=file.kind)


@get("/docs", opt={"scope": "read"})
async def docs(house: NamedDependency[House]) -> Response[bytes]:
    """The routes, for people."""
    return _page(house, "docs.html")


@get("/docs/openapi.json", opt={"scope": "read"})
async def openapi(house: NamedDependency[House]) -> Response[bytes]:
    """The routes, for tools."""
    return answer(describe(str(house.health.version().get("app", ""))))


async def _enter(house: House, token: str) -> Response[bytes]:
    bearer = await house.keys.bearer(token)
    if bearer is None or "read" not in bearer.scopes:
        return _page(house, "door.html", 401)
    response = Response(b"", status_code=303, headers={"Location": "/"}, media_type="text/plain")
    response.set_cookie(
        COOKIE, house.keys.open_session(token), max_age=SESSION_SECONDS, path="/", httponly=True, samesite="strict"
    )
    return response


def _page(house: House, name: str, status: int = 200) -> Response[bytes]:
    site = str(house.health.version().get("site") or "")
    return Response(page(name, site=site), status_code=status, media_type=FILES[name].kind)
