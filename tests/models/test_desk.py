"""The engine's side of the socket: strange peers, frames that make no sense, engines that break or hang."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zmq

from models import desk as desks
from models import wire
from models.answer import Answer, Finding, Identity, Question
from models.client import EngineClient
from models.desk import Desk
from models.engines.canned import Canned
from models.ports import Early, EngineRefusedError, EngineUnavailableError, unheard
from tests.models.engine_process import GENEROUS, connected, engine, question
from tests.waiting import until


@contextmanager
def peer(socket: Path) -> Generator[zmq.Socket[bytes]]:
    """Somebody at the socket who need not be ours."""
    context = zmq.Context()
    door = context.socket(zmq.DEALER)
    door.set(zmq.RCVTIMEO, int(GENEROUS * 1000))
    door.connect(wire.address(socket))
    try:
        yield door
    finally:
        door.close(linger=0)
        context.term()


def health(door: zmq.Socket[bytes]) -> wire.Health:
    """How the engine says it is; other replies on the way are passed over."""
    door.send_multipart([wire.HEALTH, b"now"])
    while (frames := door.recv_multipart())[:2] != [wire.HEALTH, b"now"]:
        pass
    return wire.Health.model_validate_json(frames[2])


def ready(door: zmq.Socket[bytes]) -> wire.Health:
    while (now := health(door)).state != "ready":
        pass
    return now


def ask_bytes(folder: Path, **changes: object) -> bytes:
    ask = {"question": question(folder).model_dump(mode="json"), "within": GENEROUS}
    return json.dumps(ask | changes).encode()


def hostile(chance: random.Random, good: bytes) -> list[bytes]:
    """One message that somebody malicious or broken might send."""
    verbs = (
        wire.ASK,
        wire.ADAPT,
        wire.CANCEL,
        wire.HEALTH,
        wire.ANSWER,
        wire.FAILED,
        b"",
        b"ASK",
        b"\0" * 9,
        chance.randbytes(40),
    )
    bodies = (
        b"",
        b"{}",
        b"null",
        b"[" * chance.randint(1, 100_000),
        chance.randbytes(chance.randint(0, 2000)),
        good[: chance.randrange(len(good))],
        good.replace(b"30.0", b"1e999"),
        good.replace(b"30.0", b"NaN"),
        good.replace(b"sha256", b"sha257"),
        good.replace(b'"path": "', b'"path": "/dev/'),
        b'{"question": {"id": "\\ud800", "views": []}, "within": -1}',
        b"9" * 5000,
    )
    name = chance.choice((b"", b"x", chance.randbytes(64), chance.randbytes(65), b"y" * 10_000))
    frames = [chance.choice(verbs), name, chance.choice(bodies), chance.choice(bodies)]
    return frames[: chance.randint(1, 4)]


def test_two_hundred_hostile_messages(tmp_path: Path) -> None:
    """None is fatal and none is answered; a good question among them is."""
    chance = random.Random(7)
    good = ask_bytes(tmp_path)
    with engine(socket := tmp_path / "engine.sock") as served:
        with peer(socket) as door:
            ready(door)
            for number in range(200):
                with peer(socket) as stranger:  # a line of its own: the engine may cut it
                    stranger.send_multipart(hostile(chance, good))
                    if number % 20 == 0:
                        stranger.send_multipart([wire.ASK, b"good", good])
                        while (frames := stranger.recv_multipart())[:2] != [wire.ANSWER, b"good"]:
                            assert frames[0] in (wire.FAILED, wire.HEALTH)
                    else:
                        assert health(stranger).state == "ready"
            assert health(door).in_flight == 0
        assert served.process.poll() is None
        assert served.end() == 0


def test_a_frame_that_is_too_large_costs_its_sender_the_line(tmp_path: Path) -> None:
    """The engine does not even read it; others are served as before."""
    with engine(socket := tmp_path / "engine.sock") as served:
        with peer(socket) as door, peer(socket) as giant:
            ready(door)
            giant.send_multipart([wire.ASK, b"1", b" " * (wire.LARGEST_FRAME + 1)])
            assert health(door).state == "ready"
            door.send_multipart([wire.ASK, b"2", ask_bytes(tmp_path)])
            assert door.recv_multipart()[0] == wire.ANSWER
        assert served.end() == 0


def test_a_wrong_question_is_told_where_it_is_wrong(tmp_path: Path) -> None:
    """The reason names the field."""
    wrong: tuple[tuple[dict[str, object], str], ...] = (
        ({"within": 0}, "within"),
        ({"within": 1e9}, "within"),
        ({"extra": 1}, "extra"),
        ({"question": {"id": "x", "views": []}}, "question.views"),
    )
    with engine(socket := tmp_path / "engine.sock"), peer(socket) as door:
        ready(door)
        for changes, says in wrong:
            door.send_multipart([wire.ASK, b"1", ask_bytes(tmp_path, **changes)])
            verb, name, body = door.recv_multipart()
            assert (verb, name) == (wire.FAILED, b"1")
            assert says in wire.Failed.model_validate_json(body).reason


def test_two_peers_may_use_the_same_names(tmp_path: Path) -> None:
    """What one calls its question, and what it cancels, is nobody else's business."""
    with engine(socket := tmp_path / "engine.sock", "--delay-ms", "1500"), peer(socket) as one, peer(socket) as other:
        for door in (one, other):
            ready(door)
        for door in (one, other):
            door.send_multipart([wire.ASK, b"1", ask_bytes(tmp_path)])
        one.send_multipart([wire.CANCEL, b"1"])
        assert other.recv_multipart()[:2] == [wire.ANSWER, b"1"]
        one.send_multipart([wire.HEALTH, b"now"])
        assert one.recv_multipart()[:2] == [wire.HEALTH, b"now"]


class Troubled(Canned):
    """A real engine with a fault: it breaks, hangs or refuses as the question's or the adapter's name says."""

    async def adapt(self, adapter: Path | None) -> Identity:
        match adapter and adapter.name:
            case "breaks":
                raise ZeroDivisionError("division by zero")
            case "fits":
                return self.identity.model_copy(update={"adapter": "a" * 64})
            case _:
                return await super().adapt(adapter)

    async def answer(self, question: Question, within: float, early: Early = unheard) -> Answer:
        match question.id:
            case "breaks":
                raise ZeroDivisionError("division by zero")
            case "times out inside":
                raise TimeoutError("some library")
            case "hangs":
                await asyncio.Event().wait()
            case _:
                pass
        return await super().answer(question, within, early)


async def served(tmp_path: Path, story: Callable[[Desk, EngineClient], Awaitable[None]], delay: float = 0.0) -> None:
    """A desk in this process, for what a whole process cannot be told to do."""
    socket = tmp_path / "engine.sock"
    with Desk(socket) as desk:
        receiving = asyncio.create_task(desk.receive())
        desk.open(Troubled("embedded", delay))
        async with connected(socket) as client:
            await story(desk, client)
        receiving.cancel()
        await asyncio.gather(receiving, return_exceptions=True)


@pytest.mark.parametrize(("name", "says"), [("breaks", "ZeroDivisionError"), ("times out inside", "TimeoutError")])
def test_an_engine_that_breaks_costs_one_question(tmp_path: Path, name: str, says: str) -> None:
    """The reason says what broke and where; the next question is answered."""

    async def story(_: Desk, client: EngineClient) -> None:
        with pytest.raises(EngineRefusedError, match=rf"broke at test_desk.py:\d+: {says}"):
            await client.answer(question(tmp_path, name=name), GENEROUS)
        assert (await client.answer(question(tmp_path), GENEROUS)).question == "SCAN-1#1"

    asyncio.run(served(tmp_path, story))


def test_what_the_detector_sees_comes_before_the_answer(tmp_path: Path) -> None:
    """And nothing comes where it sees nothing."""

    async def story(_: Desk, client: EngineClient) -> None:
        early: list[tuple[Finding, ...]] = []
        answering = asyncio.create_task(client.answer(question(tmp_path, 17), GENEROUS, early.append))
        await until(lambda: early)
        assert not answering.done()
        (knife,) = (await answering).findings
        assert early == [(knife.model_copy(update={"seen_by": ("detector",)}),)]
        assert (await client.answer(question(tmp_path, 2), GENEROUS, early.append)).findings == ()
        assert len(early) == 1

    asyncio.run(served(tmp_path, story, delay=0.3))


def test_an_adapter_is_taken_or_refused_with_the_reason(tmp_path: Path) -> None:
    """The asker learns who answers from now on, or why nothing changed; questions go on being answered."""

    async def story(_: Desk, client: EngineClient) -> None:
        assert (await client.adapt(Path("/adapters/fits"), GENEROUS)).adapter == "a" * 64
        assert (await client.adapt(None, GENEROUS)).adapter is None
        for name, says in (("other", "made-up answers take no adapter"), ("breaks", "division by zero")):
            with pytest.raises(EngineRefusedError, match=says):
                await client.adapt(Path(name), GENEROUS)
        assert (await client.answer(question(tmp_path), GENEROUS)).question == "SCAN-1#1"

    asyncio.run(served(tmp_path, story))


def test_what_nobody_waits_for_is_dropped_without_being_told(tmp_path: Path) -> None:
    """A peer that vanishes leaves its questions; each is given up when its time is over."""

    async def story(desk: Desk, _: EngineClient) -> None:
        with peer(tmp_path / "engine.sock") as vanishing:
            body = ask_bytes(tmp_path, within=0.2, question=question(tmp_path, name="hangs").model_dump(mode="json"))
            vanishing.send_multipart([wire.ASK, b"1", body])
            await until(lambda: desk.health().in_flight == 1)
        await until(lambda: desk.health().in_flight == 0)

    asyncio.run(served(tmp_path, story))


def test_more_than_the_desk_holds_are_sent_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full desk says so at once, and that the picture is not the reason."""
    monkeypatch.setattr(desks, "MOST_WAITING", 3)

    async def story(desk: Desk, client: EngineClient) -> None:
        asked = [asyncio.create_task(client.answer(question(tmp_path, name="hangs"), GENEROUS)) for _ in range(3)]
        await until(lambda: desk.health().in_flight == 3)
        with pytest.raises(EngineUnavailableError, match="3 questions waiting"):
            await client.answer(question(tmp_path), GENEROUS)
        for one in asked:
            one.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    asyncio.run(served(tmp_path, story))


def test_a_closing_desk_fails_what_it_cannot_finish(tmp_path: Path) -> None:
    """After its patience the rest is failed as the engine's own fault, and new questions are not taken."""

    async def story(desk: Desk, client: EngineClient) -> None:
        stuck = asyncio.create_task(client.answer(question(tmp_path, name="hangs"), GENEROUS))
        await until(lambda: desk.health().in_flight == 1)
        closing = asyncio.create_task(desk.close(patience=0.3))
        await asyncio.sleep(0)
        for asked in (client.answer(question(tmp_path), GENEROUS), stuck):
            with pytest.raises(EngineUnavailableError, match="stopping"):
                await asked
        await closing

    asyncio.run(served(tmp_path, story))


def test_before_there_is_an_engine_health_says_loading(tmp_path: Path) -> None:
    """Questions that come too early are failed as the engine's own fault."""

    async def story() -> tuple[wire.Health, wire.Failed]:
        with Desk(tmp_path / "engine.sock") as desk, peer(tmp_path / "engine.sock") as door:
            receiving = asyncio.create_task(desk.receive())
            door.send_multipart([wire.ASK, b"1", ask_bytes(tmp_path)])
            _, _, failed = await asyncio.to_thread(door.recv_multipart)
            early = await asyncio.to_thread(health, door)
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)
            return early, wire.Failed.model_validate_json(failed)

    early, failed = asyncio.run(story())
    assert (early.state, early.identity) == ("loading", None)
    assert failed == wire.Failed(reason="the engine is loading", fault="engine")
