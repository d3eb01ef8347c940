"""A click is a fact: acknowledged once it is on disk, once, by who may, and told to everybody."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.scan import Action
from appliance.store import deeds, reviews
from tests.appliance.dashboard.desking import Ear, bring, waiting, word

BOX = [0.1, 0.2, 0.3, 0.4]


def ask_plainly(page: httpx2.Client, address: str, body: Any) -> httpx2.Response:
    """As any page may: also with what is no text in any language, and no number."""
    return page.post(address, content=json.dumps(body), headers={"Content-Type": "application/json"})


def test_a_click_is_on_disk_when_it_is_acknowledged(serve: Any, picture: Any) -> None:
    served = serve()
    bring(served, picture(), "one")
    served.judge(Action.PHYSICAL_INSPECTION)
    page = served.signed_in("T. Tan")
    mark = {"view": "top", "box": BOX, "item": "folding knife"}
    said = word(page, "one", kind="missed", marks=[mark], note="im Futter ü")
    answer = page.post("/api/v1/reviews", json=said)
    assert answer.status_code == 201
    told = answer.json()
    with sqlite3.connect(f"file:{served.store.root / 'lanewatch.db'}?mode=ro", uri=True) as beside:
        kept = beside.execute("SELECT id, key, who, kind, note, undone_at FROM review").fetchall()
    beside.close()
    assert kept == [(told["id"], said["key"], "t. tan", "missed", "im Futter ü", None)]
    assert told["at"] < told["undo_until"]
    shown = page.get("/api/v1/scans/one").json()
    (review,) = shown["reviews"]
    assert (review["who"], review["kind"], review["marks"], review["standing"]) == ("T. Tan", "missed", [mark], True)
    assert waiting(page) == []
    repeated = page.post("/api/v1/reviews", json=said)
    assert (repeated.status_code, repeated.json()) == (200, told)
    undone = page.post(f"/api/v1/reviews/{said['key']}/undo")
    assert (undone.status_code, list(undone.json())) == (200, ["undone_at"])
    assert waiting(page) == ["one"]
    assert served.store.submit(deeds.verify).result().broken is None
    assert served.store.submit(reviews.broken).result() is None


def test_the_same_click_many_times_at_once_is_one(serve: Any, picture: Any) -> None:
    served = serve()
    bring(served, picture(), "one")
    served.judge()
    page = served.signed_in()
    said = word(page, "one")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: page.post("/api/v1/reviews", json=said), range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert len(page.get("/api/v1/scans/one").json()["reviews"]) == 1


def test_who_may_not_judge_says_nothing(serve: Any, picture: Any) -> None:
    """Administrator, auditor, tokens; and who shows no proof."""
    served = serve()
    bring(served, picture(), "one")
    served.judge()
    said = word(served.signed_in("O. Tan"), "one")
    asks = {
        "/api/v1/reviews": said,
        f"/api/v1/reviews/{said['key']}/undo": {},
        "/api/v1/outcomes": {"key": "outcome-1", "scan_id": "one", "revision": 1, "kind": "nothing"},
        "/api/v1/looking": {},
    }
    for page in (
        served.signed_in("A. Lim", "administrator"),
        served.signed_in("U. Ali", "auditor"),
        served.client(served.reader),
        served.client(served.scanner),
    ):
        for address, body in asks.items():
            assert page.post(address, json=body).status_code == 403, address
    page = served.signed_in("T. Tan")
    del page.headers["X-Lanewatch-Proof"]
    assert page.post("/api/v1/reviews", json=said).status_code == 401
    assert waiting(served.client(served.reader)) == ["one"]


def test_what_is_newer_is_shown_to_who_answers_the_older(serve: Any, picture: Any) -> None:
    served = serve()
    bring(served, picture(1), "one")
    served.judge()
    page, other = served.signed_in("T. Tan"), served.signed_in("A. Lim")
    said = word(page, "one")
    bring(served, picture(2), "one")
    served.judge()
    refused = page.post("/api/v1/reviews", json=said)
    assert refused.status_code == 409
    assert (refused.json()["revision"], refused.json()["verdict_id"]) == (2, 2)
    assert page.post("/api/v1/reviews", json=said | {"revision": 7}).status_code == 404
    assert page.post("/api/v1/reviews", json=said | {"scan_id": "nobody"}).status_code == 404
    fresh = word(page, "one", 2)
    assert page.post("/api/v1/reviews", json=fresh).status_code == 201
    answered = other.post("/api/v1/reviews", json=word(page, "one", 2))
    assert answered.status_code == 409
    assert answered.json()["review"]["who"] == "T. Tan"
    assert other.post("/api/v1/reviews", json=word(page, "one", 2, over=fresh["key"])).status_code == 201
    supervisor = served.signed_in("S. Chin", "supervisor")
    assert supervisor.post("/api/v1/reviews", json=word(page, "one", 2, kind="missed")).status_code == 201
    kinds = [review["kind"] for review in page.get("/api/v1/scans/one").json()["reviews"]]
    assert kinds == ["agree", "agree", "missed"]


def test_only_who_said_it_takes_it_back(serve: Any, picture: Any) -> None:
    served = serve()
    bring(served, picture(), "one")
    served.judge()
    page = served.signed_in("T. Tan")
    said = word(page, "one")
    page.post("/api/v1/reviews", json=said)
    address = f"/api/v1/reviews/{said['key']}/undo"
    assert served.signed_in("S. Chin", "supervisor").post(address).status_code == 409
    for unknown in ("none-such", "%ff", "%ed%a0%80", "x" * 3000):
        assert page.post(f"/api/v1/reviews/{unknown}/undo").status_code in (400, 404), unknown


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "clear"}, "kind"),
        ({"marks": [{"view": "side"}]}, "marks.0.view"),
        ({"marks": [{"view": "top", "box": [0.3, 0.1, 0.3, 0.2]}]}, "marks.0.box"),
        ({"marks": [{"view": "top", "item": "a\u202eb"}]}, "marks.0.item"),
        ({"note": "\x00"}, "note"),
        ({"verdict": 10**30}, "verdict"),
        ({"verdict": "x"}, "verdict"),
        ({"who": "somebody else"}, "who"),
    ],
)
def test_a_wrong_field_is_named(serve: Any, picture: Any, wrong: dict[str, Any], field: str) -> None:
    served = serve()
    bring(served, picture(), "one")
    served.judge()
    page = served.signed_in()
    answer = ask_plainly(page, "/api/v1/reviews", word(page, "one") | wrong)
    assert answer.status_code == 422
    assert field in answer.json()["detail"]
    assert waiting(page) == ["one"]


def test_a_word_is_told_to_all_who_listen(serve: Any, picture: Any, until: Any) -> None:
    """With whose it is, and again when it is undone; who comes later is told the same by id."""
    served = serve()
    bring(served, picture(), "one", lane="L1")
    served.judge()
    page = served.signed_in("T. Tan")
    with Ear(served.client(served.reader)) as ear:
        said = word(page, "one", kind="false_alarm")
        page.post("/api/v1/reviews", json=said)
        until(lambda: ear.of("review"))
        page.post(f"/api/v1/reviews/{said['key']}/undo")
        until(lambda: len(ear.of("review")) == 2)
    first, second = ear.of("review")
    assert (first["scan_id"], first["revision"], first["lane"], first["open"]) == ("one", 1, "L1", False)
    assert {"key": said["key"], "who": "T. Tan", "kind": "false_alarm"}.items() <= first["review"].items()
    assert first["review"]["undone_at"] is None
    assert second["review"]["undone_at"]
    assert second["open"]
    assert all("id" in event for _, event in ear.heard)


def test_an_outcome_is_shown_and_stands_in_the_table(serve: Any, picture: Any) -> None:
    served = serve()
    bring(served, picture(), "one")
    served.judge(Action.PHYSICAL_INSPECTION)
    page = served.signed_in("T. Tan")
    page.post("/api/v1/reviews", json=word(page, "one"))
    told = {"key": "outcome-1", "scan_id": "one", "revision": 1, "kind": "found", "note": "x"}
    told["found"] = [{"item": "pisau", "quantity": 2}, {"item": "=knife", "quantity": None}]
    first, second = page.post("/api/v1/outcomes", json=told), page.post("/api/v1/outcomes", json=told)
    assert (first.status_code, second.status_code, first.json()) == (201, 200, second.json())
    assert page.post("/api/v1/outcomes", json=told | {"note": "y"}).status_code == 409
    assert page.post("/api/v1/outcomes", json=told | {"scan_id": "none"}).status_code == 404
    assert page.post("/api/v1/outcomes", json=told | {"key": "outcome-2", "kind": "nothing"}).status_code == 422
    (outcome,) = page.get("/api/v1/scans/one").json()["outcomes"]
    assert (outcome["who"], outcome["kind"], outcome["found"]) == ("T. Tan", "found", told["found"])
    (row,) = csv.DictReader(io.StringIO(page.get("/api/v1/scans?format=csv").text))
    assert (row["review"], row["reviewed_by"], row["outcome"]) == ("agree", "T. Tan", "found")
    assert row["reviewed_at"]


def test_a_scan_shows_what_came_before_for_its_consignee(serve: Any, picture: Any) -> None:
    """Ten at the most, newest first, nothing that came later or was superseded, and never who it is."""
    served = serve()
    for number in range(13):
        bring(served, picture(number), f"scan-{number}", context={"consignee": "ACME"})
    bring(served, picture(50), "scan-3", context={"consignee": "ACME"})
    bring(served, picture(51), "other", context={"consignee": "Other"})
    bring(served, picture(52), "nobody")
    with served.client(served.reader) as client:
        told = client.get("/api/v1/scans/scan-12").json()
        assert [scan["scan_id"] for scan in told["earlier_of_consignee"]] == [
            f"scan-{number}" for number in (11, 10, 9, 8, 7, 6, 5, 4, 2, 1)
        ]
        assert client.get("/api/v1/scans/scan-0").json()["earlier_of_consignee"] == []
        assert client.get("/api/v1/scans/nobody").json()["earlier_of_consignee"] == []
        assert "ACME" not in client.get("/api/v1/scans/scan-12").text


def test_no_body_whatever_is_a_fault_of_ours(serve: Any, picture: Any) -> None:
    """Any JSON, alone or in the place of any field, on every route that takes one."""
    served = serve()
    bring(served, picture(), "one")
    served.judge()
    page: httpx2.Client = served.signed_in()
    good: dict[str, dict[str, Any]] = {
        "/api/v1/reviews": word(page, "one", marks=[{"view": "top", "box": BOX, "item": "x"}], over="another-one"),
        "/api/v1/outcomes": {
            "key": "outcome-1", "scan_id": "one", "revision": 1, "kind": "found",
            "found": [{"item": "x", "quantity": 1}], "note": "",
        },
        "/api/v1/looking": {"scan_id": "one", "revision": 1},
    }  # fmt: skip
    text = st.text(st.characters(exclude_categories=()), max_size=20)
    plain = st.none() | st.booleans() | st.integers() | st.floats(width=64) | text | st.just("x" * 3000)
    anything = st.recursive(plain, lambda one: st.lists(one, max_size=5) | st.dictionaries(text, one, max_size=5))
    places = [(address, field) for address, body in good.items() for field in (*body, "", "marks.0", "found.0")]

    @settings(max_examples=150)
    @given(st.sampled_from(places), anything)
    def ask(place: tuple[str, str], value: Any) -> None:
        address, field = place
        body: Any = {**good[address], field: value} if field else value
        if field in ("marks.0", "found.0"):
            name = field.partition(".")[0]
            body = {**good[address], name: [value]} if name in good[address] else value
        assert ask_plainly(page, address, body).status_code in (200, 201, 400, 404, 409, 413, 422), address

    ask()
    assert served.dashboard.counts().failed == 0
