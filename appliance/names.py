"""Names made fit to be shown, and to be used as a file's name.

Takes text of any characters, also what `os.fsdecode` makes of bytes that are no
text. What cannot be printed, or makes a name read as another one, becomes %XX.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata

LONGEST = 200
"""Bytes of the longest name that is a file's name as it is."""

_UNSHOWABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that make a name read as another one."""


def escape(text: str, also: str = "") -> str:
    """Spell %XX whatever cannot be shown, and the characters of `also`; any script stays as it is."""
    return "".join(_percent(char) if _must_go(char, also) else char for char in text)


def as_file_name(name: str) -> str:
    r"""Spell %XX what could be a path or hide a file: / \ % and a leading dot, besides what cannot be shown.

    Two names that can be stored never give the same: a long one is cut and gets a
    digest, and is then longer than any name that stands as it is.
    """
    text = escape(name, "/\\%") or "%"
    if text.startswith("."):
        text = f"%2E{text[1:]}"
    whole = text.encode()
    if len(whole) <= LONGEST:
        return text
    return f"{whole[: LONGEST + 4].decode(errors='ignore')}~{hashlib.sha256(whole).hexdigest()[:16]}"


def _must_go(char: str, also: str) -> bool:
    return char in also or char in _REORDERING or unicodedata.category(char) in _UNSHOWABLE


def _percent(char: str) -> str:
    try:
        raw = os.fsencode(char)
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        raw = char.encode("utf-8", "surrogatepass")
    return "".join(f"%{byte:02X}" for byte in raw)
