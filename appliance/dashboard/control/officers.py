"""The people of the box through its own door: let somebody in, out, and give them a code that works once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from appliance.dashboard.access.keys import Keyring
from appliance.dashboard.bodies import read_value
from appliance.dashboard.house import Asked, answer
from appliance.dashboard.people.accounts import told
from appliance.dashboard.problems import Problem
from appliance.errors import RefusedError
from appliance.journal import journal
from appliance.store import officers
from appliance.store.database import Store
from appliance.store.officers import TERMINAL, Purpose, Role
from models.answer import Value

T = TypeVar("T")

MAX_BYTES = 4_000
_log = journal("control")


class Newcomer(Value):
    """Somebody to be let in."""

    name: str
    role: Role


class Wanted(Value):
    """A code for somebody who is known: to choose a password, or to come in without one this once."""

    purpose: Purpose


@get("/control/officers")
async def list_officers(store: NamedDependency[Store]) -> Response[bytes]:
    """Everybody there ever was, without their secrets."""
    found = await store.read(officers.listing)
    return answer({"officers": [told(each) for each in found]})


@post("/control/officers")
async def add_officer(request: Asked, store: NamedDependency[Store], keys: NamedDependency[Keyring]) -> Response[bytes]:
    """Let somebody in, and give the code by which they choose a password."""
    wanted = await read_value(request, Newcomer, MAX_BYTES)

    def add(db: sqlite3.Connection) -> str:
        officers.add(db, wanted.name, wanted.role, TERMINAL)
        return officers.invite(db, wanted.name, "password", TERMINAL)

    code = await _written(store, keys, add)
    _log.info("officer added", name=wanted.name, role=wanted.role)
    return answer({"name": wanted.name, "role": wanted.role, "code": code}, 201)


@post("/control/officers/{name:str}/code")
async def make_code(
    request: Asked, name: FromPath[str], store: NamedDependency[Store], keys: NamedDependency[Keyring]
) -> Response[bytes]:
    """Give a new code: who had a password has none any more if it is for choosing one."""
    wanted = await read_value(request, Wanted, MAX_BYTES)
    code = await _written(store, keys, lambda db: officers.invite(db, name, wanted.purpose, TERMINAL))
    _log.info("code made", name=name, purpose=wanted.purpose)
    return answer({"name": name, "code": code}, 201)


@delete("/control/officers/{name:str}", status_code=204)
async def disable_officer(name: FromPath[str], store: NamedDependency[Store], keys: NamedDependency[Keyring]) -> None:
    """Shut the door to somebody."""
    await _written(store, keys, lambda db: officers.disable(db, name, TERMINAL))
    _log.info("officer disabled", name=name)


async def _written(store: Store, keys: Keyring, do: Callable[[sqlite3.Connection], T]) -> T:
    try:
        return await store.write(do)
    except RefusedError as problem:
        raise Problem(409, problem.message, hint=problem.hint) from problem
    finally:
        keys.forget()
