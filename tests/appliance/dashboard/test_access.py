"""The control door, the document of the routes, problems, and the safety headers every answer wears."""

from __future__ import annotations

import socket
import stat
from typing import Any

import pytest

from appliance.dashboard.app import ROUTES
from appliance.dashboard.openapi.document import describe
from appliance.rules import texts


def _routes() -> list[tuple[str, str, str]]:
    return [
        (method, path, handler.opt["scope"])
        for handler in ROUTES
        for path in handler.paths
        for method in handler.http_methods
    ]


def _address(path: str) -> str:
    return path.replace("/static/{name:str}", "/static/desk.js").replace("{name:str}", "x").replace("{below:path}", "x")


def test_metrics_are_open_on_this_machine_but_not_through_a_proxy(serve: Any) -> None:
    """Prometheus beside the box needs no token; whoever is forwarded does."""
    served = serve()
    with served.client() as client:
        assert client.get("/metrics").text == "lanewatch_up 1\n"
        assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401


def test_a_revoked_token_is_refused_within_seconds(serve: Any, until: Any) -> None:
    """What the cache remembers, it forgets soon."""
    served = serve()
    with served.client(served.reader) as client, served.control() as control:
        assert client.get("/api/v1/scans").status_code == 200
        assert control.delete("/control/tokens/reader").status_code == 204
        until(lambda: client.get("/api/v1/scans").status_code == 401)


def test_every_answer_wears_the_safety_headers_and_its_own_id(serve: Any) -> None:
    """Also errors, also pages; data is never kept by a cache."""
    served = serve()
    seen: set[str] = set()
    with served.client(served.reader) as client:
        for path in ("/", "/static/desk.js", "/healthz", "/nothing", "/api/v1/scans", "/api/v1/scans/none", "/docs"):
            answer = client.get(path)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "object-src 'none'" in policy
            assert "strict-transport-security" not in answer.headers
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["cache-control"] == ("no-cache" if "static" in path else "no-store")
            assert "server" not in answer.headers
            seen.add(answer.headers["x-request-id"])
    assert len(seen) == 7


def test_a_problem_names_the_request_that_the_journal_names(
    serve: Any, until: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """RFC 9457 with an id that can be looked up."""
    served = serve()
    with served.client(served.reader) as client:
        answer = client.get("/api/v1/scans/none")
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == 404
    assert problem["request_id"] == answer.headers["x-request-id"]
    until(lambda: problem["request_id"] in "".join(capsys.readouterr()))


def test_the_control_door_is_for_the_boxs_own_user_only(serve: Any) -> None:
    """A socket of mode 0600 in the state folder; nothing of it on the network."""
    served = serve()
    path = served.store.root / "run" / "control.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with served.client(served.token("both", "read", "inspect")) as client:
        assert client.get("/control/tokens").status_code == 404
    with served.control() as control:
        made = control.post("/control/tokens", json={"name": "lane-3", "scopes": ["read"]})
        assert made.status_code == 201
        assert control.post("/control/tokens", json={"name": "lane-3", "scopes": ["read"]}).status_code == 409
        for bad in (
            {"name": "../x", "scopes": ["read"]},
            {"name": "x", "scopes": ["all"]},
            {"name": "x", "scopes": [[]]},
        ):
            assert control.post("/control/tokens", json=bad).status_code == 422
        listed = control.get("/control/tokens")
        assert made.json()["token"] not in listed.text
        assert "lane-3" in [token["name"] for token in listed.json()["tokens"]]
        assert control.delete("/control/tokens/nobody").status_code == 404
    with served.client(made.json()["token"]) as client:
        assert client.get("/api/v1/scans").status_code == 200


def test_a_socket_left_by_a_killed_process_is_replaced(serve: Any, tmp_path: Any) -> None:
    """A box that died starts again."""
    left = tmp_path / "box-0" / "run" / "control.sock"
    left.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(left))
    served = serve()
    with served.control() as control:
        assert control.get("/control/tokens").status_code == 200
    served.stop()
    assert not left.exists()


def test_the_openapi_document_tells_all_routes_and_their_scopes() -> None:
    """Written by hand, held against the routes."""
    told = {
        (verb.upper(), path.partition("{")[0], about["x-scope"])
        for path, verbs in describe("1")["paths"].items()
        for verb, about in verbs.items()
    }
    real = {(method, path.partition("{")[0], scope) for method, path, scope in _routes()}
    pages = {("GET", "/", "open"), ("GET", "/scans", "read"), ("GET", "/static/", "open"), ("GET", "/account", "read")}
    pages |= {("GET", "/rules", "read"), ("GET", "/supervision", "supervise")}
    pages |= {("GET", "/people", "administer"), ("GET", "/box", "administer"), ("GET", "/record", "audit")}
    pages |= {("GET", "/manual", "read"), ("GET", "/licences", "read")}
    pages |= {("GET", "/statistics", "read"), ("GET", "/shift", "judge")}
    assert told == real - pages


def _told(served: Any, method: str, path: str, accept: str = "*/*") -> Any:
    with served.client(served.reader) as client:
        return client.request(method, path, headers={"Accept": accept})


def test_who_asks_for_the_head_alone_gets_what_get_would_say_without_a_body(serve: Any) -> None:
    """On every route that can be got, also one whose body never ends."""
    served = serve()
    for method, path, _ in _routes():
        if method != "GET":
            continue
        head = _told(served, "HEAD", _address(path))
        assert head.content == b""
        if path == "/api/v1/events":
            assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
            continue
        got = _told(served, "GET", _address(path))
        assert head.status_code == got.status_code, path
        for name in ("content-type", "content-length", "content-security-policy", "cache-control", "etag"):
            assert head.headers.get(name) == got.headers.get(name), (path, name)
        assert got.headers["content-type"].count("charset") <= 1, path
    assert _told(served, "HEAD", "/api/v1/inspect").status_code == 405


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "page"),
    [(BROWSER, True), ("text/html", True), ("*/*", False), ("", False), ("application/json, text/html;q=0.5", False),
     ("application/json", False), ("q=;;,\t,text", False)],
)  # fmt: skip
def test_a_problem_is_a_page_for_a_browser_and_json_for_everybody_else(serve: Any, accept: str, page: bool) -> None:
    """With the same status and id; whatever was asked for stands in it as text only."""
    served = serve()
    for path, status in (("/nothing", 404), ("/api/v1/scans?<b>=1", 400), ("/api/v1/inspect", 405)):
        answer = _told(served, "GET", path, accept)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html" if page else "application/problem+json")
        assert answer.headers["x-request-id"] in answer.text
        assert not page or "<b>" not in answer.text
        assert "{{" not in answer.text


def test_a_browser_that_nobody_signed_in_at_gets_the_door_on_every_page(serve: Any) -> None:
    """And who may not is told so: another sign-in would not help."""
    served = serve()
    with served.client() as stranger:
        for path in ("/", "/docs", "/scans", "/api/v1/scans"):
            door = stranger.get(path, headers={"Accept": BROWSER})
            assert door.status_code == 401
            assert "lanewatch officers add NAME --role ROLE" in door.text
    with served.client(served.scanner) as client:
        refused = client.get("/docs", headers={"Accept": BROWSER})
    assert refused.status_code == 403
    assert "it needs the right" in refused.text


def test_what_comes_through_the_boxs_own_door_is_never_the_centres_word(serve: Any) -> None:
    """Whoever says so there needs a second person all the same."""
    default = texts.default()
    given = {"book": default.book.replace("version: 1", "version: 2", 1)}
    with serve().control() as control:
        for origin in ("centre", "default"):
            word = {"who": "clerk", "why": "x", "origin": origin}
            refused = control.post("/control/rules", json={"word": word, "given": given})
            assert (refused.status_code, "nobody else stands for it" in refused.json()["detail"]) == (409, True)
        put = control.post("/control/rules", json={"word": {**word, "supervisor": "N. Lee"}, "given": given})
        assert (put.status_code, put.json()["origin"]) == (201, "site")
