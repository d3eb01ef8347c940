"""A tiny reader of two layers that knows four small pictures by heart, taught in seconds: sure, and looking."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from transformers import Qwen2_5_VLForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutputWithPooling

from models import prompt
from models.ports import Reading
from models.profile import BAGGAGE
from models.prompt import Kind, Mention
from training.embedded import tiny_qwen

LAYERS = 2
STEPS = 30
RATE = 3e-3
NAMES = ("handgun", "scissors", "lighter", "laptop")
KINDS: tuple[Kind, ...] = ("general", "presence", "location")
IGNORED = -100


@dataclass(frozen=True, slots=True)
class Taught:
    """A question with its right answer."""

    kind: Kind
    picture: NDArray[np.uint8]
    question: str
    answer: str

    @property
    def reading(self) -> Reading:
        return Reading(self.picture, self.question, json.dumps(prompt.schema(self.kind, BAGGAGE)))


def taught() -> list[Taught]:
    """Each picture with its own thing at its own place, asked about in three ways."""
    rng = np.random.default_rng(5)
    lessons: list[Taught] = []
    for number in range(len(NAMES)):
        picture = rng.integers(0, 256, (2, 3, 3), np.uint8).repeat(28, axis=0).repeat(28, axis=1)
        thing = Mention(item=NAMES[number], location=BAGGAGE.places[2 * number], occluded=number > 1)
        answers = {
            "general": prompt.say_items((thing,), BAGGAGE),
            "presence": prompt.said({"present": thing.item == "handgun"}),
            "location": prompt.said({"location": thing.location}),
        }
        about = {"presence": "handgun", "location": thing.item}
        lessons += [Taught(kind, picture, prompt.question(kind, about.get(kind, "")), answers[kind]) for kind in KINDS]
    return lessons


def make(folder: Path) -> None:
    """Teach it and write its folder."""
    torch.manual_seed(3)
    lessons = taught()
    words = [text for each in lessons for text in (each.question, each.answer, prompt.SYSTEM)] * 20
    words += [*BAGGAGE.names, *BAGGAGE.places, *prompt.HIDINGS] * 20
    tokenizer = tiny_qwen.tokenizer_from(words)
    config = tiny_qwen.empty(tokenizer).config
    config.text_config.num_hidden_layers = config.vision_config.depth = LAYERS
    config.text_config.layer_types = config.text_config.layer_types[:LAYERS]
    config.vision_config.fullatt_block_indexes = list(range(LAYERS))
    model = Qwen2_5_VLForConditionalGeneration(config)
    batch = _batch(tiny_qwen.processor_of(tokenizer), lessons)
    with torch.no_grad():
        seen = model.model.visual(batch.pop("pixel_values"), grid_thw=batch["image_grid_thw"]).pooler_output
    labels = batch.pop("labels")
    weights = list(model.model.language_model.parameters())
    descent = torch.optim.AdamW(weights, lr=RATE, betas=(0.9, 0.98))
    for step in range(STEPS):
        for group in descent.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 10) * (1 - 0.9 * step / STEPS)
        given = {"image": BaseModelOutputWithPooling(pooler_output=(seen,))}
        out = model.model(**batch, mm_encoder_outputs=given, use_cache=False).last_hidden_state[:, :-1]
        asked = labels[:, 1:] != IGNORED
        loss = functional.cross_entropy(model.lm_head(out[asked]), labels[:, 1:][asked])
        descent.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        descent.step()
    assert loss.item() < 0.5, "the toy did not learn"
    tiny_qwen.save(folder, model.to(torch.bfloat16), tokenizer)


def _batch(processor: Any, lessons: list[Taught]) -> dict[str, torch.Tensor]:
    asked = [
        processor.apply_chat_template(prompt.messages(each.question), tokenize=False, add_generation_prompt=True)
        for each in lessons
    ]
    batch = processor(
        text=[f"{before}{each.answer}<|im_end|>" for before, each in zip(asked, lessons, strict=True)],
        images=[each.picture for each in lessons],
        padding=True,
        return_mm_token_type_ids=True,
        return_tensors="pt",
    )
    labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, IGNORED)
    for row, each in zip(labels, lessons, strict=True):
        said = len(processor.tokenizer(f"{each.answer}<|im_end|>")["input_ids"])
        end = int((row != IGNORED).sum())
        row[: end - said] = IGNORED
    return {**batch, "labels": labels}
