"""The detector learns, goes on where it was stopped, and says the same as a graph."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.embedded.small import pool_in  # isort: skip  first, for it knows how to import torch

import torch

from models.artifacts.graph import check_graph
from models.engines.yolo import Yolo
from models.profile import BAGGAGE
from training.embedded import detector, run
from training.embedded.detector import Plan, batch_of, empty, light_of, loss_of, ready, teach, write
from training.embedded.marks import RAW
from training.embedded.pool import Pool

STEPS = 4


class Stopped(Exception):  # noqa: N818  it is no error
    """The machine was switched off."""


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pool_in(tmp_path_factory.mktemp("pool"))


@pytest.fixture(scope="module")
def learnt(pool: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return teach(plan(pool, tmp_path_factory.mktemp("whole")))


def plan(pool: Path, into: Path) -> Plan:
    return Plan(pool, into, steps=STEPS, batch=2)


def test_stopped_and_gone_on_is_as_never_stopped(
    pool: Path, learnt: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The running mean of the weights, which is what is written, is the same to the bit."""
    monkeypatch.setattr(run, "KEPT", 2)
    steps = iter(range(STEPS))

    def until_the_third(*given: Any) -> Any:
        if next(steps) == 3:
            raise Stopped
        return batch_of(*given)

    with monkeypatch.context() as patched:
        patched.setattr(detector, "batch_of", until_the_third)
        with pytest.raises(Stopped):
            teach(plan(pool, tmp_path))
    gone_on = teach(plan(pool, tmp_path)).state_dict()
    assert all(torch.equal(value, gone_on[name]) for name, value in learnt.state_dict().items())


def test_it_learns(pool: Path) -> None:
    """The loss of one batch falls while it is shown again and again."""
    torch.manual_seed(0)
    model: Any = empty().train()
    criterion = model.init_criterion()
    batch = batch_of(Pool(pool), np.random.default_rng(0), 2)
    descent = torch.optim.AdamW(model.parameters(), lr=2e-3)
    lost: list[float] = []
    for _ in range(10):
        loss = loss_of(model, criterion, batch)
        lost.append(loss.item())
        descent.zero_grad()
        loss.backward()
        descent.step()
    assert lost[-1] < 0.9 * lost[0]


def test_the_graph_says_what_the_model_says(pool: Path, learnt: Any, tmp_path: Path) -> None:
    """Within what halves cost; it is small, it is fit to be loaded, and the engine takes it."""
    file = tmp_path / "detector.onnx"
    write(learnt, file)
    check_graph(file.name, memoryview(file.read_bytes()))
    assert file.stat().st_size < 6 << 20
    pictures = [np.ascontiguousarray(Pool(pool)[number].detector) for number in range(3)]
    light = light_of(np.stack(pictures))
    with torch.no_grad():
        ours = ready(learnt)(light).numpy()
    import onnxruntime  # noqa: PLC0415

    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    (theirs,) = session.run(None, {"pictures": light.numpy()})
    assert ours.shape == theirs.shape == (3, 100, 6)
    assert np.abs(ours[..., 4] - theirs[..., 4]).max() < 0.01
    assert len(Yolo(file, BAGGAGE, RAW).detect(pictures)) == 3
