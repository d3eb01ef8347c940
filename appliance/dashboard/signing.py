"""Come in and go: passwords and codes at the door, what a page knows of who sits at it.

Takes what was typed, gives a session in a cookie that no script reads. Signing in always begins a new session.
"""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Annotated, Any

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from pydantic import StringConstraints
from pyotp.totp import TOTP

from appliance.dashboard.attempts import Guess
from appliance.dashboard.bodies import read_value
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.keys import COOKIE, DEVICE, OPEN, Visitor, is_nearby, is_ours
from appliance.dashboard.problems import Problem
from appliance.errors import RefusedError
from appliance.journal import journal
from appliance.store import deeds, officers, sessions
from appliance.store.officers import Officer, digest_of, folded
from models.answer import Value

MAX_BYTES = 4_000
MAX_SETTINGS = 16_000
STEP = 30
_log = journal("dashboard")

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
    return answer(_told(request.auth))


@put("/api/v1/me/settings", opt={"scope": "read"})
async def remember(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Keep what the pages remember for an officer."""
    session = _session(request.auth)
    settings = await read_value(request, dict[str, Any], MAX_SETTINGS)
    await house.store.write(lambda db: officers.remember(db, session.officer.name, settings))
    house.keys.forget()
    return answer(settings)


@post("/api/v1/session", opt={"scope": OPEN})
async def sign_in(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Sign in by name and password, and the second factor where there is one."""
    _ours(request)
    typed = await read_value(request, Password, MAX_BYTES)
    guess = await _guess(request, house, typed.name)
    house.attempts.let(guess)
    officer = await house.store.read(lambda db: officers.find(db, typed.name))
    well = await house.passwords.fits(typed.password, officer.secret if officer and not officer.disabled_at else None)
    step = _step(officer, typed.otp) if officer and well and officer.totp else 0
    if officer is None or not well or step is None:
        asked_for_more = officer is not None and well and not typed.otp
        if asked_for_more:
            house.attempts.right(guess)
        else:
            await house.store.write(lambda db: _note(db, guess, "sign-in refused"))
        told = "the second factor is needed" if asked_for_more else "the name or the password is wrong"
        raise Problem(401, told, needs=["otp"] if asked_for_more else [])
    house.attempts.right(guess)
    return await _come_in(request, house, officer, step)


@post("/api/v1/session/code", opt={"scope": OPEN})
async def use_code(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Come in by a code that works once: the first administrator, a new officer, a forgotten password."""
    _ours(request)
    typed = await read_value(request, Code, MAX_BYTES)
    guess = Guess("a code", "", _address(request))
    house.attempts.let(guess)
    found = await house.store.read(lambda db: officers.invited(db, typed.code, time.time()))
    if found is None:
        await house.store.write(lambda db: _note(db, guess, "code refused"))
        raise Problem(401, "this code is spent, too old or mistyped", hint="ask for another one")
    house.attempts.right(guess)
    needs = [field for field in _needs(found.purpose) if not getattr(typed, field)]
    if needs:
        raise Problem(422, f"choose: {', '.join(needs)}", needs=needs, name=found.officer)
    name = found.officer or typed.name
    secret = await house.passwords.made(typed.password, name) if found.purpose != "enter" else None

    def spend(db: sqlite3.Connection) -> Officer:
        if officers.invited(db, typed.code, time.time()) != found:
            raise Problem(401, "this code is spent", hint="ask for another one")
        officers.spend(db, typed.code)
        if found.purpose == "setup":
            officers.add(db, typed.name, "administrator", "setup")
        if secret:
            officers.set_secret(db, folded(name), secret, folded(name))
        return officers.known(db, name)

    try:
        officer = await house.store.write(spend)
    except RefusedError as problem:
        raise Problem(409, problem.message, hint=problem.hint) from problem
    return await _come_in(request, house, officer, 0)


@delete("/api/v1/session", opt={"scope": "read"}, status_code=200)
async def sign_out(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Go."""
    session = _session(request.auth)

    def end(db: sqlite3.Connection) -> None:
        sessions.end(db, session.digest)
        deeds.record(db, _now(), session.officer.name, "signed out")

    await house.store.write(end)
    house.keys.forget()
    response = answer({})
    response.delete_cookie(COOKIE, path="/")
    return response


@post("/api/v1/me/password", opt={"scope": "read"})
async def change_password(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Choose another password. All other sessions of the officer end, and this one begins anew."""
    officer = _session(request.auth).officer
    typed = await read_value(request, Change, MAX_BYTES)
    guess = await _guess(request, house, officer.name)
    house.attempts.let(guess)
    if not await house.passwords.fits(typed.old, officer.secret):
        raise Problem(401, "the present password is wrong")
    house.attempts.right(guess)
    secret = await house.passwords.made(typed.new, officer.name)
    await house.store.write(lambda db: officers.set_secret(db, officer.name, secret, officer.name))
    return await _come_in(request, house, officer, 0)


async def _come_in(request: Asked, house: House, officer: Officer, step: int) -> Response[bytes]:
    """Begin a session; one that a browser had before ends, whoever gave it that."""
    before, device, now = request.cookies.get(COOKIE), request.cookies.get(DEVICE, ""), time.time()

    def begin(db: sqlite3.Connection) -> tuple[str, str]:
        if before:
            sessions.end(db, digest_of(before))
        sessions.sweep(db, now, house.keys.idle, house.keys.longest)
        if step:
            db.execute("UPDATE officer SET totp_last = ? WHERE name = ?", (step, officer.name))
        deeds.record(db, _now(), officer.name, "signed in", address=_address(request))
        known = device if sessions.is_known(db, officer.name, device) else sessions.know_device(db, officer.name)
        return sessions.begin(db, officer.name, now), known

    word, known = await house.store.write(begin)
    house.keys.forget()
    visitor = await house.keys.visitor(word)
    if visitor is None:
        raise Problem(401, "this officer may not come in")
    response = answer(_told(visitor), 201)
    for name, value, age in ((COOKIE, word, None), (DEVICE, known, 400 * 86400)):
        response.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="strict", max_age=age)
    return response


def _told(visitor: Visitor) -> dict[str, Any]:
    told: dict[str, Any] = {"name": visitor.name, "role": visitor.role, "rights": sorted(visitor.rights)}
    if visitor.session:
        officer = visitor.session.officer
        told |= {"shown": officer.shown, "proof": visitor.session.proof, "settings": officer.settings}
        told |= {"second_factor": officer.totp is not None}
    return told


def _session(visitor: Visitor) -> sessions.Session:
    if visitor.session is None:
        raise Problem(403, "a machine's token has no session: sign in for this")
    return visitor.session


def _ours(request: Asked) -> None:
    if not is_ours(request, reading=False):
        raise Problem(403, "only this box's own pages may sign somebody in")


def _needs(purpose: str) -> tuple[str, ...]:
    return {"setup": ("name", "password"), "password": ("password",)}.get(purpose, ())


def _step(officer: Officer, otp: str) -> int | None:
    """The time step of a second factor that fits and was not used before."""
    now = int(time.time()) // STEP
    factor = TOTP(officer.totp or "")
    fresh = (step for step in (now, now - 1, now + 1) if step > officer.totp_last)
    return next((step for step in fresh if compare_digest(factor.at(step * STEP).encode(), otp.encode())), None)


async def _guess(request: Asked, house: House, name: str) -> Guess:
    device = request.cookies.get(DEVICE, "")
    knows = bool(device) and await house.store.read(lambda db: sessions.is_known(db, name, device))
    return Guess(folded(name)[: officers.MOST_NAME], digest_of(device) if knows else "", _address(request))


def _address(request: Asked) -> str:
    """The address at the socket; none where all come through one door."""
    return "" if request.client is None or is_nearby(request) else request.client.host


def _note(db: sqlite3.Connection, guess: Guess, what: str) -> None:
    deeds.record(db, _now(), "", what, guess.name, address=guess.address)
    _log.warning(what, name=guess.name, peer=guess.address)


def _now() -> str:
    return datetime.now(UTC).isoformat()
