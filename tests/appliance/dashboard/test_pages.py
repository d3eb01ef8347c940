"""The pages for people: made of files of their own, nothing from elsewhere."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest

from appliance.dashboard.files import page

STATIC = sorted(
    file.name
    for file in files("appliance.dashboard").joinpath("static").iterdir()
    if file.is_file() and not file.name.startswith(".")
)


def test_the_desk_opens_for_who_signed_in_and_the_door_says_how(serve: Any) -> None:
    """A token in the address opens nothing any more."""
    served = serve()
    with served.client() as stranger:
        door = stranger.get("/")
        assert door.status_code == 401
        assert "lanewatch officers add" in door.text
        assert "lane &lt;3&gt;" in door.text
        assert stranger.get("/", params={"token": served.reader}).status_code == 401
    browser = served.signed_in()
    desk = browser.get("/")
    assert desk.status_code == 200
    assert 'id="queue"' in desk.text
    for path in ("/", "/scans", "/docs"):
        assert "lane &lt;3&gt;" in browser.get(path).text


@pytest.mark.parametrize("name", STATIC)
def test_a_file_of_the_pages_needs_nothing_from_elsewhere(name: str) -> None:
    """No inline script or style, no other host, no markup made from text."""
    text = files("appliance.dashboard").joinpath("static", name).read_text(encoding="utf-8")
    text = re.sub(r"<pre tabindex=\"0\">[^<]*</pre>", "", text)  # shown as it is, such as a licence
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)
    assert not re.search(
        r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=\"|innerHTML|insertAdjacentHTML|\beval\b", text
    )


@pytest.mark.parametrize("name", [name for name in STATIC if name.endswith(".html")])
def test_a_page_is_put_together_whole(name: str) -> None:
    """The parts it shares with others are in it, no blank is left, and the light is chosen before it is painted."""
    told = page(name, site="lane 3").decode()
    assert "{{" not in told
    if name != "bar.html":
        assert told.startswith("<!doctype html>")
        assert 0 < told.index("/static/theme.js") < told.index("/static/lanewatch.css")


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
