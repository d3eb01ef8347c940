"""Teaches the tiny Qwen-VL to read: the words of the trade, and at the same time what each patch of a picture shows.

Takes a pool, gives a folder that transformers and vLLM load. Two losses: that of the answers' words, as for the big
models, and that of a throw-away layer which says for each token of the picture which things reach into it; without the
second, the first takes many times as long. Goes on where it was stopped.
"""

# torch and transformers do not say their types
# pyright: basic

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedTokenizerFast, Qwen2_5_VLForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutputWithPooling
from transformers.models.qwen2_5_vl import modeling_qwen2_5_vl as qwen

from models import prompt
from models.profile import BAGGAGE
from training.embedded import tiny_qwen
from training.embedded.pool import Pool, Seen
from training.embedded.turn import displayed, tossed
from training.synth.lessons import Lesson, lessons_of

MEAN = np.array((0.48145466, 0.4578275, 0.40821073), np.float32)  # Qwen's, of red, green and blue
SPREAD = np.array((0.26862954, 0.26130258, 0.27577711), np.float32)
WIDE, HIGH = BAGGAGE.reader_frame[0] // 28, BAGGAGE.reader_frame[1] // 28  # tokens
TOKENS = WIDE * HIGH
IGNORED = -100
WARM_UP = 200  # steps
DECAY = 0.05
STEEPEST = 1.0  # norm of a step's gradient
LEVELS = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """One run, written down."""

    pool: Path
    into: Path
    steps: int
    seed: int = 1
    batch: int = 24
    questions: int = 2  # besides the general one
    rate: float = 1.2e-3
    patches: float = 1.0  # weight of the second loss


class Glance(nn.Module):
    """What each token of the picture shows: a score for every thing, and one for every level of hiding. Thrown away."""

    def __init__(self) -> None:
        super().__init__()
        self.things = nn.Linear(tiny_qwen.HIDDEN, len(BAGGAGE.names))
        self.levels = nn.Linear(tiny_qwen.HIDDEN, LEVELS)

    def forward(self, seen: Tensor) -> Tensor:
        return torch.cat([self.things(seen), self.levels(seen)], dim=-1)


def teach(plan: Plan) -> None:
    plan.into.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)
    tokenizer = _tokenizer(plan)
    model = tiny_qwen.empty(tokenizer).float()
    glance = Glance()
    weights = [*model.parameters(), *glance.parameters()]
    descent = torch.optim.AdamW(weights, lr=plan.rate, weight_decay=DECAY, betas=(0.9, 0.98))
    start = _resume(plan.into / "state.pt", model, glance, descent)
    teacher = Teacher(plan, tokenizer)
    begun = time.monotonic()
    smooth: dict[str, float] = {}
    model.train()
    qwen.Qwen2_5_VLVisionAttention.forward = at_once
    for step in range(start, plan.steps):
        for group in descent.param_groups:
            group["lr"] = plan.rate * _pace(step, plan.steps)
        told, shown = losses(model, glance, teacher.batch(step))
        descent.zero_grad()
        (told + plan.patches * shown).backward()
        nn.utils.clip_grad_norm_(weights, STEEPEST)
        descent.step()
        for name, value in (("words", told), ("patches", shown)):
            smooth[name] = 0.98 * smooth.get(name, value.item()) + 0.02 * value.item()
        if (step + 1) % 50 == 0:
            pace = (step + 1 - start) * plan.batch / (time.monotonic() - begun)
            line = {"step": step + 1, **{k: round(v, 4) for k, v in smooth.items()}, "scans_per_second": round(pace, 1)}
            with (plan.into / "log.jsonl").open("a") as log:
                log.write(json.dumps(line) + "\n")
        if (step + 1) % 500 == 0 or step + 1 == plan.steps:
            _keep(plan.into / "state.pt", step + 1, model, glance, descent)
    tiny_qwen.save(plan.into / "model", model.to(torch.bfloat16), tokenizer)


def losses(
    model: Qwen2_5_VLForConditionalGeneration, glance: nn.Module, batch: dict[str, Tensor]
) -> tuple[Tensor, Tensor]:
    """That of the words and that of the patches."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        seen = model.model.visual(batch["patches"], grid_thw=batch["grid"]).pooler_output
        shown = glance(seen)
        asked_of = seen[: len(batch["ids"]) * TOKENS]
        out = model.model(
            input_ids=batch["ids"],
            attention_mask=batch["mask"],
            position_ids=batch["positions"],
            mm_encoder_outputs={"image": BaseModelOutputWithPooling(pooler_output=(asked_of,))},
            use_cache=False,
        ).last_hidden_state
        asked = batch["labels"][:, 1:] != IGNORED
        words = model.lm_head(out[:, :-1][asked])
    told = functional.cross_entropy(words.float(), batch["labels"][:, 1:][asked])
    patches = functional.binary_cross_entropy_with_logits(shown.float(), batch["shown"]) * 10
    return told, patches


def at_once(self: Any, hidden_states: Tensor, cu_seqlens: Tensor, position_embeddings: Any = None, **_: Any) -> Tensor:
    """Qwen's vision attention for pictures of one size: all of them in one call instead of one call each."""
    many = cu_seqlens.numel() - 1
    rows = hidden_states.shape[0]
    query, key, value = self.qkv(hidden_states).reshape(rows, 3, self.num_heads, -1).permute(1, 0, 2, 3).unbind(0)
    query, key = qwen.apply_rotary_pos_emb_vision(query, key, *position_embeddings)
    query, key, value = (x.reshape(many, rows // many, self.num_heads, -1).transpose(1, 2) for x in (query, key, value))
    with torch.autocast("cpu", enabled=False):  # written out: faster backwards than the fused one for such short rows
        query, key = (x.to(value.dtype) for x in (query * self.scaling, key))
        out = torch.softmax(query @ key.transpose(-1, -2), dim=-1) @ value
    return self.proj(out.transpose(1, 2).reshape(rows, -1))


class Teacher:
    """Makes the batches: the same step of the same plan always gives the same one, whatever came before.

    All questions about a picture stand in one row behind it. None of them sees another one, so it is as if each had
    been asked alone, at less than half the price.
    """

    def __init__(self, plan: Plan, tokenizer: PreTrainedTokenizerFast) -> None:
        self._plan = plan
        self._tokenizer = tokenizer
        self._pool = Pool(plan.pool)
        whole = tokenizer.apply_chat_template(prompt.messages("?"), tokenize=False, add_generation_prompt=True)
        before, after = whole.split("<|image_pad|><|vision_end|>")
        self._before = self._ids(before)
        self._after = after
        self._picture = [*self._ids("<|image_pad|>") * TOKENS, *self._ids("<|vision_end|>")]
        self._start = _positions(len(self._before))

    def batch(self, step: int) -> dict[str, Tensor]:
        if step % 200 == 0:
            self._pool = Pool(self._plan.pool)  # which may still grow
        rng = np.random.default_rng((self._plan.seed, step))
        looks, marks, rows = [], [], []
        asked = max(1, round(self._plan.batch * _talk(step / self._plan.steps)))
        for index in rng.integers(len(self._pool), size=self._plan.batch):
            example = tossed(self._pool[int(index)], rng)
            looks.append(patches_of(displayed(example.reader, rng)))
            marks.append(_marks(example.seen))
            if len(rows) < asked:
                rows.append(self._row(lessons_of(example.seen, rng, self._plan.questions)))
        longest = max(len(row.ids) for row in rows)
        block = torch.tensor([_longer(row.block, longest, -1) for row in rows])
        own = (block[:, None, :] == 0) | (block[:, None, :] == block[:, :, None])
        return {
            "patches": torch.from_numpy(np.concatenate(looks)),
            "grid": torch.tensor([[1, HIGH * 2, WIDE * 2]] * len(looks)),
            "shown": torch.from_numpy(np.concatenate(marks)),
            "ids": torch.tensor([_longer(row.ids, longest, self._tokenizer.pad_token_id) for row in rows]),
            "labels": torch.tensor([_longer(row.labels, longest, IGNORED) for row in rows]),
            "positions": torch.stack([_filled(row.positions, longest) for row in rows], dim=1),
            "mask": (own & torch.ones(longest, longest, dtype=torch.bool).tril())[:, None],
        }

    def _row(self, lessons: list[Lesson]) -> "Row":
        ids = [*self._before, *self._picture]
        labels, block, positions = [IGNORED] * len(ids), [0] * len(ids), [self._start]
        first = int(self._start.max()) + 1
        for number, lesson in enumerate(lessons, 1):
            asked = self._ids(self._after.replace("?", lesson.question, 1))
            answered = self._ids(f"{lesson.answer}<|im_end|>")
            length = len(asked) + len(answered)
            ids += [*asked, *answered]
            labels += [*([IGNORED] * len(asked)), *answered]
            block += [number] * length
            positions.append(torch.arange(first, first + length).expand(3, -1))
        return Row(ids, labels, block, torch.cat(positions, dim=1))

    def _ids(self, text: str) -> list[int]:
        return self._tokenizer(text, add_special_tokens=False)["input_ids"]


@dataclass(frozen=True, slots=True)
class Row:
    ids: list[int]
    labels: list[int]
    block: list[int]  # 0: the picture and what stands before it; then the number of the question
    positions: Tensor


def _positions(before: int) -> Tensor:
    """Qwen's three positions (time, row, column) of the words before the picture, its tokens, and its end."""
    words = torch.arange(before).expand(3, -1)
    rows, columns = torch.arange(HIGH).repeat_interleave(WIDE), torch.arange(WIDE).repeat(HIGH)
    picture = before + torch.stack([torch.zeros(TOKENS, dtype=torch.long), rows, columns])
    return torch.cat([words, picture, torch.full((3, 1), before + max(WIDE, HIGH))], dim=1)


def _longer(values: list[int], length: int, filling: int) -> list[int]:
    return [*values, *([filling] * (length - len(values)))]


def _filled(positions: Tensor, length: int) -> Tensor:
    return functional.pad(positions, (0, length - positions.shape[1]))


def patches_of(picture: np.ndarray) -> np.ndarray:
    """A framed picture as Qwen's processor lays it out: patches of 14 pixels, four to a token, twice in time."""
    light = (picture.astype(np.float32) / 255 - MEAN) / SPREAD
    tiles = light.reshape(HIGH, 2, 14, WIDE, 2, 14, 3).transpose(0, 3, 1, 4, 6, 2, 5)
    twice = np.repeat(tiles[:, :, :, :, :, None], 2, axis=5)
    return np.ascontiguousarray(twice.reshape(TOKENS * 4, -1))


def _marks(seen: tuple[Seen, ...]) -> np.ndarray:
    marks = np.zeros((TOKENS, len(BAGGAGE.names) + LEVELS), np.float32)
    for each in seen:
        marks[list(each.cells), BAGGAGE.names.index(each.name)] = 1
        marks[list(each.cells), len(BAGGAGE.names) + each.level - 1] = 1
    return marks


def _tokenizer(plan: Plan) -> PreTrainedTokenizerFast:
    kept = plan.into / "tokenizer"
    if not kept.exists():
        rng = np.random.default_rng(plan.seed)
        pool = Pool(plan.pool)
        told = [lesson for i in range(1000) for lesson in lessons_of(pool[i].seen, rng, 6)]
        texts = [text for lesson in told for text in (lesson.question, lesson.answer)]
        roles = [f"system\n{prompt.SYSTEM}", "user\n", "assistant\n"] * 1000
        names = [f" {name}" for name in (*BAGGAGE.names, *BAGGAGE.concealers)] * 50
        tiny_qwen.tokenizer_from([*texts, *roles, *names]).save_pretrained(kept)
    return PreTrainedTokenizerFast.from_pretrained(kept)


def _talk(way: float) -> float:
    """The share of a batch that is asked about: a quarter until half of the way, then more and more."""
    return 0.25 + 0.75 * max(0.0, 2 * way - 1)


def _pace(step: int, steps: int) -> float:
    """Warm up, then down a cosine to a fiftieth."""
    return min(1.0, (step + 1) / WARM_UP) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * step / steps)))


def _keep(file: Path, step: int, model: nn.Module, glance: nn.Module, descent: torch.optim.Optimizer) -> None:
    state = {"step": step, "model": model.state_dict(), "glance": glance.state_dict(), "descent": descent.state_dict()}
    torch.save(state, file.with_suffix(".part"))
    file.with_suffix(".part").rename(file)


def _resume(file: Path, model: nn.Module, glance: nn.Module, descent: torch.optim.Optimizer) -> int:
    if not file.exists():
        return 0
    state = torch.load(file, weights_only=True)
    model.load_state_dict(state["model"])
    glance.load_state_dict(state["glance"])
    descent.load_state_dict(state["descent"])
    return int(state["step"])
