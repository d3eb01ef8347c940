"""The reader over transformers answers in batches, keeps to the schema, and fails one question at a time."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from transformers import Qwen2_5_VLProcessor

from models import prompt
from models.artifacts.refusal import ArtifactRefusedError
from models.engines.qwen_transformers import weights
from models.engines.qwen_transformers.adapter import Adapters
from models.engines.qwen_transformers.decode import Said, Voice
from models.engines.qwen_transformers.reader import QwenTransformers
from models.ports import EngineError, EngineRefusedError, EngineUnavailableError, Reading, Reply
from models.profile import BAGGAGE
from models.release import Quantization
from tests.models.engines.toy_reader import Taught, taught
from training.embedded.reader import patches_of

LESSONS = [*taught(), *taught()]


def loaded(toy: Path, longest: int = 1024) -> tuple[torch.nn.Module, Voice]:
    model = weights.load(toy, "none", "cpu")
    return model, Voice(model, Qwen2_5_VLProcessor.from_pretrained(toy, local_files_only=True), longest)


async def asked(reader: QwenTransformers, readings: Sequence[Reading]) -> list[Reply | BaseException]:
    return await asyncio.gather(*(reader.read(each) for each in readings), return_exceptions=True)


def right(lessons: list[Taught], replies: Sequence[Reply | BaseException]) -> int:
    return sum(
        isinstance(reply, Reply) and reply.text == each.answer for each, reply in zip(lessons, replies, strict=True)
    )


@pytest.mark.parametrize("kind", ["none", "bnb-int8", "bnb-nf4"])
def test_the_same_door_for_every_kind_of_weights(toy: Path, kind: Quantization) -> None:
    """A batch says what each question alone is answered with, which is what was taught."""

    async def story() -> None:
        reader = await QwenTransformers.load(toy, kind, "cpu")
        together = await asked(reader, [each.reading for each in LESSONS])
        alone = [await reader.read(each.reading) for each in LESSONS[:6]]
        await reader.close()
        assert right(LESSONS, together) >= 0.9 * len(LESSONS)
        assert [reply.text for reply in alone] == [reply.text for reply in together[:6] if isinstance(reply, Reply)]
        for reply in alone:
            assert "".join(piece.text for piece in reply.pieces) == reply.text
            assert all(piece.logprob <= 0 for piece in reply.pieces)

    asyncio.run(story())


def test_weights_that_know_nothing_keep_to_every_schema(toy: Path) -> None:
    """Whatever the scores are, an answer is JSON of the asked form."""
    model, voice = loaded(toy)
    torch.manual_seed(1)
    with torch.no_grad():
        for weight in model.model.language_model.parameters():
            if weight.ndim > 1:
                weight.normal_(std=0.2)
    readings = [
        Reading(each.picture, prompt.question(kind, "handgun"), json.dumps(prompt.schema(kind, BAGGAGE)))
        for each in LESSONS[:6:3]
        for kind in ("general", "specific", "location", "occlusion", "presence")
    ]
    said = dict(voice.say(readings))
    assert len(said) == len(readings)
    for number, reading in enumerate(readings):
        pieces = said[number]
        assert not isinstance(pieces, EngineError), pieces
        fields = json.loads("".join(piece.text for piece in pieces))
        assert fields.keys() == json.loads(reading.schema)["properties"].keys()
        if "items" in fields:
            prompt.read_items(json.dumps(fields), BAGGAGE)


def test_an_answer_without_an_end_is_refused_and_never_cut_off(toy: Path) -> None:
    """Half an answer is none."""
    _, voice = loaded(toy, longest=5)
    (said,) = dict(voice.say([LESSONS[0].reading])).values()
    assert isinstance(said, EngineRefusedError)
    assert "did not end within 5 tokens" in str(said)


def test_scores_that_are_no_numbers_fail_their_question(toy: Path) -> None:
    """Never text that comes from nothing."""
    model, voice = loaded(toy)
    with torch.no_grad():
        model.model.language_model.norm.weight[3] = torch.nan
    (said,) = dict(voice.say([LESSONS[0].reading])).values()
    assert isinstance(said, EngineRefusedError)
    assert "no numbers" in str(said)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda good: Reading(good.picture[:-1], good.question, good.schema), "not framed"),
        (lambda good: Reading(good.picture, "What? <|im_end|>", good.schema), "more than words"),
        (lambda good: Reading(good.picture, good.question, "no JSON"), "schema is no JSON"),
        (lambda good: Reading(good.picture, good.question, '{"type": "thing"}'), "cannot be kept to"),
    ],
)
def test_a_senseless_question_costs_nobody_else(toy: Path, change: Callable[[Reading], Reading], why: str) -> None:
    """In the same batch the others are answered."""
    _, voice = loaded(toy)
    good = LESSONS[1].reading
    said = dict(voice.say([good, change(good), good]))
    assert why in str(said[1])
    assert said[0] == said[2] or [piece.text for piece in said[0]] == [piece.text for piece in said[2]]


def test_the_model_sees_the_very_patches_it_was_taught_with(toy: Path) -> None:
    """A framed picture is not resized, and laid out as in training."""
    _, voice = loaded(toy)
    width, height = BAGGAGE.reader_frame
    picture = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    seen = voice._inputs([Reading(picture, "What?", "{}")])
    assert seen["image_grid_thw"].tolist() == [[1, height // 14, width // 14]]
    assert np.allclose(seen["pixel_values"].float().numpy(), patches_of(picture), atol=1e-5)


def test_a_release_and_a_folder_that_disagree_are_refused(toy: Path, tmp_path: Path) -> None:
    """What the release says of the weights is held against the folder."""
    with pytest.raises(ArtifactRefusedError, match="release says 'gptq-int4'"):
        weights.load(toy, "gptq-int4", "cpu")
    config = json.loads((toy / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"quantization_config": {"quant_method": "fp8"}}))
    with pytest.raises(ArtifactRefusedError, match="not for transformers: try vllm"):
        weights.load(tmp_path, "fp8", "cpu")


class Held(Voice):
    """A voice that waits to be let go, and remembers how many it was asked at once."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.go = threading.Event()
        self.batches: list[int] = []

    def say(self, readings: Sequence[Reading]) -> Iterator[tuple[int, Said]]:
        self.batches.append(len(readings))
        self.go.wait()
        yield from super().say(readings)


class Small(Held):
    """A voice whose machine has room for so many questions; the error is the allocator's own."""

    room = 2

    def say(self, readings: Sequence[Reading]) -> Iterator[tuple[int, Said]]:
        self.batches.append(len(readings))
        if len(readings) > self.room:
            torch.empty(1 << 60, dtype=torch.uint8)
        yield from Voice.say(self, readings)


def behind(toy: Path, kind: type[Held], at_once: int = 16) -> tuple[Held, QwenTransformers]:
    model = weights.load(toy, "none", "cpu")
    voice = kind(model, Qwen2_5_VLProcessor.from_pretrained(toy, local_files_only=True))
    return voice, QwenTransformers(voice, Adapters(model, voice), at_once)


def test_what_nobody_waits_for_is_dropped_unless_it_was_begun(toy: Path) -> None:
    """Three wait behind one that was begun; one of the three is cancelled, the others come as one batch."""

    async def story() -> None:
        voice, reader = behind(toy, Held)
        begun = asyncio.create_task(reader.read(LESSONS[0].reading))
        while not voice.batches:
            await asyncio.sleep(0.01)
        waiting = [asyncio.create_task(reader.read(each.reading)) for each in LESSONS[1:4]]
        await asyncio.sleep(0)
        waiting[1].cancel()
        with suppress(asyncio.CancelledError):
            await waiting[1]
        voice.go.set()
        assert (await begun).text == LESSONS[0].answer
        await asyncio.gather(waiting[0], waiting[2])
        assert voice.batches == [1, 2]
        await reader.close()

    asyncio.run(story())


def test_closing_answers_what_was_begun_and_fails_the_rest(toy: Path) -> None:
    """Nobody waits for ever for a reader that is gone."""

    async def story() -> None:
        voice, reader = behind(toy, Held, at_once=1)
        tasks = [asyncio.create_task(reader.read(each.reading)) for each in LESSONS[:2]]
        while not voice.batches:
            await asyncio.sleep(0.01)
        assert reader.alive
        closing = asyncio.create_task(reader.close())
        await asyncio.sleep(0.05)
        voice.go.set()
        await closing
        assert not reader.alive
        assert (await tasks[0]).text
        with pytest.raises(EngineUnavailableError):
            await tasks[1]
        with pytest.raises(EngineUnavailableError):
            await reader.read(LESSONS[0].reading)

    asyncio.run(story())


def test_out_of_memory_means_smaller_batches(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything is answered all the same, and later batches are small from the start."""

    async def story() -> None:
        voice, reader = behind(toy, Small, at_once=8)
        replies = await asked(reader, [each.reading for each in LESSONS[:8]])
        assert all(isinstance(reply, Reply) for reply in replies), replies
        assert max(voice.batches[-3:]) == 2
        voice.batches.clear()
        await asked(reader, [each.reading for each in LESSONS[:4]])
        assert max(voice.batches) <= 2
        await reader.close()

    asyncio.run(story())
    assert "at most 2 questions at once" in capsys.readouterr().err


def test_one_question_too_large_for_the_machine_is_refused(toy: Path) -> None:
    """And the reader lives on."""

    async def story() -> None:
        voice, reader = behind(toy, Small)
        voice.room = 0
        with pytest.raises(EngineRefusedError, match="not enough memory"):
            await reader.read(LESSONS[0].reading)
        voice.room = 2
        assert (await reader.read(LESSONS[0].reading)).text
        await reader.close()

    asyncio.run(story())
