"""Teaches the tiny Qwen-VL to read: the words of the trade, and at the same time what each patch of a picture shows.

Takes a pool, gives a folder that transformers and vLLM load. Two losses: that of the answers' words, as for the big
models, and that of a throw-away layer which says for each token of the picture which things reach into it; without the
second, the first takes many times as long. Goes on where it was stopped.
"""

# torch and transformers do not say their types
# pyright: basic

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedTokenizerFast
from transformers.modeling_outputs import BaseModelOutputWithPooling
from transformers.models.qwen2_5_vl import modeling_qwen2_5_vl as qwen

from models import prompt
from models.profile import BAGGAGE
from training.embedded import tiny_qwen
from training.embedded.descent import Descent
from training.embedded.pool import Pool, Seen
from training.embedded.rows import IGNORED, TOKENS, Layout, grid_of, patches_of
from training.embedded.run import Run, ahead, level, pace
from training.embedded.turn import displayed, tossed
from training.synth.lessons import lessons_of

LEVELS = 3
UNSEEN = -1e9
SELDOM = -3.0  # the score of a thing before anything is known
ASKED = 0.25  # of the pictures until the rate goes down; the others teach by their patches only
LONG = 1000  # steps from which on compiling is worth its minute


@dataclass(frozen=True, slots=True)
class Plan:
    """One run, written down."""

    pool: Path
    into: Path
    steps: int
    seed: int = 1
    batch: int = 24
    questions: int = 2  # besides the general one
    rate: float = 3e-3
    patches: float = 1.0  # weight of the second loss


class Glance(nn.Module):
    """What each token of the picture shows: a score for every thing, and one for every level of hiding. Thrown away."""

    def __init__(self) -> None:
        super().__init__()
        self.things = nn.Linear(tiny_qwen.HIDDEN, len(BAGGAGE.names))
        self.levels = nn.Linear(tiny_qwen.HIDDEN, LEVELS)
        for last in (self.things, self.levels):
            nn.init.constant_(last.bias, SELDOM)

    def forward(self, seen: Tensor) -> Tensor:
        return torch.cat([self.things(seen), self.levels(seen)], dim=-1)


def teach(plan: Plan) -> None:
    plan.into.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)
    tokenizer = _tokenizer(plan)
    model: Any = tiny_qwen.empty(tokenizer).float()
    glance = Glance()
    descent = Descent([*model.named_parameters(), *glance.named_parameters("glance")], plan.rate)
    run = Run(plan.into, plan.steps, plan.batch, model=model, glance=glance, descent=descent)
    teacher = Teacher(plan, tokenizer)
    model.train()
    if plan.steps >= LONG:
        hasten(model)
    with all_at_once():
        for step, batch in enumerate(ahead(teacher.batch, run.start, plan.steps), run.start):
            told, shown = losses(model, glance, batch)
            (told + plan.patches * shown).backward()
            descent.step(pace(step, plan.steps))
            run.done(step, words=told.item(), patches=shown.item())
    tiny_qwen.save(plan.into / "model", model.to(torch.bfloat16), tokenizer)


def losses(model: Any, glance: nn.Module, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """That of the words and that of the patches."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        seen = model.model.visual(batch["patches"], grid_thw=batch["grid"]).pooler_output
        shown = glance(seen)
        asked_of = seen[: len(batch["ids"]) * TOKENS]
        out = model.model(
            input_ids=batch["ids"],
            attention_mask=torch.where(batch["mask"], 0.0, UNSEEN),
            position_ids=batch["positions"],
            mm_encoder_outputs=already(asked_of),
            use_cache=False,
        ).last_hidden_state
        asked = batch["labels"][:, 1:] != IGNORED
        words = model.lm_head(out[:, :-1][asked])
    told = functional.cross_entropy(words.float(), batch["labels"][:, 1:][asked])
    patches = functional.binary_cross_entropy_with_logits(shown.float(), batch["shown"]) * 10
    return told, patches


def already(seen: Tensor) -> dict[str, Any]:
    """Pictures that were looked at before, for a model to take as they are."""
    looked: Any = (seen,)
    return {"image": BaseModelOutputWithPooling(pooler_output=looked)}


def hasten(model: Any) -> None:
    """Compile the layers; what is learnt stays the same. Pictures are always as many and as large, words are not."""
    for block in model.model.visual.blocks:
        block.compile(dynamic=False)
    for layer in model.model.language_model.layers:
        layer.compile(dynamic=True)


@contextmanager
def all_at_once() -> Generator[None]:
    """While this lasts, Qwen's vision towers attend `at_once` and take still pictures as `stills`."""
    attention: Any = qwen.Qwen2_5_VLVisionAttention
    embedding: Any = qwen.Qwen2_5_VisionPatchEmbed
    usual = attention.forward, embedding.forward
    attention.forward, embedding.forward = at_once, stills
    try:
        yield
    finally:
        attention.forward, embedding.forward = usual


def stills(self: Any, hidden_states: Tensor) -> Tensor:
    """Qwen's first layer for pictures that stand still: both moments are the same, so their weights may be added."""
    moment = hidden_states.view(-1, self.in_channels, self.temporal_patch_size, self.patch_size**2)[:, :, 0]
    return functional.linear(moment.flatten(1), self.proj.weight.sum(2).flatten(1))


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
    """Makes the batches: the same step of the same plan always gives the same one, whatever came before."""

    def __init__(self, plan: Plan, tokenizer: PreTrainedTokenizerFast) -> None:
        self._plan = plan
        self._layout = Layout(tokenizer)
        self._pool = Pool(plan.pool)

    def batch(self, step: int) -> dict[str, Tensor]:
        rng = np.random.default_rng((self._plan.seed, step))
        looks, marks, rows = [], [], []
        share = ASKED if level(step, self._plan.steps) else 1.0
        asked = max(1, round(self._plan.batch * share))
        for index in rng.integers(len(self._pool), size=self._plan.batch):
            example = tossed(self._pool[int(index)], rng)
            looks.append(patches_of(displayed(example.reader, rng)))
            marks.append(_marks(example.seen))
            if len(rows) < asked:
                lessons = lessons_of(example.seen, rng, self._plan.questions)
                rows.append(self._layout.row((each.question, each.answer) for each in lessons))
        return {
            "patches": torch.from_numpy(np.concatenate(looks)),
            "grid": grid_of(len(looks)),
            "shown": torch.from_numpy(np.concatenate(marks)),
            **self._layout.batch(rows),
        }


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
        told = [lesson for i in range(min(1000, len(pool))) for lesson in lessons_of(pool[i].seen, rng, 6)]
        texts = [text for lesson in told for text in (lesson.question, lesson.answer)]
        roles = [f"system\n{prompt.SYSTEM}", "user\n", "assistant\n"] * 1000
        names = [f" {name}" for name in (*BAGGAGE.names, *BAGGAGE.concealers)] * 50
        tiny_qwen.tokenizer_from([*texts, *roles, *names]).save_pretrained(kept)
    ready: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(kept)
    return ready
