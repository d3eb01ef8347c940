"""One run of learning in its folder: what it knows so far, how fast it learns, and what it has said on the way.

Takes the parts that learn, gives the step to go on from. `state.pt` is whole at any time; `log.jsonl` has a line for
every fifty steps. A run that was stopped goes on with the very steps it would have done.
"""

# torch and transformers do not say their types
# pyright: basic

import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch

WARM_UP = 200  # steps
END = 0.2  # of the steps
TOLD, KEPT = 50, 200  # steps from one to the next
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
    """Of the rate: up, level, and down at the end. Until then it does not matter how long the run will be."""
    return min(1.0, (step + 1) / WARM_UP, (steps - step) / (END * steps))


def level(step: int, steps: int) -> bool:
    """Whether the end has not begun."""
    return step < (1 - END) * steps


def ahead(batch: Callable[[int], dict[str, torch.Tensor]], start: int, steps: int) -> Iterator[dict[str, torch.Tensor]]:
    """The batches of these steps; while one is learnt from, the next one is made."""
    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(batch, start)
        for step in range(start, steps):
            ready, coming = coming.result(), maker.submit(batch, min(step + 1, steps - 1))
            yield ready
