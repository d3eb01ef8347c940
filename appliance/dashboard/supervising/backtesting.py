"""A backtest from the page: what other rules would change on the last days' scans, and what that costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from pydantic import Field

from appliance.dashboard.bodies import read_value
from appliance.dashboard.house import Asked, House, answer
from appliance.dashboard.people.entrance import session_of
from appliance.dashboard.problems import Problem
from appliance.dashboard.supervising.bench import Begun, Bench
from appliance.dashboard.supervising.candidate import MAX_BYTES, Candidate
from appliance.dashboard.supervising.judging import Wanted
from appliance.lookback.backtest import Asked as AskedOfBacktest
from appliance.rules.book import NORMAL
from appliance.spelling import meant
from appliance.store.rulebooks import in_force
from models.answer import Value


class Trial(Value):
    """What is to be judged again by which texts."""

    candidate: Candidate
    days: int = Field(default=30, ge=1, le=3660)
    """How far back."""
    level: str | None = Field(default=None, max_length=60)
    """The threat level to judge at; else the one in force."""


@get("/api/v1/rules/backtest", opt={"scope": "read"})
async def show_backtest(bench: NamedDependency[Bench]) -> Response[bytes]:
    """How far the backtest is, or the bill of the last one."""
    return answer(bench.told())


@post("/api/v1/rules/backtest", opt={"scope": "supervise", "person": True}, status_code=202)
async def begin_backtest(
    request: Asked, house: NamedDependency[House], bench: NamedDependency[Bench]
) -> Response[bytes]:
    """Begin one in the background; texts with a fault are not begun with."""
    trial = await read_value(request, Trial, MAX_BYTES)
    given = await trial.candidate.given(house)
    bench.free()
    async with bench.checking:
        parts = (await house.rulebooks.weigh(given, trial.candidate.names)).parts
    now = await house.store.read(in_force)
    level = trial.level or (now.level if now else NORMAL)
    levels = (NORMAL, *parts.book.levels)
    if level not in levels:
        raise Problem(422, f"level: there is no level {level!r}{meant(level, levels)}", field="level")
    today = datetime.now(UTC)
    since, profile = today - timedelta(days=trial.days), house.rulebooks.profile
    asked = AskedOfBacktest(parts.texts, level, since, trial.days, today, "", profile)
    wanted = Wanted(database=house.store.root / "lanewatch.db", asked=asked)
    book = parts.at(level).name
    by = session_of(request.auth).officer.shown
    bench.begin(
        Begun(book, parts.texts.digest, level, trial.days, by, today.isoformat()), wanted.model_dump_json().encode()
    )
    return answer(bench.told(), 202)


@delete("/api/v1/rules/backtest", opt={"scope": "supervise", "person": True}, status_code=200)
async def cancel_backtest(bench: NamedDependency[Bench]) -> Response[bytes]:
    """End it now. Where none runs, nothing happens."""
    await bench.cancel()
    return answer(bench.told())
