"""Scans come in over HTTP: kept before they are acknowledged, refused with the field named."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from appliance.scan import Action
from appliance.store import scans


def _inspect(content: bytes, **fields: Any) -> dict[str, Any]:
    return {"image_base64": base64.b64encode(content).decode(), **fields}


def test_inspect_answers_with_the_verdict(serve: Any, picture: Any) -> None:
    """The first seven fields are what existing clients read."""
    served = serve()
    served.judging = True
    body = _inspect(picture(), scan_id="SCAN-1", declared_items=["clothing"], mode="vqa")
    with served.client(served.scanner) as client:
        answer = client.post("/api/v1/inspect", json=body)
    assert answer.status_code == 200
    first = "scan_id risk_level recommended_action detected_items declaration_match declaration reasoning"
    assert list(answer.json())[:7] == first.split()
    assert answer.json()["scan_id"] == "SCAN-1"


def test_inspect_says_where_the_scan_is_when_the_verdict_is_late(serve: Any, picture: Any) -> None:
    """504, the scan being safe; its address shows the verdict later."""
    served = serve(deadline_seconds=0.2)
    with served.client(served.scanner) as scanner, served.client(served.reader) as reader:
        late = scanner.post("/api/v1/inspect", json=_inspect(picture(), scan_id="a/b ü"))
        assert late.status_code == 504
        assert late.headers["content-type"] == "application/problem+json"
        assert reader.get(late.json()["scan"]).json()["state"] == "received"
        assert served.judge(Action.CLEAR) == 1
        assert reader.get(late.json()["scan"]).json()["verdict"]["recommended_action"] == "CLEAR"


def test_a_scan_sent_again_is_the_same_scan_and_has_its_verdict_at_once(serve: Any, picture: Any) -> None:
    """A client that heard nothing simply sends again."""
    served = serve(deadline_seconds=0.2)
    body = _inspect(picture(), scan_id="again")
    with served.client(served.scanner) as client:
        assert client.post("/api/v1/inspect", json=body).status_code == 504
        served.judge()
        assert client.post("/api/v1/inspect", json=body).status_code == 200
    with served.store.reader() as db:
        assert db.execute("SELECT count(*) FROM scan").fetchone()[0] == 1


def test_several_views_make_one_scan(serve: Any, picture: Any) -> None:
    """202 with the address, after the scan is on disk."""
    served = serve()
    sheet = json.dumps({"scan_id": "two", "lane": "L3", "declared_items": ["shoes"]})
    with served.client(served.scanner) as client:
        files = {"sheet": ("", sheet, "application/json"), "top": picture(1), "side": picture(2)}
        answer = client.post("/api/v1/scans", files=files)
    assert answer.status_code == 202
    assert answer.headers["location"] == answer.json()["address"]
    with served.store.reader() as db:
        scan = scans.find(db, "two", answer.json()["revision"])
    assert scan is not None
    assert [one.name for one in scan.pictures] == ["top", "side"]
    assert (scan.lane, scan.declaration.items[0].text) == ("L3", "shoes")


def test_what_cannot_be_decoded_is_kept_for_a_human(serve: Any) -> None:
    """Not an error: the scan is in quarantine and its verdict is REVIEW."""
    served = serve()
    served.judging = True
    with served.client(served.scanner) as client:
        answer = client.post("/api/v1/inspect", json=_inspect(b"no picture at all", scan_id="odd"))
    assert answer.status_code == 200
    assert answer.json()["recommended_action"] == "REVIEW"
    with served.client(served.reader) as client:
        assert client.get("/api/v1/scans/odd").json()["quarantine"]
        assert client.get("/api/v1/scans/odd/views/1.png").status_code == 404


@pytest.mark.parametrize(
    "sheet",
    ['{"scan_id": 5, "declared_items": 7}', "{", '{"context": {"x": 1e999}}', '{"context": {"x": "\\ud800"}}', "\x00"],
)
def test_a_broken_sheet_never_holds_back_its_picture(serve: Any, picture: Any, sheet: str) -> None:
    """The declaration is then unreadable, which no verdict ignores."""
    served = serve()
    with served.client(served.scanner) as client:
        answer = client.post("/api/v1/scans", files={"sheet": ("", sheet), "top": picture()})
    assert answer.status_code == 202
    with served.store.reader() as db:
        scan = scans.find(db, answer.json()["scan_id"])
    assert scan is not None
    assert scan.declaration.state == "unreadable"


def test_one_sender_never_replaces_what_another_sent(serve: Any, picture: Any) -> None:
    """The same scan_id from two tokens stays two scans; from one token it is a new revision."""
    served = serve()
    other = served.token("other", "inspect")
    with served.client(served.scanner) as mine, served.client(other) as theirs:
        sheet = ("", '{"scan_id": "same"}')
        first = mine.post("/api/v1/scans", files={"sheet": sheet, "top": picture(1)}).json()
        foreign = theirs.post("/api/v1/scans", files={"sheet": sheet, "top": picture(2)}).json()
        second = mine.post("/api/v1/scans", files={"sheet": sheet, "top": picture(3)}).json()
    assert (first["scan_id"], first["revision"]) == ("same", 1)
    assert foreign["scan_id"] != "same"
    assert (second["scan_id"], second["revision"]) == ("same", 2)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"image_base64": "AAAA", "image_base64": "AAAA"}', 400),
        (b'{"a": ' * 2000 + b"1" + b"}" * 2000, 400),
        (b"{}", 422),
        (b'{"image_base64": "data:image/png;base64,AAAA"}', 422),
        (b'{"image_base64": "AAAA", "mode": "chat"}', 422),
        (b'{"image_base64": "AAAA", "mode": []}', 422),
        (b'{"image_base64": "' + b"A" * 2_000_000 + b'"}', 413),
    ],
)
def test_what_is_no_request_is_refused_by_name(serve: Any, body: bytes, status: int) -> None:
    """A clear problem, nothing kept."""
    served = serve()
    with served.client(served.scanner) as client:
        answer = client.post("/api/v1/inspect", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["detail"]
    with served.store.reader() as db:
        assert db.execute("SELECT count(*) FROM scan").fetchone()[0] == 0


def test_a_stream_without_a_length_is_cut_at_the_limit(serve: Any) -> None:
    """Nobody says how long it is; it is refused at the first byte too many."""
    served = serve()
    with served.client(served.scanner) as client:
        pieces = (b"A" * 65_536 for _ in range(40))
        answer = client.post("/api/v1/inspect", content=pieces, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("name", ["../x", "a b", "é", "x" * 64])
def test_a_view_has_a_plain_name(serve: Any, picture: Any, name: str) -> None:
    """A view's name ends up in paths and pages."""
    served = serve()
    with served.client(served.scanner) as client:
        assert client.post("/api/v1/scans", files={name: picture()}).status_code == 422


def test_no_room_is_told_and_nothing_is_kept(serve: Any, picture: Any) -> None:
    """507 while the house takes nothing; the same request later succeeds."""
    served = serve()
    with served.client(served.scanner) as client:
        served.no_room = "the disk is nearly full"
        refused = client.post("/api/v1/scans", files={"top": picture()})
        assert refused.status_code == 507
        assert "nearly full" in refused.json()["detail"]
        assert refused.headers["retry-after"]
        served.no_room = ""
        assert client.post("/api/v1/scans", files={"top": picture()}).status_code == 202
