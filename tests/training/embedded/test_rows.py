"""Rows of tokens: laid out as Qwen's own processor and model would have it, and packed without any loss."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.embedded.small import pool_in, tokenizer_of  # isort: skip  first, for it knows how to import torch

import torch
from torch.nn import functional

from models import prompt
from models.ports import Reading
from training.embedded import tiny_qwen
from training.embedded.plain import PlainReader
from training.embedded.pool import Pool
from training.embedded.reader import all_at_once, already, at_once
from training.embedded.rows import IGNORED, TOKENS, Layout, grid_of, patches_of
from training.synth.lessons import lessons_of

QUESTION = "What is in this scan?"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pool, Any, Any, Path]:
    folder = tmp_path_factory.mktemp("rows")
    pool = pool_in(folder / "pool")
    tokenizer = tokenizer_of(pool)
    torch.manual_seed(0)
    model = tiny_qwen.empty(tokenizer).float().eval()
    tiny_qwen.save(folder / "model", model, tokenizer)
    return Pool(pool), tokenizer, model, folder / "model"


def processed(tokenizer: Any, picture: np.ndarray) -> Any:
    processor = tiny_qwen.processor_of(tokenizer)
    text = processor.apply_chat_template(prompt.messages(QUESTION), add_generation_prompt=True)
    return processor(text=[text], images=[picture], return_tensors="pt", return_mm_token_type_ids=True)


def test_patches_and_tokens_are_the_processors(made: tuple[Pool, Any, Any, Path]) -> None:
    """To the last number of a patch, but for how floats are rounded."""
    pool, tokenizer, _, _ = made
    theirs = processed(tokenizer, np.array(pool[0].reader))
    assert torch.equal(theirs["image_grid_thw"], grid_of(1))
    assert torch.allclose(theirs["pixel_values"].float(), torch.from_numpy(patches_of(pool[0].reader)), atol=1e-5)
    assert theirs["input_ids"][0].tolist() == Layout(tokenizer).row([(QUESTION, "")]).ids


def test_positions_are_qwens(made: tuple[Pool, Any, Any, Path]) -> None:
    """Time, row and column of every token."""
    pool, tokenizer, model, _ = made
    theirs = processed(tokenizer, np.array(pool[0].reader))
    positions, _ = model.model.get_rope_index(
        theirs["input_ids"], theirs["mm_token_type_ids"], theirs["image_grid_thw"]
    )
    assert torch.equal(positions[:, 0], Layout(tokenizer).row([(QUESTION, "")]).positions)


def test_attention_at_once_is_qwens_own(made: tuple[Pool, Any, Any, Path]) -> None:
    """For three pictures in one call, and no longer than it is wanted."""
    pool, _, model, _ = made
    patches = torch.from_numpy(np.concatenate([patches_of(pool[number].reader) for number in range(3)]))
    with torch.no_grad():
        theirs = model.model.visual(patches, grid_thw=grid_of(3)).pooler_output
        with all_at_once():
            ours = model.model.visual(patches, grid_thw=grid_of(3)).pooler_output
    assert torch.allclose(theirs, ours, atol=1e-4)
    assert type(model.model.visual.blocks[0].attn).forward is not at_once


def test_packed_questions_are_answered_as_if_asked_alone(made: tuple[Pool, Any, Any, Path]) -> None:
    """The loss of one row with four questions is that of four rows with one each."""
    pool, tokenizer, model, _ = made
    layout = Layout(tokenizer)
    lessons = [(each.question, each.answer) for each in lessons_of(pool[1].seen, np.random.default_rng(2), 3)]
    patches = torch.from_numpy(patches_of(pool[1].reader))
    with torch.no_grad():
        seen = model.model.visual(patches, grid_thw=grid_of(1)).pooler_output
        packed = words_lost(model, seen, layout.batch([layout.row(lessons)]))
        alone = words_lost(model, seen.repeat(4, 1), layout.batch([layout.row([each]) for each in lessons]))
    assert packed.shape == alone.shape
    assert torch.allclose(packed, alone, atol=1e-4)


def words_lost(model: Any, seen: Any, batch: dict[str, Any]) -> Any:
    """The loss of each word that had to be said."""
    assert (batch["ids"] == model.config.image_token_id).sum() == len(seen)
    out = model.model(
        input_ids=batch["ids"],
        attention_mask=batch["mask"],
        position_ids=batch["positions"],
        mm_encoder_outputs=already(seen),
        use_cache=False,
    ).last_hidden_state
    asked = batch["labels"][:, 1:] != IGNORED
    return functional.cross_entropy(model.lm_head(out[:, :-1][asked]), batch["labels"][:, 1:][asked], reduction="none")


def test_the_plain_reader_says_what_generate_says(made: tuple[Pool, Any, Any, Path]) -> None:
    """Questions of different lengths about two pictures, answered together, token by token."""
    pool, tokenizer, model, folder = made
    reader = PlainReader(folder, longest=12)
    questions = [(0, QUESTION), (1, QUESTION), (1, "Is there any folding knife in this bag?")]

    async def ask() -> list[Any]:
        readings = [Reading(np.array(pool[number].reader), asked, "") for number, asked in questions]
        return await asyncio.gather(*map(reader.read, readings))

    replies = asyncio.run(ask())
    assert TOKENS == 70
    for (number, asked), reply in zip(questions, replies, strict=True):
        row = Layout(tokenizer).row([(asked, "")])
        said = model.generate(
            input_ids=torch.tensor([row.ids]),
            attention_mask=torch.ones(1, len(row.ids), dtype=torch.long),
            mm_token_type_ids=(torch.tensor([row.ids]) == model.config.image_token_id).int(),
            pixel_values=torch.from_numpy(patches_of(pool[number].reader)),
            image_grid_thw=grid_of(1),
            max_new_tokens=12,
            do_sample=False,
        )[0, len(row.ids) :]
        assert reply.text == tokenizer.decode(said, skip_special_tokens=False).partition("<|im_end|>")[0]
        assert "".join(piece.text for piece in reply.pieces) == reply.text
        assert all(piece.logprob <= 0 for piece in reply.pieces)
