"""Scanner software that does not give up: over ZeroMQ until it hears `accepted`, and into folders.

Each sender makes pictures unlike any other and knows exactly which of them the
box has acknowledged. What is not acknowledged is sent again, as real senders do.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zmq

from appliance.durable import durable_write
from tests.soak.writers import noise, rename_into_place

HEARD = 1.5
"""Seconds without a word after which a sender connects anew and sends its scan again."""
LONGEST = 12.0
"""The wait doubles up to this: a box on a slow machine is not to be buried under what was sent again."""
BREATH = 0.05
"""Seconds a refused sender waits."""


class Sender:
    """Sends pictures on a thread of its own until told to stop; the last one too is sent until it is acknowledged."""

    def __init__(self, number: int, seed: int, pause: float) -> None:
        self.acknowledged: dict[str, str] = {}
        """The digest of each picture that the box took, and the name the box gave its scan."""
        self.refusals: Counter[str] = Counter()
        self.verdicts: dict[str, str] = {}
        """What was recommended for each scan, as far as word of it came."""
        self._number = number
        self._dice = random.Random(f"{seed}/{number}")
        self._pause = pause
        self._stopping = threading.Event()
        self._giving_up = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._thread.start()

    def stop(self, *, give_up: bool = False) -> None:
        """Begin nothing more; with `give_up` not even see the last picture acknowledged."""
        self._stopping.set()
        if give_up:
            self._giving_up.set()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        context = zmq.Context()
        try:
            count = 0
            while not self._stopping.is_set():
                count += 1
                self._send_until_heard(context, f"z{self._number}-{count:06}", noise(self._dice))
                time.sleep(self._dice.expovariate(1 / self._pause))
        finally:
            context.destroy(linger=0)

    def _send_until_heard(self, context: zmq.Context[zmq.Socket[bytes]], name: str, picture: bytes) -> None:
        digest = hashlib.sha256(picture).hexdigest()
        header = json.dumps({"scan_id": name, "sha256": digest, "size": len(picture)}).encode()
        patience = HEARD
        while not self._giving_up.is_set():
            with context.socket(zmq.DEALER) as line:
                line.linger = 0
                line.connect(self._endpoint)
                line.send_multipart([b"scan", header, picture])
                answered = self._heard(line, digest, patience)
            if answered:
                return
            patience = HEARD if answered is False else min(patience * 2, LONGEST)

    def _heard(self, line: zmq.Socket[bytes], digest: str, patience: float) -> bool | None:
        """Wait for the answer to one scan, accepted or refused; word of verdicts that comes in between is noted."""
        deadline = time.monotonic() + patience
        while (left := deadline - time.monotonic()) > 0 and line.poll(int(left * 1000)):
            *_, kind, content = line.recv_multipart()
            words: dict[str, Any] = json.loads(content)
            if kind == b"accepted" and words["sha256"] == digest:
                self.acknowledged[digest] = words["scan_id"]
                return True
            if kind == b"refused":
                self.refusals[words["reason"]] += 1
                time.sleep(BREATH)
                return False
            if kind == b"verdict":
                self.verdicts[words["scan_id"]] = words["recommended_action"]
        return None


class Senders:
    """Several senders at one endpoint, counted together."""

    def __init__(self, number: int, seed: int, pause: float = 0.02) -> None:
        self._each = [Sender(one, seed, pause) for one in range(number)]

    def start(self, endpoint: str) -> None:
        for sender in self._each:
            sender.start(endpoint)

    def stop(self, *, give_up: bool = False) -> None:
        for sender in self._each:
            sender.stop(give_up=give_up)

    @property
    def running(self) -> bool:
        """Whether one of them still waits to be acknowledged."""
        return any(sender.running for sender in self._each)

    @property
    def acknowledged(self) -> dict[str, str]:
        return {digest: name for sender in self._each for digest, name in list(sender.acknowledged.items())}

    @property
    def count(self) -> int:
        return sum(len(sender.acknowledged) for sender in self._each)

    @property
    def refusals(self) -> Counter[str]:
        return sum((Counter(dict(sender.refusals)) for sender in self._each), Counter[str]())


class FolderScanner:
    """Puts pictures into a folder on a thread of its own until told to stop."""

    def __init__(self, folder: Path, seed: int, put: Callable[[Path, str, bytes], None], pause: float = 0.4) -> None:
        self.written: set[str] = set()
        """The digest of each picture that stands whole in the folder."""
        self._folder = folder
        self._dice = random.Random(f"{seed}/{folder.name}")
        self._put = put
        self._pause = pause
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        count = 0
        while not self._stopping.wait(self._dice.expovariate(1 / self._pause)):
            count += 1
            self._write_until_it_stands(f"{self._folder.name}-{count:06}", noise(self._dice))

    def _write_until_it_stands(self, name: str, picture: bytes) -> None:
        while True:
            with contextlib.suppress(OSError):  # the disk has no power, or no room
                self._put(self._folder, name, picture)
                self.written.add(hashlib.sha256(picture).hexdigest())
                return
            if self._stopping.wait(0.05):
                return


def renamed(folder: Path, name: str, picture: bytes) -> None:
    """A scanner that trusts its disk."""
    rename_into_place(folder, name, picture)


def synced(folder: Path, name: str, picture: bytes) -> None:
    """A scanner that knows about power cuts: what it has written outlives them."""
    durable_write(folder / f"{name}.png", picture)
