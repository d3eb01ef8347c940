"""Whether the tests in a rulebook name what there is: a test with a slip of the pen passes, and shows nothing.

Takes values that were read, gives every slip with its place. A test about something that no taxonomy knows is
possible: under a name that is like none it knows. What comes out of the tests is `trial.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from appliance.located import Step
from appliance.rules.book import Book, Case, Seen, Site
from appliance.rules.contract import BOOK, SITE, Fault
from appliance.rules.history import QUESTIONS
from appliance.rules.taxonomy import Taxonomy
from appliance.rules.words import fold
from appliance.spelling import NEAR, meant, nearest

MOST_UNKNOWN = 20
"""Different names that no taxonomy knows, in all tests: each is held against all that it does know."""


def faults(book: Book, site: Site | None, taxonomy: Taxonomy) -> Iterator[Fault]:
    """Everything in the tests that is not called so."""
    slips: dict[tuple[str, str], str] = {}
    for whose, cases in ((BOOK, book.tests), (SITE, site.tests if site else ())):
        for number, case in enumerate(cases):
            path = ("tests", number)
            yield from _asked(whose, path, case, book.context)
            for at, seen in enumerate(case.seen):
                yield from _seen(whose, (*path, "seen", at), seen, taxonomy, slips)


def _asked(whose: int, path: tuple[Step, ...], case: Case, context: Mapping[str, str]) -> Iterator[Fault]:
    for name in case.context:
        if name not in context:
            told = "the book does not name it under context, so no rule sees it"
            yield Fault(whose, (*path, "context", name), told, guess=partial(meant, name, context))
    for key in case.history:
        name, _, rest = key.partition("/")
        if name not in QUESTIONS or not rest.partition("/")[0].isdecimal():
            told = "no rule asks so: write it as seen/30/ACME, which is function/span/of"
            yield Fault(whose, (*path, "history", key), told, guess=partial(meant, name, QUESTIONS))


def _seen(
    whose: int, path: tuple[Step, ...], seen: Seen, taxonomy: Taxonomy, slips: dict[tuple[str, str], str]
) -> Iterator[Fault]:
    """`slips` keeps what was said of each name."""
    unknown = [("item", seen.item)] if taxonomy.item(seen.item) is None else []
    if seen.category is not None and seen.category not in taxonomy.standing_by_category:
        unknown.append(("category", seen.category))
    for key, name in unknown:
        if (key, name) not in slips and len(slips) < MOST_UNKNOWN:
            slips[key, name] = _slip(key, name, taxonomy)
        words = slips.get((key, name), f"more than {MOST_UNKNOWN} different names that the taxonomy does not know")
        if words:
            yield Fault(whose, (*path, key), words)


def _slip(key: str, name: str, taxonomy: Taxonomy) -> str:
    """Why a name is not that of something unknown; nothing, where it may be."""
    called = taxonomy.by_name.get(fold(name)) if key == "item" else None
    if called:
        return f"{name!r} is one of the names of {called.id}: the models say {called.id}"
    near = nearest(name, taxonomy.by_id if key == "item" else taxonomy.standing_by_category, NEAR)
    return f"the taxonomy has no {key} {name!r} (did you mean {near}?)" if near else ""
