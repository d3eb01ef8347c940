"""Rows as CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from appliance.cells import harmless


def lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows of a table, every cell in quotes."""
    sheet = io.StringIO(newline="")
    csv.writer(sheet, quoting=csv.QUOTE_ALL).writerows([_text(value) for value in row] for row in rows)
    return sheet.getvalue().encode(errors="replace")


def _text(value: Any) -> str:
    return "" if value is None else harmless(str(value))
