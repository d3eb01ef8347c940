"""Looking at scans: pages that can be followed, ids in any script, tables that start no formula."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from appliance.dashboard.desk import scans as desk_scans
from appliance.scan import Action
from tests.appliance.dashboard.desking import bring


def _send(served: Any, picture: bytes, scan_id: str, **more: Any) -> dict[str, Any]:
    with served.client(served.scanner) as client:
        sheet = json.dumps({"scan_id": scan_id, **more})
        answer = client.post("/api/v1/scans", files={"sheet": ("", sheet), "top": picture})
        assert answer.status_code == 202
        return answer.json()


@pytest.mark.parametrize(
    "scan_id", ["plain", "a/b/c", "行李-七", "حقيبة", "x?y#z&%20", "x/views/1.png", "/lead", "ü ' \" <b>"]
)
def test_a_scan_is_found_whatever_its_id(serve: Any, picture: Any, scan_id: str) -> None:
    """The address given is the address that works, for the scan and its picture."""
    served = serve()
    address = _send(served, picture(), scan_id)["address"]
    with served.client(served.reader) as client:
        found = client.get(address)
        assert found.status_code == 200
        assert found.json()["scan_id"] == scan_id
        seen = client.get(found.json()["views"][0]["address"])
        assert seen.status_code == 200
        assert seen.content.startswith(b"\x89PNG")
        assert client.get(f"/api/v1/scans/{quote(scan_id + '!', safe='')}").status_code == 404


def test_only_the_clean_picture_is_shown(serve: Any, picture: Any) -> None:
    """The bytes that came may carry anything; they are never served."""
    served = serve()
    original = picture() + b"<script>alert(1)</script>"
    _send(served, original, "dirty")
    with served.client(served.reader) as client:
        shown = client.get("/api/v1/scans/dirty/views/1.png")
        assert shown.headers["content-type"] == "image/png"
        assert b"script" not in shown.content
        for beyond in ("0", "2", "99999", "x", "-1", "1.png/..%2f1"):
            assert client.get(f"/api/v1/scans/dirty/views/{beyond}.png").status_code == 404


def test_a_scan_shows_its_revisions_and_earlier_verdicts(serve: Any, picture: Any) -> None:
    """Nothing that was said is hidden."""
    served = serve()
    _send(served, picture(1), "twice")
    served.judge(Action.CLEAR)
    _send(served, picture(2), "twice")
    served.judge(Action.PHYSICAL_INSPECTION)
    with served.client(served.reader) as client:
        newest = client.get("/api/v1/scans/twice").json()
        first = client.get("/api/v1/scans/twice", params={"revision": 1}).json()
        assert client.get("/api/v1/scans/twice", params={"revision": 3}).status_code == 404
    assert (newest["revision"], newest["revisions"]) == (2, [1, 2])
    assert newest["verdict"]["recommended_action"] == "PHYSICAL_INSPECTION"
    assert first["verdict"]["recommended_action"] == "CLEAR"
    assert "context" not in newest


def test_pages_are_followed_to_the_end_without_a_gap(serve: Any, picture: Any) -> None:
    """Newest first, by key: what arrives meanwhile moves nothing."""
    served = serve()
    for number in range(7):
        _send(served, picture(number), f"scan-{number}")
    found: list[str] = []
    with served.client(served.reader) as client:
        following: str | None = "/api/v1/scans?limit=3&source=http"
        while following:
            answer = client.get(following)
            found += [scan["scan_id"] for scan in answer.json()["scans"]]
            following = answer.json()["next"]
            assert ("link" in answer.headers) == bool(following)
            _send(served, picture(100 + len(found)), f"meanwhile-{len(found)}")
    assert found == [f"scan-{number}" for number in (6, 5, 4, 3, 2, 1, 0)]


def test_filters_pick_what_they_name(serve: Any, picture: Any) -> None:
    """Action, risk, state, source, lane, time, degraded."""
    served = serve()
    _send(served, picture(1), "clear", lane="L1")
    served.judge(Action.CLEAR)
    _send(served, picture(2), "search", lane="L2")
    served.judge(Action.PHYSICAL_INSPECTION)
    _send(served, picture(3), "look", lane="L2")
    served.judge(Action.REVIEW)
    _send(served, picture(4), "waiting", lane="L1")
    cases = {
        "action=CLEAR": {"clear"},
        "risk=high": {"search"},
        "state=received": {"waiting"},
        "lane=L2": {"search", "look"},
        "degraded=true": {"look"},
        "degraded=false&lane=L1": {"clear", "waiting"},
        "source=elsewhere": set(),
        "since=2020-01-01T00:00:00Z": {"clear", "search", "look", "waiting"},
        "until=2020-01-01T00:00:00+02:00": set(),
    }
    with served.client(served.reader) as client:
        for filters, expected in cases.items():
            answer = client.get(f"/api/v1/scans?{filters}")
            assert {scan["scan_id"] for scan in answer.json()["scans"]} == expected, filters


@pytest.mark.parametrize(
    "asked",
    [
        "actoin=CLEAR", "action=clear", "limit=0", "limit=201", "limit=1e2", "cursor=-1",
        "cursor=99999999999999999999", "since=yesterday", "since=2026-11-20T08:00:00",
        "since=0001-01-01T00:00:00%2B14:00", "degraded=yes", "format=xml", "lane=a&lane=b", "lane=%ff",
    ],
)  # fmt: skip
def test_a_wrong_question_is_refused_by_name(serve: Any, asked: str) -> None:
    """Never answered as if it had asked something else."""
    served = serve()
    with served.client(served.reader) as client:
        answer = client.get(f"/api/v1/scans?{asked}")
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_a_table_holds_all_scans_and_no_formula(serve: Any, picture: Any) -> None:
    """CSV of more than one page; a cell that starts like a formula is text."""
    served = serve()
    bad = ["=cmd|' /C calc'!A0", "+1", "-1", "@x", " =1+1"]
    for number, scan_id in enumerate([*bad, 'plain, "quoted"']):
        _send(served, picture(number), scan_id)
    with served.client(served.reader) as client:
        answer = client.get("/api/v1/scans?format=csv")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert len(list(csv.reader(io.StringIO(client.get("/api/v1/scans?format=csv&limit=2").text)))) == 3
    assert {row["scan_id"] for row in rows} == {f"'{one}" for one in bad} | {'plain, "quoted"'}


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_file_ends_where_who_asks_for_it_is_disabled(
    serve: Any, picture: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slowly it is read; and whoever gets it sees that it is not whole."""
    monkeypatch.setattr(desk_scans, "MAX_PAGE", 1)
    served = serve()
    for number in range(3):
        bring(served, picture(number), f"scan-{number}", lane="x" * 200)
    page, asked = served.signed_in(), desk_scans.search.page

    def disabled_meanwhile(*given: Any) -> Any:
        found = asked(*given)
        with served.control() as control:
            control.delete("/control/officers/T.%20Tan")
        return found

    monkeypatch.setattr(desk_scans.search, "page", disabled_meanwhile)
    with pytest.raises(httpx2.RemoteProtocolError):
        page.get(f"/api/v1/scans?format={kind}")
