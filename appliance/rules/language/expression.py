"""The rule language: CEL, checked when a book is loaded and bounded when a scan is judged.

Takes a rule's text, gives an expression or an error an operator can mend; takes expressions and a scan's facts, gives
one outcome each: yes, no, or failed and why. What a failed rule means for a bag is the judge's business. Only this
module knows the engine, and only `bounds.py` what of the language is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias, cast

from cel_expr_python import cel  # pyright: ignore[reportMissingTypeStubs] - it has its types inside

from appliance.errors import LanewatchError
from appliance.rules.facts import MOST_NUMBER, Facts, Kind
from appliance.rules.history import QUESTIONS, History, HistoryError, Name, lookup
from appliance.rules.language import bounds, checked, reach, wording
from appliance.rules.language.mentions import Mention, context_of, mentions
from appliance.rules.language.schema import Schema, sizes
from appliance.spelling import meant

MOST_TEXT = 2_000
"""A rule longer than this in characters is several rules."""
RENEWED_AFTER = 4 * bounds.MOST_STEPS
"""The facts are shown anew after so many steps, because the engine keeps all memory that was used under one showing."""
NAMED = ("Item.item", "Item.category", "Line.items", "Declaration.matched", "Declaration.undeclared")
"""Fields that a rule may only name whole words of, because only those can be held against the taxonomy."""


class ExpressionError(LanewatchError):
    """A rule's text is no expression that can be used. Line and column count from 1 within the text."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Failed:
    """A rule that did not say yes or no for this scan, and why."""

    words: str

    def __bool__(self) -> NoReturn:
        raise TypeError("a rule that failed says neither yes nor no: ask for `is True`")


Outcome: TypeAlias = bool | Failed


@dataclass(frozen=True, slots=True)
class Expression:
    """A rule's condition, proven to give yes or no."""

    text: str
    mentions: tuple[Mention, ...]
    """Every text it holds against a field of the facts."""
    context: frozenset[str]
    """The context fields it looks at, or asks whether they are there."""
    steps: int
    """The most that a big scan of the usual kind takes."""
    work: bounds.Work = field(repr=False)
    compiled: cel.Expression = field(repr=False, compare=False)


class Language:
    """The rule language with one rulebook's context."""

    def __init__(self, context: Mapping[str, Kind] | None = None) -> None:
        self.context: Mapping[str, Kind] = context or {}
        self._schema = Schema(self.context)
        self._proved: dict[tuple[str, str], Expression] = {}
        variables = {name: _type(kind, is_list) for name, (kind, is_list) in self._schema.variables.items()}
        # declared in an extension and without an implementation, a function is looked up in each activation
        functions = [cel.FunctionDecl(f"history.{name}", [_overload(name)]) for name in QUESTIONS]
        extension = cel.CelExtension("history", functions)
        self._env = cel.NewEnv(descriptor_pool=self._schema.pool, variables=variables, extensions=[extension])

    def compile(self, text: str) -> Expression:
        """Prove that a text says yes or no, or raise an `ExpressionError` for the first thing to mend."""
        return self._once(text, "bool", "a rule has to say yes or no")

    def compile_texts(self, text: str) -> Expression:
        """Prove that a text gives a list of texts."""
        return self._once(text, "list(string)", "a list of texts is needed, such as items.map(i, i.item)")

    def _once(self, text: str, kind: str, needed: str) -> Expression:
        if (text, kind) not in self._proved:
            self._proved[text, kind] = self._proven(text, kind, needed)
        return self._proved[text, kind]

    def _proven(self, text: str, kind: str, needed: str) -> Expression:
        if len(text) > MOST_TEXT:
            raise ExpressionError(f"longer than {MOST_TEXT} characters: make it several rules")
        try:
            compiled = self._env.compile(text)
            tree = checked.read(compiled.serialize())
        except (RuntimeError, TypeError, UnicodeError) as problem:
            raise ExpressionError(*wording.told(str(problem), self._schema)) from problem
        if tree is None:
            raise ExpressionError(wording.TOO_DEEP)
        for refusal, place in bounds.refusals(tree):
            raise ExpressionError(refusal, *_line_and_column(text, place))
        for place in reach.beyond(tree):
            raise ExpressionError(
                "a number could grow beyond all counting: multiply less", *_line_and_column(text, place)
            )
        if tree.type != kind:
            raise ExpressionError(f"gives {wording.kind(tree.type)}, and {needed}")
        found = mentions(tree)
        for mention in found:
            problem = self._misnamed(mention)
            if problem:
                raise ExpressionError(problem, *_line_and_column(text, mention.place))
        work = bounds.work(tree)
        steps = work.at(bounds.USUAL)
        if steps > bounds.MOST_STEPS:
            raise ExpressionError(f"takes {_too_much(steps, bounds.USUAL)}: make it several rules")
        return Expression(text, found, context_of(tree), steps, work, compiled)

    def look(self, facts: Facts, history: History, unread: frozenset[str] = frozenset()) -> Sight:
        """One scan as all rules see it, with the context fields that were given but cannot be shown."""

        def show() -> cel.Activation:
            functions = [_function(name, history) for name in QUESTIONS]
            return self._env.Activation(self._schema.show(facts), functions=functions)

        return Sight(show, sizes(facts), unread)

    def _misnamed(self, mention: Mention) -> str:
        if mention.field in NAMED and not mention.whole:
            return f"{mention.field} is compared in part: name whole words with == or in, so that they can be checked"
        choices = self._schema.choices.get(mention.field)
        if choices and mention.text not in choices:
            return f"{mention.field} is never {mention.text!r}{meant(mention.text, choices)}"
        return ""


class Sight:
    """One scan, shown to as many expressions as there are."""

    def __init__(self, show: Callable[[], cel.Activation], size: Mapping[str, int], unread: frozenset[str]) -> None:
        self._show = show
        self._unread = unread
        self._shown: cel.Activation | None = None
        self._spent = 0
        self._size = size
        self._usual = all(size[name] <= most for name, most in bounds.USUAL.items())
        """Whether every expression was accepted for a scan of this size."""

    def judge(self, expression: Expression) -> Outcome:
        """Whether it holds for this scan. Never raises, and never takes a failure for a no.

        A failed part counts only if the whole hangs on it: `true || x` is true whatever x would have said.
        """
        value = self._value(expression)
        if value is False and expression.context & self._unread:  # a no to something nobody could read
            return Failed(f"context {', '.join(sorted(expression.context & self._unread))} cannot be read")
        # an error is no exception but a value, and its text would pass for true
        return value if value is True or value is False else _failed(value)

    def texts(self, expression: Expression) -> tuple[str, ...] | Failed:
        """What it lists."""
        value = self._value(expression)
        if not isinstance(value, list):
            return _failed(value)
        return tuple(one.value() for one in cast("list[cel.Value]", value))

    def _value(self, expression: Expression) -> Any:
        steps = expression.steps if self._usual else expression.work.at(self._size)
        if steps > bounds.MOST_STEPS:
            return Failed(f"takes {_too_much(steps, self._size)}")
        self._spent += steps
        if self._shown is None or self._spent > RENEWED_AFTER:
            try:
                self._shown, self._spent = self._show(), steps
            except (TypeError, ValueError, RuntimeError) as problem:
                return Failed(f"the facts cannot be shown to the rules: {problem}")
        try:
            return expression.compiled.eval(self._shown).value()
        except Exception as problem:  # noqa: BLE001 - whatever the engine raises, this rule has failed and others go on
            return Failed(wording.failure(str(problem)))


def _failed(value: object) -> Failed:
    return value if isinstance(value, Failed) else Failed(wording.failure(str(value)))


def _too_much(steps: int, size: Mapping[str, int]) -> str:
    seen = f"{size['items']} items and {size['declared']} declared lines"
    return f"{steps:,} steps for {seen}, and {bounds.MOST_STEPS:,} are allowed"


def _type(kind: str, is_list: bool) -> cel.Type:
    inner = cel.Type.STRING if kind == "string" else cel.Type(kind)
    return cel.Type.List(inner) if is_list else inner


def _overload(name: Name) -> cel.Overload:
    result = cel.Type.INT if QUESTIONS[name].whole else cel.Type.DOUBLE
    return cel.Overload(f"history.{name}", result, [cel.Type.STRING, cel.Type.INT], is_member=False)


def _function(name: Name, history: History) -> cel.Function:
    number: Callable[[float], float] = int if QUESTIONS[name].whole else float

    def ask(of: str, span: int) -> float:
        answer = history.ask(lookup(name, of, span))
        if not abs(answer) <= MOST_NUMBER:
            raise HistoryError(f"history.{name} answers {answer}, which is no count and no share")
        return number(answer)

    return cel.Function(f"history.{name}", [cel.Type.STRING, cel.Type.INT], is_member=False, impl=ask)


def _line_and_column(text: str, place: int) -> tuple[int, int]:
    before = text[:place]
    return before.count("\n") + 1, place - before.rfind("\n")
