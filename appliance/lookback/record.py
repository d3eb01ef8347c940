"""One verdict as it was kept, with everything it followed from.

Takes rows, gives values to judge again by; says what is missing where a row is from before it was kept.
"""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, cast

from appliance.errors import LanewatchError
from appliance.rules import reading
from appliance.rules.book import NORMAL
from appliance.rules.history import History, HistoryError, Lookup, Remembered
from appliance.rules.judge import judge
from appliance.rules.judged import Circumstances, Judged
from appliance.rules.standing import Rulebook
from appliance.rules.texts import Texts
from appliance.scan import Scan
from appliance.store import scans
from appliance.store.rulebooks import Shelf
from models.answer import Answer

T = TypeVar("T")


class RecordError(LanewatchError):
    """A piece of the record cannot be read any more. Says which."""


class FromRecord(Remembered):
    """What the rules were told of earlier scans, and nothing else; keeps in mind what it could not tell."""

    def __init__(self, record: Mapping[str, float]) -> None:
        super().__init__(None, record)
        self.lacks: list[str] = []

    def ask(self, what: Lookup) -> float:
        try:
            return super().ask(what)
        except HistoryError as problem:  # a rule that fails is no error to whoever judges
            self.lacks.append(problem.message)
            raise


class Record(NamedTuple):
    """A scan as it stood when it was judged, what was said about it, and the verdict."""

    verdict: int
    at: str
    scan: Scan
    answer: Answer | None
    circumstances: Circumstances
    document: str
    """As it was kept, letter by letter."""

    def again(self, rulebook: Rulebook, history: History, *, now: float | None = None) -> Judged:
        """Judge the same once more, at its own moment or as if it happened now: then what has ended counts no more."""
        then = self.circumstances
        moment = then.moment if now is None else then.moment.model_copy(update={"now": now})
        found = judge(self.scan, self.answer, rulebook, moment, history, trouble=then.trouble, final=then.final)
        return found.with_times(then.spent_ms)


COLUMNS = "scan.*, verdict.id AS verdict, verdict.at, verdict.document, verdict.answer, verdict.circumstances"
"""What a record is made of."""


def record_of(row: sqlite3.Row) -> Record | None:
    """Make the value; nothing where the row is from before circumstances were kept. Raises where one is damaged."""
    text = row["circumstances"]
    if text is None:
        return None
    then = _read("circumstances", lambda: Circumstances.model_validate_json(text))
    said = row["answer"]
    return Record(
        verdict=row["verdict"],
        at=row["at"],
        scan=_read("scan", lambda: scans.scan_from(row)).model_copy(update={"superseded": then.superseded}),
        answer=None if said is None else _read("answer", lambda: Answer.model_validate_json(said)),
        circumstances=then,
        document=row["document"],
    )


def rulebook_then(shelf: Shelf, record: Record) -> Rulebook:
    """The rulebook a verdict followed from, as it stood. Raises where its texts are gone or cannot be read."""
    then = record.circumstances
    texts = shelf.read(then.rulebook)
    parts = _parsed(texts.book, texts.taxonomy, texts.site)
    if then.level not in (NORMAL, *parts.book.levels):
        raise RecordError(f"its rulebook has no level {then.level!r}")
    return dataclasses.replace(parts.at(then.level), misfits=then.misfits)


@lru_cache(maxsize=8)
def _parsed(book: str, taxonomy: str, site: str | None) -> reading.Parts:
    """Reading texts takes a second, and most verdicts follow from the same few."""
    return reading.parse(Texts(book=book, taxonomy=taxonomy, site=site))


def past_then(record: Record) -> FromRecord:
    """What the rules were told of earlier scans."""
    return FromRecord(record.circumstances.history)


def document_of(row: sqlite3.Row) -> dict[str, Any]:
    """What a verdict said."""

    def read() -> dict[str, Any]:
        found = json.loads(row["document"])
        if not isinstance(found, dict):
            raise TypeError("not an object")
        return cast("dict[str, Any]", found)

    return _read("document", read)


def _read(what: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise RecordError(f"its {what} cannot be read: {type(problem).__name__}") from problem
