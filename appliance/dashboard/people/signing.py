"""Come in and go: passwords and codes at the door, what a page knows of who sits at it.

Takes what was typed, gives a session in a cookie that no script reads. Signing in always begins a new session.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Annotated, Any

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from pydantic import StringConstraints

from appliance.dashboard.access.attempts import Guess
from appliance.dashboard.access.keys import COOKIE, OPEN
from appliance.dashboard.bodies import read_value
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.people import first
from appliance.dashboard.people.entrance import (
    come_in,
    guess_of,
    keep,
    now_text,
    ours_only,
    peer,
    same_person,
    second_step,
    session_of,
    told,
    weighed,
)
from appliance.dashboard.problems import Problem
from appliance.errors import RefusedError
from appliance.store import deeds, officers, sessions
from appliance.store.officers import Invitation, Officer, folded
from models.answer import Value

MAX_BYTES = 4_000
MAX_SETTINGS = 16_000
WRONG = "the name or the password is wrong"

Typed = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class Password(Value):
    """What is typed at the door."""

    name: Typed
    password: Typed
    otp: str = ""


class Code(Value):
    """A code that opens the door once, and what it asks to be chosen."""

    code: Typed
    name: str = ""
    password: str = ""


class Change(Value):
    """Another password instead of the present one."""

    old: Typed
    new: Typed


@get("/api/v1/me", opt={"scope": "read"})
async def me(request: Asked) -> Response[bytes]:
    """Who sits here, what they may do, and the proof that changes need."""
    return answer(told(request.auth))


@put("/api/v1/me/settings", opt={"scope": "read", "person": True})
async def remember(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Keep what the pages remember for an officer."""
    session = session_of(request.auth)
    settings = await read_value(request, dict[str, Any], MAX_SETTINGS)
    await house.write_for(request.auth, lambda db: officers.remember(db, session.officer.name, settings))
    house.keys.forget()
    return answer(settings)


@post("/api/v1/me/here", opt={"scope": "read", "person": True}, status_code=200)
async def here(request: Asked) -> Response[bytes]:
    """Somebody sits here, as the pages tell when a key or a pointer moves: reading alone shows it by nothing else."""
    session_of(request.auth)
    return answer({})


@post("/api/v1/session", opt={"scope": OPEN})
async def sign_in(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Sign in by name and password, and the second factor where there is one."""
    ours_only(request)
    typed = await read_value(request, Password, MAX_BYTES)
    officer = await house.store.read(lambda db: officers.find(db, typed.name))
    guess = await guess_of(request, house, typed.name)
    if not await weighed(request, house, guess, typed.password, officer) or officer is None:
        raise Problem(401, WRONG)
    step = await second_step(request, house, guess, officer, typed.otp) if officer.totp else 0

    def still(db: sqlite3.Connection) -> Officer:
        now = officers.known(db, officer.name)
        if (now.secret, now.totp) != (officer.secret, officer.totp):
            raise Problem(401, WRONG)
        if step and not officers.take_step(db, officer.name, step):
            raise Problem(401, "this number was used already; wait for the next one", needs=["otp"])
        return now

    return await come_in(request, house, "password and second factor" if step else "password", still)


@post("/api/v1/session/code", opt={"scope": OPEN})
async def use_code(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Come in by a code that works once: the first administrator, a new officer, a forgotten password."""
    ours_only(request)
    typed = await read_value(request, Code, MAX_BYTES)
    guess = Guess("", "", peer(request))
    house.attempts.let(guess)
    found = await house.store.read(lambda db: officers.invited(db, typed.code, time.time()))
    if found is None:
        await house.refusals.note("wrong code", "", guess.address)
        raise Problem(401, "this code is spent, too old or mistyped", hint="ask for another one")
    house.attempts.right(guess)
    needs = [field for field in _needs(found.purpose) if not getattr(typed, field)]
    if needs:
        raise Problem(422, f"choose: {', '.join(needs)}", needs=needs, name=found.officer)
    name = found.officer or typed.name
    secret = await house.passwords.made(typed.password, name) if found.purpose != "enter" else None
    try:
        entered = await come_in(request, house, "code", lambda db: _spend(db, typed, found, secret))
    except RefusedError as problem:
        raise Problem(409, problem.message, hint=problem.hint) from problem
    if found.purpose == "setup":
        first.take_away(house.store)
    return entered


def _spend(db: sqlite3.Connection, typed: Code, found: Invitation, secret: str | None) -> Officer:
    """Use a code up, and do what it is for."""
    if officers.invited(db, typed.code, time.time()) != found:
        raise Problem(401, "this code is spent", hint="ask for another one")
    officers.spend(db, typed.code)
    name = found.officer or folded(typed.name)
    if found.purpose == "setup":
        officers.add(db, typed.name, "administrator", "(setup code)")
    if secret:
        officers.set_secret(db, name, secret, name)
    return officers.known(db, name)


@delete("/api/v1/session", opt={"scope": "read", "person": True}, status_code=200)
async def sign_out(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Go."""
    session = session_of(request.auth)

    def end(db: sqlite3.Connection) -> None:
        sessions.end(db, session.digest)
        deeds.record(db, now_text(), session.officer.name, "signed out")

    await house.store.write(end)
    house.keys.forget()
    response = answer({})
    keep(response, COOKIE, "", 0)
    return response


@post("/api/v1/me/password", opt={"scope": "read", "person": True})
async def change_password(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Choose another password. All other sessions of the officer end, and this one begins anew."""
    typed = await read_value(request, Change, MAX_BYTES)
    officer = await same_person(request, house, typed.old)
    secret = await house.passwords.made(typed.new, officer.name)

    def change(db: sqlite3.Connection) -> Officer:
        if officers.known(db, officer.name).secret != officer.secret:
            raise Problem(409, "the password was changed meanwhile")
        officers.set_secret(db, officer.name, secret, officer.name)
        return officers.known(db, officer.name)

    return await come_in(request, house, "password", change)


def _needs(purpose: str) -> tuple[str, ...]:
    return {"setup": ("name", "password"), "password": ("password",)}.get(purpose, ())
