"""How weights go down: which of them by which way, what is remembered, and at what pace."""

import torch
from torch import nn

from training.embedded.descent import Descent
from training.embedded.run import ahead, level, pace


class Small(nn.Module):
    """One matrix inside a layer, a table of words, and a bias."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(5)
        self.table = nn.Embedding(7, 8)
        self.layers = nn.ModuleList([nn.Linear(8, 4)])

    def forward(self) -> torch.Tensor:
        return (self.layers[0](self.table.weight) - 1).square().mean()


def went_down(model: Small, descent: Descent, steps: int) -> float:
    for _ in range(steps):
        model().backward()
        descent.step(1.0)
    return model().item()


def test_everything_learns() -> None:
    """Matrices, tables and biases all move, and the loss goes down."""
    model = Small()
    before = {name: weights.detach().clone() for name, weights in model.named_parameters()}
    start = model().item()
    assert went_down(model, Descent(model.named_parameters(), 0.02), 60) < start / 4
    assert all(not torch.equal(weights, before[name]) for name, weights in model.named_parameters())


def test_what_was_stopped_goes_on_as_if_it_had_not_been() -> None:
    """Weights and memory put into a fresh one: the next steps are the same to the bit."""
    whole, halves = Small(), Small()
    went_down(whole, Descent(whole.named_parameters(), 0.02), 20)
    first = Descent(halves.named_parameters(), 0.02)
    went_down(halves, first, 12)
    rest = Small()
    rest.load_state_dict(halves.state_dict())
    second = Descent(rest.named_parameters(), 0.02)
    second.load_state_dict(first.state_dict())
    went_down(rest, second, 8)
    assert all(torch.equal(one, other) for one, other in zip(whole.parameters(), rest.parameters(), strict=True))


def test_a_longer_run_begins_as_a_shorter_one() -> None:
    """So that a run may be given more steps before its end has begun."""
    assert [pace(step, 10_000) for step in range(4000)] == [pace(step, 5000) for step in range(4000)]
    assert pace(9999, 10_000) < 0.001 < pace(0, 10_000)
    assert level(7999, 10_000)
    assert not level(8000, 10_000)


def test_each_batch_comes_once_and_in_order() -> None:
    """Also when a run begins in the middle."""
    assert [int(batch["step"]) for batch in ahead(lambda step: {"step": torch.tensor(step)}, 3, 9)] == [
        3,
        4,
        5,
        6,
        7,
        8,
    ]
