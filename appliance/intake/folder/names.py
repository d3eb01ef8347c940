"""Names of any bytes, made fit to be shown, stored and used as a file's name.

Takes what stands in a folder or a sidecar, gives text that every later room can
print, send and compare. Which file belongs to which scan is not known here.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata

LONGEST_NAME = 200
"""Longer names are cut, and get a digest so that two of them stay two."""
LONGEST_FILE_NAME = 180
"""In bytes. Leaves room for a suffix within the 255 that file systems allow."""

_UNSHOWABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that make a name read as another one."""


def as_text(raw: bytes) -> str:
    """Show a name: any script stays as it is; bytes and characters that are no text become %XX."""
    return _escape(os.fsdecode(raw), frozenset())


def as_slot(source: str, raw: bytes) -> str:
    """Name a place in a source; two different paths never get the same slot."""
    return f"{source}:{_escape(os.fsdecode(raw), frozenset('%'))}"


def as_name(raw: bytes) -> str:
    """Make the name of a scan from the name of its file."""
    text = as_text(raw)
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 9]}~{_digest(raw)}"


def as_file_name(name: str) -> str:
    """Make one path component from a name, whatever it is; it is never hidden and never leads elsewhere."""
    text = _escape(name, frozenset("/"))
    if text.startswith("."):
        text = f"%2E{text[1:]}"
    whole = text.encode()
    if len(whole) <= LONGEST_FILE_NAME:
        return text or "%"
    return f"{whole[: LONGEST_FILE_NAME - 9].decode(errors='ignore')}~{_digest(name.encode(errors='surrogatepass'))}"


def _escape(text: str, also: frozenset[str]) -> str:
    return "".join(_percent(char) if _must_go(char, also) else char for char in text)


def _must_go(char: str, also: frozenset[str]) -> bool:
    return char in also or char in _REORDERING or unicodedata.category(char) in _UNSHOWABLE


def _percent(char: str) -> str:
    try:
        raw = os.fsencode(char)
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        raw = char.encode("utf-8", "surrogatepass")
    return "".join(f"%{byte:02X}" for byte in raw)


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:8]
