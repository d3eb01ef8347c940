"""Rulebooks as they were read: reading one takes a second, and every verdict needs one.

Takes what is in force, gives the rulebook, or what stands in for one that cannot be read: that clears nothing.
"""

from __future__ import annotations

import dataclasses
import time
from typing import NamedTuple

from appliance.errors import LanewatchError, RefusedError, RulebookError
from appliance.rules import reading, texts
from appliance.rules.book import NORMAL
from appliance.rules.standing import Rulebook
from appliance.store.rulebooks import Activation, Shelf

RETRY = 10.0
"""Seconds between two looks whether a rulebook that could not be used is well again."""
MOST_READ = 8
"""Rulebooks at their levels that are kept at hand: going back and forth between two reads nothing again."""


class _Lent(NamedTuple):
    """What stands in for a rulebook that could not be read."""

    key: tuple[str, str]
    rulebook: Rulebook
    at: float
    """When it was last tried, by the monotonic clock."""


class Readings:
    """The rulebooks that were read last, by digest and level. Several threads ask."""

    def __init__(self, shelf: Shelf, says: frozenset[str]) -> None:
        self._shelf = shelf
        self._says = says
        self._read: dict[tuple[str, str], Rulebook] = {}
        self._lent: _Lent | None = None

    def of(self, now: Activation | None) -> Rulebook:
        """What to judge by."""
        if now is None:
            return _instead("no rulebook is in force")
        key = (now.digest, now.level)
        if (found := self._read.get(key)) is not None:
            return found
        lent = self._lent
        return lent.rulebook if lent and lent.key == key and time.monotonic() - lent.at <= RETRY else self._try(now)

    def at(self, now: Activation, level: str) -> Rulebook:
        """A rulebook at one of its levels, kept from now on; raises where it cannot be read or has no such level."""
        if (found := self._read.get((now.digest, level))) is not None:
            return found
        parts = reading.parse(self._shelf.read(now.digest))
        known = (NORMAL, *parts.book.levels)
        if level not in known:
            raise RefusedError(f"rulebook {now.name} has no level {level!r}", hint=f"it has: {', '.join(known)}")
        return self.keep(now.digest, level, parts.fitted(level, self._says))

    def keep(self, digest: str, level: str, rulebook: Rulebook) -> Rulebook:
        """Have one at hand that was read elsewhere."""
        self._read[digest, level] = rulebook
        return rulebook

    def last(self, digest: str, level: str) -> None:
        """One is in force now: forget the oldest of the others."""
        key = (digest, level)
        others = [pair for pair in self._read.items() if pair[0] != key]
        self._read = dict([*others[1 - MOST_READ :], *([(key, self._read[key])] if key in self._read else [])])

    def _try(self, now: Activation) -> Rulebook:
        try:
            return self.at(now, now.level)
        except LanewatchError as problem:
            short = problem.faults[0] if isinstance(problem, RulebookError) else str(problem)
            self._lent = _Lent(
                (now.digest, now.level),
                _instead(f"rulebook {now.name} cannot be used: {short}", now.level),
                time.monotonic(),
            )
            return self._lent.rulebook


def _instead(trouble: str, level: str = NORMAL) -> Rulebook:
    """The default book, which clears nothing as long as it only stands in for another."""
    parts = reading.parse(texts.default())
    return dataclasses.replace(parts.at(level if level in parts.book.levels else NORMAL), misfits=(trouble,))
