"""What a rule may ask of earlier scans, each question bounded, and every answer kept with the judgement.

Takes a door to the store, gives numbers. How they are counted is the store's
business; that a replay answers from its record alone is ours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Literal, NamedTuple, Protocol

from appliance.errors import LanewatchError
from models.answer import Value

MOST_TEXT = 200
"""No lane and no consignee has a longer name."""

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Printable by the book of signs, and yet nothing to see."""
MOST_LOOKUPS = 50
"""Different questions for one scan: each goes through thousands of rows."""

Name = Literal["seen", "inspected", "scans", "alarms", "alarm_rate"]


class Question(NamedTuple):
    """One history function: what it is asked of, over which span, and whether it counts."""

    of: Literal["consignee", "lane"]
    span: Literal["days", "minutes"]
    most: int
    """The longest span."""
    whole: bool
    """True for a count, False for a rate."""


QUESTIONS: dict[Name, Question] = {
    "seen": Question("consignee", "days", 366, whole=True),
    "inspected": Question("consignee", "days", 366, whole=True),
    "scans": Question("lane", "minutes", 10_080, whole=True),
    "alarms": Question("lane", "minutes", 10_080, whole=True),
    "alarm_rate": Question("lane", "minutes", 10_080, whole=False),
}
"""`seen`: earlier scans of a consignee; `inspected`: those that ended in PHYSICAL_INSPECTION; `scans` and `alarms`:
of a lane; `alarm_rate`: the share of its scans that raised an alarm, 0 when there were none."""


class HistoryError(LanewatchError):
    """History cannot answer: asked out of bounds, or of a record that lacks it. Whatever asked has no result."""


class Lookup(Value):
    """One question about earlier scans. `lookup` makes it, within bounds."""

    name: Name
    of: str
    span: int

    @property
    def key(self) -> str:
        """Its name in a record, the same for ever: the text, which may hold anything, comes last."""
        return f"{self.name}/{self.span}/{self.of}"


class History(Protocol):
    """Whatever knows earlier scans."""

    def ask(self, what: Lookup) -> float:
        """Answer as of the scan that is judged, which itself does not count."""
        ...


class Nothing:
    """No scan came before this one. For the cases inside a rulebook."""

    def ask(self, what: Lookup) -> float:  # noqa: ARG002 - whatever is asked
        return 0


class Remembered:
    """One judgement's history: asks the door once for each question and keeps the answer; a replay has no door."""

    def __init__(self, behind: History | None, record: Mapping[str, float] | None = None) -> None:
        self.behind = behind
        self.answers = dict(record or {})
        """By `Lookup.key`: what a replay needs."""

    def ask(self, what: Lookup) -> float:
        if what.key in self.answers:
            return self.answers[what.key]
        if len(self.answers) >= MOST_LOOKUPS:  # in a replay, too: the record of such a scan lacks nothing
            raise HistoryError(f"more than {MOST_LOOKUPS} different questions to history for one scan")
        if self.behind is None:
            raise HistoryError(f"the record of this judgement has no history.{what.name}({what.of!r}, {what.span})")
        self.answers[what.key] = answer = self.behind.ask(what)
        return answer


def one_name(given: str) -> str:
    """A name in one spelling, as it is stored and looked up: other letters, spaces or hidden signs make nobody else."""
    seen = "".join(filter(_is_seen, unicodedata.normalize("NFKC", given)))
    return " ".join(unicodedata.normalize("NFKC", seen.casefold()).split())


def _is_seen(sign: str) -> bool:
    """Whether a sign shows on paper, or parts words."""
    if sign.isspace():
        return True
    return sign.isprintable() and sign not in _BLANK and "VARIATION SELECTOR" not in unicodedata.name(sign, "")


def lookup(name: Name, of: str, span: int) -> Lookup:
    """Ask within bounds, or say which one is passed."""
    question = QUESTIONS[name]
    if not 1 <= span <= question.most:
        raise HistoryError(f"history.{name}: {question.span} must be 1 to {question.most}, not {span}")
    if len(of) > MOST_TEXT:
        raise HistoryError(f"history.{name}: {question.of} is longer than {MOST_TEXT} characters")
    return Lookup(name=name, of=of, span=span)
