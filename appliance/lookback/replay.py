"""Judge a scan again from the record alone: the same verdict, or what is missing for it.

Takes a database that is only read, and the shelf of rulebooks; gives what came out. Nothing is kept.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from appliance.errors import LanewatchError
from appliance.lookback.record import COLUMNS, document_of, past_then, record_of, rulebook_then
from appliance.store.rulebooks import Shelf


class Replayed(NamedTuple):
    """How one verdict came out the second time."""

    at: str
    action: str
    same: bool
    differs: tuple[str, ...]
    """Every field that came out otherwise, with both values."""
    missing: str
    """What the record lacks, so that it could not be judged again."""


def replay(db: sqlite3.Connection, shelf: Shelf, scan: int) -> tuple[Replayed, ...]:
    """Judge every verdict of a scan again, oldest first."""
    rows = db.execute(
        f"SELECT {COLUMNS}, verdict.action AS said, verdict.risk AS worth FROM verdict"
        " JOIN scan ON scan.id = verdict.scan WHERE scan.id = ? ORDER BY verdict.id",
        (scan,),
    )
    return tuple(_replayed(row, shelf) for row in rows)


def _replayed(row: sqlite3.Row, shelf: Shelf) -> Replayed:
    told = Replayed(row["at"], row["said"], same=False, differs=(), missing="")
    try:
        said, record = document_of(row), record_of(row)
        if record is None:
            return told._replace(missing="it was kept before circumstances were")
        past = past_then(record)
        found = record.again(rulebook_then(shelf, record), past).verdict.model_dump_json()
    except LanewatchError as problem:
        return told._replace(missing=str(problem))
    kept, shown = (said.get("recommended_action"), said.get("risk_level")), (row["said"], row["worth"])
    if found == record.document and kept == shown:
        return told._replace(same=True)
    if past.lacks:
        return told._replace(missing="; ".join(dict.fromkeys(past.lacks)))
    beside = (
        () if kept == shown else (f"its row says {', '.join(shown)}, and the document {', '.join(map(str, kept))}",)
    )
    differs = (*_differences("", said, json.loads(found)), *beside)
    return told._replace(differs=differs or ("the order of its fields, or how they are spelt",))


def _differences(where: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        old, new = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
        for key in sorted({*old, *new}):
            yield from _differences(f"{where}.{key}".lstrip("."), old.get(key), new.get(key))
    elif one != other:
        yield f"{where}: was {json.dumps(one, ensure_ascii=False)}, now {json.dumps(other, ensure_ascii=False)}"
