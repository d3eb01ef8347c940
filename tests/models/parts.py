"""Small parts of an engine for tests: a detector and a reader that know a few colours and say so as real ones do."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models import prompt
from models.answer import Question, View
from models.ports import AdapterRefusedError, Detection, EngineError, Piece, Reading, Reply
from models.profile import BAGGAGE
from models.prompt import Mention
from models.release import Curve, Release

if TYPE_CHECKING:
    from models.ports import Pixels

PLAIN = Curve(slope=1.0, shift=0.0)
ABOUT = Release(name="toy", profile=BAGGAGE.name, parts={}, detector=PLAIN, reader=PLAIN, proposes=0.4, names=0.5)
BELT = 255, 255, 255
COLOURS: dict[str, tuple[int, int, int]] = {
    "folding knife": (200, 30, 30),
    "handgun": (30, 30, 200),
    "laptop": (30, 160, 30),
}
"""Red, green, blue: one for each thing that these parts know."""
BAG = 60, 40, 380, 300
"""Left, top, right, bottom of every bag here, in pixels."""
Placed = tuple[str, str]
"""A thing and its place."""


def bag(*things: Placed, size: tuple[int, int] = (448, 336)) -> Pixels:
    """A bag with coloured squares in it."""
    picture = np.full((size[1], size[0], 3), BELT, np.uint8)
    left, top, right, bottom = BAG
    picture[top:bottom, left:right] = (215, 200, 170)
    for name, place in things:
        down, across = divmod(BAGGAGE.places.index(place), 3)
        x, y = (round(s + (e - s) * (n + 0.5) / 3) for s, e, n in ((left, right, across), (top, bottom, down)))
        picture[y - 20 : y + 20, x - 20 : x + 20] = COLOURS[name]
    return picture


def png(picture: Pixels) -> bytes:
    return cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()


def question(folder: Path, *pictures: Pixels, name: str = "SCAN-1#1") -> Question:
    views: list[View] = []
    for number, picture in enumerate(pictures):
        content = png(picture)
        sha256 = hashlib.sha256(content).hexdigest()
        path = folder / f"{sha256[:16]}.png"
        path.write_bytes(content)
        height, width = picture.shape[:2]
        views.append(View(name=f"view{number}", path=str(path), sha256=sha256, width=width, height=height))
    return Question(id=name, views=tuple(views))


def squares(picture: Pixels) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Each coloured square with its box, in pixels."""
    found: list[tuple[str, tuple[float, float, float, float]]] = []
    for name, colour in COLOURS.items():
        near = (np.abs(picture.astype(np.int16) - colour).max(axis=2) < 40).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(near)
        found += [(name, (x, y, x + w, y + h)) for x, y, w, h, area in stats[1:].tolist() if area > 60]
    return found


class ColourDetector:
    """Finds squares by their colour; with a trouble, it only has that to say."""

    def __init__(self, score: float = 0.8, trouble: EngineError | None = None, only: Sequence[str] = ()) -> None:
        self.score = score
        self.trouble = trouble
        self.only = only
        self.calls: list[int] = []

    def detect(self, pictures: Sequence[Pixels]) -> list[tuple[Detection, ...]]:
        self.calls.append(len(pictures))
        if self.trouble:
            raise self.trouble
        return [self._in(picture) for picture in pictures]

    def _in(self, picture: Pixels) -> tuple[Detection, ...]:
        height, width = picture.shape[:2]
        return tuple(
            Detection(item=name, score=self.score, box=(x / width, y / height, r / width, b / height))
            for name, (x, y, r, b) in squares(picture)
            if not self.only or name in self.only
        )


class ColourReader:
    """Reads squares by their colour. What it overlooks at first it sees when it is given a hint."""

    alive = True

    def __init__(self, overlooks: Sequence[str] = (), logprob: float = -0.1) -> None:
        self.overlooks = overlooks
        self.logprob = logprob
        self.asked: list[str] = []
        self.says: str | None = None
        self.trouble: EngineError | None = None
        self.hangs = False
        self.hanging = 0
        self.adapter: str | None = None
        self.blinding: frozenset[str] = frozenset()
        self.blind = False
        self.refuses = False

    async def read(self, reading: Reading) -> Reply:
        self.asked.append(reading.question)
        adapter = self.adapter
        if self.hangs:
            self.hanging += 1
            try:
                await asyncio.Event().wait()
            finally:
                self.hanging -= 1
        if self.trouble:
            raise self.trouble
        return replied(self.says or self._read(reading), self.logprob, adapter)

    def _read(self, reading: Reading) -> str:
        general = "prohibited" in json.loads(reading.schema)["properties"]
        mentions = [mention(name, box, reading.picture) for name, box in squares(reading.picture)]
        if general:
            kept = [] if self.blind else [each for each in mentions if each.item not in self.overlooks]
            return prompt.say_items(prompt.in_order(kept, BAGGAGE), BAGGAGE)
        return prompt.say_items(tuple(each for each in mentions if each.item in reading.question.split(".")[0]))

    async def adapt(self, adapter: Path | None) -> str | None:
        if self.refuses:
            raise AdapterRefusedError("it does not fit")
        self.blind = adapter is not None and adapter.name in self.blinding
        self.adapter = adapter and hashlib.sha256(adapter.name.encode()).hexdigest()
        return self.adapter

    async def close(self) -> None: ...


def mention(name: str, box: tuple[float, float, float, float], picture: Pixels) -> Mention:
    height, width = picture.shape[:2]
    across, down = int((box[0] + box[2]) / 2 / width * 3), int((box[1] + box[3]) / 2 / height * 3)
    return Mention(item=name, location=BAGGAGE.places[down * 3 + across], occluded=False)


def replied(text: str, logprob: float = -0.1, adapter: str | None = None) -> Reply:
    """In pieces of five letters."""
    pieces = tuple(Piece(text=text[start : start + 5], logprob=logprob) for start in range(0, len(text), 5))
    return Reply(text=text, pieces=pieces, adapter=adapter)
