"""The pages for people, and the files they are made of, served by exact name."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from appliance.dashboard.access.keys import OPEN
from appliance.dashboard.asked import FILTERS, parameters
from appliance.dashboard.files import FILES, page
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.openapi.document import describe
from appliance.dashboard.people import deeds
from appliance.dashboard.problems import Problem
from appliance.dashboard.supervising.overriding import FILTERS as OVERRIDE_FILTERS


@get("/", opt={"scope": OPEN})
async def desk(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """The live queue for who is signed in, else the door."""
    visitor = await house.keys.who(request)
    welcome = visitor is not None and "read" in visitor.rights
    return _page(house, "desk.html") if welcome else _page(house, "door.html", 401)


@get("/scans", opt={"scope": "read"})
async def older(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """All scans, page by page; what is picked out stands in the address, as at /api/v1/scans."""
    parameters(request, (*FILTERS, "cursor"))
    return _page(house, "scans.html")


@get("/rules", opt={"scope": "read"})
async def rules(house: NamedDependency[House]) -> Response[bytes]:
    """The rulebook in force, for who looks; for supervisors also what may take its place."""
    return _page(house, "rules.html")


@get("/supervision", opt={"scope": "supervise"})
async def supervision(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """What is in quarantine, and officers' words against verdicts; what is picked out stands in the address."""
    parameters(request, (*OVERRIDE_FILTERS, "cursor"))
    return _page(house, "supervision.html")


@get("/account", opt={"scope": "read"})
async def account(house: NamedDependency[House]) -> Response[bytes]:
    """One's own password, second factor and sessions."""
    return _page(house, "account.html")


@get("/people", opt={"scope": "administer"})
async def people(house: NamedDependency[House]) -> Response[bytes]:
    """Who may come in, and which machines."""
    return _page(house, "people.html")


@get("/box", opt={"scope": "administer"})
async def box(house: NamedDependency[House]) -> Response[bytes]:
    """How the box is, kept up to date by itself."""
    return _page(house, "box.html")


@get("/record", opt={"scope": "audit"})
async def record(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """What people did, and whether the chains hold; what is picked out stands in the address, as at /api/v1/deeds."""
    parameters(request, deeds.FILTERS)
    return _page(house, "record.html")


@get("/statistics", opt={"scope": "read"})
async def statistics(house: NamedDependency[House]) -> Response[bytes]:
    """The figures of a time; what is asked for stands in the address."""
    return _page(house, "statistics.html")


@get("/shift", opt={"scope": "judge"})
async def shift(house: NamedDependency[House]) -> Response[bytes]:
    """The report of a shift."""
    return _page(house, "shift.html")


@get("/static/{name:path}", opt={"scope": OPEN})
async def static(request: Asked, name: FromPath[str]) -> Response[bytes]:
    """A file of the pages."""
    name = name.removeprefix("/")
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


@get("/manual", opt={"scope": "read"})
async def manual(house: NamedDependency[House]) -> Response[bytes]:
    """How the desk is used."""
    return _page(house, "manual.html")


@get("/licences", opt={"scope": "read"})
async def licences(house: NamedDependency[House]) -> Response[bytes]:
    """The licences of what the box serves to browsers."""
    return _page(house, "licences.html")


@get("/docs/openapi.json", opt={"scope": "read"})
async def openapi(house: NamedDependency[House]) -> Response[bytes]:
    """The routes, for tools."""
    return answer(describe(str(house.health.version().get("app", ""))))


def _page(house: House, name: str, status: int = 200) -> Response[bytes]:
    site = str(house.health.version().get("site") or "")
    return Response(page(name, site=site), status_code=status, media_type=FILES[name].kind)
