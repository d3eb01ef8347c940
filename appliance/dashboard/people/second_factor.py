"""The second factor: numbers from an app on somebody's phone, by the clock (RFC 6238). Whoever wants one has one.

Begun with the password, in force once a number of it was shown; until then nothing has changed.
"""

from __future__ import annotations

import sqlite3
import time

import pyotp
from litestar import Response, delete, post, put
from litestar.di import NamedDependency
from pyotp.totp import TOTP

from appliance.dashboard.access.attempts import Guess
from appliance.dashboard.bodies import read_value
from appliance.dashboard.house import Asked, Begun, House, answer
from appliance.dashboard.people.entrance import same_person, session_of, step_of
from appliance.dashboard.people.signing import MAX_BYTES, Typed
from appliance.dashboard.problems import Problem
from appliance.store import officers, sessions
from models.answer import Value

BEGUN_SECONDS = 600.0
"""So long a secret that was shown waits for its first number."""
MOST_BEGUN = 100


class Again(Value):
    """The password, said once more."""

    password: Typed


class Number(Value):
    """What the app shows."""

    otp: Typed


@post("/api/v1/me/second-factor", opt={"scope": "read", "person": True})
async def begin_factor(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Show a new secret, also as the address that an app takes in."""
    typed = await read_value(request, Again, MAX_BYTES)
    officer = await same_person(request, house, typed.password)
    if officer.totp:
        raise Problem(409, "there is a second factor already", hint="end it first")
    secret, now = pyotp.random_base32(), time.monotonic()
    for digest in [each for each, begun in house.factors.items() if begun.until < now]:
        del house.factors[digest]
    if len(house.factors) >= MOST_BEGUN:
        raise Problem(503, "too many people begin a second factor at once", headers={"Retry-After": "60"})
    house.factors[session_of(request.auth).digest] = Begun(secret, now + BEGUN_SECONDS)
    site = str(house.health.version().get("site") or "")
    uri = str(TOTP(secret, name=officer.shown, issuer=f"Lanewatch {site}".strip()).provisioning_uri())
    return answer({"secret": secret, "uri": uri}, 201)


@put("/api/v1/me/second-factor", opt={"scope": "read", "person": True})
async def confirm_factor(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Put it in force by a number of it; other sessions of this officer end."""
    session = session_of(request.auth)
    typed = await read_value(request, Number, MAX_BYTES)
    begun = house.factors.get(session.digest)
    if begun is None or begun.until < time.monotonic():
        raise Problem(409, "no second factor was begun here, or too long ago", hint="begin it anew")
    guess = Guess(session.officer.name, f"in session {session.digest}", "")
    house.attempts.let(guess)
    step = step_of(begun.secret, 0, typed.otp.replace(" ", ""))
    if step is None:
        raise Problem(422, "this is not the number of now; is the phone's clock right?", field="otp")
    house.attempts.right(guess)

    def confirm(db: sqlite3.Connection) -> None:
        if officers.known(db, session.officer.name).totp:
            raise Problem(409, "there is a second factor already", hint="end it first")
        officers.set_factor(db, session.officer.name, begun.secret, step)
        sessions.end_all(db, session.officer.name, but=session.digest)

    await house.write_for(request.auth, confirm)
    house.factors.pop(session.digest, None)
    house.keys.forget()
    return answer({"second_factor": True})


@delete("/api/v1/me/second-factor", opt={"scope": "read", "person": True}, status_code=200)
async def end_factor(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Do without it again."""
    typed = await read_value(request, Again, MAX_BYTES)
    officer = await same_person(request, house, typed.password)
    if not officer.totp:
        raise Problem(409, "there is no second factor")
    await house.write_for(request.auth, lambda db: officers.set_factor(db, officer.name, None, 0))
    house.keys.forget()
    return answer({"second_factor": False})
