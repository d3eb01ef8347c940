"""Texts as cells of a table that somebody opens in a spreadsheet.

Takes any text, gives one that no spreadsheet takes for a formula: not at its beginning, and not behind what another
country's spreadsheet takes for the end of a cell (`;`, a tab, a line's end).
"""

from __future__ import annotations

import re

_FORMULA = re.compile(
    r"(^|[;\t\r\n])"
    r"([ \"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]*"
    r"[=+\-@\uff1d\uff0b\uff0d\uff20])"
)
"""A sign that begins a formula, behind nothing or what cannot be seen; also in the full width of Asian keyboards."""


def harmless(text: str) -> str:
    """The text, marked as text wherever it could begin a formula."""
    return _FORMULA.sub(r"\1'\2", text)
