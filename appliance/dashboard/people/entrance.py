"""Begin a session, and let somebody show once more that it is they.

Takes requests and the house, gives the answer that carries the cookies. Which word or code was right is told by
`signing.py`; here stands what all ways in share.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any

from litestar import Response
from pyotp.totp import TOTP

from appliance.dashboard.access.attempts import Guess
from appliance.dashboard.access.keys import COOKIE, DEVICE, Visitor, cookie_of, is_loopback, is_ours
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.problems import Problem
from appliance.store import deeds, officers, sessions
from appliance.store.officers import Officer, digest_of, folded
from appliance.store.sessions import Session

STEP = 30
"""Seconds for which a second factor shows the same number."""
DEVICE_SECONDS = 400 * 86400


async def come_in(
    request: Asked, house: House, how: str, do: Callable[[sqlite3.Connection], Officer]
) -> Response[bytes]:
    """Begin a session in the transaction that finds out who it is for.

    It is always a new one; what this browser had before ends, whoever gave it that.
    """
    before, device, now = cookie_of(request, COOKIE), cookie_of(request, DEVICE) or "", time.time()

    def begin(db: sqlite3.Connection) -> tuple[str, str]:
        officer = do(db)
        if officer.disabled_at:
            raise Problem(401, "this officer may not come in")
        if before:
            sessions.end(db, digest_of(before))
        sessions.sweep(db, now, house.keys.idle, house.keys.longest)
        deeds.record(db, now_text(), officer.name, "signed in", address=peer(request), how=how)
        known = sessions.know_device(db, officer.name, device)
        return sessions.begin(db, officer.name, now), known

    word, known = await house.store.write(begin)
    house.keys.forget()
    visitor = await house.keys.visitor(word)
    if visitor is None:
        raise Problem(401, "this officer may not come in")
    response = answer(told(visitor), 201)
    keep(response, COOKIE, word, None)
    keep(response, DEVICE, known, DEVICE_SECONDS)
    return response


def keep(response: Response[Any], name: str, value: str, seconds: int | None) -> None:
    """Have a browser keep a cookie that no script and no other site can use; 0 seconds takes it away."""
    response.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="strict", max_age=seconds)


def told(visitor: Visitor) -> dict[str, Any]:
    """What a page is told of who asks."""
    said: dict[str, Any] = {"name": visitor.name, "role": visitor.role, "rights": sorted(visitor.rights)}
    if visitor.session:
        officer = visitor.session.officer
        said |= {"shown": officer.shown, "proof": visitor.session.proof, "settings": officer.settings}
        said |= {"second_factor": officer.totp is not None}
    return said


def session_of(visitor: Visitor) -> Session:
    """The session of somebody who signed in; routes for people have one."""
    if visitor.session is None:
        raise Problem(403, "this is for people who signed in, not for a machine's token")
    return visitor.session


def ours_only(request: Asked) -> None:
    """Let only this box's own pages sign somebody in."""
    if not is_ours(request, reading=False):
        raise Problem(403, "only this box's own pages may sign somebody in")


async def guess_of(request: Asked, house: House, name: str) -> Guess:
    """Who tries to come in, for the limits: a browser that knows the name is no stranger."""
    device = cookie_of(request, DEVICE) or ""
    knows = bool(device) and await house.store.read(lambda db: sessions.is_known(db, name, device))
    return Guess(folded(name)[: officers.MOST_NAME], digest_of(device) if knows else "", peer(request))


async def same_person(request: Asked, house: House, password: str) -> Officer:
    """Who sits here, once they have said their password again: before anything about who may come in."""
    session = session_of(request.auth)
    officer = session.officer
    guess = Guess(officer.name, f"in session {session.digest}", "")
    if await weighed(request, house, guess, password, officer):
        return officer
    raise Problem(403, "the password is wrong", field="password")


async def weighed(request: Asked, house: House, guess: Guess, password: str, officer: Officer | None) -> bool:
    """Whether a password is right, counted as a guess where it is not."""
    try:
        house.attempts.let(guess)
    except Problem:
        await house.refusals.note("sign-in refused unheard", officer.name if officer else "", guess.address)
        raise
    secret = officer.secret if officer and not officer.disabled_at else None
    try:
        well = await house.passwords.fits(password, secret, known=bool(guess.device))
    except Problem:  # too many at once: nobody looked
        house.attempts.right(guess)
        raise
    if well:
        house.attempts.right(guess)
    else:
        await house.refusals.note("wrong password", officer.name if officer else "", peer(request))
    return well


async def second_step(request: Asked, house: House, guess: Guess, officer: Officer, otp: str, status: int = 401) -> int:
    """The step of the second factor. A wrong number is a wrong guess; none at all is only asked for."""
    if not otp:
        raise Problem(status, "the second factor is needed", needs=["otp"])
    house.attempts.let(guess)
    step = step_of(officer.totp or "", officer.totp_last, otp)
    if step is None:
        await house.refusals.note("wrong second factor", officer.name, peer(request))
        raise Problem(status, "this number of the second factor is wrong or was used already", needs=["otp"])
    house.attempts.right(guess)
    return step


def step_of(secret: str, last: int, otp: str) -> int | None:
    """The time step of a number that fits and was not used before."""
    now = int(time.time()) // STEP
    factor = TOTP(secret)
    fresh = (step for step in (now, now - 1, now + 1) if step > last)
    return next((step for step in fresh if compare_digest(factor.at(step * STEP).encode(), otp.encode())), None)


def peer(request: Asked) -> str:
    """The address at the socket, whatever headers say; none where all come through one door."""
    return "" if request.client is None or is_loopback(request) else request.client.host


def sat(session: sessions.Sat) -> dict[str, Any]:
    """What may be told of a session: when, and nothing that opens it."""
    moments = {"began_at": session.began, "seen_at": session.seen}
    return {name: datetime.fromtimestamp(seconds, UTC).isoformat() for name, seconds in moments.items()}


def now_text() -> str:
    return datetime.now(UTC).isoformat()
