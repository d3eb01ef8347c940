"""The default rulebook, and verdicts drawn by it, for tests that need one."""

from __future__ import annotations

import sqlite3
from functools import cache
from typing import Any

from appliance.rules import judge as judging
from appliance.rules import reading, texts
from appliance.rules.history import Nothing
from appliance.rules.judged import Circumstances, Judged, Moment
from appliance.rules.standing import Rulebook
from appliance.scan import Scan
from models.answer import Answer

MOMENT = Moment(now=0, room_on_disk=True, release="r1", app="test")
CIRCUMSTANCES = Circumstances(
    moment=MOMENT, rulebook="0" * 64, level="normal", trouble="", final=False, superseded=False
)
"""Of verdicts that were written by hand."""


@cache
def standing(level: str = "normal") -> Rulebook:
    """The book a box begins with."""
    return reading.parse(texts.default()).at(level)


class ByDefault:
    """The same, wherever one is looked up."""

    def __init__(self) -> None:
        self.alarms: list[str] = []

    def standing(self, _: sqlite3.Connection) -> Rulebook:
        return standing()

    def alarm(self, erred: tuple[str, ...]) -> None:
        self.alarms += erred


def judge(scan: Scan, answer: Answer | None, moment: Moment, **more: Any) -> Judged:
    """A verdict by the default book, on a box that remembers nothing."""
    return judging.judge(scan, answer, more.pop("rulebook", standing()), moment, more.pop("past", Nothing()), **more)
