"""Read a YAML file into a value, every error at its line and column with what was meant.

Takes a file's text and a pydantic model, gives the value or one `ConfigError`
that lists all errors. Serves the configuration, the rulebook and its taxonomy.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, cast, get_args

from pydantic import BaseModel, ValidationError

from appliance.errors import ConfigError
from appliance.spelling import meant
from appliance.yaml_text import load

MAX_BYTES = 64_000
"""A file a person writes is never larger; an alias bomb always is, once spread out."""

_SIGN = re.compile(r".", re.DOTALL)
_SPELLED = re.compile(r"\\(?:[xuU]((?<=x)[0-9A-Fa-f]{2}|(?<=u)[0-9A-Fa-f]{4}|(?<=U)[0-9A-Fa-f]{8})|.?)|.", re.DOTALL)

Model = TypeVar("Model", bound=BaseModel)
Step = int | str


class MisfitError(ValueError):
    """What a model's validator says of parts that do not fit together: where that is mended, and the other part.

    Both places are counted from the model that the validator belongs to.
    """

    def __init__(self, message: str, at: tuple[Step, ...], other: tuple[Step, ...] | None = None) -> None:
        super().__init__(message)
        self.at = at
        self.other = other


class Document:
    """A YAML file that remembers where everything stands."""

    def __init__(self, text: str, name: str, most: int = MAX_BYTES) -> None:
        self.name = name
        self._text = text
        if len(text.encode(errors="surrogatepass")) > most:
            raise ConfigError(f"{name}:1:1: larger than {most} bytes")
        self.root: Any = load(text, name)

    def place(self, path: tuple[Step, ...]) -> tuple[str, tuple[Step, ...]]:
        """Say file:line:column of the deepest part of a path that stands in the file, and which steps do."""
        node: Any = self.root
        line, column = 0, 0
        found: list[Step] = []
        for step in path:
            try:
                places = node.lc
                key = next(key for key in node if str(key) == step) if hasattr(node, "keys") else step
                line, column = places.key(key) if hasattr(node, "keys") else places.item(key)
                node = node[key]
            except (StopIteration, KeyError, IndexError, TypeError, AttributeError):
                continue  # a step of the model's making, such as the name of a union's member
            found.append(step)
        return f"{self.name}:{line + 1}:{column + 1}", tuple(found)

    def within(self, path: tuple[Step, ...], value: str, offset: int) -> str:
        """Say file:line:column of a character of a text that stands at a path, however it is quoted or folded."""
        holder: Any = self.root
        found = self.place(path)
        for step in path[:-1]:
            holder = holder[next(key for key in holder if str(key) == step) if hasattr(holder, "keys") else step]
        places: Any = holder.lc
        line, column = cast("tuple[int, int]", (places.value if hasattr(holder, "keys") else places.item)(path[-1]))
        lines = self._text.splitlines()
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
        return found[0]

    def plain(self) -> Any:
        """The content without its places."""
        return _plain(self.root)


def read_model(
    document: Document,
    model: type[Model],
    content: Any = None,
    *,
    elsewhere: Mapping[tuple[Step, ...], str] | None = None,
    context: Any = None,
) -> Model:
    """Make the value, or raise one error naming every wrong place.

    `content` replaces what the file says; `elsewhere` names whatever does not come
    from the file by where it does come from; `context` is for the model's validators.
    """
    try:
        return model.model_validate(document.plain() if content is None else content, context=context)
    except ValidationError as problem:
        errors = problem.errors(include_url=False)
        lines = [_told(error, document, model, elsewhere or {}) for error in errors]
        raise ConfigError("\n".join(dict.fromkeys(lines))) from problem


def point_at(
    document: Document, path: tuple[Step, ...], elsewhere: Mapping[tuple[Step, ...], str], *, absent: bool = False
) -> tuple[str, str]:
    """Say file:line:column and the key's name, or the name of the variable that replaced it.

    What is not in the file is told at the deepest part that is; `absent` names it all the same.
    """
    for outside, name in elsewhere.items():
        if path[: len(outside)] == outside:
            return name, ""
    where, standing = document.place(path)
    if absent and standing[-1:] != path[-1:]:
        standing += path[-1:]
    return where, ".".join(str(step) for step in standing)


def _told(error: Any, document: Document, model: type[BaseModel], elsewhere: Mapping[tuple[Step, ...], str]) -> str:
    path: tuple[Step, ...] = error["loc"]
    misfit = error.get("ctx", {}).get("error")
    if error["type"] == "union_tag_invalid":
        path += (error["ctx"]["discriminator"].strip("'"),)
    words = f"{_words(error)}{_meant(error, model)}"
    if isinstance(misfit, MisfitError):
        if misfit.other is not None:
            words += f" (the other: {point_at(document, path + misfit.other, elsewhere)[0]})"
        path += misfit.at
    absent = error["type"] in ("missing", "extra_forbidden") or isinstance(misfit, MisfitError)
    placed = point_at(document, path, elsewhere, absent=absent)
    return ": ".join(part for part in (*placed, words) if part)


def _words(error: Any) -> str:
    about: dict[str, Any] = error.get("ctx", {})
    discriminator = str(about.get("discriminator", "")).strip("'")
    ours = {
        "extra_forbidden": "unknown key",
        "missing": "missing",
        "union_tag_not_found": f"{discriminator} is missing",
        "union_tag_invalid": f"no such {discriminator}: {about.get('tag')}",
        "model_type": "not a mapping of keys to values",
        "model_attributes_type": "not a mapping of keys to values",
        "dict_type": "not a mapping of keys to values",
        "tuple_type": "not a list",
    }
    return ours.get(error["type"]) or _bare(str(error["msg"]).removeprefix("Value error, "))


def _meant(error: Any, model: type[BaseModel]) -> str:
    """Guess what an unknown key or value was meant to be."""
    if error["type"] == "extra_forbidden":
        known, given = _fields_at(model, error["loc"][:-1]), str(error["loc"][-1])
    elif error["type"] in ("literal_error", "enum", "union_tag_invalid"):
        context = error["ctx"]
        expected = _bare(str(context.get("expected", context.get("expected_tags", ""))))
        known = [word.strip(" '\"") for word in expected.replace(" or ", ",").split(",")]
        given = str(context.get("tag", error["input"]))
    else:
        return ""
    return meant(given, known)


def _bare(text: str) -> str:
    """Without the names of our enumerations: <Risk.HIGH: 'high'> is 'high'."""
    return re.sub(r"<[\w.]+: ('[^']*')>", r"\1", text)


def _fields_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The names of all fields that may stand at a path: every union member's, where there are several."""
    candidates: list[type[BaseModel]] = [model]
    for step in path:
        if isinstance(step, int):
            continue
        deeper = [
            kind
            for one in candidates
            if step in one.model_fields
            for kind in _models_in(one.model_fields[step].annotation)
        ]
        candidates = deeper or [one for one in candidates if step in _tags(one)] or candidates
    return sorted({name for one in candidates for name in one.model_fields})


def _tags(model: type[BaseModel]) -> tuple[str, ...]:
    kind = model.model_fields.get("kind")
    return (str(kind.default),) if kind else ()


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


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
