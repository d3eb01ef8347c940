"""What somebody most likely meant, for the end of a message about a word that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LIKENESS = 0.6
MOST_NAMED = 20
"""More names than these are not read by anybody."""


def meant(given: str, known: Iterable[str], more: Iterable[str] = ()) -> str:
    """Guess which known word was meant, or name them all where they are few; `more` are guessed and never named."""
    names = list(known)
    close = difflib.get_close_matches(given, [*names, *more], n=1, cutoff=LIKENESS)
    if close:
        return f" (did you mean {close[0]}?)"
    return f" (known: {', '.join(names)})" if 0 < len(names) <= MOST_NAMED else ""
