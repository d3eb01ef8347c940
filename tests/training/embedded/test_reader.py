"""The reader learns, and goes on where it was stopped as if nothing had been."""

from pathlib import Path
from typing import Any

import pytest

from tests.training.embedded.small import pool_in  # isort: skip  first, for it knows how to import torch

import torch

from models.artifacts.folder import MANIFEST, checked, listed
from training.embedded import reader, run, tiny_qwen
from training.embedded.reader import Glance, Plan, Teacher, all_at_once, losses, teach

STEPS = 4


class Stopped(Exception):  # noqa: N818  it is no error
    """The machine was switched off."""


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pool_in(tmp_path_factory.mktemp("pool"))


def plan(pool: Path, into: Path) -> Plan:
    return Plan(pool, into, steps=STEPS, batch=2, questions=1)


def weights(into: Path) -> dict[str, Any]:
    return torch.load(into / "state.pt", weights_only=True)["model"]


def test_stopped_and_gone_on_is_as_never_stopped(pool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same weights to the bit, and a folder that may be loaded."""
    monkeypatch.setattr(run, "KEPT", 2)
    teach(plan(pool, tmp_path / "whole"))
    batch = Teacher.batch

    def until_the_third(self: Teacher, step: int) -> dict[str, Any]:
        if step == 3:
            raise Stopped
        return batch(self, step)

    with monkeypatch.context() as patched:
        patched.setattr(reader.Teacher, "batch", until_the_third)
        with pytest.raises(Stopped):
            teach(plan(pool, tmp_path / "stopped"))
    assert torch.load(tmp_path / "stopped" / "state.pt", weights_only=True)["step"] == 2
    teach(plan(pool, tmp_path / "stopped"))
    whole, gone_on = weights(tmp_path / "whole"), weights(tmp_path / "stopped")
    assert all(torch.equal(whole[name], gone_on[name]) for name in whole)
    model = tmp_path / "whole" / "model"
    (model / MANIFEST).write_text(listed(model).model_dump_json())
    assert "model.safetensors" in checked(model)


def test_it_learns(pool: Path, tmp_path: Path) -> None:
    """Both losses of one batch fall while it is shown again and again."""
    torch.manual_seed(0)
    what = plan(pool, tmp_path)
    tmp_path.mkdir(exist_ok=True)
    tokenizer = reader._tokenizer(what)
    model, glance = tiny_qwen.empty(tokenizer).float().train(), Glance()
    batch = Teacher(what, tokenizer).batch(0)
    descent = torch.optim.AdamW([*model.parameters(), *glance.parameters()], lr=1e-3)
    told: list[tuple[float, float]] = []
    with all_at_once():
        for _ in range(12):
            words, patches = losses(model, glance, batch)
            told.append((words.item(), patches.item()))
            descent.zero_grad()
            (words + patches).backward()
            descent.step()
    assert told[-1][0] < 0.7 * told[0][0]
    assert told[-1][1] < 0.7 * told[0][1]


def test_short_cuts_change_nothing(pool: Path, tmp_path: Path) -> None:
    """Pictures all at once and as stills: what is seen is what Qwen's own code sees."""
    what = plan(pool, tmp_path)
    tmp_path.mkdir(exist_ok=True)
    tokenizer = reader._tokenizer(what)
    model = tiny_qwen.empty(tokenizer).float().eval()
    batch = Teacher(what, tokenizer).batch(0)
    with torch.no_grad():
        own = model.model.visual(batch["patches"], grid_thw=batch["grid"]).pooler_output
        with all_at_once():
            short = model.model.visual(batch["patches"], grid_thw=batch["grid"]).pooler_output
    assert torch.allclose(own, short, atol=1e-4)
