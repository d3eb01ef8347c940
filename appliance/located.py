"""Read a YAML file into a value, every error at its line and column with what was meant.

Takes a file's text and a pydantic model, gives the value or one `ConfigError`
that lists all errors. Serves the configuration, the rulebook and its taxonomy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar, cast

from pydantic import BaseModel, ValidationError

from appliance import misread
from appliance.errors import ConfigError
from appliance.yaml_text import load

MAX_BYTES = 64_000
"""A file a person writes is never larger; an alias bomb always is, once spread out."""
MOST_TOLD = 200
"""Faults of one file that are told one by one. Nobody reads more, and each costs time."""
MOST_NAMED = 200
"""Signs of a name that are told."""
MOST_GUESSED = 20
"""Of the first so many it is guessed what was meant."""

_SIGN = re.compile(r".", re.DOTALL)
_SPELLED = re.compile(r"\\(?:[xuU]((?<=x)[0-9A-Fa-f]{2}|(?<=u)[0-9A-Fa-f]{4}|(?<=U)[0-9A-Fa-f]{8})|.?)|.", re.DOTALL)

Model = TypeVar("Model", bound=BaseModel)
Step = int | str
Elsewhere = Mapping[tuple[Step, ...], str]
"""What does not come from a file, by where in the content it stands, and what it does come from."""
_ALL_HERE: Elsewhere = MappingProxyType({})


class MisfitError(ValueError):
    """What a model's validator says of parts that do not fit together: where that is mended, and the other part.

    Both places are counted from the model that the validator belongs to.
    """

    def __init__(self, message: str, at: tuple[Step, ...], other: tuple[Step, ...] | None = None) -> None:
        super().__init__(message)
        self.at = at
        self.other = other


class Trouble(NamedTuple):
    """Something wrong at a path of a document."""

    path: tuple[Step, ...]
    words: str
    within: tuple[str, int] | None = None
    """The text that stands there, and which of its characters is meant."""
    guess: Callable[[], str] | None = None
    """What was meant, for the end of the words. It is costly, so only the first faults are asked."""
    other: tuple[Step, ...] | None = None
    """The place it does not fit."""
    absent: bool = True
    """Whether the last step is named also where it is not in the file."""


class Document:
    """A YAML file that remembers where everything stands."""

    def __init__(self, text: str, name: str, most: int = MAX_BYTES) -> None:
        self.name = name
        self._text = text
        if len(text.encode(errors="surrogatepass")) > most:
            raise ConfigError(f"{name}:1:1: larger than {most} bytes")
        self.root: Any = load(text, name)
        self._keys: dict[int, dict[str, Any]] = {}
        """The keys of each mapping by their text."""

    def place(self, path: tuple[Step, ...]) -> tuple[int, int, tuple[Step, ...]]:
        """Line and column, counted from 1, of the deepest part of a path that stands in the file, and its steps."""
        node: Any = self.root
        line, column = 0, 0
        found: list[Step] = []
        for step in path:
            try:
                places = node.lc
                key = self._key(node, step)
                line, column = places.key(key) if hasattr(node, "keys") else places.item(key)
                node = node[key]
            except (KeyError, IndexError, TypeError, AttributeError):
                continue  # a step of the model's making, such as the name of a union's member
            found.append(step)
        return line + 1, column + 1, tuple(found)

    def _key(self, node: Any, step: Step) -> Any:
        """A step as it stands in the file, where a key may be a number."""
        if not hasattr(node, "keys"):
            return step
        if id(node) not in self._keys:
            self._keys[id(node)] = {str(key): key for key in node}
        return self._keys[id(node)][str(step)]

    def within(self, path: tuple[Step, ...], value: str, offset: int) -> str:
        """Say file:line:column of a character of a text that stands at a path, however it is quoted or folded."""
        holder: Any = self.root
        for step in path[:-1]:
            holder = holder[self._key(holder, step)]
        places: Any = holder.lc
        line, column = cast("tuple[int, int]", (places.value if hasattr(holder, "keys") else places.item)(path[-1]))
        lines = self._lines
        quoted = lines[line].startswith('"', column)
        if lines[line][column : column + 1] in ("|", ">"):
            line, column = line + 1, 0
        wanted = [character for character in value[: offset + 1] if not character.isspace()][::-1]
        for number in range(line, len(lines)):
            for character, place in _written(lines[number], column if number == line else 0, quoted=quoted):
                if wanted and character == wanted[-1]:
                    wanted.pop()
                    if not wanted:
                        return f"{self.name}:{number + 1}:{place + 1}"
        return point_at(self, path)[0]

    @cached_property
    def _lines(self) -> list[str]:
        return self._text.splitlines()

    def plain(self) -> Any:
        """The content without its places."""
        return _plain(self.root)


def read_model(
    document: Document,
    model: type[Model],
    content: Any = None,
    *,
    elsewhere: Elsewhere = _ALL_HERE,
    context: Any = None,
) -> Model:
    """Make the value, or raise one error naming every wrong place.

    `content` replaces what the file says; `elsewhere` names whatever does not come
    from the file by where it does come from; `context` is for the model's validators.
    """
    made = make(document, model, content, context=context)
    if isinstance(made, list):
        raise ConfigError("\n".join(tell(document, made, elsewhere)))
    return made


def make(document: Document, model: type[Model], content: Any = None, *, context: Any = None) -> Model | list[Trouble]:
    """The value, or all that is wrong with it."""
    try:
        return model.model_validate(document.plain() if content is None else content, context=context)
    except ValidationError as problem:
        return [_trouble(error, model) for error in problem.errors(include_url=False)]


def tell(document: Document, troubles: Iterable[Trouble], elsewhere: Elsewhere = _ALL_HERE) -> list[str]:
    """Each trouble once, as file:line:column: name: words, in the order of the file; the first of very many."""
    ordered = sorted(troubles, key=lambda one: (*document.place(one.path)[:2], one.within[1] if one.within else 0))
    told = [
        _told(document, one, elsewhere, guess=number < MOST_GUESSED) for number, one in enumerate(ordered[:MOST_TOLD])
    ]
    left = len(ordered) - MOST_TOLD
    return [*dict.fromkeys(told), *([f"{document.name}: and {left} more"] if left > 0 else [])]


def point_at(
    document: Document, path: tuple[Step, ...], elsewhere: Elsewhere = _ALL_HERE, *, absent: bool = False
) -> tuple[str, str]:
    """Say file:line:column and the key's name, or the name of the variable that replaced it.

    What is not in the file is told at the deepest part that is; `absent` names it all the same.
    """
    for outside, name in elsewhere.items():
        if path[: len(outside)] == outside:
            return name, ""
    line, column, standing = document.place(path)
    if absent and standing[-1:] != path[-1:]:
        standing += path[-1:]
    return f"{document.name}:{line}:{column}", ".".join(str(step) for step in standing)


def _told(document: Document, trouble: Trouble, elsewhere: Elsewhere, *, guess: bool) -> str:
    where, name = point_at(document, trouble.path, elsewhere, absent=trouble.absent)
    if trouble.within is not None:
        where = document.within(trouble.path, *trouble.within)
    words = trouble.words + (trouble.guess() if guess and trouble.guess else "")
    if trouble.other is not None:
        words += f" (the other: {point_at(document, trouble.other, elsewhere)[0]})"
    return ": ".join(part for part in (where, _readable(name[:MOST_NAMED]), _readable(words)) if part)


def _trouble(error: Any, model: type[BaseModel]) -> Trouble:
    path: tuple[Step, ...] = error["loc"]
    guess = partial(misread.guess, error, model)
    misfit = error.get("ctx", {}).get("error")
    if isinstance(misfit, MisfitError):
        other = None if misfit.other is None else path + misfit.other
        return Trouble(path + misfit.at, misread.words(error), guess=guess, other=other)
    if error["type"] == "union_tag_invalid":
        path += (error["ctx"]["discriminator"].strip("'"),)
    absent = error["type"] in ("missing", "extra_forbidden")
    return Trouble(path, misread.words(error), guess=guess, absent=absent)


def _readable(text: str) -> str:
    """A key or a value may be anything: what is told of it stays one line, and moves no cursor."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _written(line: str, start: int, *, quoted: bool) -> Iterator[tuple[str, int]]:
    """Each character that a line of the file stands for, and its place; between double quotes some are spelled out."""
    for sign in (_SPELLED if quoted else _SIGN).finditer(line, start):
        digits = sign.group(1) if quoted else None
        yield chr(int(digits, 16)) if digits else sign.group()[-1], sign.start()


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in cast("dict[Any, Any]", node).items()}
    if isinstance(node, list):
        return [_plain(value) for value in cast("list[Any]", node)]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node
