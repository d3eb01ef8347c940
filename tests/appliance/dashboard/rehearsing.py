"""Scans an officer would get: simulated bags in one or two views, judged by the default rules, for tests and pictures.

Takes a box that is up (`Served`), brings bags in by its door and concludes them as the loop would.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

from PIL import Image

from appliance.scan import Scan
from appliance.store import scans
from models.answer import Answer, Answered, ComponentName, ExamPassed, Finding, Identity
from tests.appliance.dashboard.conftest import png_of
from tests.conftest import claim
from tests.judging import MOMENT, judge
from training.synth.simulator import simulate
from training.synth.values import SimulatedScan

SIZE = 320
_WHO: tuple[tuple[ComponentName, ...], ...] = (("detector", "vlm"), ("detector",), ("vlm",))


@cache
def bag(number: int) -> SimulatedScan:
    """Bag after bag with something in it that has to be looked at."""
    skipped = -1
    for index in range(1000):
        made = simulate(7, index, size=SIZE, views=2)
        skipped += any(item.threat for item in made.items)
        if skipped == number:
            return made
    raise AssertionError("no such bag")


def bring(served: Any, numbers: range, *, lane: str = "L1", prefix: str = "BAG", **context: Any) -> list[str]:
    """Send bags and give each its verdict; gives their names, the first one first."""
    names = []
    with served.client(served.scanner) as client:
        for number in numbers:
            made, name = bag(number), f"{prefix}-{number:03}"
            declared = list(made.declaration.texts)
            sheet = {"scan_id": name, "lane": lane, "declared_items": declared, "context": context}
            pictures = {view.name: png_of(Image.fromarray(view.colour)) for view in made.views}
            told = client.post("/api/v1/scans", files={"sheet": ("", json.dumps(sheet)), **pictures})
            assert told.status_code == 202, told.text
            names.append(name)
            conclude(served, {name: number})
    return names


def conclude(served: Any, numbers: dict[str, int]) -> None:
    """Judge what waits, by what is really in it."""
    for scan in served.store.submit(lambda db: claim(db, 100)).result():
        judged = judge(scan, answer_for(scan, numbers[scan.scan_id]), MOMENT)
        at = datetime.now(UTC).isoformat()
        served.store.submit(
            lambda db, scan=scan, judged=judged, at=at: scans.conclude(db, scan, lambda _: judged, at)
        ).result()


def answer_for(scan: Scan, number: int) -> Answer:
    """What a good engine says of a bag of the row."""
    return answer_of(scan, bag(number), number)


def answer_of(scan: Scan, made: SimulatedScan, number: int) -> Answer:
    """What a good engine says of a bag: all that is in it, seen by one or both of its parts."""
    side = made.views[0].colour.shape[0]
    found = [
        Finding(
            item=item.words,
            category=item.category,
            confidence=0.95 - 0.13 * place,
            location=item.place,
            occluded=item.level > 1,
            box=tuple(round(edge / side, 4) for edge in item.boxes[view]),  # pyright: ignore[reportArgumentType]
            view=made.views[view].name,
            seen_by=_WHO[(number + place) % 3],
        )
        for place, item in enumerate([each for each in made.items if each.target][:4])
        for view in range(len(made.views))
    ]
    spoke = tuple(Answered(name=name, milliseconds=40) for name in ("detector", "vlm"))
    who = Identity(engine="scripted 1", release="r1", exam=ExamPassed(cases=8))
    pictures = tuple(view.sha256 or "" for view in scan.pictures)
    return Answer(question=scan.scan_id, pictures=pictures, findings=tuple(found), components=spoke, identity=who)
