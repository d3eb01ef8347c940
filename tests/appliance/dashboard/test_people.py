"""Officers and tokens over the network, for administrators who say their password again; deeds for auditors."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from appliance.dashboard.access import attempts
from appliance.store import deeds, officers
from tests.appliance.dashboard.coming_in import WORD, come_in, deeds_of

AGAIN = {"password": WORD}
PEOPLE = "/api/v1/officers"


@pytest.fixture
def served(serve: Any) -> Any:
    box = serve()
    box.person("Root", "administrator", WORD)
    box.person("T. Tan", "officer", WORD)
    return box


def test_somebody_is_let_in_chooses_a_password_and_sits_down(served: Any) -> None:
    root = come_in(served, "Root")
    made = root.post(PEOPLE, json={"name": "A. Lim", "role": "supervisor", **AGAIN})
    assert (made.status_code, made.json()["role"]) == (201, "supervisor")
    fresh = served.at_the_door()
    told = fresh.post("/api/v1/session/code", json={"code": made.json()["code"], "password": "quite another one"})
    assert (told.status_code, told.json()["rights"]) == (201, ["judge", "read", "supervise"])
    listed = {each["name"]: each for each in root.get(PEOPLE).json()["officers"]}
    assert listed["a. lim"]["has_password"]
    assert listed["a. lim"]["made_by"] == "root"
    assert made.json()["code"] not in root.get(PEOPLE).text
    assert "argon2" not in root.get(PEOPLE).text
    assert root.post(PEOPLE, json={"name": "a.  LIM", "role": "officer", **AGAIN}).status_code == 409
    assert deeds_of(served, "officer added")[0].who == "root"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", PEOPLE, {"name": "new", "role": "officer"}),
        ("POST", f"{PEOPLE}/T.%20Tan/code", {}),
        ("DELETE", f"{PEOPLE}/T.%20Tan", {}),
        ("DELETE", f"{PEOPLE}/T.%20Tan/sessions", {}),
        ("POST", "/api/v1/tokens", {"name": "t", "scopes": ["read"]}),
        ("DELETE", "/api/v1/tokens/reader", {}),
    ],
)
def test_nothing_is_changed_without_the_password_once_more(served: Any, method: str, path: str, body: Any) -> None:
    """An unlocked desk is not enough; and guessing there is limited for that session alone."""
    root, tan = come_in(served, "Root"), come_in(served)
    before = len(deeds_of(served, "signed in"))
    assert root.request(method, path, json=body).status_code == 422
    statuses = [root.request(method, path, json={**body, "password": "x"}).status_code for _ in range(12)]
    assert statuses == [403] * attempts.OF_A_DEVICE + [429] * 2
    assert root.request(method, path, json={**body, **AGAIN}).status_code == 429
    assert tan.get("/api/v1/me").status_code == 200
    assert len(deeds_of(served, "signed in")) == before
    other = come_in(served, "Root")
    assert other.request(method, path, json={**body, **AGAIN}).status_code in (200, 201)


def test_a_code_over_the_network_is_for_a_new_password_only(served: Any) -> None:
    """With the other kind an administrator could judge in somebody's name, and nobody would see it."""
    root = come_in(served, "Root")
    refused = root.post(f"{PEOPLE}/T.%20Tan/code", json={"purpose": "enter", **AGAIN})
    assert refused.status_code == 422
    given = root.post(f"{PEOPLE}/T.%20Tan/code", json=AGAIN)
    told = served.at_the_door().post("/api/v1/session/code", json={"code": given.json()["code"]})
    assert (told.status_code, told.json()["needs"]) == (422, ["password"])
    assert served.at_the_door().post("/api/v1/session", json={"name": "T. Tan", "password": WORD}).status_code == 401


def test_sessions_are_seen_and_ended(served: Any) -> None:
    root, tan, again = come_in(served, "Root"), come_in(served), come_in(served)
    found = root.get(f"{PEOPLE}/T.%20Tan/sessions")
    assert len(found.json()["sessions"]) == 2
    assert tan.headers["Cookie"].split("=")[1][:20] not in found.text
    assert root.request("DELETE", f"{PEOPLE}/T.%20Tan/sessions", json=AGAIN).json() == {"ended": 2}
    assert {tan.get("/api/v1/me").status_code, again.get("/api/v1/me").status_code} == {401}
    assert deeds_of(served, "sessions ended")[0].about == "t. tan"
    assert root.get("/api/v1/me").status_code == 200


def test_nobody_unknown_and_not_the_last_administrator(served: Any) -> None:
    root = come_in(served, "Root")
    for method, path in (("POST", "/code"), ("DELETE", ""), ("DELETE", "/sessions"), ("GET", "/sessions")):
        body = None if method == "GET" else AGAIN
        assert root.request(method, f"{PEOPLE}/nobody{path}", json=body).status_code == 404
    last = root.request("DELETE", f"{PEOPLE}/root", json=AGAIN)
    assert (last.status_code, last.json()["hint"]) == (409, "add another one first")
    assert root.post(PEOPLE, json={"name": "x", "role": "king", **AGAIN}).status_code == 422


@pytest.mark.parametrize("change", ["disabled_at = 'now'", "secret = 'of another password'"])
def test_an_administrator_who_was_disabled_meanwhile_changes_nothing_any_more(served: Any, change: str) -> None:
    """Asked again in the very transaction, whatever was believed a moment before."""
    root = come_in(served, "Root")
    assert root.get(PEOPLE).status_code == 200

    def behind_its_back(db: sqlite3.Connection) -> None:
        db.execute(f"UPDATE officer SET {change} WHERE name = 'root'")

    served.store.submit(behind_its_back).result()  # and the keyring still trusts the session
    assert root.post(PEOPLE, json={"name": "new", "role": "administrator", **AGAIN}).status_code == 403
    with served.store.reader() as db:
        assert officers.find(db, "new") is None


def test_tokens_are_made_listed_and_revoked(served: Any) -> None:
    root = come_in(served, "Root")
    made = root.post("/api/v1/tokens", json={"name": "lane-9", "scopes": ["read"], **AGAIN})
    assert made.status_code == 201
    with served.client(made.json()["token"]) as machine:
        assert machine.get("/api/v1/scans").status_code == 200
        listed = root.get("/api/v1/tokens")
        assert made.json()["token"] not in listed.text
        assert {token["name"] for token in listed.json()["tokens"]} == {"lane-9", "reader", "scanner"}
        assert root.request("DELETE", "/api/v1/tokens/lane-9", json=AGAIN).status_code == 200
        assert machine.get("/api/v1/scans").status_code == 401  # at once
    assert root.request("DELETE", "/api/v1/tokens/lane-9", json=AGAIN).status_code == 404
    for bad in ({"name": "../x", "scopes": ["read"]}, {"name": "x", "scopes": ["all"]}, {"name": "x", "scopes": []}):
        assert root.post("/api/v1/tokens", json={**bad, **AGAIN}).status_code == 422
    assert [deed.what for deed in (deeds_of(served, "token made") + deeds_of(served, "token revoked"))] == [
        "token made", "token revoked",
    ]  # fmt: skip


def test_an_auditor_reads_all_deeds_page_by_page(served: Any) -> None:
    served.person("Clerk", "auditor", WORD)
    for _ in range(5):
        come_in(served)
    clerk = come_in(served, "Clerk")
    whole = clerk.get("/api/v1/deeds").json()
    assert whole["next"] is None
    assert [deed["seq"] for deed in whole["deeds"]] == list(range(len(whole["deeds"]), 0, -1))
    seen, before = [], None
    while True:
        page = clerk.get("/api/v1/deeds", params={"limit": 4, **({"before": before} if before else {})}).json()
        seen += page["deeds"]
        before = page["next"]
        if before is None:
            break
    assert seen == whole["deeds"]
    assert set(seen[0]) == set(deeds.Deed._fields)
    for bad in ({"limit": 0}, {"limit": 201}, {"before": 0}, {"before": "x"}, {"after": 1}):
        assert clerk.get("/api/v1/deeds", params=bad).status_code == 400
