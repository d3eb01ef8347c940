"""What somebody most likely meant, for the end of a message about a word that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LIKENESS = 0.6
"""Of a guess."""
NEAR = 0.8
"""Of what is taken for a slip, where another word may well be meant."""
MOST_NAMED = 20
"""More names than these are not read by anybody."""
MOST_LETTERS = 100
"""No name is longer, and comparing takes time."""


def meant(given: str, known: Iterable[str], more: Iterable[str] = ()) -> str:
    """Guess which known word was meant, or name them all where they are few; `more` are guessed and never named."""
    names = list(known)
    close = nearest(given, [*names, *more])
    if close:
        return f" (did you mean {close}?)"
    return f" (known: {', '.join(names)})" if 0 < len(names) <= MOST_NAMED else ""


def nearest(given: str, known: Iterable[str], likeness: float = LIKENESS) -> str | None:
    """The known word that is most like it, if any is as like as that."""
    if len(given) > MOST_LETTERS:
        return None
    return next(iter(difflib.get_close_matches(given, known, n=1, cutoff=likeness)), None)
