"""The people of the box, for its administrators: let somebody in, out, and give them a code for a new password.

Whoever changes something here says their own password again. A code that lets somebody in without a password is not
given over the network: with it an administrator could sit down as an officer and judge, and nobody would notice.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import Any, TypeVar

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from appliance.dashboard.bodies import read_value
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.people.entrance import now_text, same_person, sat
from appliance.dashboard.people.second_factor import Again
from appliance.dashboard.people.signing import MAX_BYTES, Typed
from appliance.dashboard.problems import Problem
from appliance.errors import RefusedError
from appliance.store import deeds, officers, sessions
from appliance.store.officers import Officer, Role

T = TypeVar("T")


class Newcomer(Again):
    """Somebody to be let in."""

    name: Typed
    role: Role


@get("/api/v1/officers", opt={"scope": "administer"})
async def list_people(house: NamedDependency[House]) -> Response[bytes]:
    """Everybody there ever was, without their secrets."""
    found = await house.store.read(officers.listing)
    return answer({"officers": [told(each) for each in found]})


@post("/api/v1/officers", opt={"scope": "administer", "person": True})
async def add_person(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Let somebody in, and give the code by which they choose a password, this once."""
    wanted = await read_value(request, Newcomer, MAX_BYTES)
    by = await same_person(request, house, wanted.password)

    def add(db: sqlite3.Connection) -> str:
        officers.add(db, wanted.name, wanted.role, by.name)
        return officers.invite(db, wanted.name, "password", by.name)

    code = await written(house, by, add)
    return answer({"name": officers.folded(wanted.name), "role": wanted.role, "code": code}, 201)


@post("/api/v1/officers/{name:str}/code", opt={"scope": "administer", "person": True})
async def new_code(request: Asked, name: FromPath[str], house: NamedDependency[House]) -> Response[bytes]:
    """Give a code for a new password; the old one, the second factor and all sessions end now."""
    by = await same_person(request, house, (await read_value(request, Again, MAX_BYTES)).password)
    await _somebody(house, name)
    code = await written(house, by, lambda db: officers.invite(db, name, "password", by.name))
    return answer({"name": officers.folded(name), "code": code}, 201)


@delete("/api/v1/officers/{name:str}", opt={"scope": "administer", "person": True}, status_code=200)
async def disable_person(request: Asked, name: FromPath[str], house: NamedDependency[House]) -> Response[bytes]:
    """Shut the door to somebody, at once and everywhere."""
    by = await same_person(request, house, (await read_value(request, Again, MAX_BYTES)).password)
    await _somebody(house, name)
    await written(house, by, lambda db: officers.disable(db, name, by.name))
    return answer({})


@get("/api/v1/officers/{name:str}/sessions", opt={"scope": "administer"})
async def list_sessions(name: FromPath[str], house: NamedDependency[House]) -> Response[bytes]:
    """Since when somebody sits where, and when they last did something."""
    officer, now = await _somebody(house, name), time.time()
    idle, longest = house.keys.idle, house.keys.longest
    found = await house.store.read(lambda db: sessions.of(db, officer.name, now, idle, longest))
    return answer({"sessions": [sat(each) for each in found]})


@delete("/api/v1/officers/{name:str}/sessions", opt={"scope": "administer", "person": True}, status_code=200)
async def end_sessions(request: Asked, name: FromPath[str], house: NamedDependency[House]) -> Response[bytes]:
    """Send somebody away from every browser; they may sign in again."""
    by = await same_person(request, house, (await read_value(request, Again, MAX_BYTES)).password)
    officer = await _somebody(house, name)

    def end(db: sqlite3.Connection) -> int:
        deeds.record(db, now_text(), by.name, "sessions ended", officer.name)
        return sessions.end_all(db, officer.name)

    return answer({"ended": await written(house, by, end)})


async def written(house: House, by: Officer, do: Callable[[sqlite3.Connection], T]) -> T:
    """Do what an administrator asked for, while they may; who has changed is known everywhere at once."""

    def run(db: sqlite3.Connection) -> T:
        now = officers.known(db, by.name)
        if now.disabled_at or "administer" not in now.rights or now.secret != by.secret:
            raise Problem(403, "you may not do that any more")
        return do(db)

    try:
        return await house.store.write(run)
    except RefusedError as problem:
        raise Problem(409, problem.message, hint=problem.hint) from problem
    finally:
        house.keys.forget()


async def _somebody(house: House, name: str) -> Officer:
    found = await house.store.read(lambda db: officers.find(db, name))
    if found is None:
        raise Problem(404, f"nobody is called {name[:100]!r}")
    return found


def told(officer: officers.Officer) -> dict[str, Any]:
    """What may be shown of somebody."""
    return {
        "name": officer.name,
        "shown": officer.shown,
        "role": officer.role,
        "has_password": officer.secret is not None,
        "second_factor": officer.totp is not None,
        "made_at": officer.made_at,
        "made_by": officer.made_by,
        "disabled_at": officer.disabled_at,
    }
