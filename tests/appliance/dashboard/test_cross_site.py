"""What another site can do with somebody's session: nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.appliance.dashboard.coming_in import SIGN_IN, WORD, come_in, deeds_of


@pytest.fixture
def served(serve: Any) -> Any:
    box = serve()
    box.person("T. Tan", "officer", WORD)
    return box


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "{url}", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_no_other_site_signs_anybody_in(served: Any, headers: dict[str, str]) -> None:
    """Login CSRF: somebody would sit at the attacker's account without knowing."""
    headers = {name: value.format(url=served.url) for name, value in headers.items()}
    code = served.officer("T. Tan")
    with served.client(headers=headers) as client:
        for path, body in (("/api/v1/session", SIGN_IN), ("/api/v1/session/code", {"code": code})):
            refused = client.post(path, json=body)
            assert refused.status_code == 403
            assert "set-cookie" not in refused.headers


def test_a_browser_that_tells_only_its_origin_is_believed(served: Any) -> None:
    """Over plain http browsers send no Sec-Fetch-Site."""
    with served.client(headers={"Origin": served.url}) as client:
        assert client.post("/api/v1/session", json=SIGN_IN).status_code == 201


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_form_signs_nobody_in(served: Any, kind: str) -> None:
    """Only JSON, which no form of another site can send."""
    browser = served.at_the_door()
    body = b'{"name": "T. Tan", "password": "correct horse battery"}'
    assert browser.post("/api/v1/session", content=body, headers={"Content-Type": kind}).status_code == 415


@pytest.mark.parametrize(
    ("site", "origin", "may_read", "may_change"),
    [
        ("same-origin", None, True, True),
        ("none", None, True, False),
        ("same-site", None, False, False),
        ("cross-site", None, False, False),
        ("", None, False, False),
        (None, "own", True, True),
        (None, "https://evil.example", False, False),
        (None, "null", False, False),
        (None, None, True, False),
        ("cross-site", "own", False, False),
    ],
)
def test_what_a_browser_says_of_where_a_request_comes_from_counts(
    served: Any, site: str | None, origin: str | None, may_read: bool, may_change: bool
) -> None:
    browser = come_in(served)
    del browser.headers["Sec-Fetch-Site"]
    headers = {} if site is None else {"Sec-Fetch-Site": site}
    headers |= {} if origin is None else {"Origin": served.url if origin == "own" else origin}
    assert browser.get("/api/v1/me", headers=headers).status_code == (200 if may_read else 401)
    changed = browser.put("/api/v1/me/settings", json={"theme": "dim"}, headers=headers)
    assert changed.status_code == (200 if may_change else 401)


@pytest.mark.parametrize("proof", [None, "", "x", "other", "swapped"])
def test_a_change_without_the_proof_of_this_very_session_is_refused(served: Any, proof: str | None) -> None:
    browser, other = come_in(served), come_in(served)
    right = browser.headers.pop("X-Lanewatch-Proof")
    shown = {"other": other.headers["X-Lanewatch-Proof"], "swapped": right[::-1]}.get(proof or "", proof)
    headers = {} if shown is None else {"X-Lanewatch-Proof": shown}
    for method, path in (
        ("PUT", "/api/v1/me/settings"),
        ("DELETE", "/api/v1/session"),
        ("POST", "/api/v1/me/password"),
        ("POST", "/api/v1/me/here"),
    ):
        assert browser.request(method, path, json={}, headers=headers).status_code == 401
    assert browser.get("/api/v1/me").json()["proof"] == right


def test_no_answer_may_be_read_by_another_site(served: Any) -> None:
    browser = come_in(served)
    answer = browser.get("/api/v1/me", headers={"Origin": served.url})
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    asked = browser.options("/api/v1/me/settings", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in asked.headers


def test_reading_changes_nothing(served: Any) -> None:
    """No route that is got does anything: the same chain before and after."""
    browser = come_in(served)
    before = len(deeds_of(served, "signed in"))
    for path in ("/api/v1/session", "/api/v1/session/code", "/api/v1/me/password", "/api/v1/me/second-factor"):
        assert browser.get(path).status_code == 405
    assert len(deeds_of(served, "signed in")) == before
    assert browser.get("/api/v1/me").status_code == 200


def test_a_cookie_beside_a_token_counts_for_nothing(served: Any) -> None:
    """Whoever shows a token is who the token is, also when it is a wrong one."""
    browser = come_in(served)
    for token, status in ((served.reader, 403), ("lw_wrong", 401), ("-", 401)):
        headers = {"Authorization": f"Bearer {token}"}
        assert browser.put("/api/v1/me/settings", json={}, headers=headers).status_code == status
    assert browser.get("/api/v1/me", headers={"Authorization": "Basic dDp0"}).status_code == 401


@pytest.mark.parametrize("word", ["", "x" * 500, "%00", "é", "../..", "' OR 1=1 --"])
def test_a_made_up_cookie_opens_nothing(served: Any, word: str) -> None:
    with served.client(headers={"Cookie": f"__Host-lanewatch={word}".encode()}) as client:
        assert client.get("/api/v1/me").status_code == 401
        assert client.get("/").status_code == 401
