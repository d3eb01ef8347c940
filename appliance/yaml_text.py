"""Load YAML text strictly: no alias that stands for more than is written, no key twice, every fault at line and column.

Takes text, gives ruamel's tree, which remembers where everything stands. What the content means is `located.py`'s.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionStartEvent
from ruamel.yaml.reader import ReaderError

from appliance.errors import ConfigError

MAX_DEPTH = 30
MOST_NODES = 20_000
"""Keys, values, lists and mappings: three times what the largest shipped file has, and about a second's work."""
_ODD = (YAMLError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError)
"""What ruamel.yaml lets through for odd numbers, dates and tags, without saying where."""
_PLAINLY = (
    (r"found character '\\t'", "a tab stands here: use spaces, not tabs"),
    (r"found character (.*) that cannot start any token", r"no text can begin with \1: put the text in quotes"),
    (
        "mapping values are not allowed here",
        "a colon too many: put the text in quotes (or look above: wrongly indented, or quotes that are not closed)",
    ),
    (
        "but found '<block (?:mapping|sequence) start>'",
        "wrongly indented, here or in the line above: what belongs together begins in one column",
    ),
    (
        r"expected <block end>, but found '[?-]'",
        "this goes on with nothing above: a list's entry begins with a dash and a space, a key stands below its like",
    ),
    ("expected <block end>", "the value had ended before this: put the whole text in quotes"),
    ("could not find expected ':'", "no key without a colon and a space after it: look here and in the line above"),
    (r"expected ',' or '([}\]])'", r"a comma or a \1 is missing in what line LINE opens, or quotes around a text"),
    ("found unknown escape character", "an unknown \\ in double quotes: put the text in single quotes"),
    ("found unexpected end of stream", "the quotes that open in line LINE are not closed"),
    ("expected a comment or a line break", "no text can begin with !, | or >: put the text in quotes"),
)
"""What YAML's own words mean, and what to do."""


class _Strict(Composer):
    """Refuses what few signs could stand for, and what is too much or too deep, before it is built."""

    nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = cast("Any", self).parser.peek_event()
        self.nodes += 1
        fault, mark = None, event.start_mark
        if isinstance(event, AliasEvent) or event.anchor is not None:
            fault = "anchors and aliases (&, *) are not accepted (write the value out, or put the text in quotes)"
        elif self.depth >= MAX_DEPTH and isinstance(event, CollectionStartEvent):
            fault = "nested too deep"
        elif self.nodes > MOST_NODES:
            fault = f"more than {MOST_NODES} keys and values"
        if fault:
            raise ComposerError(None, None, fault, mark)
        return cast("Any", super()).compose_node(parent, index)


def load(text: str, name: str) -> Any:
    """The tree of a text, or one error with the place of the first fault."""
    try:
        yaml: Any = YAML(typ="rt")
        yaml.Composer = _Strict
        root: Any = yaml.load(text)
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
    told: Any = problem
    where = f"{told.problem_mark.line + 1}:{told.problem_mark.column + 1}" if told.problem_mark else "1:1"
    what = next(iter(str(told.problem or told.context or "").strip().splitlines()), "not YAML")
    return ConfigError(f"{name}:{where}: {_plainly(what, told.context_mark)}")


def _plainly(what: str, begun: Any) -> str:
    """In words that say what to do; `begun` is where the part began that could not be read to its end."""
    for pattern, words in _PLAINLY:
        found = re.search(pattern, what)
        if found:
            return found.expand(words).replace("LINE", str(begun.line + 1) if begun else "?")
    return what
