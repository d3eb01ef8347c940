"""Read a rulebook from its texts, or refuse it, naming every fault at its place.

Takes texts and what the release in force can name, gives the parts, found to fit together: syntax, names, types, the
contract with taxonomy and release, and the book's own tests. Nothing that was refused ever judges a scan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, cast

from pydantic import BaseModel, TypeAdapter, ValidationError

from appliance.errors import ConfigError, RulebookError
from appliance.located import MAX_BYTES, Document, Step, point_at, read_model
from appliance.rules import contract, trial
from appliance.rules.book import NORMAL, Book, Site
from appliance.rules.facts import ContextName, Kind
from appliance.rules.language.expression import ExpressionError, Language
from appliance.rules.standing import Rulebook, stand
from appliance.rules.taxonomy import Taxonomy
from appliance.rules.texts import Texts

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

    def faults(self, says: frozenset[str], today: date) -> Iterator[contract.Fault]:
        """What does not fit together; only where all fits, what the tests say."""
        found = [
            *contract.faults(self.book, self.taxonomy, self.site, today),
            *contract.reserved(self.book, self.site),
            *contract.exhausting(self.book, self.site, self.language),
            *self.unsayable(says),
        ]
        yield from found or trial.faults(self.book, self.site, self.at, today)

    def unsayable(self, says: frozenset[str]) -> Iterator[contract.Fault]:
        """What does not fit a release that can name so much."""
        return contract.unsayable(self.book, self.site, self.taxonomy, self.language, says)


class _File:
    """One text with its faults."""

    def __init__(self, text: str, name: str, most: int = MAX_BYTES) -> None:
        self.faults: list[str] = []
        self.document: Document | None = None
        self.name = name
        self._try(lambda: setattr(self, "document", Document(text, name, most)))

    def value(self, model: type[Model]) -> Model | None:
        document = self.document
        return self._try(lambda: read_model(document, model)) if document else None

    def tell(self, fault: contract.Fault) -> None:
        """Tell a fault at its place; at a character of a text where it has one."""
        if self.document is None:
            return
        where, name = point_at(self.document, fault.path, {}, absent=True)
        if fault.within is not None:
            where = self.document.within(fault.path, *fault.within)
        self.faults.append(f"{where}: {name}: {fault.words}")

    def _try(self, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except ConfigError as problem:
            self.faults += str(problem).splitlines()
            return None


def parse(texts: Texts, names: Names = UNNAMED) -> Parts:
    """Read texts whose parts hold by themselves, or raise one error with every fault."""
    return _parsed(texts, names)[0]


def checked(texts: Texts, says: frozenset[str], today: date, names: Names = UNNAMED) -> Parts:
    """Read texts that fit together and the release, and whose tests pass, or raise one error with every fault."""
    parts, files = _parsed(texts, names)
    for fault in parts.faults(says, today):
        files[fault.whose].tell(fault)
    _refuse(files)
    return parts


def _parsed(texts: Texts, names: Names) -> tuple[Parts, list[_File]]:
    files = [_File(texts.book, names.book), _File(texts.taxonomy, names.taxonomy, MOST_TAXONOMY)]
    if texts.site is not None:
        files.append(_File(texts.site, names.site))
    book = files[0].value(Book)
    taxonomy = files[1].value(Taxonomy)
    taxonomy = _one(taxonomy) if taxonomy else None
    site = files[2].value(Site) if texts.site is not None else None
    language = _language(files[0])
    for file in (files[0], *files[2:]):
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
    for path, text, listed in _written(file):
        try:
            (language.compile_texts if listed else language.compile)(text)
        except ExpressionError as problem:
            before = text.split("\n")[: problem.line - 1]
            place = text, sum(len(line) + 1 for line in before) + problem.column - 1
            file.tell(contract.Fault(contract.BOOK, path, problem.message, place))


def _language(file: _File) -> Language:
    """The language of the book's context, as far as it can be made out."""
    content = file.document.plain() if file.document else None
    given: Any = cast("dict[str, Any]", content).get("context", {}) if isinstance(content, dict) else {}
    try:
        return Language(TypeAdapter(dict[ContextName, Kind]).validate_python(given))
    except ValidationError:  # told when the book is read
        return Language()


def _written(file: _File) -> Iterator[tuple[tuple[Step, ...], str, bool]]:
    """Each expression with its place, and whether it has to give a list."""
    content = file.document.plain() if file.document else None
    rules = cast("dict[str, Any]", content).get("rules") if isinstance(content, dict) else None
    for number, rule in enumerate(cast("list[Any]", rules) if isinstance(rules, list) else []):
        for key in ("when", "about"):
            text = cast("dict[str, Any]", rule).get(key) if isinstance(rule, dict) else None
            if isinstance(text, str):
                yield ("rules", number, key), text, key == "about"
