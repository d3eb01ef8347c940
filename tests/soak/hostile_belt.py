"""What an enemy's scanner drops: good files, each with bytes of its own, and bad ones of every kind between them.

Gives each file with what must become of it: its `fate`. The same ones for the same seed.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Iterator
from typing import NamedTuple

from tests.faults.mutate import bombs, hogs, mutated
from tests.faults.samples import good_files

GOOD, DOUBTFUL, BAD, LEFT = "good", "doubtful", "bad", "left alone"
"""Must be judged; its decoder has the word; must be quarantined; must not be touched."""

EMPTY = hashlib.sha256(b"").hexdigest()
ENDINGS = {"png": ".png", "jpeg": ".jpg", "tiff": ".tif", "dicom": ".dcm"}
FOREIGN = (".bmp", ".txt", ".exe", ".png.tmp")
MANNERS = {"mutated": 82, "cut short": 10, "bomb": 4, "empty": 2, "foreign": 2}
"""How often of a hundred."""
DISGUISED = 0.05
"""So many of the good ones carry the ending of another format: what counts is what is in a file."""


class Dropped(NamedTuple):
    """One file, without its bytes."""

    file: str
    kind: str
    """Of which good file it was made, or which trick it is."""
    fate: str
    sha256: str

    @property
    def scan_id(self) -> str:
        return self.file.partition(".")[0]


Files = Iterator[tuple[Dropped, bytes]]


class Belt:
    """One scanner. No two of its files have the same name or, but for empty ones, the same bytes."""

    def __init__(self, side: int, seed: int) -> None:
        self._good = good_files(side, side)
        self._dice = random.Random(seed)
        self._numbers = itertools.count()
        self._seen: set[str] = set()

    def good(self, count: int) -> Files:
        """Nothing but good files."""
        return (self._good_one() for _ in range(count))

    def mixed(self, count: int) -> Files:
        """So many bad files, with as many good ones between them."""
        order = [self._good_one, self._bad_one] * count
        self._dice.shuffle(order)
        return (make() for make in order)

    def hogs(self, count: int) -> Files:
        """A few files on which a decoder has to be ended, each with ten good ones behind it."""
        tricks = list(hogs().items())
        for number in range(count):
            trick, content = tricks[number % len(tricks)]
            yield self._dropped(trick, BAD, content + self._mark())
            yield from self.good(10)

    def _good_one(self) -> tuple[Dropped, bytes]:
        kind, content = self._marked()
        disguise = self._dice.choice(list(ENDINGS.values())) if self._dice.random() < DISGUISED else None
        return self._dropped(kind, GOOD, content, disguise)

    def _bad_one(self) -> tuple[Dropped, bytes]:
        kind, content = self._marked()
        manner = self._dice.choices(list(MANNERS), list(MANNERS.values()))[0]
        if manner == "empty":
            return self._dropped(kind, LEFT, b"")
        if manner == "foreign":
            return self._dropped(kind, LEFT, content, self._dice.choice(FOREIGN))
        if manner == "bomb":
            trick, content = self._dice.choice(list(bombs().items()))
            return self._dropped(trick, BAD, content + self._mark())
        harmed = self._harmed(content, cut_short=manner == "cut short")
        while hashlib.sha256(harmed).hexdigest() in self._seen:  # two short beginnings would be one scan
            harmed = self._harmed(content, cut_short=False)
        return self._dropped(kind, DOUBTFUL, harmed)

    def _harmed(self, content: bytes, *, cut_short: bool) -> bytes:
        return content[: self._dice.randrange(1, len(content))] if cut_short else mutated(content, self._dice)

    def _marked(self) -> tuple[str, bytes]:
        """A good picture of any kind, in bytes of its own."""
        kind = self._dice.choice(list(self._good))
        content = self._good[kind]
        if kind.startswith("dicom"):
            return kind, content.replace(b"Doe^Jane", self._mark())
        return kind, content + self._mark()  # what follows the end is nobody's concern

    def _mark(self) -> bytes:
        return b"%08d" % next(self._numbers)

    def _dropped(self, kind: str, fate: str, content: bytes, ending: str | None = None) -> tuple[Dropped, bytes]:
        ending = ending or ENDINGS.get(kind.partition("-")[0].partition(" ")[0], ".png")
        sha256 = hashlib.sha256(content).hexdigest()
        self._seen.add(sha256)
        return Dropped(f"scan-{next(self._numbers):06}{ending}", kind, fate, sha256), content
