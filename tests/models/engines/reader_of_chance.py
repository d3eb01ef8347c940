"""A whole Qwen2.5-VL that knows nothing, and adapters for it, for tests of the engines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

from models import prompt
from models.artifacts.adapter import MATRICES, WEIGHTS, WORDS, modules_of
from models.ports import Reading
from models.profile import BAGGAGE
from training.embedded import tiny_qwen

RANK = 4
DECIDED = 6.0
"""Words are told apart so many times more clearly than by chance: sums in another order change no answer."""
GENERAL = json.dumps(prompt.schema("general", BAGGAGE))


def make_reader(folder: Path) -> Path:
    """The tiny reader with weights of chance."""
    torch.manual_seed(1)
    texts = [asked.format(name=name) for kind in prompt.ASKED.values() for asked in kind for name in BAGGAGE.names]
    said = [
        prompt.Mention(item=name, location=place, occluded=True) for name in BAGGAGE.names for place in BAGGAGE.places
    ]
    tokenizer = tiny_qwen.tokenizer_from([*texts, *(prompt.say_items((each,), BAGGAGE) for each in said)])
    model = tiny_qwen.empty(tokenizer)
    with torch.no_grad():
        model.model.language_model.norm.weight.mul_(DECIDED)
    tiny_qwen.save(folder, model.to(torch.bfloat16), tokenizer)
    return folder


def make_adapter(folder: Path, reader: Path, seed: int, strength: float = 8.0) -> Path:
    """A LoRA for every matrix of the language model, as PEFT writes them."""
    chance = np.random.default_rng(seed)
    tensors: dict[str, np.ndarray] = {}
    for name, (into, out) in modules_of(json.loads((reader / "config.json").read_text())).items():
        key = f"base_model.model.model.language_model.{name}"
        tensors[f"{key}.lora_A.weight"] = chance.normal(0, into**-0.5, (RANK, into)).astype(np.float32)
        tensors[f"{key}.lora_B.weight"] = chance.normal(0, 0.05, (out, RANK)).astype(np.float32)
    return write_adapter(folder, tensors, lora_alpha=strength)


def write_adapter(folder: Path, tensors: dict[str, np.ndarray], **words: object) -> Path:
    folder.mkdir(parents=True)
    save_file(tensors, folder / WEIGHTS)
    plain = {"peft_type": "LORA", "r": RANK, "lora_alpha": 8, "target_modules": list(MATRICES), "bias": "none"}
    (folder / WORDS).write_text(json.dumps(plain | words))
    return folder


def picture(seed: int) -> np.ndarray:
    """Coloured patches, each seed another picture."""
    width, height = BAGGAGE.reader_frame
    return (
        np.random.default_rng(seed)
        .integers(0, 256, (height // 28, width // 28, 3), np.uint8)
        .repeat(28, 0)
        .repeat(28, 1)
    )


def reading(seed: int) -> Reading:
    return Reading(picture(seed), prompt.question("general"), GENERAL)
