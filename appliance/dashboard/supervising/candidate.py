"""Texts that somebody would like to have in force: pasted, taken from a file, or those of an earlier rulebook.

Takes what a page sends, gives what `rulebooks.py` weighs, or a problem that says which fault stands on which line.
"""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from typing import Annotated

from pydantic import StringConstraints

from appliance.dashboard.house import House
from appliance.dashboard.problems import Problem
from appliance.errors import LanewatchError
from appliance.rulebooks import Given
from appliance.rules import difference, reading
from appliance.rules.reading import Names, Parts
from appliance.rules.texts import Texts
from models.answer import Value

MAX_BYTES = 1_000_000
"""Two texts of 64 kB and one of 256 kB as JSON."""

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Candidate(Value):
    """Texts that are given, over those of an earlier rulebook or of the one in force."""

    digest: Digest | None = None
    """Of a rulebook that was in force here."""
    book: str | None = None
    taxonomy: str | None = None
    site: str | None = None
    without_site: bool = False

    @property
    def names(self) -> Names:
        """How each is called when a fault in it is told."""
        there = "in the earlier rulebook" if self.digest else "in force"
        told = (("rulebook", self.book), ("taxonomy", self.taxonomy), ("sheet", self.site))
        return Names(*(name if text is not None else f"{name} {there}" for name, text in told))

    async def given(self, house: House) -> Given:
        """What it comes to; a problem where there is no such earlier rulebook."""
        if self.digest is None:
            if (self.book, self.taxonomy, self.site) == (None, None, None) and not self.without_site:
                raise Problem(422, "nothing is given: a rulebook, a taxonomy, a sheet, or none of a sheet any more")
            return Given(book=self.book, taxonomy=self.taxonomy, site=self.site, without_site=self.without_site)
        kept = await earlier(house, self.digest)
        told = (self.site, self.without_site) if self.site is not None or self.without_site else None
        site, without = told or (kept.site, kept.site is None)
        return Given(
            book=kept.book if self.book is None else self.book,
            taxonomy=kept.taxonomy if self.taxonomy is None else self.taxonomy,
            site=site,
            without_site=without,
        )


async def earlier(house: House, digest: str) -> Texts:
    """The texts of a rulebook that is or was in force here."""

    def was_here(db: sqlite3.Connection) -> bool:
        return db.execute("SELECT 1 FROM activation WHERE digest = ? LIMIT 1", (digest,)).fetchone() is not None

    if not await house.store.read(was_here):
        raise Problem(404, "no such rulebook was in force here")
    return house.rulebooks.shelf.read(digest)


@lru_cache(maxsize=8)
def parsed(texts: Texts) -> Parts:
    """Texts that were read before; reading takes a second."""
    return reading.parse(texts)


def differences(one: Texts | None, other: Parts) -> tuple[list[str] | None, str]:
    """How a rulebook differs from texts, in words; else why nobody knows."""
    if one is None:
        return None, "what is in force cannot be read, so nothing can be held against it"
    try:
        return list(difference.between(parsed(one), other)), ""
    except LanewatchError as problem:
        return None, f"what is in force cannot be read: {problem}"
