"""One run of learning in its folder: what it knows so far, how fast it learns, and what it has said on the way.

Takes the parts that learn, gives the step to go on from. `state.pt` is whole at any time; `log.jsonl` has a line for
every fifty steps. A run that was stopped goes on with the very steps it would have done.
"""

# torch and transformers do not say their types
# pyright: basic

import json
import math
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch

WARM_UP = 200  # steps
LEAST = 0.02  # of the rate, at the end
TOLD, KEPT = 50, 500  # steps from one to the next
SMOOTH = 0.98


class Run:
    def __init__(self, folder: Path, steps: int, batch: int, **parts: Any) -> None:
        self._folder, self._steps, self._batch, self._parts = folder, steps, batch, parts
        self._smooth: dict[str, float] = {}
        self.start = self._resumed()
        self._begun = time.monotonic()

    def done(self, step: int, **losses: float) -> None:
        """A step was done: say so and keep what was learnt, each when it is time."""
        for name, value in losses.items():
            self._smooth[name] = SMOOTH * self._smooth.get(name, value) + (1 - SMOOTH) * value
        if (step + 1) % TOLD == 0:
            self._tell(step + 1)
        if (step + 1) % KEPT == 0 or step + 1 == self._steps:
            self._keep(step + 1)

    def _tell(self, step: int) -> None:
        seconds = (time.monotonic() - self._begun) / (step - self.start)
        smooth = {name: round(value, 4) for name, value in self._smooth.items()}
        line = {"step": step, **smooth, "scans_per_second": round(self._batch / seconds, 1)}
        with (self._folder / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
        left = timedelta(seconds=round(seconds * (self._steps - step)))
        losses = ", ".join(f"{name} {value}" for name, value in smooth.items())
        sys.stderr.write(f"{self._folder.name}: step {step} of {self._steps}, {losses}; {left} to go\n")

    def _keep(self, step: int) -> None:
        file = self._folder / "state.part"
        torch.save({"step": step, **{name: part.state_dict() for name, part in self._parts.items()}}, file)
        file.rename(self._folder / "state.pt")

    def _resumed(self) -> int:
        file = self._folder / "state.pt"
        if not file.exists():
            return 0
        state = torch.load(file, weights_only=True)
        for name, part in self._parts.items():
            part.load_state_dict(state[name])
        return int(state["step"])


def pace(step: int, steps: int) -> float:
    """Of the rate: warm up, then down a cosine."""
    return min(1.0, (step + 1) / WARM_UP) * (LEAST + (1 - LEAST) * 0.5 * (1 + math.cos(math.pi * step / steps)))
