"""What no client should send is answered, never fatal, never our fault."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Generator
from typing import Any

import pytest

from appliance.dashboard import bodies, house, server
from tests.soak.ends import lawful, throw, unfinished, wrong
from tests.soak.hostile_http import hostile, request


def test_three_hundred_hostile_requests_are_all_answered_and_none_is_a_fault(serve: Any, picture: Any) -> None:
    """Bad JSON, forms, paths, headers, framing, sizes: a problem each, and the box goes on."""
    served = serve(deadline_seconds=0.05)
    token = served.token("both", "read", "inspect")
    host, port = served.url.removeprefix("http://").split(":")
    for number, raw in enumerate(hostile(20261120, 300, token)):
        end = throw(host, int(port), raw, patience=0.1)
        assert not wrong(raw, end), (number, end, raw[:300])
    with served.client(served.scanner) as client:
        assert client.post("/api/v1/scans", files={"top": picture()}).status_code == 202


def test_the_judge_of_ends_knows_a_bad_end() -> None:
    """A hang, a fault, a whole request without an answer, and nonsense taken in are each called wrong."""
    whole = request("POST", "/api/v1/inspect", "t", b'{"image_base64": "AAAA"}')
    nonsense = request("POST", "/api/v1/inspect", "t", b'{"image_base64": "A"}')
    assert lawful(whole)
    assert not lawful(nonsense)
    assert unfinished(whole[:-1])
    assert [bool(wrong(whole, end)) for end in (200, 202, 504, "closed", "hung", 500)] == [False] * 3 + [True] * 3
    assert [bool(wrong(nonsense, end)) for end in (422, 200)] == [False, True]
    assert not wrong(whole[:-1], "closed")


def test_who_never_finishes_asking_loses_the_place(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a header, and a connection left open after an answer, are both closed after a while."""
    monkeypatch.setattr(server, "IDLE_SECONDS", 0.3)
    served = serve()
    host, port = served.url.removeprefix("http://").split(":")
    whole = b"GET /healthz HTTP/1.1\r\nHost: box\r\n"
    for sent in (b"", whole, whole + b"\r\n" + whole):
        with socket.create_connection((host, int(port)), timeout=300) as line:
            line.sendall(sent)
            while line.recv(4096):
                pass


def test_one_address_that_holds_many_connections_leaves_places_for_others(
    serve: Any, monkeypatch: pytest.MonkeyPatch, until: Any
) -> None:
    """What it opens beyond its share is closed without a word."""
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 12)
    monkeypatch.setattr(server, "MAX_CONNECTIONS_EACH", 8)
    monkeypatch.setattr(server, "_is_here", "127.0.0.3".__eq__)
    served = serve()
    host, port = served.url.removeprefix("http://").split(":")
    with contextlib.ExitStack() as crowd:

        def answers(line: socket.socket) -> bool:
            with contextlib.suppress(OSError):
                line.sendall(b"GET /healthz HTTP/1.1\r\nHost: box\r\n\r\n")
                return line.recv(4096).startswith(b"HTTP/1.1 200 ")
            return False

        def come(address: str) -> socket.socket:
            line = socket.create_connection((host, int(port)), timeout=300, source_address=(address, 0))
            return crowd.enter_context(line)

        greedy = [come("127.0.0.1") for _ in range(20)]
        until(lambda: len(select.select(greedy, [], [], 0)[0]) == 12)  # their ends are there to be read
        assert answers(come("127.0.0.2"))
        assert sum(map(answers, greedy)) == 8


@contextlib.contextmanager
def dripping(served: Any, count: int) -> Generator[list[socket.socket]]:
    """So many senders with one token, each saying its body one byte at a time."""
    host, port = served.url.removeprefix("http://").split(":")
    head = (
        f"POST /api/v1/inspect HTTP/1.1\r\nHost: box\r\nAuthorization: Bearer {served.scanner}\r\n"
        "Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n"
    )
    crowd = [socket.create_connection((host, int(port)), timeout=300) for _ in range(count)]
    for feeder in crowd:
        feeder.sendall(head.encode())
    done = threading.Event()

    def drip() -> None:
        while not done.wait(0.05):
            for feeder in crowd:
                with contextlib.suppress(OSError):
                    feeder.send(b" ")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield crowd
    finally:
        done.set()
        thread.join()
        for feeder in crowd:
            feeder.close()


def test_one_token_that_drips_does_not_keep_the_others_out(serve: Any, picture: Any) -> None:
    """More slow bodies than there are places, all of one token and all open: another token's scan is taken."""
    served = serve()
    other = served.token("other", "inspect")
    with dripping(served, house.UPLOADS + 4), served.client(other) as client:
        for _ in range(3):
            assert client.post("/api/v1/scans", files={"top": picture()}).status_code == 202


def test_a_body_that_drips_is_told_so_and_gives_its_place_back(
    serve: Any, picture: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often a byte comes, a whole body has its time; the next one of the same token is taken."""
    monkeypatch.setattr(bodies, "BODY_SECONDS", 1.0)
    served = serve()
    with dripping(served, house.UPLOADS_PER_TOKEN) as crowd:
        for feeder in crowd:
            assert feeder.recv(4096).startswith(b"HTTP/1.1 408 ")
        with served.client(served.scanner) as client:
            assert client.post("/api/v1/scans", files={"top": picture()}).status_code == 202
