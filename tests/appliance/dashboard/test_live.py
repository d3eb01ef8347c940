"""Events as they happen: in order, without a gap after a break, and ended at once when the box stops."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from appliance.dashboard import news
from appliance.scan import Arrival, Picture, Sheet
from appliance.store import scans


def _send(served: Any, picture: bytes, scan_id: str) -> None:
    with served.client(served.scanner) as client:
        sheet = json.dumps({"scan_id": scan_id})
        assert client.post("/api/v1/scans", files={"sheet": ("", sheet), "top": picture}).status_code == 202


def _hear(served: Any, count: int, *, address: str = "/api/v1/events", last: str | None = None) -> list[dict[str, Any]]:
    """The next so many events."""
    heard: list[dict[str, Any]] = []
    event: dict[str, Any] = {}
    headers = {"Last-Event-ID": last} if last is not None else {}
    with served.client(served.reader) as client, client.stream("GET", address, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name in ("id", "event", "data"):
                event[name] = value
            elif not line and event:
                heard.append({**event, "data": json.loads(event["data"])})
                event = {}
                if len(heard) == count:
                    break
    return heard


def test_a_stream_tells_what_is_received_and_judged(serve: Any, picture: Any) -> None:
    """The verdict event carries the document."""
    served = serve()
    _send(served, picture(), "one")
    served.judge(reasoning="because ü")
    received, judged = _hear(served, 2, address="/api/v1/events?after=0")
    assert (received["event"], judged["event"]) == ("received", "verdict")
    assert received["data"]["scan_id"] == "one"
    assert judged["data"]["document"]["reasoning"] == "because ü"


def test_an_event_tells_all_that_a_list_tells_of_a_scan(serve: Any, picture: Any) -> None:
    """Rehearsal, lane, time and the first view that can be seen: whoever shows the scan needs to ask for nothing."""
    served = serve()
    practice = Arrival(
        source="belt-1", slot="a", name="practice", sheet=Sheet(lane="L9"), rehearsal=True, deadline_seconds=9,
        pictures=(Picture(name="top", originals=("0" * 64,), size=1),
                  Picture(name="side", originals=("1" * 64,), size=1, sha256="2" * 64)),
        received_at=datetime(2026, 11, 20, 8, 15, tzinfo=UTC),
    )  # fmt: skip
    served.store.submit(lambda db: scans.receive(db, practice)).result()
    _send(served, b"no picture", "unreadable")
    told = [one["data"] for one in _hear(served, 2, address="/api/v1/events?after=0")]
    with served.client(served.reader) as client:
        listed = {scan["scan_id"]: scan for scan in client.get("/api/v1/scans").json()["scans"]}
    for one in told:
        assert {name: value for name, value in one.items() if name != "at"}.items() <= listed[one["scan_id"]].items()
    assert (told[0]["rehearsal"], told[0]["lane"]) == (True, "L9")
    assert told[0]["picture"] == "/api/v1/scans/practice/views/2.png?revision=1"
    assert told[1]["picture"] is None


def test_a_stream_resumes_where_it_broke_off(serve: Any, picture: Any) -> None:
    """By Last-Event-ID, which wins over the address; no gap, nothing twice."""
    served = serve()
    for number in range(6):
        _send(served, picture(number), f"scan-{number}")
    first = _hear(served, 2, address="/api/v1/events?after=0")
    rest = _hear(served, 4, address="/api/v1/events?after=0", last=first[-1]["id"])
    assert [one["data"]["scan_id"] for one in first + rest] == [f"scan-{number}" for number in range(6)]


def test_who_is_far_behind_is_served_from_the_store(serve: Any, picture: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a few happenings are kept at hand; older ones are read again."""
    monkeypatch.setattr(news, "RECENT", 2)
    monkeypatch.setattr(news, "BATCH", 3)
    served = serve()
    for number in range(8):
        _send(served, picture(number), f"scan-{number}")
    heard = _hear(served, 8, address="/api/v1/events?after=0")
    assert [one["data"]["scan_id"] for one in heard] == [f"scan-{number}" for number in range(8)]


@pytest.mark.parametrize("last", ["-1", "x", "9" * 30, "1.5"])
def test_a_last_event_that_is_none_is_refused(serve: Any, last: str) -> None:
    """Better than starting somewhere."""
    served = serve()
    with served.client(served.reader) as client:
        assert client.get("/api/v1/events", headers={"Last-Event-ID": last}).status_code == 400


def test_streams_are_bounded(serve: Any, monkeypatch: pytest.MonkeyPatch, until: Any) -> None:
    """One too many is told to come back, and may when another has left."""
    monkeypatch.setattr(news, "MAX_STREAMS", 1)
    served = serve()
    with served.client(served.reader) as client:
        with client.stream("GET", "/api/v1/events") as open_one:
            pieces = open_one.iter_bytes()
            next(pieces)
            refused = client.get("/api/v1/events")
            assert refused.status_code == 503
            assert refused.headers["retry-after"]
        until(lambda: served.dashboard.counts().streams == 0)


def test_one_who_opens_many_streams_leaves_places_for_others(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "MAX_STREAMS_EACH", 1)
    served = serve()
    other = served.signed_in()
    with served.client(served.reader) as greedy, greedy.stream("GET", "/api/v1/events") as open_one:
        pieces = open_one.iter_bytes()
        next(pieces)
        assert greedy.get("/api/v1/events").status_code == 503
        with other.stream("GET", "/api/v1/events") as answer:
            assert answer.status_code == 200


def test_a_stop_ends_open_streams_and_sends_waiting_requests_away(serve: Any, picture: Any, until: Any) -> None:
    """A stream ends cleanly; who waits for a verdict hears that the scan is safe."""
    served = serve(deadline_seconds=100.0)
    ended: list[str] = []
    answers: list[Any] = []

    def listen() -> None:
        with served.client(served.reader) as client, client.stream("GET", "/api/v1/events") as answer:
            ended.extend(answer.iter_lines())
            ended.append("ended")

    def ask() -> None:
        with served.client(served.scanner) as client:
            answers.append(client.post("/api/v1/inspect", json={"image_base64": "AAAA", "scan_id": "waits"}))

    threads = [threading.Thread(target=listen), threading.Thread(target=ask)]
    for thread in threads:
        thread.start()
    until(lambda: served.dashboard.counts().streams == 1)
    with served.client(served.reader) as client:
        until(lambda: client.get("/api/v1/scans/waits").status_code == 200)
    served.stop()
    for thread in threads:
        thread.join(300)
    assert ended[-1] == "ended"
    assert answers[0].status_code == 503
    assert "safe" in answers[0].json()["detail"]


def test_a_flood_is_told_in_few_pieces_and_whole(
    serve: Any, picture: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To all who listen, in order, nothing twice: the first at once, what comes while they rest in one go."""
    monkeypatch.setattr(news, "REST_SECONDS", 3.0)
    served = serve()
    pieces: list[list[bytes]] = [[], [], []]

    def listen(heard: list[bytes]) -> None:
        with served.client(served.reader) as client, client.stream("GET", "/api/v1/events") as answer:
            for piece in answer.iter_raw():
                heard += [piece] if b"data: " in piece else []
                if b"".join(heard).count(b"data: ") == 20:
                    return

    threads = [threading.Thread(target=listen, args=[heard]) for heard in pieces]
    for thread in threads:
        thread.start()
    until(lambda: served.dashboard.counts().streams == 3)
    for number in range(20):
        _send(served, picture(number), f"scan-{number}")
    for thread in threads:
        thread.join(300)
    for heard in pieces:
        lines = [line for line in b"".join(heard).split(b"\n") if line.startswith(b"data: ")]
        assert [json.loads(line[6:])["scan_id"] for line in lines] == [f"scan-{number}" for number in range(20)]
        assert len(heard) < 20
