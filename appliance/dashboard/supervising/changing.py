"""Other rules: checked, and put in force by whose word and why. Refused ones change nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from pydantic import Field

from appliance.dashboard.bodies import read_value
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.problems import Problem
from appliance.dashboard.supervising.bench import Bench
from appliance.dashboard.supervising.candidate import MAX_BYTES, Candidate, differences
from appliance.dashboard.supervising.consent import Reason, Second, people
from appliance.errors import RefusedError, RulebookError
from appliance.journal import journal
from appliance.rulebooks import Weighed
from appliance.store.rulebooks import Activation

_log = journal("rules")


class Put(Reason):
    """What is to be put in force, and who else stands for it."""

    candidate: Candidate
    second: Second | None = None


class Switch(Reason):
    """Which threat level the rulebook is to stand at."""

    level: str = Field(min_length=1, max_length=60)


@post("/api/v1/rules/check", opt={"scope": "supervise", "person": True}, status_code=200)
async def check_rules(request: Asked, house: NamedDependency[House], bench: NamedDependency[Bench]) -> Response[bytes]:
    """Check texts as putting them in force would: every fault at its place, or what they would change, in words."""
    candidate = await read_value(request, Candidate, MAX_BYTES)
    given = await candidate.given(house)
    async with bench.checking:
        try:
            weighed = await house.rulebooks.weigh(given, candidate.names)
        except RulebookError as problem:
            return answer({"ok": False, "faults": problem.faults})
        return answer(await asyncio.to_thread(_told, weighed, candidate))


@post("/api/v1/rules/activate", opt={"scope": "supervise", "person": True})
async def activate_rules(
    request: Asked, house: NamedDependency[House], bench: NamedDependency[Bench]
) -> Response[bytes]:
    """Check texts and put them in force from the next verdict on, or say why not."""
    body = await read_value(request, Put, MAX_BYTES)
    given = await body.candidate.given(house)
    by = await people(request, house, body.password, body.second)
    deed = by.deed("rulebook activated")
    async with bench.checking:
        return await _done(house.rulebooks.put(given, by.word(body.why), body.candidate.names, deed))


@post("/api/v1/rules/rollback", opt={"scope": "supervise", "person": True})
async def roll_rules_back(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Go back to the rules before the present ones; who stood for them then still does."""
    body = await read_value(request, Reason, MAX_BYTES)
    by = await people(request, house, body.password)
    return await _done(house.rulebooks.roll_back(by.word(body.why), by.deed("rulebook rolled back")))


@post("/api/v1/rules/level", opt={"scope": "supervise", "person": True})
async def switch_rules_level(request: Asked, house: NamedDependency[House]) -> Response[bytes]:
    """Let the rules stand at another threat level from the next verdict on."""
    body = await read_value(request, Switch, MAX_BYTES)
    by = await people(request, house, body.password)
    return await _done(house.rulebooks.switch(body.level, by.word(body.why), by.deed("threat level switched")))


def _told(weighed: Weighed, candidate: Candidate) -> dict[str, Any]:
    """What stands in no way of being put in force."""
    parts = weighed.parts
    found, trouble = differences(weighed.there, parts)
    return {
        "ok": True,
        "faults": (),
        "name": parts.at().name,
        "digest": parts.texts.digest,
        "in_force": weighed.there is not None and weighed.there.digest == parts.texts.digest,
        "notes": parts.notes(candidate.names),
        "levels": ("normal", *parts.book.levels),
        "differences": found,
        "trouble": trouble,
        "two": weighed.two or None,
    }


async def _done(change: Awaitable[Activation]) -> Response[bytes]:
    try:
        done = await change
    except RefusedError as problem:
        raise Problem(409, problem.message, hint=problem.hint) from problem
    _log.info("in force", **done._asdict())
    return answer({key: value for key, value in done._asdict().items() if key != "id"}, 201)
