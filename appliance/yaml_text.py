"""Load YAML text strictly: no alias that stands for more than is written, no key twice, every fault at line and column.

Takes text, gives ruamel's tree, which remembers where everything stands. What the content means is `located.py`'s.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from appliance.errors import ConfigError

MAX_DEPTH = 30
_ODD = (YAMLError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError)
"""What ruamel.yaml lets through for odd numbers, dates and tags, without saying where."""


def load(text: str, name: str) -> Any:
    """The tree of a text, or one error with the place of the first fault."""
    try:
        _refuse_bombs(text, name)
        root: Any = cast("Any", YAML(typ="rt")).load(text)
    except MarkedYAMLError as problem:
        raise _marked(problem, name) from problem
    except ReaderError as problem:
        raise _unfit(problem, text, name) from problem
    except _ODD as problem:
        raise ConfigError(f"{name}:{_where_unfit(text)}: not YAML: {_first_line(problem)}") from problem
    _refuse_twins(root, name)
    return root


def _refuse_twins(node: Any, name: str) -> None:
    """1 and '1' are one key to us, and the second would silently win."""
    if isinstance(node, list):
        for one in cast("list[Any]", node):
            _refuse_twins(one, name)
    elif isinstance(node, dict):
        there: set[str] = set()
        mapping: Any = cast("Any", node)
        for key in mapping:
            if str(key) in there:
                line, column = mapping.lc.key(key)
                raise ConfigError(f"{name}:{line + 1}:{column + 1}: {key}: the key stands twice")
            there.add(str(key))
            _refuse_twins(mapping[key], name)


def _refuse_bombs(text: str, name: str) -> None:
    """A few lines of anchors can stand for gigabytes, and a line of brackets for minutes: none is spread out."""
    depth = 0
    for token in cast("Any", YAML()).scan(io.StringIO(text)):
        kind = type(token).__name__
        depth += kind.endswith(("SequenceStartToken", "MappingStartToken"))
        depth -= kind.endswith(("SequenceEndToken", "MappingEndToken", "BlockEndToken"))
        where = f"{name}:{token.start_mark.line + 1}:{token.start_mark.column + 1}"
        if kind in ("AliasToken", "AnchorToken"):
            raise ConfigError(f"{where}: anchors and aliases (&, *) are not accepted", hint="write the value out")
        if depth > MAX_DEPTH:
            raise ConfigError(f"{where}: nested too deep")


def _unfit(problem: ReaderError, text: str, name: str) -> ConfigError:
    """A character that may not stand in YAML at all."""
    at = cast("Any", problem).position
    before = text[:at]
    where = f"{before.count(chr(10)) + 1}:{at - before.rfind(chr(10))}"
    return ConfigError(f"{name}:{where}: the character U+{ord(text[at]):04X} may not stand in YAML")


def _where_unfit(text: str) -> str:
    """Find the first value that cannot be made, by making each alone."""
    yaml = cast("Any", YAML(typ="rt"))
    with contextlib.suppress(*_ODD):
        for scalar in _scalars(yaml.compose(text)):
            try:
                yaml.constructor.construct_object(scalar, deep=True)
            except _ODD:
                return f"{scalar.start_mark.line + 1}:{scalar.start_mark.column + 1}"
    return "1:1"


def _scalars(node: Any) -> Iterator[Any]:
    if not isinstance(node.value, list):
        yield node
        return
    for child in cast("list[Any]", node.value):
        for part in cast("tuple[Any, ...]", child if isinstance(child, tuple) else (child,)):
            yield from _scalars(part)


def _first_line(problem: Exception) -> str:
    return next(iter(str(problem).splitlines()), type(problem).__name__)


def _marked(problem: MarkedYAMLError, name: str) -> ConfigError:
    told = cast("Any", problem)
    where = f"{told.problem_mark.line + 1}:{told.problem_mark.column + 1}" if told.problem_mark else "1:1"
    what = next(iter(str(told.problem or told.context or "").strip().splitlines()), "not YAML")
    return ConfigError(f"{name}:{where}: {what}")
