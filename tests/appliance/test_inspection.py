"""The loop between store and engine: every scan gets its verdict, whatever the engine does."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from appliance.scan import Action, Arrival
from appliance.store.database import Store
from models.answer import Finding
from models.ports import EngineLateError, EngineRefusedError, EngineUnavailableError
from tests.appliance.inspecting import CLEAN, House


@pytest.fixture
def house(store: Store, arrival: Callable[..., Arrival]) -> House:
    return House(store, arrival)


def unavailable(_: float) -> None:
    raise EngineUnavailableError("gone")


def test_a_scan_is_asked_about_once_and_concluded(house: House) -> None:
    async def story() -> None:
        async with house.running():
            await house.bring("a", "b", "c")
            for name in ("a", "b", "c"):
                assert await house.until(name, 1) == [Action.CLEAR]
        assert sorted(house.engine.asked) == ["a", "b", "c"]

    asyncio.run(story())


def test_never_more_scans_are_with_the_engine_than_allowed(house: House) -> None:
    async def story() -> None:
        await house.bring(*(f"s{n}" for n in range(40)))
        async with house.running(in_flight=4):
            for n in range(40):
                await house.until(f"s{n}", 1)
        assert house.engine.most == 4

    asyncio.run(story())


def test_without_an_engine_a_scan_is_review_when_due_and_judged_again_when_it_returns(house: House) -> None:
    async def story() -> None:
        house.engine.alive = False
        async with house.running():
            await house.bring("a", deadline_seconds=0.2)
            assert await house.until("a", 1) == [Action.REVIEW]
            assert house.engine.asked == []
            house.engine.alive = True
            assert await house.until("a", 2) == [Action.REVIEW, Action.CLEAR]

    asyncio.run(story())


def test_intake_goes_on_and_nothing_is_asked_while_the_engine_is_away(house: House) -> None:
    async def story() -> None:
        house.engine.alive = False
        async with house.running():
            await house.bring("a", "b")
            await asyncio.sleep(0.6)
            assert await house.actions("a") == []
            house.engine.alive = True
            assert await house.until("b", 1) == [Action.CLEAR]

    asyncio.run(story())


def test_a_picture_that_takes_the_engine_down_stops_only_itself(house: House) -> None:
    """It is asked about alone the second time, so that no neighbour is blamed, and given up after three."""

    async def story() -> None:
        house.engine.script["poison"] = unavailable
        async with house.running():
            await house.bring("a", "poison", "b", "c")
            assert await house.until("poison", 1) == [Action.REVIEW]
            for name in ("a", "b", "c"):
                assert await house.until(name, 1) == [Action.CLEAR]
        assert house.engine.asked.count("poison") == 3
        assert house.engine.together["poison"] == 1
        assert await house.actions("poison") == [Action.REVIEW]

    asyncio.run(story())


def test_a_late_engine_means_review_now_and_the_full_word_later(house: House) -> None:
    async def late_once(_: float) -> None:
        del house.engine.script["a"]
        raise EngineLateError("slow")

    async def story() -> None:
        house.engine.script["a"] = late_once
        async with house.running():
            await house.bring("a")
            assert await house.until("a", 2) == [Action.REVIEW, Action.CLEAR]

    asyncio.run(story())


@pytest.mark.parametrize("ends", ["answers", "refuses"])
def test_what_the_detector_sees_is_shown_until_the_engine_is_done(house: House, ends: str) -> None:
    """It is told to who looks meanwhile, and no verdict comes of it alone."""
    knife = Finding(
        item="knife", category="blade", confidence=0.9, location="center", occluded=False, seen_by=("detector",)
    )

    async def story() -> None:
        thinking = asyncio.Event()

        async def think(_: float) -> None:
            await thinking.wait()
            if ends == "refuses":
                raise EngineRefusedError("cannot read it")

        rung: list[int] = []
        house.glimpses.ring = lambda: rung.append(1)
        house.engine.sees["a"], house.engine.script["a"] = knife, think
        async with house.running():
            await house.bring("a")
            async with asyncio.timeout(60):
                while not rung:
                    await asyncio.sleep(0.01)
            assert house.glimpses.since(0) == (1, [("a", 1, (knife,))])
            assert await house.actions("a") == []
            thinking.set()
            assert await house.until("a", 1) == [Action.CLEAR if ends == "answers" else Action.REVIEW]
            assert house.glimpses.since(0) == (1, [])

    asyncio.run(story())


def test_what_the_engine_refuses_is_for_a_human_for_good(house: House) -> None:
    def refuse(_: float) -> None:
        raise EngineRefusedError("cannot read it")

    async def story() -> None:
        house.engine.script["a"] = refuse
        async with house.running():
            await house.bring("a", "b")
            assert await house.until("a", 1) == [Action.REVIEW]
            await house.until("b", 1)
            await asyncio.sleep(0.6)
        assert house.engine.asked.count("a") == 1

    asyncio.run(story())


def test_the_time_an_engine_gets_is_what_is_left_until_the_scan_is_due(house: House) -> None:
    given: list[float] = []

    async def story() -> None:
        house.engine.script["a"] = given.append
        async with house.running():
            await house.bring("a", deadline_seconds=20.0, received_at=datetime.now(UTC) - timedelta(seconds=5))
            await house.until("a", 1)
        assert 10 < given[0] <= 15

    asyncio.run(story())


def test_a_clean_picture_that_a_power_cut_took_is_made_again(house: House) -> None:
    async def story() -> None:
        digest = hashlib.sha256(CLEAN).hexdigest()
        house.store.clean.path(digest).write_bytes(b"")
        async with house.running():
            await house.bring("a")
            assert await house.until("a", 1) == [Action.CLEAR]
        assert house.remade == [digest]

    asyncio.run(story())


def test_scans_that_were_with_the_engine_at_the_end_are_asked_again_at_the_next_start(house: House) -> None:
    async def story() -> None:
        house.engine.script["a"] = lambda _: asyncio.sleep(60)
        async with house.running():
            await house.bring("a")
            async with asyncio.timeout(300):
                while not house.engine.asked:
                    await asyncio.sleep(0.01)
        del house.engine.script["a"]
        async with house.running():
            assert await house.until("a", 1) == [Action.CLEAR]

    asyncio.run(story())


def test_a_picture_the_engine_is_slow_on_does_not_hold_up_the_lane(house: House) -> None:
    """Its second try waits by itself; fresh scans go on being asked about meanwhile."""
    release = asyncio.Event()
    tries: list[str] = []

    async def slow(_: float) -> None:
        tries.append("slow")
        if len(tries) == 1:
            raise EngineLateError("slow")
        await release.wait()

    async def story() -> None:
        house.engine.script["slow"] = slow
        async with house.running():
            await house.bring("slow")
            await house.until("slow", 1)
            async with asyncio.timeout(300):
                while len(tries) < 2:
                    await asyncio.sleep(0.01)
            await house.bring("a", "b", "c")
            for name in ("a", "b", "c"):
                assert await house.until(name, 1) == [Action.CLEAR]
            assert await house.actions("slow") == [Action.REVIEW]
            release.set()
            assert await house.until("slow", 2) == [Action.REVIEW, Action.CLEAR]

    asyncio.run(story())
