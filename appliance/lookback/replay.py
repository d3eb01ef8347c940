"""Judge a scan again from the record alone: the same verdict, or what is missing for it.

Takes a database that is only read, and the shelf of rulebooks; gives what came out. Nothing is kept.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from appliance.errors import LanewatchError
from appliance.lookback.record import COLUMNS, past_then, record_of, rulebook_then
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
        f"SELECT {COLUMNS} FROM verdict JOIN scan ON scan.id = verdict.scan WHERE scan.id = ? ORDER BY verdict.id",
        (scan,),
    )
    return tuple(_replayed(row, shelf) for row in rows)


def _replayed(row: sqlite3.Row, shelf: Shelf) -> Replayed:
    said: dict[str, Any] = json.loads(row["document"])
    action = str(said["recommended_action"])
    record = record_of(row)
    if record is None:
        return Replayed(row["at"], action, same=False, differs=(), missing="it was kept before circumstances were")
    try:
        found = record.again(rulebook_then(shelf, record), past_then(record)).verdict
    except LanewatchError as problem:
        return Replayed(row["at"], action, same=False, differs=(), missing=str(problem))
    if found.model_dump_json() == record.document:
        return Replayed(row["at"], action, same=True, differs=(), missing="")
    differs = tuple(_differences("", said, json.loads(found.model_dump_json())))
    return Replayed(row["at"], action, same=False, differs=differs or ("the order of its fields",), missing="")


def _differences(where: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        old, new = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
        for key in sorted({*old, *new}):
            yield from _differences(f"{where}.{key}".lstrip("."), old.get(key), new.get(key))
    elif one != other:
        yield f"{where}: was {json.dumps(one, ensure_ascii=False)}, now {json.dumps(other, ensure_ascii=False)}"
