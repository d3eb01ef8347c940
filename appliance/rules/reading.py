"""Read a rulebook from its texts, or refuse it, naming every fault at its place.

Takes texts and what the release in force can name, gives the parts, found to fit together: syntax, names, types, the
contract with taxonomy and release, and the book's own tests. Nothing that was refused ever judges a scan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, cast

from pydantic import BaseModel, TypeAdapter, ValidationError

from appliance.errors import ConfigError, RulebookError
from appliance.located import MAX_BYTES, Document, Step, Trouble, make, tell
from appliance.rules import cases, contract, trial
from appliance.rules.book import NORMAL, Book, Site
from appliance.rules.contract import BOOK, SITE, TAXONOMY
from appliance.rules.facts import ContextName, Kind
from appliance.rules.language.expression import ExpressionError, Language
from appliance.rules.standing import Rulebook, stand
from appliance.rules.taxonomy import Taxonomy
from appliance.rules.texts import Texts
from appliance.scan import LANGUAGES

Model = TypeVar("Model", bound=BaseModel)


class Names(NamedTuple):
    """How the files are called when a fault in one of them is told."""

    book: str = "rulebook"
    taxonomy: str = "taxonomy"
    site: str = "site"


UNNAMED = Names()
MOST_TAXONOMY = 256_000
"""Bytes: a list of words, not of conditions, and a site adds its own."""


class Parts(NamedTuple):
    """A rulebook that was read and not refused."""

    texts: Texts
    book: Book
    taxonomy: Taxonomy
    site: Site | None
    language: Language

    def at(self, level: str = NORMAL, *, alone: bool = False) -> Rulebook:
        """As it stands at a threat level; `alone` is without the site's sheet."""
        return stand(self.book, None if alone else self.site, self.taxonomy, self.language, self.texts.digest, level)

    def fitted(self, level: str, says: frozenset[str]) -> Rulebook:
        """As it stands at a level, told where it does not fit what the release can name."""
        rulebook = self.at(level)
        told = f"rulebook {rulebook.name} does not fit the release: "
        return replace(rulebook, misfits=tuple(told + fault.words for fault in self.unsayable(says)))

    def faults(self, says: frozenset[str], today: date, new: Collection[int]) -> Iterator[contract.Fault]:
        """What does not fit together; only where all fits, what the tests say. `new` are the texts newly given."""
        found = [
            *contract.faults(self.book, self.taxonomy, self.site),
            *contract.ended(self.book, self.site, new, today),
            *contract.categories(self.book, self.taxonomy),
            *contract.reserved(self.book, self.site),
            *contract.exhausting(self.book, self.site, self.taxonomy, self.language),
            *cases.faults(self.book, self.site, self.taxonomy),
            *self.unsayable(says),
        ]
        yield from found or trial.faults(self.book, self.site, self.at, today, new)

    def notes(self, names: Names = UNNAMED) -> tuple[str, ...]:
        """What is no fault and yet worth a look, as file:line:column: which messages an officer reads in English."""
        documents = {BOOK: Document(self.texts.book, names.book)}
        if self.texts.site is not None:
            documents[SITE] = Document(self.texts.site, names.site)
        found: dict[int, list[Trouble]] = {}
        for whose, number, rule in contract.all_rules(self.book, self.site):
            lacking = ", ".join(language for language in LANGUAGES if language not in rule.message)
            if lacking:
                told = f"rule {rule.id} has no message in {lacking}: English stands there"
                found.setdefault(whose, []).append(Trouble(("rules", number, "message"), told))
        return tuple(words for whose, troubles in found.items() for words in tell(documents[whose], troubles))

    def unsayable(self, says: frozenset[str]) -> Iterator[contract.Fault]:
        """What does not fit a release that can name so much."""
        return contract.unsayable(self.book, self.site, self.taxonomy, self.language, says)


class _File:
    """One text with its faults."""

    def __init__(self, text: str, name: str, most: int = MAX_BYTES) -> None:
        self.document: Document | None = None
        self._unread = ""
        self._troubles: list[Trouble] = []
        try:
            self.document = Document(text, name, most)
        except ConfigError as problem:
            self._unread = str(problem)

    @property
    def content(self) -> dict[str, Any]:
        """What it says; nothing, where that is no mapping of keys to values."""
        content = self.document.plain() if self.document else None
        return cast("dict[str, Any]", content) if isinstance(content, dict) else {}

    def value(self, model: type[Model]) -> Model | None:
        if self.document is None:
            return None
        made = make(self.document, model)
        if isinstance(made, list):
            self._troubles += made
            return None
        return made

    def add(self, path: tuple[Step, ...], words: str, within: tuple[str, int] | None = None, guess: Any = None) -> None:
        """A fault at a path; at a character of a text where it has one."""
        self._troubles.append(Trouble(path, words, within, guess))

    @property
    def faults(self) -> list[str]:
        return tell(self.document, self._troubles) if self.document else [self._unread]


def parse(texts: Texts, names: Names = UNNAMED) -> Parts:
    """Read texts whose parts hold by themselves, or raise one error with every fault."""
    return _parsed(texts, names)[0]


def checked(
    texts: Texts, says: frozenset[str], today: date, names: Names = UNNAMED, *, known: Texts | None = None
) -> Parts:
    """Read texts that fit together and the release, and whose tests pass, or raise one error with every fault.

    `known` is what is or was in force: a text that is the same there is not newly given, and what has ended in it
    since then is no fault.
    """
    parts, files = _parsed(texts, names)
    new = [
        whose
        for whose, key in enumerate(("book", "taxonomy", "site"))
        if known is None or getattr(texts, key) != getattr(known, key)
    ]
    for fault in parts.faults(says, today, new):
        files[fault.whose].add(*fault[1:])
    _refuse(files)
    return parts


def _parsed(texts: Texts, names: Names) -> tuple[Parts, list[_File]]:
    files = [_File(texts.book, names.book), _File(texts.taxonomy, names.taxonomy, MOST_TAXONOMY)]
    if texts.site is not None:
        files.append(_File(texts.site, names.site))
    if "over" in files[BOOK].content and "profile" not in files[BOOK].content:
        files[BOOK].add(("over",), "this is a site's sheet and no book: give it with --site, over its book")
        _refuse(files[BOOK:TAXONOMY])
    book = files[BOOK].value(Book)
    taxonomy = files[TAXONOMY].value(Taxonomy)
    taxonomy = _one(taxonomy) if taxonomy else None
    site = files[SITE].value(Site) if texts.site is not None else None
    language = _language(files[BOOK])
    for file in (files[BOOK], *files[SITE:]):
        _expressions(file, language)
    _refuse(files)
    if book is None or taxonomy is None or (site is None) != (texts.site is None):
        raise RulebookError(("the rulebook cannot be read",))  # it would have been refused above
    return Parts(texts, book, taxonomy, site, language), files


@lru_cache(maxsize=8)
def _one(taxonomy: Taxonomy) -> Taxonomy:
    """The same value for the same content: what is looked up by it is not held against all its names each time."""
    return taxonomy


def _refuse(files: list[_File]) -> None:
    faults = tuple(dict.fromkeys(fault for file in files for fault in file.faults))
    if faults:
        raise RulebookError(faults)


def _expressions(file: _File, language: Language) -> None:
    """Every expression that does not hold, also where other parts of the file are wrong."""
    for path, text, listed in _written(file.content.get("rules")):
        try:
            (language.compile_texts if listed else language.compile)(text)
        except ExpressionError as problem:
            before = text.split("\n")[: problem.line - 1]
            place = text, sum(len(line) + 1 for line in before) + problem.column - 1
            file.add(path, problem.message, place)


def _language(file: _File) -> Language:
    """The language of the book's context, as far as it can be made out."""
    try:
        return Language(TypeAdapter(dict[ContextName, Kind]).validate_python(file.content.get("context", {})))
    except ValidationError:  # told when the book is read
        return Language()


def _written(rules: object) -> Iterator[tuple[tuple[Step, ...], str, bool]]:
    """Each expression with its place, and whether it has to give a list."""
    for number, rule in enumerate(cast("list[Any]", rules) if isinstance(rules, list) else []):
        for key in ("when", "about"):
            text = cast("dict[str, Any]", rule).get(key) if isinstance(rule, dict) else None
            if isinstance(text, str):
                yield ("rules", number, key), text, key == "about"
