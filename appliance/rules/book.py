"""What a rulebook says, as values: the central book, and the site's sheet over it.

Takes what was read from YAML, gives frozen values whose parts fit together. Where something stands in its file and
what an expression means is not known here: `reading.py` reads, `expression.py` understands, `standing.py` puts the
book, the sheet and the threat level together.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from appliance.located import MisfitError
from appliance.rules.facts import ContextName, Kind
from appliance.scan import Action, Language, Risk
from models.answer import ComponentName, Share, Value

NORMAL = "normal"
"""The level at which a book stands as it is written."""
MOST_RULES = 500
MOST_LEVELS = 20
MOST_TESTS = 500
MOST_SEEN = 50
"""Things in one test: three times what an engine ever names."""
MOST_LINES = 100
"""Of a declaration in a test."""
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def _key(name: str) -> str:
    """What a book, a rule or a level can be called."""
    if not _KEY.fullmatch(name):
        raise ValueError("a name is small letters, digits and dashes, 60 at the most: night-shift-2")
    return name


Key = Annotated[str, AfterValidator(_key)]
"""The name of a book, a rule or a level."""
Raised = Literal[Risk.MEDIUM, Risk.HIGH]
"""A risk that is never nothing."""
Words = Annotated[str, StringConstraints(min_length=1, max_length=500)]
_PLACES = re.compile(r"{([^{}]*)}|[{}]")


def _places(text: str) -> str:
    """Only `{items}` may stand in a message."""
    for found in _PLACES.finditer(text):
        if found.group(1) != "items":
            raise ValueError(f"{found.group()} cannot be filled in; only {{items}} can")
    return text


Message = Annotated[Words, AfterValidator(_places)]


class Rule(Value):
    """One rule: when it fires, how much that worries us, and what the officer reads."""

    id: Key
    """How it is called in verdicts, for ever."""
    when: str
    """A condition in CEL."""
    risk: Risk
    """What a scan is at the least when it fires."""
    message: dict[Language, Message]
    """What the officer reads. English must be there; `{items}` stands for what `about` gives."""
    about: str | None = None
    """A list of texts in CEL: the things the message names."""
    action: Action | None = None
    """What is to be done at the least, where that is more than the risk asks for."""
    expires: date | None = None
    """The last day on which it fires."""
    why: str = Field(default="", max_length=2_000)
    """Where it comes from: a law, an order, a bulletin."""

    @model_validator(mode="after")
    def _speaks(self) -> Rule:
        if "en" not in self.message:
            raise MisfitError("needs an English text, en:", ("message",))
        for language, text in self.message.items():
            if "{items}" in text and self.about is None:
                raise MisfitError("{items} needs about: a list of what is meant", ("message", language))
        return self


class Floors(Value):
    """What a scan is at the least where something is amiss. None of them can be low."""

    incomplete: Raised = Risk.MEDIUM
    """A component did not speak, a view is missing, the declaration cannot be read, the release is not the one."""
    erring_rule: Raised = Risk.MEDIUM
    """A rule could not be judged."""
    prohibited: Raised = Risk.MEDIUM
    """Something prohibited was seen, whatever the rules say of it."""
    unknown: Raised = Risk.MEDIUM
    """Something was seen that the taxonomy does not know."""


def _at_least(risk: Risk, least: Action) -> AfterValidator:
    def checked(action: Action) -> Action:
        if list(Action).index(action) < list(Action).index(least):
            raise ValueError(f"what is {risk} is never less than {least}")
        return action

    return AfterValidator(checked)


class Actions(Value):
    """Which action follows from which risk."""

    low: Action = Action.CLEAR
    medium: Annotated[Action, _at_least(Risk.MEDIUM, Action.REVIEW)] = Action.REVIEW
    high: Annotated[Action, _at_least(Risk.HIGH, Action.PHYSICAL_INSPECTION)] = Action.PHYSICAL_INSPECTION

    def of(self, risk: Risk) -> Action:
        return {Risk.LOW: self.low, Risk.MEDIUM: self.medium, Risk.HIGH: self.high}[risk]


class Changes(Value):
    """What may be laid over a book, and only tightens it."""

    thresholds: dict[str, Share] = Field(default_factory=dict)
    """Lower ones: of a class, of a category, or of `all`."""
    floors: Floors = Floors()
    actions: Actions = Actions()
    risks: dict[str, Raised] = Field(default_factory=dict)
    """Higher risks of rules, by their ids."""


class Seen(Value):
    """One thing the engine says it sees, in a test."""

    item: str
    category: str | None = None
    """The taxonomy's, where none is given."""
    confidence: Share = 1.0
    concealed: bool = False
    location: str = "center"
    view: str = "top"
    seen_by: tuple[ComponentName, ...] = ("detector", "vlm")


class Expected(Value):
    """What must follow. What is not named is not looked at."""

    risk: Risk | None = None
    action: Action | None = None
    rules: tuple[str, ...] | None = None
    """Exactly these, in any order."""


class Case(Value):
    """A test that must hold before the book can be put in force."""

    name: str = Field(min_length=1, max_length=200)
    seen: tuple[Seen, ...] = Field(default=(), max_length=MOST_SEEN)
    declared: tuple[str | dict[str, str | float], ...] | None = Field(default=None, max_length=MOST_LINES)
    """Lines of the declaration as a sidecar has them. None means that none was made."""
    context: dict[str, str | float | bool] = Field(default_factory=dict)
    lane: str | None = None
    history: dict[str, float] = Field(default_factory=dict)
    """What history functions answer, as function/span/of: {seen/30/ACME: 2}. Everything else is 0."""
    silent: ComponentName | None = None
    """A component that does not speak."""
    level: str = NORMAL
    on: date | None = None
    """The day on which it happens, for rules that expire. Today, where none is given."""
    expect: Expected


class Book(Value):
    """The central book."""

    name: Key
    version: int = Field(ge=1, le=10**9)
    profile: str
    """The domain of its taxonomy."""
    taxonomy: str = "taxonomy.yaml"
    """The file beside it that says what there is."""
    expires: date | None = None
    """The last day on which it is good. After it nothing is CLEAR."""
    context: dict[ContextName, Kind] = Field(default_factory=dict)
    """What of a scan's context the rules may look at, and what kind it is."""
    thresholds: dict[str, Share] = Field(default_factory=dict)
    """From which confidence on an item is `sure`: of a class, of a category, or of `all`. Without one it always is."""
    floors: Floors = Floors()
    actions: Actions = Actions()
    rules: tuple[Rule, ...] = Field(min_length=1, max_length=MOST_RULES)
    levels: dict[Key, Changes] = Field(default_factory=dict, max_length=MOST_LEVELS)
    """What a raised threat level changes, by its name."""
    tests: tuple[Case, ...] = Field(min_length=1, max_length=MOST_TESTS)

    @model_validator(mode="after")
    def _hangs_together(self) -> Book:
        _twice(self.rules)
        if NORMAL in self.levels:
            raise MisfitError("this is the level without any change", ("levels", NORMAL))
        return self


class Loosening(Value):
    """What a site does not follow, for a while, because a supervisor said so. It is marked on every verdict."""

    rule: str
    risk: Risk | None = None
    """What it is worth instead. Nothing, where none is given."""
    until: date
    """The last day."""
    why: Words

    @property
    def told(self) -> str:
        """For whoever reads a verdict."""
        what = f"counts as {self.risk} only" if self.risk else "is not followed"
        return f"rule {self.rule} {what} until {self.until.isoformat()}: {self.why}"


class Site(Value):
    """A site's sheet over the central book."""

    name: Key
    version: int = Field(ge=1, le=10**9)
    over: Key
    """The book it lies over."""
    thresholds: dict[str, Share] = Field(default_factory=dict)
    floors: Floors = Floors()
    actions: Actions = Actions()
    risks: dict[str, Raised] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = Field(default=(), max_length=MOST_RULES)
    """More rules. A rule can only raise."""
    loosens: tuple[Loosening, ...] = ()
    tests: tuple[Case, ...] = Field(default=(), max_length=MOST_TESTS)

    @property
    def changes(self) -> Changes:
        """What it tightens."""
        return Changes(thresholds=self.thresholds, floors=self.floors, actions=self.actions, risks=self.risks)

    @model_validator(mode="after")
    def _hangs_together(self) -> Site:
        _twice(self.rules)
        return self


def _twice(rules: tuple[Rule, ...]) -> None:
    first: dict[str, int] = {}
    for number, rule in enumerate(rules):
        if rule.id in first:
            raise MisfitError(
                f"two rules are called {rule.id}", ("rules", number, "id"), ("rules", first[rule.id], "id")
            )
        first[rule.id] = number
