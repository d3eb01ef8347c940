"""One verdict as it was kept, with everything it followed from.

Takes rows, gives values to judge again by; says what is missing where a row is from before it was kept.
"""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from typing import Any, NamedTuple

from appliance.rules import reading
from appliance.rules.history import History, Remembered
from appliance.rules.judge import judge
from appliance.rules.judged import Circumstances, Judged
from appliance.rules.standing import Rulebook
from appliance.scan import Scan
from appliance.store import scans
from appliance.store.rulebooks import Shelf
from models.answer import Answer


class Record(NamedTuple):
    """A scan as it stood when it was judged, what was said about it, and the verdict."""

    verdict: int
    at: str
    scan: Scan
    answer: Answer | None
    circumstances: Circumstances
    document: str
    """As it was kept, letter by letter."""

    @property
    def said(self) -> dict[str, Any]:
        return json.loads(self.document)

    def again(self, rulebook: Rulebook, history: History) -> Judged:
        """Judge the same once more."""
        then = self.circumstances
        found = judge(self.scan, self.answer, rulebook, then.moment, history, trouble=then.trouble, final=then.final)
        return found.with_times(then.spent_ms)


COLUMNS = "scan.*, verdict.id AS verdict, verdict.at, verdict.document, verdict.answer, verdict.circumstances"
"""What a record is made of."""


def record_of(row: sqlite3.Row) -> Record | None:
    """Make the value; nothing where the row is from before circumstances were kept."""
    if row["circumstances"] is None:
        return None
    then = Circumstances.model_validate_json(row["circumstances"])
    return Record(
        verdict=row["verdict"],
        at=row["at"],
        scan=scans.scan_from(row).model_copy(update={"superseded": then.superseded}),
        answer=Answer.model_validate_json(row["answer"]) if row["answer"] is not None else None,
        circumstances=then,
        document=row["document"],
    )


def rulebook_then(shelf: Shelf, record: Record) -> Rulebook:
    """The rulebook a verdict followed from, as it stood. Raises where its texts are gone or cannot be read."""
    then = record.circumstances
    rulebook = reading.parse(shelf.read(then.rulebook)).at(then.level)
    return dataclasses.replace(rulebook, misfits=then.misfits)


def past_then(record: Record) -> Remembered:
    """What the rules were told of earlier scans, and nothing else."""
    return Remembered(None, record.circumstances.history)
