"""The queue as pages get it, who looks at what, and the classes there are to name."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import datetime
from typing import Any

import pytest

from appliance.dashboard import looking
from appliance.scan import Action, Arrival, Picture
from appliance.store import scans
from models.answer import Finding
from tests.appliance.dashboard.desking import Ear, bring, waiting, word


def test_the_queue_tells_what_waits_and_why_it_is_first(serve: Any, picture: Any) -> None:
    served = serve()
    bring(served, picture(1), "clear")
    served.judge(Action.CLEAR)
    bring(served, picture(2), "look")
    served.judge(Action.REVIEW)
    bring(served, picture(3), "open")
    served.judge(Action.PHYSICAL_INSPECTION)
    bring(served, picture(4), "not judged")
    with served.client(served.reader) as client:
        told = client.get("/api/v1/queue").json()
        listed = {scan["scan_id"]: scan for scan in client.get("/api/v1/scans").json()["scans"]}
        events = client.get("/api/v1/scans").json()["last_event"]
        assert waiting(client) == ["open", "look"]
        assert [scan["scan_id"] for scan in client.get("/api/v1/queue?limit=1").json()["scans"]] == ["open"]
        for wrong in ("limit=0", "limit=201", "before=1"):
            assert client.get(f"/api/v1/queue?{wrong}").status_code == 400
    assert (told["open"], told["last_event"]) == (2, events)
    first = told["scans"][0]
    assert listed["open"].items() <= first.items()
    assert set(first) - set(listed["open"]) == {"due_at", "verdict_id", "why_first", "with"}
    why = {"risk": "high", "action": "PHYSICAL_INSPECTION", "overdue": False, "disagreement": False}
    assert (first["why_first"], first["verdict_id"], first["with"]) == (why, 3, [])
    assert datetime.fromisoformat(first["due_at"]) > datetime.fromisoformat(first["received_at"])
    assert (listed["look"]["open"], listed["clear"]["open"]) == (True, False)


def test_practice_stays_in_the_queue_and_says_so(serve: Any) -> None:
    served = serve()
    practice = Arrival(
        source="belt-1", slot="a", name="practice", rehearsal=True, deadline_seconds=0.001,
        pictures=(Picture(name="top", originals=("0" * 64,), size=1, sha256="2" * 64),),
        received_at=datetime.fromisoformat("2026-11-20T08:15:00Z"),
    )  # fmt: skip
    served.store.submit(lambda db: scans.receive(db, practice)).result()
    served.judge()
    page = served.signed_in()
    (scan,) = page.get("/api/v1/queue").json()["scans"]
    assert (scan["rehearsal"], scan["why_first"]["overdue"]) == (True, True)
    assert page.post("/api/v1/reviews", json=word(page, "practice")).status_code == 201
    assert waiting(page) == []


def test_who_looks_at_a_scan_is_told_within_a_second(serve: Any, picture: Any, until: Any) -> None:
    """To everybody: at once, when they look elsewhere, and to who comes later."""
    served = serve()
    for number, name in enumerate(("one", "two")):
        bring(served, picture(number), name)
    served.judge()
    tan, lim = served.signed_in("T. Tan"), served.signed_in("A. Lim")
    with Ear(served.signed_in("U. Ali", "auditor")) as ear:

        def told(scan_id: str, *who: str) -> bool:
            last = [each for each in ear.of("looking") if each["scan_id"] == scan_id][-1:]
            return last == [{"scan_id": scan_id, "revision": 1, "who": list(who)}]

        asked = time.monotonic()
        assert tan.post("/api/v1/looking", json={"scan_id": "one", "revision": 1}).json() == {}
        until(lambda: told("one", "T. Tan"))
        assert ear.heard[-1][0] - asked < 1
        assert "id" not in ear.heard[-1][1]
        lim.post("/api/v1/looking", json={"scan_id": "one", "revision": 1})
        until(lambda: told("one", "A. Lim", "T. Tan"))
        shown = {scan["scan_id"]: scan["with"] for scan in lim.get("/api/v1/queue").json()["scans"]}
        assert shown == {"one": ["A. Lim", "T. Tan"], "two": []}
        with Ear(served.client(served.reader)) as late:
            until(lambda: late.of("looking") == [{"scan_id": "one", "revision": 1, "who": ["A. Lim", "T. Tan"]}])
        tan.post("/api/v1/looking", json={"scan_id": "two", "revision": 1})
        until(lambda: told("one", "A. Lim"))
        until(lambda: told("two", "T. Tan"))
        lim.post("/api/v1/looking", json={})
        until(lambda: told("one"))
    assert tan.post("/api/v1/looking", json={"scan_id": "none", "revision": 1}).status_code == 404
    assert tan.post("/api/v1/looking", json={"scan_id": "one"}).status_code == 422


def test_what_the_detector_sees_is_told_while_a_scan_is_judged(serve: Any, picture: Any, until: Any) -> None:
    """At once, to who comes later, and with the scan itself; no verdict is made of it, and afterwards it is gone."""
    served = serve()
    bring(served, picture(), "one")
    reader = served.client(served.reader)
    seen: dict[str, Any] = {
        "item": "knife",
        "category": "blade",
        "confidence": 0.9,
        "location": "center",
        "occluded": False,
    }
    seen |= {"box": None, "view": "view"}
    finding = Finding(**seen, seen_by=("detector",))
    told = {"scan_id": "one", "revision": 1, "findings": [{**seen, "seen_by": ["detector"]}]}
    assert reader.get("/api/v1/scans/one").json()["glimpse"] == []
    with Ear(served.signed_in()) as ear:
        served.glimpse("one", finding)
        until(lambda: ear.of("glimpse") == [told])
        assert "id" not in ear.heard[-1][1]
        with Ear(served.client(served.reader)) as late:
            until(lambda: late.of("glimpse") == [told])
    whole = reader.get("/api/v1/scans/one").json()
    assert (whole["glimpse"], whole["verdict"]) == (told["findings"], None)
    served.glimpse("one")
    assert reader.get("/api/v1/scans/one").json()["glimpse"] == []


def test_looking_ends_with_the_stream(serve: Any, picture: Any, until: Any) -> None:
    """With the last one, where somebody has several."""
    served = serve()
    bring(served, picture(), "one")
    served.judge()
    tan, second = served.signed_in("T. Tan"), served.client()
    second.headers = tan.headers
    reader = served.client(served.reader)

    def with_it() -> Any:
        return reader.get("/api/v1/queue").json()["scans"][0]["with"]

    with Ear(tan):
        with Ear(second):
            tan.post("/api/v1/looking", json={"scan_id": "one", "revision": 1})
        time.sleep(0.2)
        assert with_it() == ["T. Tan"]
    until(lambda: with_it() == [])


def test_who_was_not_heard_of_looks_no_more(
    serve: Any, picture: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless they say again that they do."""
    monkeypatch.setattr(looking, "RENEW_SECONDS", 1.0)
    served = serve()
    bring(served, picture(), "one")
    served.judge()
    tan, reader = served.signed_in("T. Tan"), served.client(served.reader)
    for _ in range(8):
        tan.post("/api/v1/looking", json={"scan_id": "one", "revision": 1})
        time.sleep(0.2)
    assert reader.get("/api/v1/queue").json()["scans"][0]["with"] == ["T. Tan"]
    until(lambda: reader.get("/api/v1/queue").json()["scans"][0]["with"] == [])


def test_what_is_remembered_of_who_looks_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many sessions, many scans: those without a word for longest are forgotten, and nothing is left of them."""
    monkeypatch.setattr(looking, "MOST_LOOKING", 5)
    monkeypatch.setattr(looking, "MOST_CHANGES", 7)

    async def story() -> None:
        rung: list[int] = []
        room = looking.Looking(lambda: rung.append(1))
        for number in range(50):
            room.look(f"session-{number}", f"officer {number}", looking.Place(f"scan-{number}", 1))
        assert [room.who(looking.Place(f"scan-{number}", 1)) for number in (44, 45)] == [[], ["officer 45"]]
        assert (len(room._looks), len(room._at), len(room._changes)) == (5, 5, 7)
        count, told = room.since(None)
        scan_ids = [json.loads(each.partition(b"data: ")[2])["scan_id"] for each in told]
        assert scan_ids == [f"scan-{n}" for n in range(45, 50)]
        assert room.since(count) == (count, [])
        room.look("session-49", "officer 49", looking.Place("scan-49", 1))
        assert room.since(count) == (count, [])  # a renewal is no news
        for number in range(45, 50):
            room.look(f"session-{number}", "", None)
        assert (len(room._looks), len(room._at)) == (0, 0)
        assert rung

    asyncio.run(story())


def test_the_classes_are_those_of_the_rulebook_in_force(serve: Any) -> None:
    """With their names in every language, so that a page can look for them while somebody types."""
    served = serve()
    with served.client(served.reader) as client:
        told = client.get("/api/v1/classes").json()
    knife = next(each for each in told if each["id"] == "folding knife")
    assert set(knife) == {"id", "category", "standing", "names"}
    assert set(knife["names"]) == {"en", "ms", "vi"}
    assert all(isinstance(name, str) for names in knife["names"].values() for name in names)
    assert len({each["id"] for each in told}) == len(told) > 20
