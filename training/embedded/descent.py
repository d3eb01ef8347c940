"""How a reader's weights go down: its matrices by Muon, which learns from fewer pictures; everything else by AdamW.

Takes named weights whose gradients are set, changes them. Keeps and gives back its own memory like any optimizer.
"""

# torch and transformers do not say their types
# pyright: basic

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

DECAY = 0.05
STEEPEST = 1.0  # norm of a step's gradient
MATRIX = 2  # dimensions
INNER = ("layers.", "blocks.", "merger.")


class Descent:
    def __init__(self, named: Iterable[tuple[str, nn.Parameter]], rate: float) -> None:
        named = list(named)
        matrices = [weights for name, weights in named if _is_matrix(name, weights)]
        others = [weights for name, weights in named if not _is_matrix(name, weights)]
        self._rate = rate
        self._weights = [*matrices, *others]
        self._parts: dict[str, Any] = {
            "matrices": torch.optim.Muon(matrices, weight_decay=DECAY, adjust_lr_fn="match_rms_adamw"),
            "others": torch.optim.AdamW(others, weight_decay=DECAY, betas=(0.9, 0.98)),
        }

    def step(self, pace: float) -> None:
        """One step at this share of the rate."""
        nn.utils.clip_grad_norm_(self._weights, STEEPEST)
        for part in self._parts.values():
            for group in part.param_groups:
                group["lr"] = self._rate * pace
            part.step()
            part.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        return {name: part.state_dict() for name, part in self._parts.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for name, part in self._parts.items():
            part.load_state_dict(state[name])


def _is_matrix(name: str, weights: nn.Parameter) -> bool:
    """Whether it turns one layer's numbers into another's; tables of words and the last layer do not."""
    return weights.ndim == MATRIX and any(part in name for part in INNER)
