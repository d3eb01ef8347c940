"""What an officer's page does, for tests of what stands behind it."""

from __future__ import annotations

import json
import threading
import time
import uuid
from typing import Any, Self

import httpx2


def bring(served: Any, picture: bytes, scan_id: str, **more: Any) -> None:
    """A scan comes in, and waits for its verdict."""
    with served.client(served.scanner) as client:
        sheet = json.dumps({"scan_id": scan_id, **more})
        assert client.post("/api/v1/scans", files={"sheet": ("", sheet), "top": picture}).status_code == 202


def word(page: httpx2.Client, scan_id: str, revision: int = 1, **more: Any) -> dict[str, Any]:
    """A word on a scan as its page shows it now."""
    shown = page.get(f"/api/v1/scans/{scan_id}", params={"revision": revision}).json()
    given = {"key": str(uuid.uuid4()), "scan_id": scan_id, "revision": revision, "verdict": shown["verdict_id"]}
    return {**given, "kind": "agree", "marks": [], "note": "", **more}


def waiting(page: httpx2.Client) -> list[str]:
    return [scan["scan_id"] for scan in page.get("/api/v1/queue").json()["scans"]]


class Ear:
    """A stream that is listened to on a thread, until it is left."""

    def __init__(self, page: httpx2.Client) -> None:
        self._page = page
        self._up = threading.Event()
        self.heard: list[tuple[float, dict[str, Any]]] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._left = False

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._up.wait(300)
        return self

    def __exit__(self, *_: object) -> None:
        self._left = True
        self._thread.join(300)
        assert not self._thread.is_alive()

    def of(self, kind: str) -> list[Any]:
        return [event["data"] for _, event in list(self.heard) if event["event"] == kind]

    def _listen(self) -> None:
        event: dict[str, Any] = {}
        with self._page.stream("GET", "/api/v1/events") as answer:
            for line in answer.iter_lines():  # at the latest every three seconds
                self._up.set()
                if self._left:
                    return
                name, _, value = line.partition(": ")
                if name in ("id", "event", "data"):
                    event[name] = json.loads(value) if name == "data" else value
                elif not line and "data" in event:
                    self.heard.append((time.monotonic(), event))
                    event = {}
