"""What stands in a folder, of any bytes, named as text.

Takes paths, gives text that every later room can print, send and compare.
Which file belongs to which scan is not known here.
"""

from __future__ import annotations

import hashlib
import os

from appliance.names import escape

LONGEST_NAME = 200
"""Longer names are cut, and get a digest so that two of them stay two."""


def as_text(raw: bytes) -> str:
    """Show a name: any script stays as it is; bytes and characters that are no text become %XX."""
    return escape(os.fsdecode(raw))


def as_slot(source: str, raw: bytes) -> str:
    """Name a place in a source; two different paths never get the same slot."""
    return f"{source}:{escape(os.fsdecode(raw), '%')}"


def as_name(raw: bytes) -> str:
    """Make the name of a scan from the name of its file."""
    text = as_text(raw)
    if len(text) <= LONGEST_NAME:
        return text
    return f"{text[: LONGEST_NAME - 9]}~{hashlib.sha256(raw).hexdigest()[:8]}"
