"""The box's side: a real client, and a real engine in its own process that is killed, frozen and slow."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import pytest

from models.answer import Question
from models.client import HEARTBEAT, MISSED, EngineClient
from models.ports import EngineLateError, EnginePictureError, EngineUnavailableError
from tests.models.engine_process import GENEROUS, EngineProcess, connected, engine, question
from tests.waiting import until


def test_a_question_is_answered(tmp_path: Path) -> None:
    """The answer is about the question, and the engine says who it is."""

    async def story(socket: Path) -> None:
        async with connected(socket) as client:
            answer = await client.answer(question(tmp_path, 17), GENEROUS)
            assert answer.question == "SCAN-1#1"
            assert [finding.item for finding in answer.findings] == ["folding knife"]
            assert client.identity == answer.identity
            assert answer.identity.release == "spring-7"

    with engine(socket := tmp_path / "engine.sock", "--release", "spring-7"):
        asyncio.run(story(socket))


def test_two_hundred_questions_at_once(tmp_path: Path) -> None:
    """More than the engine takes at once are all answered, each with its own answer."""

    async def story(socket: Path) -> None:
        asked = [question(tmp_path, number % 256, f"SCAN-{number}#1") for number in range(200)]
        async with connected(socket) as client:
            answers = await asyncio.gather(*(client.answer(one, GENEROUS) for one in asked))
            assert [answer.question for answer in answers] == [one.id for one in asked]
            assert [answer.pictures for answer in answers] == [(one.views[0].sha256,) for one in asked]

    with engine(socket := tmp_path / "engine.sock", "--delay-ms", "20"):
        asyncio.run(story(socket))


def test_nobody_there(tmp_path: Path) -> None:
    """Without an engine, or before the client runs, a question fails at once."""

    async def story() -> None:
        client = EngineClient(tmp_path / "engine.sock")
        with pytest.raises(EngineUnavailableError):
            await client.answer(question(tmp_path), GENEROUS)
        running = asyncio.create_task(client.run())
        await asyncio.sleep(0.1)
        with pytest.raises(EngineUnavailableError):
            await client.answer(question(tmp_path), GENEROUS)
        assert (client.alive, client.identity) == (False, None)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())


def test_an_engine_killed_in_mid_question_and_started_again(tmp_path: Path) -> None:
    """What was asked fails as unavailable, not as late; the next engine is found by itself and answers."""
    socket = tmp_path / "engine.sock"

    async def story(first: EngineProcess) -> None:
        async with connected(socket) as client:
            asked = [asyncio.create_task(client.answer(question(tmp_path), 600)) for _ in range(20)]
            await until(lambda: client.health is not None and client.health.in_flight == 20)
            first.kill()
            outcomes = await asyncio.gather(*asked, return_exceptions=True)
            assert {type(outcome) for outcome in outcomes} == {EngineUnavailableError}
            assert not client.alive
            assert socket.exists(), "a killed engine leaves its socket behind"
            with engine(socket):
                await until(lambda: client.alive)
                assert (await client.answer(question(tmp_path), GENEROUS)).question == "SCAN-1#1"

    with engine(socket, "--delay-ms", "600000") as first:
        asyncio.run(story(first))


def test_a_frozen_engine_is_late_then_unavailable_then_back(tmp_path: Path) -> None:
    """Frozen it is late for who waits briefly, and gone for who waits longer; thawed it is found again."""

    async def story(socket: Path, frozen: EngineProcess) -> None:
        async with connected(socket) as client:
            frozen.signal(signal.SIGSTOP)
            patient = asyncio.create_task(client.answer(question(tmp_path), 600))
            with pytest.raises(EngineLateError):
                await client.answer(question(tmp_path), 0.2)
            with pytest.raises(EngineUnavailableError):
                await patient
            assert not client.alive
            frozen.signal(signal.SIGCONT)
            await until(lambda: client.alive)
            assert (await client.answer(question(tmp_path, 17), GENEROUS)).findings

    with engine(socket := tmp_path / "engine.sock") as frozen:
        asyncio.run(story(socket, frozen))


def test_a_box_that_is_held_up_itself_misses_nobody(tmp_path: Path) -> None:
    """After seconds in which this process could not listen, what was asked before is still answered after."""

    async def story(socket: Path) -> None:
        async with connected(socket) as client:
            asked = asyncio.create_task(client.answer(question(tmp_path), GENEROUS))
            await until(lambda: client.health is not None and client.health.in_flight == 1)
            time.sleep(HEARTBEAT * (MISSED + 1))  # noqa: ASYNC251  the hold-up
            assert (await asked).question == "SCAN-1#1"

    with engine(socket := tmp_path / "engine.sock", "--delay-ms", "4000"):
        asyncio.run(story(socket))


def test_late_is_late_and_frees_the_engine(tmp_path: Path) -> None:
    """Who stops waiting is told so, and the engine drops the question."""

    async def story(socket: Path) -> None:
        async with connected(socket) as client:
            with pytest.raises(EngineLateError):
                await client.answer(question(tmp_path), -1)
            asked = asyncio.create_task(client.answer(question(tmp_path), 1.5))
            await until(lambda: client.health is not None and client.health.in_flight == 1)
            with pytest.raises(EngineLateError):
                await asked
            await until(lambda: client.health is not None and client.health.in_flight == 0)

    with engine(socket := tmp_path / "engine.sock", "--delay-ms", "600000"):
        asyncio.run(story(socket))


def test_a_cancelled_question_gives_its_place_to_the_next(tmp_path: Path) -> None:
    """All places are taken by slow questions; once those are cancelled a new one gets its turn."""

    async def story(socket: Path) -> None:
        async with connected(socket) as client:
            asked = [asyncio.create_task(client.answer(question(tmp_path), 600)) for _ in range(100)]
            await until(lambda: client.health is not None and client.health.in_flight == 100)
            for one in asked:
                one.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
            assert (await client.answer(question(tmp_path), 2 * GENEROUS)).question == "SCAN-1#1"
            await until(lambda: client.health is not None and client.health.in_flight == 0)

    with engine(socket := tmp_path / "engine.sock", "--delay-ms", "5000"):
        asyncio.run(story(socket))


def test_a_swapped_picture_is_refused(tmp_path: Path) -> None:
    """A picture that is no longer what its digest says is named, and never answered about."""

    async def story(socket: Path) -> None:
        asked = question(tmp_path)
        other = asked.views[0].model_copy(update={"sha256": "0" * 64})
        async with connected(socket) as client:
            with pytest.raises(EnginePictureError, match=r"view top: .* has digest"):
                await client.answer(Question(id=asked.id, views=(asked.views[0], other)), GENEROUS)
            assert (await client.answer(asked, GENEROUS)).pictures == (asked.views[0].sha256,)

    with engine(socket := tmp_path / "engine.sock"):
        asyncio.run(story(socket))
