"""`lanewatch rules understand`: what a rulebook makes of declared words, phrase by phrase. Nothing is judged by it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from appliance.commands.common import (
    DEFAULT_CONFIG,
    Config,
    Json,
    UnreachableError,
    UsageError,
    reading,
    show_json,
    show_table,
)
from appliance.commands.rules import read_texts

if TYPE_CHECKING:
    from appliance.rules.declared.recognition import Part
    from appliance.rules.taxonomy import Taxonomy

Book = Annotated[Path | None, Parameter(help="The rulebook to ask; without it the one in force here.")]
Phrase = Annotated[str, Parameter(help="Declared words, each phrase in quotation marks.", allow_leading_hyphen=True)]
Code = Annotated[str | None, Parameter(help="The HS code that stands beside the phrases.")]

COLUMNS = ("phrase", "class", "how", "name", "language", "score", "number")


def understand(
    *phrases: Phrase,
    book: Book = None,
    hs: Code = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> int:
    """Say what each phrase is understood as: the classes, by which name, how alike; 1 where nobody understands one."""
    from pydantic import ValidationError

    from appliance.rules.declared.recognition import understand as meaning_of
    from appliance.scan import DeclaredItem

    if not phrases:
        raise UsageError("no phrase was given", hint='such as: lanewatch rules understand "2 laptops"')
    try:
        lines = [DeclaredItem(text=phrase, hs=hs) for phrase in phrases]
    except ValidationError as problem:
        raise UsageError(f"no declared line: {problem.errors()[0]['msg']}") from problem
    taxonomy = _taxonomy(book, config)
    # each by itself, as lines that are nothing to one another
    found = [(line.text, meaning_of((line,), taxonomy)[0]) for line in lines]
    if json:
        show_json([{"phrase": phrase, "understood": [_told(part) for part in parts]} for phrase, parts in found])
    else:
        show_table(COLUMNS, [row for phrase, parts in found for row in _rows(phrase, parts)])
    return 0 if all(parts for _, parts in found) else 1


def _told(part: Part) -> dict[str, Any]:
    return {**part.by.model_dump(), "standing": part.item.standing, "number": part.number}


def _rows(phrase: str, parts: tuple[Part, ...]) -> list[tuple[str, ...]]:
    if not parts:
        return [(phrase, "-", "nobody understands this", *"-" * (len(COLUMNS) - 3))]
    return [
        (
            phrase,
            part.item.id if part.item.standing == "allowed" else f"{part.item.id} ({part.item.standing})",
            part.by.how,
            part.by.alias,
            part.by.language or "-",
            f"{part.by.score:.2f}",
            "-" if part.number is None else f"{part.number:g}",
        )
        for part in parts
    ]


def _taxonomy(book: Path | None, config: Path) -> Taxonomy:
    from appliance.config import read_settings
    from appliance.rules import reading as rulebooks
    from appliance.store.rulebooks import Shelf, in_force

    if book is not None:
        return rulebooks.parse(*read_texts(book, None)).taxonomy
    folder = read_settings(config).storage.root / "rulebooks"
    with reading(config) as db:
        now = in_force(db)
    if now is None:
        raise UnreachableError("no rulebook is in force here yet", hint="name one: --book customs.yaml")
    return rulebooks.parse(Shelf(folder).read(now.digest)).taxonomy
