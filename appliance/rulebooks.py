"""The rulebook in force: read once, looked up in the same transaction as the verdict that follows from it.

Takes the shelf of texts and what the release can name, gives the book every scan is judged by, and puts others in its
place: checked first, atomically, with who and why. A text that cannot be read any more never clears anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, NamedTuple

from pydantic import StringConstraints

from appliance.errors import RefusedError, RulebookError, StoreError
from appliance.journal import journal
from appliance.readings import Readings
from appliance.rules import reading, texts
from appliance.rules.book import NORMAL
from appliance.rules.history import one_name
from appliance.rules.reading import UNNAMED, Names, Parts
from appliance.rules.standing import Rulebook
from appliance.rules.texts import Texts
from appliance.store.database import Store
from appliance.store.rulebooks import Activation, Origin, Shelf, activate, before, in_force, under
from models.answer import Value
from models.profile import names_of

MOST_ALARMS = 5
"""Failing rules that `status` tells one by one."""
_log = journal("rules")

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Word(Value):
    """Whose word something is put in force by."""

    who: Said
    why: Said
    origin: Origin = "site"
    supervisor: Said | None = None
    """Who answers for what the centre has not said, or what a sheet loosens: somebody else than who asked for it."""


class Given(Value):
    """Texts to put in force. One that is not given stays what it is."""

    book: str | None = None
    taxonomy: str | None = None
    site: str | None = None
    without_site: bool = False
    """True to lay the site's sheet aside."""

    @property
    def whole(self) -> bool:
        """Whether it stands by itself, so that what is in force need not even be readable."""
        return None not in (self.book, self.taxonomy) and (self.without_site or self.site is not None)

    def over(self, now: Texts) -> Texts:
        return Texts(
            book=now.book if self.book is None else self.book,
            taxonomy=now.taxonomy if self.taxonomy is None else self.taxonomy,
            site=None if self.without_site else now.site if self.site is None else self.site,
        )


Beside = Callable[[sqlite3.Connection, Activation], object]
"""What is kept in the transaction that puts a rulebook in force; where it fails, nothing changes."""


class Weighed(NamedTuple):
    """A rulebook that could be put in force now."""

    parts: Parts
    there: Texts | None
    """What is in force, where it can be read."""
    two: str
    """Why two people have to stand for it, if so."""


class Rulebooks:
    """What is in force, and how it changes."""

    def __init__(self, store: Store, profile: str) -> None:
        self.shelf = Shelf(store.root / "rulebooks")
        self.profile = profile
        """The domain of the release in force: what its models can name."""
        self._store = store
        self._says = names_of(profile)
        self._one = asyncio.Lock()
        """One change at a time: each builds on what is in force."""
        self._readings = Readings(self.shelf, self._says)
        self._alarms = Counter[str]()

    def standing(self, db: sqlite3.Connection) -> Rulebook:
        """What to judge by in this transaction."""
        return self._readings.of(in_force(db))

    def alarm(self, erred: tuple[str, ...]) -> None:
        """A scan met rules that could not be judged: journal it, and let `status` tell it until the next start."""
        for words in erred:
            rule = words.partition(":")[0]  # what follows may depend on the scan
            self._alarms[rule] += 1
            if self._alarms[rule] == 1:
                _log.error("a rule failed, so its scans are reviewed", problem=words)

    def _counted(self) -> list[tuple[str, int]]:
        """Of a copy, made in one piece: scans are judged on another thread meanwhile."""
        return Counter(dict(self._alarms)).most_common(MOST_ALARMS)

    def told(self) -> Rulebook:
        """What is in force, for whoever shows it."""
        with self._store.reader() as db:
            return self.standing(db)

    def warnings(self, now: float) -> tuple[str, ...]:
        """What somebody should look at."""
        standing = self.told()
        return (*self.troubles(now), *self._notes(standing, now))

    def troubles(self, now: float) -> tuple[str, ...]:
        """Why nothing is CLEAR by what is in force, if so."""
        standing = self.told()
        over = (f"rulebook {standing.name} has ended, so nothing is CLEAR",) if now >= standing.until else ()
        return (*standing.misfits, *over)

    def _notes(self, standing: Rulebook, now: float) -> tuple[str, ...]:
        ended = [ready.rule.id for ready in standing.rules if now >= ready.until]
        return (
            *(f"rulebook: {words} ({number} scans)" for words, number in self._counted()),
            *(f"rulebook: {words}" for words in standing.loosened_at(now)),
            *((f"rulebook: ended rules: {', '.join(ended)}",) if ended else ()),
        )

    async def begin(self) -> None:
        """Put the default book in force on a box that has none yet; it stays at hand to stand in for another."""
        await asyncio.to_thread(self.shelf.keep, texts.default())
        if await self._store.read(in_force) is None:
            word = Word(who="lanewatch", why="what a box begins with", origin="default")
            await self._put(self.check(texts.default()), word)
        await asyncio.to_thread(self.told)  # read before the first scan waits for it

    def check(self, given: Texts, names: Names = UNNAMED, there: Texts | None = None) -> Parts:
        """Read texts, or refuse them with every fault at its place. `there` is what is or was in force."""
        return reading.checked(given, self._says, _today(), names, known=there)

    async def weigh(self, given: Given, names: Names = UNNAMED) -> Weighed:
        """Check texts as putting them in force would, or refuse them with every fault."""
        now = await self._store.read(in_force)
        there = self._texts_of(now, needed=not given.whole)
        parts = await asyncio.to_thread(self.check, given.over(there or texts.default()), names, there)
        return Weighed(parts, there, _two_are_needed(parts, there))

    async def put(self, given: Given, word: Word, names: Names = UNNAMED, beside: Beside | None = None) -> Activation:
        """Put a rulebook in force from the next verdict on, or refuse it: then nothing changes."""
        async with self._one:
            weighed = await self.weigh(given, names)
            alone = word.origin == "site" and _one(word.supervisor or "") in ("", _one(word.who))
            if alone and (what := weighed.two):
                hint = "name somebody else than who asks: --supervisor NAME"
                raise RefusedError(f"{what}, and nobody else stands for it", hint=hint)
            return await self._put(weighed.parts, word, beside)

    def _texts_of(self, now: Activation | None, *, needed: bool) -> Texts | None:
        """What is in force; nothing, where it is gone and nobody needs it."""
        try:
            return self.shelf.read(now.digest) if now else None
        except StoreError as problem:
            if needed:
                hint = "give all of it: the rulebook with its taxonomy, and --site FILE or --without-site"
                raise RefusedError(f"what is in force cannot be read: {problem.message}", hint=hint) from problem
            return None

    async def _put(self, parts: Parts, word: Word, beside: Beside | None = None) -> Activation:
        given = parts.texts
        now = await self._store.read(in_force)
        level = now.level if now else NORMAL
        if level not in (NORMAL, *parts.book.levels):
            raise RefusedError(
                f"the threat level is {level}, and this rulebook has no such level", hint="switch to normal first"
            )
        rulebook = await asyncio.to_thread(parts.at, level)
        book, _, sheet = rulebook.name.partition(" with ")
        await self._refuse_another(book, lambda texts: (texts.book, texts.taxonomy), given)
        await self._refuse_another(sheet, lambda texts: texts.site, given)
        self._readings.keep(given.digest, level, rulebook)
        await asyncio.to_thread(self.shelf.keep, given)
        if now and now.digest == given.digest:
            word = _still_stood_for(word, now)
        return await self._record(word, given.digest, rulebook.name, level, beside)

    async def _refuse_another(self, name: str, part: Callable[[Texts], object], given: Texts) -> None:
        """One name and version of a book or a sheet is one text for ever."""
        for digest in await self._store.read(lambda db: under(db, name)):
            with contextlib.suppress(StoreError):  # a text that is gone says nothing
                if part(self.shelf.read(digest)) != part(given):
                    raise RefusedError(
                        f"{name} was in force here with other texts", hint="give what you changed another version"
                    )

    async def roll_back(self, word: Word, beside: Beside | None = None) -> Activation:
        """Put the texts in force again that were before the present ones came: who stood for them then still does."""
        async with self._one:
            earlier = await self._store.read(before)
            if earlier is None:
                raise RefusedError("there is no earlier rulebook to go back to", hint="see: lanewatch rules list")
            there = self.shelf.read(earlier.digest)
            parts = await asyncio.to_thread(self.check, there, UNNAMED, there)
            return await self._put(parts, word.model_copy(update={"supervisor": earlier.supervisor}), beside)

    async def switch(self, level: str, word: Word, beside: Beside | None = None) -> Activation:
        """Let the book in force stand at another threat level."""
        async with self._one:
            now = await self._store.read(in_force)
            if now is None:
                raise RefusedError("no rulebook is in force")
            # the normal level is always to be had: a book that cannot be read keeps nobody in a raised one
            with contextlib.suppress(*((StoreError, RulebookError) if level == NORMAL else ())):
                await asyncio.to_thread(self._readings.at, now, level)
            return await self._record(_still_stood_for(word, now), now.digest, now.name, level, beside)

    async def _record(self, word: Word, digest: str, name: str, level: str, beside: Beside | None = None) -> Activation:
        at = datetime.now(UTC).isoformat()

        def write(db: sqlite3.Connection) -> Activation:
            done = activate(db, at=at, digest=digest, name=name, level=level, **word.model_dump())
            if beside:
                beside(db, done)
            return done

        done = await self._store.write(write)
        self._readings.last(digest, level)
        return done


def _today() -> date:
    return datetime.now(UTC).date()


def _two_are_needed(parts: Parts, there: Texts | None) -> str:
    """What two have to stand for, if so: another book than the centre's, or a sheet that loosens it."""
    given = parts.texts
    another = there is None or (given.book, given.taxonomy) != (there.book, there.taxonomy)
    looser = parts.site and parts.site.loosens and (there is None or given.site != there.site)
    if another:
        return "another book or taxonomy is put in force by hand"
    return "the sheet loosens central rules" if looser else ""


def _still_stood_for(word: Word, now: Activation) -> Word:
    """The word on texts that stay: who stood for them goes on to, unless somebody else does now."""
    return word if word.supervisor else word.model_copy(update={"supervisor": now.supervisor})


def _one(who: str) -> str:
    """A person's name in one spelling: other letters make nobody else."""
    return "".join(filter(str.isalnum, one_name(who)))
