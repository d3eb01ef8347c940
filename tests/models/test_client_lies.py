"""A lying engine: whatever stands at the other end, only a right answer becomes one."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import zmq
import zmq.asyncio

from models import wire
from models.answer import Question
from models.client import EngineClient
from models.engines.canned import Canned
from models.ports import EngineError, EngineLateError, EngineRefusedError, EngineUnavailableError
from tests.models.engine_process import GENEROUS, connected, question
from tests.waiting import until

HEALTHY = wire.Health(state="ready", identity=Canned("embedded").identity, in_flight=0)
Reply = Callable[[bytes, dict[str, object]], list[list[bytes]]]
"""What a liar sends for the name of a question and the right answer to it."""


@asynccontextmanager
async def liar(socket: Path, reply: Reply, health: wire.Health = HEALTHY) -> AsyncGenerator[None]:
    """Sound in every heartbeat, and false in every answer."""
    context = zmq.asyncio.Context()
    door = context.socket(zmq.ROUTER)
    door.bind(wire.address(socket))

    async def lie() -> None:
        while True:
            peer, verb, *rest = await door.recv_multipart()
            if verb == wire.HEALTH:
                assert wire.send(door, peer, wire.HEALTH, rest[0], health.model_dump_json().encode())
            elif verb == wire.ASK:
                ask = wire.Ask.model_validate_json(rest[1])
                right = await Canned("embedded").answer(ask.question, 1)
                for frames in reply(rest[0], json.loads(right.model_dump_json())):
                    assert wire.send(door, peer, *frames)

    lying = asyncio.create_task(lie())
    try:
        yield
    finally:
        lying.cancel()
        await asyncio.gather(lying, return_exceptions=True)
        door.close(linger=0)
        context.term()


def with_change(**changes: object) -> Reply:
    return lambda name, right: [[wire.ANSWER, name, json.dumps(right | changes).encode()]]


REFUSED: dict[str, Reply] = {
    "another scan": with_change(question="SCAN-2#1"),
    "another picture": with_change(pictures=["0" * 64]),
    "no picture": with_change(pictures=[]),
    "the picture twice": lambda name, right: with_change(pictures=[*right["pictures"]] * 2)(name, right),  # type: ignore[misc]
    "a field too many": with_change(clear=True),
    "confidence beyond certainty": with_change(
        findings=[
            {"item": "x", "category": "blade", "confidence": 1.5, "location": "", "occluded": False, "seen_by": ["vlm"]}
        ]
    ),
    "no identity": with_change(identity=None),
    "no json": lambda name, _: [[wire.ANSWER, name, b"\xff{"]],
    "nothing": lambda name, _: [[wire.ANSWER, name, b""]],
    "deep nesting": lambda name, _: [[wire.ANSWER, name, b"[" * 100_000]],
    "a senseless failure": lambda name, _: [[wire.FAILED, name, b"{}"]],
    "a failure": lambda name, _: [[wire.FAILED, name, b'{"reason": "cannot"}']],
}
UNHEARD: dict[str, Reply] = {
    "an unknown name": lambda name, right: [[wire.ANSWER, name + b"0", json.dumps(right).encode()]],
    "an unknown verb": lambda name, right: [[b"verdict", name, json.dumps(right).encode()]],
    "too few frames": lambda name, _: [[wire.ANSWER, name], [wire.ANSWER], [b""]],
    "too many frames": lambda name, right: [[wire.ANSWER, name, json.dumps(right).encode(), b""]],
}


@pytest.mark.parametrize("reply", REFUSED.values(), ids=REFUSED)
def test_a_false_answer_is_refused(tmp_path: Path, reply: Reply) -> None:
    """An answer about something else, or that makes no sense, is no answer."""

    async def story() -> None:
        async with liar(socket := tmp_path / "engine.sock", reply), connected(socket) as client:
            with pytest.raises(EngineRefusedError):
                await client.answer(question(tmp_path), GENEROUS)

    asyncio.run(story())


@pytest.mark.parametrize("reply", UNHEARD.values(), ids=UNHEARD)
def test_what_answers_no_question_is_not_heard(tmp_path: Path, reply: Reply) -> None:
    """Names nobody gave and shapes nobody knows leave the question open until it is late."""

    async def story() -> None:
        async with liar(socket := tmp_path / "engine.sock", reply), connected(socket) as client:
            with pytest.raises(EngineLateError):
                await client.answer(question(tmp_path), 0.3)

    asyncio.run(story())


def test_swapped_answers_are_refused(tmp_path: Path) -> None:
    """Two questions that get one another's answers both go without."""
    held: list[tuple[bytes, bytes]] = []

    def swap(name: bytes, right: dict[str, object]) -> list[list[bytes]]:
        held.append((name, json.dumps(right).encode()))
        if len(held) < 2:
            return []
        (first, first_answer), (second, second_answer) = held
        return [[wire.ANSWER, first, second_answer], [wire.ANSWER, second, first_answer]]

    async def story() -> None:
        async with liar(socket := tmp_path / "engine.sock", swap), connected(socket) as client:
            asked = [client.answer(question(tmp_path, shade, f"SCAN-{shade}#1"), GENEROUS) for shade in (1, 2)]
            outcomes = await asyncio.gather(*asked, return_exceptions=True)
            assert [type(outcome) for outcome in outcomes] == [EngineRefusedError] * 2

    asyncio.run(story())


def test_a_late_answer_is_nobodys(tmp_path: Path) -> None:
    """The answer to a question given up does not become the answer to the next one."""
    held: list[list[bytes]] = []

    def one_behind(name: bytes, right: dict[str, object]) -> list[list[bytes]]:
        held.append([wire.ANSWER, name, json.dumps(right).encode()])
        return held[-2:-1]

    async def story() -> None:
        async with liar(socket := tmp_path / "engine.sock", one_behind), connected(socket) as client:
            for shade in range(5):
                with pytest.raises(EngineLateError):
                    await client.answer(question(tmp_path, shade, "SCAN-1#1"), 0.1)

    asyncio.run(story())


def test_one_that_is_busy_with_itself_is_asked_again(tmp_path: Path) -> None:
    """A failure that says the engine is the reason is no word about the picture."""

    def busy(name: bytes, _: dict[str, object]) -> list[list[bytes]]:
        return [[wire.FAILED, name, b'{"reason": "the engine is stopping", "fault": "engine"}']]

    async def story() -> None:
        async with liar(socket := tmp_path / "engine.sock", busy), connected(socket) as client:
            with pytest.raises(EngineUnavailableError, match="stopping"):
                await client.answer(question(tmp_path), GENEROUS)

    asyncio.run(story())


@pytest.mark.parametrize("state", ["loading", "stopping"])
def test_only_a_ready_engine_is_asked(tmp_path: Path, state: wire.State) -> None:
    """An engine that says it is loading or stopping is there, but not alive."""

    async def story() -> None:
        socket = tmp_path / "engine.sock"
        async with liar(socket, with_change(), HEALTHY.model_copy(update={"state": state})):
            client = EngineClient(socket)
            running = asyncio.create_task(client.run())
            await until(lambda: client.health is not None)
            assert not client.alive
            with pytest.raises(EngineUnavailableError):
                await client.answer(question(tmp_path), GENEROUS)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())


def test_no_mangled_answer_ever_counts(tmp_path: Path) -> None:
    """300 answers with a few bytes changed are refused, or still say which question and picture they are about."""
    chance = random.Random(2)

    def mangled(name: bytes, right: dict[str, object]) -> list[list[bytes]]:
        body = bytearray(json.dumps(right).encode())
        for _ in range(chance.randint(1, 4)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        return [[wire.ANSWER, name, bytes(body)]]

    async def outcome(client: EngineClient, asked: Question) -> str:
        try:
            answer = await client.answer(asked, GENEROUS)
        except EngineError as problem:
            return type(problem).__name__
        assert (answer.question, answer.pictures) == (asked.id, (asked.views[0].sha256,))
        return "answered"

    async def story() -> None:
        async with liar(socket := tmp_path / "engine.sock", mangled), connected(socket) as client:
            outcomes = {await outcome(client, question(tmp_path, 17)) for _ in range(300)}
            assert outcomes <= {"EngineRefusedError", "answered"}

    asyncio.run(story())
