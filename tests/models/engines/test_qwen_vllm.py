"""The reader on vLLM, with a whole small model: its answers, its adapters, and its end. The tests share one engine."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import warnings
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

with warnings.catch_warnings(action="ignore"):  # what the libraries say of each other while they are imported
    pytest.importorskip("vllm")
    from models.engines.qwen_vllm.reader import QwenVllm
    from models.engines.qwen_vllm.start import settings_of

from models import prompt
from models.ports import AdapterRefusedError, CannotLoadError, EngineRefusedError, EngineUnavailableError, Reading
from models.profile import BAGGAGE
from tests.models.engines.changes import change_under_load, same
from tests.models.engines.reader_of_chance import make_adapter, make_reader, reading
from tests.waiting import until

pytestmark = pytest.mark.timeout(900)  # two slow cores need minutes to load vLLM when they are busy


def processes_of(owner: psutil.Process) -> list[psutil.Process]:
    """vLLM's own, as far as they live."""
    family = owner.children(recursive=True)
    return [each for each in family if "VLLM" in each.name() and each.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_reader(tmp_path_factory.mktemp("reader") / "reader")


@pytest.fixture(scope="module")
def loop() -> Generator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def reader(folder: Path, loop: asyncio.Runner) -> Generator[QwenVllm]:
    loaded = loop.run(QwenVllm.load(folder, BAGGAGE))
    assert processes_of(psutil.Process())
    yield loaded
    loop.run(loaded.close())
    loop.run(until(lambda: not processes_of(psutil.Process())))


def test_an_answer_keeps_to_its_schema_whatever_the_weights(reader: QwenVllm, loop: asyncio.Runner) -> None:
    """The pieces are the whole text, each with a log-probability; the same picture gets the same answer."""
    replies = [loop.run(reader.read(reading(number))) for number in (1, 2, 1)]
    for reply in replies:
        prompt.read_items(reply.text, BAGGAGE)
        assert "".join(piece.text for piece in reply.pieces) == reply.text
        assert all(piece.logprob <= 0 for piece in reply.pieces)
        assert reply.adapter is None
    assert replies[0].pieces != replies[1].pieces
    assert same(replies[0], replies[2])


def test_many_at_once_are_answered_as_one_at_a_time(reader: QwenVllm, loop: asyncio.Runner) -> None:
    """What shares a batch does not change an answer."""

    async def story() -> None:
        alone = [await reader.read(reading(number)) for number in range(8)]
        together = await asyncio.gather(*(reader.read(reading(number)) for number in range(8)))
        assert all(map(same, alone, together))

    loop.run(story())


def test_every_kind_of_question_has_its_own_schema(reader: QwenVllm, loop: asyncio.Runner) -> None:
    """Places, levels and truths come from the profile and from nowhere else."""

    async def ask(kind: prompt.Kind) -> str:
        schema = json.dumps(prompt.schema(kind, BAGGAGE))
        return (await reader.read(Reading(reading(3).picture, prompt.question(kind, "laptop"), schema))).text

    async def story() -> None:
        where, hidden, there = await asyncio.gather(ask("location"), ask("occlusion"), ask("presence"))
        assert prompt.read_field(where, "location") in BAGGAGE.places
        assert prompt.read_hidden(hidden).level in (1, 2, 3)
        assert prompt.read_field(there, "present") in (True, False)

    loop.run(story())


def test_what_nobody_waits_for_is_aborted(reader: QwenVllm, loop: asyncio.Runner) -> None:
    """Cancelled and late questions leave vLLM; the others are answered."""

    async def story() -> None:
        asked = [asyncio.create_task(reader.read(reading(number))) for number in range(6)]
        await until(lambda: reader._llm.get_num_unfinished_requests() == 6)
        for task in asked[:4]:
            task.cancel()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await reader.read(reading(9))
        for reply in await asyncio.gather(*asked[4:]):
            prompt.read_items(reply.text, BAGGAGE)
        assert reader._llm.get_num_unfinished_requests() == 0

    loop.run(story())


def test_a_senseless_question_costs_only_itself(reader: QwenVllm, loop: asyncio.Runner) -> None:
    """No schema, or too long: refused, and vLLM lives on."""

    async def story() -> None:
        good = reading(1)
        for wrong in (Reading(good.picture, "What?", "{"), Reading(good.picture, "What? " * 3000, good.schema)):
            with pytest.raises(EngineRefusedError, match="vLLM"):
                await reader.read(wrong)
        assert (await reader.read(good)).text

    loop.run(story())


def test_adapters_are_changed_while_questions_are_in_flight(
    reader: QwenVllm, folder: Path, loop: asyncio.Runner, tmp_path: Path
) -> None:
    """No question is lost, and each is answered by the adapter it began with and by no other."""
    adapters = [None, make_adapter(tmp_path / "a", folder, 1), make_adapter(tmp_path / "b", folder, 2)]
    tally = loop.run(change_under_load(reader, adapters, pictures=3, changes=8, in_flight=6))
    assert tally.answered == tally.asked
    assert tally.crossed


def test_back_to_an_adapter_whose_questions_are_still_in_flight(
    reader: QwenVllm, folder: Path, loop: asyncio.Runner, tmp_path: Path
) -> None:
    """The same weights twice in one batch, with others between: each time under a name of its own."""
    one, other = make_adapter(tmp_path / "a", folder, 1), make_adapter(tmp_path / "b", folder, 2)

    async def story() -> None:
        first = await reader.adapt(one)
        alone = await reader.read(reading(1))
        asked = [asyncio.create_task(reader.read(reading(1))) for _ in range(4)]
        await asyncio.sleep(0)
        names = {reader._force.lora.lora_name}
        await reader.adapt(other)
        assert await reader.adapt(one) == first
        names.add(reader._force.lora.lora_name)
        asked += [asyncio.create_task(reader.read(reading(1))) for _ in range(4)]
        assert all(same(reply, alone) for reply in await asyncio.gather(*asked))
        assert len(names) == 2
        await reader.adapt(None)

    loop.run(story())


def test_an_adapter_is_served_as_it_was_when_it_was_taken(
    reader: QwenVllm, folder: Path, loop: asyncio.Runner, tmp_path: Path
) -> None:
    """What becomes of its folder afterwards changes no answer; the same name with other weights is another adapter."""
    adapter = make_adapter(tmp_path / "a", folder, 1)

    async def story() -> None:
        first = await reader.adapt(adapter)
        before = await reader.read(reading(2))
        for file in adapter.iterdir():
            file.write_bytes((make_adapter(tmp_path / file.name, folder, 5) / file.name).read_bytes())
        assert same(before, await reader.read(reading(2)))
        assert await reader.adapt(adapter) != first
        assert (await reader.read(reading(2))).pieces != before.pieces
        await reader.adapt(None)

    loop.run(story())


def test_a_refused_adapter_leaves_the_one_before(
    reader: QwenVllm, folder: Path, loop: asyncio.Runner, tmp_path: Path
) -> None:
    """One that is not there, one that is more than a plain LoRA, and one whose change is too small to be any."""
    good = make_adapter(tmp_path / "good", folder, 1)
    strange = make_adapter(tmp_path / "strange", folder, 2)
    words = json.loads((strange / "adapter_config.json").read_text())
    (strange / "adapter_config.json").write_text(json.dumps(words | {"layer_replication": [[0, 2]]}))
    faint = make_adapter(tmp_path / "faint", folder, 3, strength=1e-12)

    async def story() -> None:
        digest = await reader.adapt(good)
        before = await reader.read(reading(1))
        for bad, why in ((tmp_path, "cannot be read"), (strange, "layer_replication"), (faint, "changes nothing")):
            with pytest.raises(AdapterRefusedError, match=why):
                await reader.adapt(bad)
            assert same(await reader.read(reading(1)), before)
        assert before.adapter == digest
        await reader.adapt(None)

    loop.run(story())


def test_bitsandbytes_belongs_to_the_other_engine(tmp_path: Path) -> None:
    """The refusal names it."""
    for method, says in (("bitsandbytes", "--backend transformers"), ("awq", "'awq'")):
        (tmp_path / "config.json").write_text(json.dumps({"quantization_config": {"quant_method": method}}))
        with pytest.raises(CannotLoadError, match=says):
            settings_of(tmp_path)


def test_when_vllm_dies_nobody_waits_for_it(reader: QwenVllm, loop: asyncio.Runner) -> None:
    """All in flight fail as the engine's own fault, so does whoever comes later, and it says that it is dead."""

    async def story() -> None:
        asked = [asyncio.create_task(reader.read(reading(number))) for number in range(8)]
        await until(lambda: reader._llm.get_num_unfinished_requests() == 8)
        assert reader.alive
        os.kill(processes_of(psutil.Process())[-1].pid, signal.SIGKILL)
        failed = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(each) for each in failed} == {EngineUnavailableError}
        assert not reader.alive
        with pytest.raises(EngineUnavailableError):
            await reader.read(reading(1))

    loop.run(story())
