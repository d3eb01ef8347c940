"""One's own sessions: where one is signed in, and to end all others, as from a desk that was left open."""

from __future__ import annotations

import sqlite3
import time

from litestar import Response, delete, get
from litestar.di import NamedDependency

from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.people.entrance import now_text, sat, session_of
from appliance.store import deeds, sessions


@get("/api/v1/me/sessions", opt={"scope": "read"})
async def list_own(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Where whoever asks is signed in; `here` is the session that asks. A machine's token has none."""
    session = request.auth.session
    if session is None:
        return answer({"sessions": []})
    now, idle, longest = time.time(), house.keys.idle, house.keys.longest
    found = await house.store.read(lambda db: sessions.of(db, session.officer.name, now, idle, longest))
    return answer({"sessions": [{**sat(each), "here": each.digest == session.digest} for each in found]})


@delete("/api/v1/me/sessions", opt={"scope": "read", "person": True}, status_code=200)
async def end_others(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """End all sessions of whoever asks but this one."""
    session = session_of(request.auth)

    def end(db: sqlite3.Connection) -> int:
        deeds.record(db, now_text(), session.officer.name, "sessions ended", session.officer.name)
        return sessions.end_all(db, session.officer.name, but=session.digest)

    ended = await house.write_for(request.auth, end)
    house.keys.forget()
    return answer({"ended": ended})
