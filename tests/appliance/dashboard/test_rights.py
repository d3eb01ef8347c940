"""One table says who may do what. Every route, for everybody, by every method, is held against it."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

import pytest

from appliance.dashboard.app import ROUTES
from appliance.store import officers, sessions

RIGHTS = {
    ("GET", "/"): "open",
    ("GET", "/static/{name:path}"): "open",
    ("GET", "/healthz"): "open",
    ("GET", "/readyz"): "open",
    ("GET", "/version"): "open",
    ("POST", "/api/v1/session"): "open",
    ("POST", "/api/v1/session/code"): "open",
    ("GET", "/metrics"): "nearby",
    ("POST", "/api/v1/inspect"): "inspect",
    ("POST", "/api/v1/scans"): "inspect",
    ("GET", "/scans"): "read",
    ("GET", "/statistics"): "read",
    ("GET", "/shift"): "judge",
    ("GET", "/api/v1/statistics"): "read",
    ("GET", "/api/v1/shift"): "judge",
    ("GET", "/docs"): "read",
    ("GET", "/manual"): "read",
    ("GET", "/licences"): "read",
    ("GET", "/docs/openapi.json"): "read",
    ("GET", "/api/v1/scans"): "read",
    ("GET", "/api/v1/scans/{below:path}"): "read",
    ("GET", "/api/v1/events"): "read",
    ("GET", "/api/v1/me"): "read",
    ("POST", "/api/v1/me/here"): "person",
    ("PUT", "/api/v1/me/settings"): "person",
    ("POST", "/api/v1/me/password"): "person",
    ("POST", "/api/v1/me/second-factor"): "person",
    ("PUT", "/api/v1/me/second-factor"): "person",
    ("DELETE", "/api/v1/me/second-factor"): "person",
    ("DELETE", "/api/v1/session"): "person",
    ("GET", "/api/v1/officers"): "administer",
    ("POST", "/api/v1/officers"): "administer",
    ("DELETE", "/api/v1/officers/{name:str}"): "administer",
    ("POST", "/api/v1/officers/{name:str}/code"): "administer",
    ("GET", "/api/v1/officers/{name:str}/sessions"): "administer",
    ("DELETE", "/api/v1/officers/{name:str}/sessions"): "administer",
    ("GET", "/api/v1/tokens"): "administer",
    ("POST", "/api/v1/tokens"): "administer",
    ("DELETE", "/api/v1/tokens/{name:str}"): "administer",
    ("GET", "/api/v1/deeds"): "audit",
    ("GET", "/api/v1/me/sessions"): "read",
    ("DELETE", "/api/v1/me/sessions"): "person",
    ("GET", "/account"): "read",
    ("GET", "/people"): "administer",
    ("GET", "/box"): "administer",
    ("GET", "/api/v1/box"): "administer",
    ("GET", "/api/v1/box/fill"): "administer",
    ("GET", "/record"): "audit",
    ("GET", "/api/v1/record/chains"): "audit",
    ("POST", "/api/v1/record/chains"): "audit",
    ("GET", "/api/v1/record/evidence"): "audit",
    ("GET", "/api/v1/queue"): "read",
    ("GET", "/api/v1/classes"): "read",
    ("POST", "/api/v1/looking"): "judge",
    ("POST", "/api/v1/reviews"): "judge",
    ("POST", "/api/v1/reviews/{key:str}/undo"): "judge",
    ("POST", "/api/v1/outcomes"): "judge",
    ("GET", "/rules"): "read",
    ("GET", "/supervision"): "supervise",
    ("GET", "/api/v1/rules"): "read",
    ("GET", "/api/v1/rules/texts/{digest:str}"): "read",
    ("POST", "/api/v1/rules/check"): "supervise",
    ("POST", "/api/v1/rules/activate"): "supervise",
    ("POST", "/api/v1/rules/rollback"): "supervise",
    ("POST", "/api/v1/rules/level"): "supervise",
    ("GET", "/api/v1/rules/backtest"): "read",
    ("POST", "/api/v1/rules/backtest"): "supervise",
    ("DELETE", "/api/v1/rules/backtest"): "supervise",
    ("GET", "/api/v1/overrides"): "supervise",
}
"""The whole of it. A new route is written down here, or this fails."""
MAY: dict[str, set[str]] = {
    "stranger": {"open", "nearby"},
    "token inspect": {"open", "nearby", "inspect"},
    "token read": {"open", "nearby", "read"},
    "officer": {"open", "nearby", "read", "person", "judge"},
    "supervisor": {"open", "nearby", "read", "person", "judge", "supervise"},
    "administrator": {"open", "nearby", "read", "person", "administer"},
    "auditor": {"open", "nearby", "read", "person", "audit"},
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def _routes() -> dict[tuple[str, str], Any]:
    return {(method, path): handler for handler in ROUTES for path in handler.paths for method in handler.http_methods}


def _address(path: str) -> str:
    return (
        path.replace("/static/{name:path}", "/static/desk.js")
        .replace("{name:str}", "x")
        .replace("{below:path}", "x")
        .replace("{key:str}", "x")
        .replace("{digest:str}", "x")
    )


def test_the_table_is_the_routes() -> None:
    """And what each handler names is what the table says."""
    routes = _routes()
    assert set(routes) == set(RIGHTS)
    for at, right in RIGHTS.items():
        opt = routes[at].opt
        assert opt["scope"] == {"nearby": "read", "person": "read"}.get(right, right), at
        assert bool(opt.get("open_nearby")) == (right == "nearby"), at
        changes = at[0] != "GET" and right not in ("open", "inspect")
        assert bool(opt.get("person")) == changes, f"{at}: what people change, no machine does"


def test_an_administrator_never_judges_and_nobody_judges_and_administers() -> None:
    for role, rights in officers.RIGHTS.items():
        assert "read" in rights
        assert not ({"judge", "supervise"} & rights and {"administer", "audit"} & rights), role
        assert set(rights) == MAY[role] - {"open", "nearby", "person"}


@pytest.mark.parametrize("who", MAY)
def test_every_route_by_every_method_lets_in_who_may_and_nobody_else(serve: Any, who: str) -> None:
    """401 for strangers, 403 for who lacks the right, 405 for a method that is none; never a 500."""
    served = serve()
    role = who if who in officers.RIGHTS else None
    token = served.token("t", who.removeprefix("token ")) if who.startswith("token") else None
    if role:
        served.officer("A. Nyone", role)

    def session(db: sqlite3.Connection) -> tuple[str, str]:
        word = sessions.begin(db, "a. nyone", time.time())
        return word, db.execute("SELECT proof FROM session ORDER BY rowid DESC").fetchone()[0]

    asked = 0
    for path in sorted({path for _, path in RIGHTS}):
        for method in METHODS:
            headers = {"Sec-Fetch-Site": "same-origin"}
            if role:
                word, proof = served.store.submit(session).result()
                headers |= {"Cookie": f"__Host-lanewatch={word}", "X-Lanewatch-Proof": proof}
            right = RIGHTS.get(("GET" if method == "HEAD" else method, path))
            forwarded = {"X-Forwarded-For": "127.0.0.1"} if path == "/metrics" and "read" not in MAY[who] else {}
            with (
                served.client(token, headers=headers | forwarded) as client,
                client.stream(method, _address(path)) as answer,
            ):
                status = answer.status_code
            asked += 1
            if right is None:
                assert status in (401, 403, 405), (method, path, status)
            elif forwarded:
                assert status == (403 if token else 401), (method, path, status)
            elif right in MAY[who]:
                at_the_door = path == "/" and "read" not in MAY[who]
                assert status == 401 if at_the_door else status not in (401, 403, 405), (method, path, status)
            else:
                assert status == (401 if who == "stranger" else 403), (method, path, status)
            assert status < 500, (method, path, status)
    assert asked == len({path for _, path in RIGHTS}) * len(METHODS)
