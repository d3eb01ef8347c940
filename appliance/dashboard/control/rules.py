"""The rulebook through the box's own door: what is in force, and what takes its place by whose word."""

from __future__ import annotations

from collections.abc import Awaitable

from litestar import Response, post
from litestar.di import NamedDependency
from pydantic import Field

from appliance.dashboard.bodies import read_value
from appliance.dashboard.house import Asked, answer
from appliance.dashboard.problems import Problem
from appliance.errors import RefusedError
from appliance.journal import journal
from appliance.rulebooks import Beside, Given, Rulebooks, Word
from appliance.rules.reading import Names
from appliance.store.officers import TERMINAL
from appliance.store.rulebooks import Activation, Changed, tell
from models.answer import Value

MAX_BYTES = 1_000_000
"""Two texts of 64 kB and one of 256 kB as JSON."""
_log = journal("rules")


class Put(Value):
    """What is to be put in force. Texts that are not given stay as they are."""

    word: Word
    given: Given
    names: tuple[str, str, str] = Names()


class Back(Value):
    """By whose word the earlier rulebook comes back."""

    word: Word


class Switch(Value):
    """Which threat level the rulebook is to stand at."""

    word: Word
    level: str = Field(min_length=1, max_length=60)


@post("/control/rules")
async def put_rules(request: Asked, rulebooks: NamedDependency[Rulebooks]) -> Response[bytes]:
    """Check texts and put them in force, or say every fault."""
    body = await read_value(request, Put, MAX_BYTES)
    names = Names(*body.names)
    return await _told(rulebooks.put(body.given, _here(body.word), names, _deed("rulebook activated")))


@post("/control/rules/rollback")
async def roll_back(request: Asked, rulebooks: NamedDependency[Rulebooks]) -> Response[bytes]:
    """Go back to the texts before the present ones."""
    word = _here((await read_value(request, Back, MAX_BYTES)).word)
    return await _told(rulebooks.roll_back(word, _deed("rulebook rolled back")))


@post("/control/rules/level")
async def switch_level(request: Asked, rulebooks: NamedDependency[Rulebooks]) -> Response[bytes]:
    """Stand at another threat level."""
    body = await read_value(request, Switch, MAX_BYTES)
    return await _told(rulebooks.switch(body.level, _here(body.word), _deed("threat level switched")))


def _deed(what: Changed) -> Beside:
    """Whoever sits at the terminal names themselves; that it was the terminal is what the box knows."""
    return lambda db, done: tell(db, done, TERMINAL, what)


def _here(word: Word) -> Word:
    """Whatever comes through this door is the site's word, not the centre's."""
    return word.model_copy(update={"origin": "site"})


async def _told(change: Awaitable[Activation]) -> Response[bytes]:
    try:
        done = await change
    except RefusedError as problem:
        raise Problem(409, problem.message, hint=problem.hint) from problem
    _log.info("in force", **done._asdict())
    return answer(done._asdict(), 201)
