"""The rulebook for who looks: what is in force and what follows from it, what was, and the texts of each."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from datetime import UTC, datetime
from functools import lru_cache
from itertools import zip_longest
from typing import Any, NamedTuple

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from appliance.dashboard.house import House, answer
from appliance.dashboard.problems import Problem
from appliance.dashboard.supervising.candidate import differences, earlier, parsed
from appliance.errors import LanewatchError
from appliance.rules import difference
from appliance.rules.book import NORMAL
from appliance.rules.standing import Rulebook
from appliance.rules.texts import Texts
from appliance.scan import Risk
from appliance.store.rulebooks import Activation, before, in_force, listing
from models.profile import PROFILES

MOST_TOLD = 200
"""Past activations in one answer."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


class _Past(NamedTuple):
    """What the store knows of it."""

    now: Activation | None
    earlier: Activation | None
    all: tuple[Activation, ...]


@get("/api/v1/rules", opt={"scope": "read"})
async def show_rules(house: NamedDependency[House]) -> Response[bytes]:
    """What is in force, since when, by whose word and why; what follows from it; what was in force before."""
    past = await house.store.read(_past)
    return answer(await asyncio.to_thread(_told, house, past))


@get("/api/v1/rules/texts/{digest:str}", opt={"scope": "read"})
async def show_texts(digest: FromPath[str], house: NamedDependency[House]) -> Response[bytes]:
    """The texts of a rulebook that is or was in force, and how they differ from those in force."""
    if not _DIGEST.fullmatch(digest):
        raise Problem(404, "no such rulebook was in force here")
    texts = await earlier(house, digest)
    there = await asyncio.to_thread(_texts_in_force, house, await house.store.read(in_force))
    return answer({"digest": digest, **texts.model_dump(), **await asyncio.to_thread(_differs, there, texts)})


def _differs(there: Texts | None, texts: Texts) -> dict[str, Any]:
    try:
        found, trouble = differences(there, parsed(texts))
    except LanewatchError as problem:
        found, trouble = None, f"it cannot be read any more: {problem}"
    return {"differences": found, "trouble": trouble}


def _past(db: sqlite3.Connection) -> _Past:
    return _Past(in_force(db), before(db), listing(db))


def _told(house: House, past: _Past) -> dict[str, Any]:
    now, standing = time.time(), house.rulebooks.told()
    texts = _texts_in_force(house, past.now)
    try:
        parts = parsed(texts) if texts else None
    except LanewatchError:  # the warnings say so
        parts = None
    return {
        "in_force": _activation(past.now) if past.now else None,
        "since": _since(past.all),
        "level": past.now.level if past.now else NORMAL,
        "levels": _levels(texts) if texts else [{"name": NORMAL, "changes": ()}],
        "warnings": house.rulebooks.warnings(now),
        "notes": parts.notes() if parts else (),
        "follows": _follows(standing, now),
        "profile": _profile(house.rulebooks.profile),
        "earlier": _activation(past.earlier) if past.earlier else None,
        "activations": [{**_activation(each), "what": what} for each, what in list(_named(past.all))[:MOST_TOLD]],
        "activations_in_all": len(past.all),
    }


def _texts_in_force(house: House, now: Activation | None) -> Texts | None:
    try:
        return house.rulebooks.shelf.read(now.digest) if now else None
    except LanewatchError:
        return None


def _activation(one: Activation) -> dict[str, Any]:
    return {key: value for key, value in one._asdict().items() if key != "id"}


def _since(all_of_them: tuple[Activation, ...]) -> str | None:
    """When the texts in force came, whatever level they stood at since."""
    found = None
    for each in all_of_them:
        if each.digest != all_of_them[0].digest:
            break
        found = each.at
    return found


def _named(all_of_them: tuple[Activation, ...]) -> list[tuple[Activation, str]]:
    """Each with what changed by it: the texts, or the level only."""
    return [
        (each, "level" if last and last.digest == each.digest and last.level != each.level else "texts")
        for each, last in zip_longest(all_of_them, all_of_them[1:])
    ]


@lru_cache(maxsize=8)
def _levels(texts: Texts | None) -> list[dict[str, Any]]:
    """The levels there are, and what follows from each in words; where it cannot be read there is one."""
    found: list[dict[str, Any]] = [{"name": NORMAL, "changes": ()}]
    try:
        parts = parsed(texts) if texts else None
    except LanewatchError:
        parts = None
    if parts:
        normal = parts.at()
        found += [{"name": name, "changes": difference.of_level(normal, parts.at(name))} for name in parts.book.levels]
    return found


def _follows(standing: Rulebook, now: float) -> dict[str, Any]:
    """What a scan is told by it."""
    ended = [ready.rule.id for ready in standing.rules if now >= ready.until]
    standings = [item.standing for item in standing.taxonomy.items]
    endless = standing.until == float("inf")
    return {
        "name": standing.name,
        "actions": {risk.value: standing.actions.of(risk) for risk in Risk},
        "floors": standing.floors.model_dump(mode="json"),
        "rules": len(standing.rules) - len(ended),
        "ended": ended,
        "loosened": standing.loosened_at(now),
        "classes": {each: standings.count(each) for each in ("prohibited", "restricted", "allowed")},
        "until": None if endless else datetime.fromtimestamp(standing.until, UTC).isoformat(),
    }


def _profile(name: str) -> dict[str, Any]:
    """What the models of the release in force can name. It comes with the release and is no setting of a desk."""
    known = PROFILES.get(name)
    return {"name": name, "things": [thing.name for thing in known.things] if known else []}
