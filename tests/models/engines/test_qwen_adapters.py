"""Adapters come and go between batches; one that does not fit or does nothing is refused, and the one before stays."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch")
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file

from models.artifacts.adapter import WEIGHTS, WORDS, fitting, modules_of
from models.engines.qwen_transformers import weights
from models.engines.qwen_transformers.reader import QwenTransformers
from models.ports import AdapterRefusedError
from models.release import Quantization
from tests.models.engines.toy_reader import taught

LESSONS = taught()
LANGUAGE = r".*language_model.*\.(q_proj|v_proj|down_proj)"


@pytest.fixture(scope="module")
def adapter(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write an adapter as peft does, its second halves filled by chance."""

    def make(seed: int, targets: str = LANGUAGE) -> Path:
        torch.manual_seed(seed)
        model = get_peft_model(weights.load(toy, "none", "cpu"), LoraConfig(r=4, target_modules=targets))
        for name, each in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(each, std=0.2)
        folder = tmp_path_factory.mktemp("adapter")
        model.save_pretrained(folder)
        return folder

    return make


def set_to(adapter: Path, place: Path, **settings: object) -> Path:
    shutil.copytree(adapter, place)
    words = json.loads((adapter / WORDS).read_text())
    (place / WORDS).write_text(json.dumps(words | settings))
    return place


@pytest.mark.parametrize("kind", ["none", "bnb-nf4"])
def test_an_adapter_is_in_force_from_its_place_in_the_line(
    toy: Path, adapter: Callable[..., Path], kind: Quantization
) -> None:
    """Asked without waiting, every reply is what its adapter says alone, under the digest that it has everywhere."""
    one, other = adapter(1), adapter(2)
    modules = modules_of(json.loads((toy / "config.json").read_text()))

    async def story() -> None:
        reader = await QwenTransformers.load(toy, kind, "cpu")
        reading = LESSONS[0].reading
        alone = {}
        for each in (one, other, None):
            digest = await reader.adapt(each)
            assert digest == (fitting(each, modules, 4).digest if each else None)
            alone[digest] = await reader.read(reading)
            assert alone[digest].adapter == digest
        assert len({tuple(piece.logprob for piece in reply.pieces) for reply in alone.values()}) == 3
        order = (one, other, one, None, other, None)
        jobs = []
        for each in order:
            jobs += [asyncio.create_task(reader.adapt(each)), asyncio.create_task(reader.read(reading))]
        done = await asyncio.gather(*jobs)
        for digest, reply in zip(done[::2], done[1::2], strict=True):
            assert reply.adapter == digest
            assert reply == alone[digest]
        await reader.close()

    asyncio.run(story())


def test_an_adapter_of_an_older_transformers_is_put_in_too(
    toy: Path, adapter: Callable[..., Path], tmp_path: Path
) -> None:
    """Its names are other ones, what it says is the same."""
    old = set_to(new := adapter(1), tmp_path / "old")
    tensors = load_file(new / WEIGHTS)
    save_file({name.replace("model.language_model", "model"): each for name, each in tensors.items()}, old / WEIGHTS)

    async def story() -> None:
        reader = await QwenTransformers.load(toy, device="cpu")
        said = []
        for each in (new, old):
            await reader.adapt(each)
            said.append(await reader.read(LESSONS[0].reading))
        assert said[0].pieces == said[1].pieces
        assert said[0].adapter != said[1].adapter
        await reader.close()

    asyncio.run(story())


def test_an_adapter_that_does_not_fit_is_refused_and_the_one_before_stays(
    toy: Path, adapter: Callable[..., Path], tmp_path: Path
) -> None:
    """One for the vision tower, one that cannot be read, one that changes nothing, and one that breaks every answer."""
    good = adapter(1)
    cases = {
        "belongs to the vision tower": adapter(4, targets=r".*visual.*qkv"),
        "cannot be read": tmp_path / "nowhere",
        "it changes nothing$": set_to(good, tmp_path / "weak", lora_alpha=0),
        "scores are no numbers": set_to(good, tmp_path / "strong", lora_alpha=1e300),
        "cannot be put in": set_to(good, tmp_path / "endless", lora_alpha=10**400),
    }

    async def story() -> None:
        reader = await QwenTransformers.load(toy, device="cpu")
        for before in (None, adapter(5)):
            digest = await reader.adapt(before)
            said = await reader.read(LESSONS[0].reading)
            for why, case in cases.items():
                with pytest.raises(AdapterRefusedError, match=why):
                    await reader.adapt(case)
                assert await reader.read(LESSONS[0].reading) == said, why
            assert said.adapter == digest
        await reader.close()

    asyncio.run(story())
