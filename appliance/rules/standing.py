"""A rulebook as it stands: the central book, the site's sheet over it, and the threat level, ready to judge by.

Takes values that fit together, gives a `Rulebook`. Laying one thing over another only ever tightens; what a site
loosens stands in `loosens`, ends by itself, and is told on every verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from appliance.rules.book import NORMAL, Actions, Book, Floors, Rule, Site
from appliance.rules.language.expression import Expression, Language
from appliance.rules.taxonomy import Taxonomy
from appliance.scan import Action, Risk

RISKS = (Risk.LOW, Risk.MEDIUM, Risk.HIGH)
ACTIONS = tuple(Action)
ALL = "all"
"""The threshold of every class that has none of its own."""


class Loose(NamedTuple):
    """What a site does not follow, until when, and how that is told."""

    risk: Risk | None
    until: float
    told: str


@dataclass(frozen=True, slots=True)
class Ready:
    """One rule that can be judged."""

    rule: Rule
    risk: Risk
    when: Expression
    about: Expression | None
    until: float
    """Unix seconds after which it does not fire any more."""
    loose: Loose | None = None

    def risk_at(self, now: float) -> Risk | None:
        """What it is worth when it fires now; nothing once it has expired, or where the site does not follow it."""
        if now >= self.until:
            return None
        return self.loose.risk if self.loose and now < self.loose.until else self.risk


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything a scan is judged by."""

    name: str
    """Names and versions: customs@12, or customs@12 with lane-3@4."""
    digest: str
    level: str
    taxonomy: Taxonomy
    language: Language
    thresholds: tuple[Mapping[str, float], ...]
    """The book's, and those of what lies over it: each is looked up by itself, so none hides another's."""
    floors: Floors
    actions: Actions
    rules: tuple[Ready, ...]
    until: float
    """Unix seconds after which nothing is CLEAR any more by this book."""
    misfits: tuple[str, ...] = ()
    """Why the release in force cannot be judged by it, if so."""

    @property
    def label(self) -> str:
        return f"{self.name} sha256:{self.digest}"

    def sure(self, item: str, category: str, confidence: float) -> bool:
        """Whether a confidence reaches the lowest threshold: of its class, else of its category, else of all."""
        keys = (item, category, ALL)
        found = (next((each[key] for key in keys if key in each), None) for each in self.thresholds)
        return confidence >= min(least for least in found if least is not None)

    def loosened_at(self, now: float) -> tuple[str, ...]:
        """What of the central rules is not followed now, for whoever reads a verdict."""
        return tuple(ready.loose.told for ready in self.rules if ready.loose and now < ready.loose.until)


def stand(
    book: Book, site: Site | None, taxonomy: Taxonomy, language: Language, digest: str, level: str = NORMAL
) -> Rulebook:
    """Put the parts together. They must have been found to fit."""
    over = [site.changes] if site else []
    over += [book.levels[level]] if level != NORMAL else []
    loose = {one.rule: Loose(one.risk, end_of(one.until), one.told) for one in (site.loosens if site else ())}
    raised = book.levels[level].risks if level != NORMAL else {}
    return Rulebook(
        name=f"{book.name}@{book.version}" + (f" with {site.name}@{site.version}" if site else ""),
        digest=digest,
        level=level,
        taxonomy=taxonomy,
        language=language,
        thresholds=({ALL: 0.0, **book.thresholds}, *(each.thresholds for each in over)),
        floors=_highest_floors(book.floors, *(each.floors for each in over)),
        actions=_highest_actions(book.actions, *(each.actions for each in over)),
        rules=tuple(
            Ready(
                rule=rule,
                risk=highest(rule.risk, *(each.risks.get(rule.id, Risk.LOW) for each in over)),
                when=language.compile(rule.when),
                about=language.compile_texts(rule.about) if rule.about else None,
                until=end_of(rule.expires),
                loose=None if rule.id in raised else loose.get(rule.id),
            )
            for rule in (*book.rules, *(site.rules if site else ()))
        ),
        until=end_of(book.expires),
    )


def highest(*risks: Risk) -> Risk:
    return max(risks, key=RISKS.index)


def strongest(*actions: Action) -> Action:
    return max(actions, key=ACTIONS.index)


def end_of(day: date | None) -> float:
    """Unix seconds at which a day ends, by UTC; never, where there is none."""
    if day is None:
        return float("inf")
    if day == date.max:  # as good as never, and there is no day after it
        return float("inf")
    return (datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)).timestamp()


def _highest_floors(*all_of_them: Floors) -> Floors:
    names = Floors.model_fields
    return Floors.model_validate({name: highest(*(getattr(each, name) for each in all_of_them)) for name in names})


def _highest_actions(*all_of_them: Actions) -> Actions:
    names = Actions.model_fields
    return Actions.model_validate({name: strongest(*(getattr(each, name) for each in all_of_them)) for name in names})
