"""The pages for people: let in by a token once, made of files of their own, nothing from elsewhere."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest

STATIC = sorted(
    file.name
    for file in files("appliance.dashboard").joinpath("static").iterdir()
    if file.is_file() and not file.name.startswith(".")
)


def test_the_desk_opens_with_a_token_and_says_how_to_get_one_without(serve: Any) -> None:
    """Once let in, the token is gone from the address."""
    served = serve()
    with served.client() as browser:
        door = browser.get("/")
        assert door.status_code == 401
        assert "lanewatch tokens add" in door.text
        assert browser.get("/", params={"token": "lw_wrong"}).status_code == 401
        assert browser.get("/", params={"token": served.scanner}).status_code == 401
        assert browser.get("/", params={"token": served.reader}).status_code == 303
        desk = browser.get("/")
        assert desk.status_code == 200
        assert 'id="queue"' in desk.text
        for path in ("/", "/scans", "/docs"):
            assert "lane &lt;3&gt;" in browser.get(path).text
        assert "lane &lt;3&gt;" in door.text
        assert browser.get("/docs").status_code == 200


def test_a_session_ends_with_its_token(serve: Any, until: Any) -> None:
    """A revoked token closes the desk too."""
    served = serve()
    with served.client() as browser, served.control() as control:
        browser.get("/", params={"token": served.reader})
        assert browser.get("/").status_code == 200
        control.delete("/control/tokens/reader")
        until(lambda: browser.get("/").status_code == 401)


@pytest.mark.parametrize("name", STATIC)
def test_a_file_of_the_pages_needs_nothing_from_elsewhere(name: str) -> None:
    """No inline script or style, no other host, no markup made from text."""
    text = files("appliance.dashboard").joinpath("static", name).read_text(encoding="utf-8")
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)
    assert not re.search(
        r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=\"|innerHTML|insertAdjacentHTML|\beval\b", text
    )


@pytest.mark.parametrize("name", [name for name in STATIC if not name.endswith(".html")])
def test_a_file_is_served_by_its_exact_name_and_not_sent_twice(serve: Any, name: str) -> None:
    """With the right type, and 304 for who has it."""
    served = serve()
    with served.client() as browser:
        first = browser.get(f"/static/{name}")
        assert first.status_code == 200
        kinds = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
        assert first.headers["content-type"].startswith(kinds[name.rpartition(".")[2]])
        again = browser.get(f"/static/{name}", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["desk.html", "../app.py", "..%2fapp.py", "%2e%2e/app.py", "desk.js%00", "", "desk.js/"]
)
def test_nothing_else_is_served(serve: Any, path: str) -> None:
    """No folder is ever walked."""
    served = serve()
    with served.client() as browser:
        answer = browser.get(f"/static/{path}")
    assert answer.status_code in (200, 404)
    assert answer.status_code == 404 or path == "desk.js/"


def test_ready_says_why_not(serve: Any) -> None:
    """503 with the reasons, 200 without."""
    served = serve()
    with served.client() as client:
        assert client.get("/readyz").json() == {"ready": True, "reasons": []}
        served.health.reasons = ("engine: not there",)
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["reasons"] == ["engine: not there"]
        assert client.get("/healthz").status_code == 200
        assert client.get("/version").json()["app"]
