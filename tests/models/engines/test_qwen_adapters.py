"""Adapters come and go between batches; one that does not fit or does nothing is refused, and the one before stays."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch")
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file

from models.engines.qwen_transformers import weights
from models.engines.qwen_transformers.reader import QwenTransformers
from models.ports import AdapterRefusedError
from models.release import Quantization
from tests.models.engines.toy_reader import taught

LESSONS = taught()
LANGUAGE = r".*language_model.*\.(q_proj|v_proj|down_proj)"
WEIGHTS, SETTINGS = "adapter_model.safetensors", "adapter_config.json"


@pytest.fixture(scope="module")
def adapter(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write an adapter as peft does, its second halves filled by chance."""

    def make(seed: int, targets: str = LANGUAGE, strength: float = 0.2) -> Path:
        torch.manual_seed(seed)
        model = get_peft_model(weights.load(toy, "none", "cpu"), LoraConfig(r=4, target_modules=targets))
        for name, each in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(each, std=strength) if strength else torch.nn.init.zeros_(each)
        folder = tmp_path_factory.mktemp("adapter")
        model.save_pretrained(folder)
        return folder

    return make


def renamed(adapter: Path, place: Path, change: Callable[[str], str]) -> Path:
    tensors = load_file(adapter / WEIGHTS)
    shutil.copytree(adapter, place)
    save_file({change(name): each for name, each in tensors.items()}, place / WEIGHTS)
    return place


def set_to(adapter: Path, place: Path, **settings: object) -> Path:
    shutil.copytree(adapter, place)
    words = json.loads((adapter / SETTINGS).read_text())
    (place / SETTINGS).write_text(json.dumps(words | settings))
    return place


@pytest.mark.parametrize("kind", ["none", "bnb-nf4"])
def test_an_adapter_is_in_force_from_its_place_in_the_line(
    toy: Path, adapter: Callable[..., Path], kind: Quantization
) -> None:
    """Questions and changes are asked without waiting; every reply is what its adapter says when it is alone."""
    one, other = adapter(1), adapter(2)

    async def story() -> None:
        reader = await QwenTransformers.load(toy, kind, "cpu")
        reading = LESSONS[0].reading
        alone = {}
        for each in (one, other, None):
            digest = await reader.adapt(each)
            assert digest == (hashlib.sha256((each / WEIGHTS).read_bytes()).hexdigest() if each else None)
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


def test_an_adapter_that_does_not_fit_is_refused_and_the_one_before_stays(
    toy: Path, adapter: Callable[..., Path], tmp_path: Path
) -> None:
    """One that changes nothing, names that are not the model's, the vision tower, other settings, ..."""
    good = adapter(1)
    broken = renamed(good, tmp_path / "nan", str)
    save_file({name: each * torch.nan for name, each in load_file(good / WEIGHTS).items()}, broken / WEIGHTS)
    half = renamed(good, tmp_path / "half", str)
    some = {name: each for name, each in load_file(good / WEIGHTS).items() if "layers.1" not in name}
    save_file(some, half / WEIGHTS)
    (tmp_path / "pickle").mkdir()
    shutil.copy(good / SETTINGS, tmp_path / "pickle")
    (tmp_path / "pickle" / WEIGHTS).write_bytes(b"\x80\x04N.")
    cases = {
        "changes nothing": adapter(3, strength=0.0),
        "names no linear layer of the language model": renamed(
            good, tmp_path / "names", lambda name: name.replace("language_model.", "")
        ),
        "visual.* names no linear layer": adapter(4, targets=r".*visual.*qkv"),
        "ask for use_dora": set_to(good, tmp_path / "dora", use_dora=True),
        "only LORA": set_to(good, tmp_path / "kind", peft_type="IA3"),
        "would fit": set_to(good, tmp_path / "rank", r=8),
        "disagree about": half,
        "no numbers": broken,
        "header is said to have": tmp_path / "pickle",
        "No such file": tmp_path / "nowhere",
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
