"""Conversations for fine-tuning: `<split>.jsonl` with `messages`, `images` and `kind`, pictures in `images/<split>`.

For each thing asked about by yes or no, exactly as many answers are no as yes: a yes waits until another scan of
its split lacks the thing. Who never looks is right half of the time.
"""

import json
from pathlib import Path
from typing import Literal

import numpy as np

from training.synth.formats.dataset import SPLITS, save, save_text
from training.synth.formats.questions import Asked, asked_of, worded
from training.synth.shapes import Rng
from training.synth.values import SimulatedScan, pick


class Sft:
    views: Literal[1, 2] = 1

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, list[str]] = {split: [] for split in SPLITS}
        self.waiting: dict[tuple[str, str], list[str]] = {}

    def add(self, scan: SimulatedScan) -> bool:
        rng = np.random.default_rng((scan.seed, scan.index, 5))
        picture = f"images/{scan.split}/{scan.scan_id}.png"
        save(self.folder / picture, scan.views[0].colour)
        rows = self.rows[scan.split]
        rows += [_row(asked, picture) for asked in asked_of(scan, rng)]
        rows += self._yes_and_no(scan, picture, rng)
        return True

    def close(self) -> None:
        for split, rows in self.rows.items():
            save_text(self.folder / f"{split}.jsonl", "".join(rows))

    def _yes_and_no(self, scan: SimulatedScan, picture: str, rng: Rng) -> list[str]:
        """For the thing that waits for longest and is not here, its yes of before and the no of this scan."""
        present = {item.name for item in scan.targets}
        pair: list[str] = []
        for (split, name), waiting in self.waiting.items():
            if split == scan.split and waiting and name not in present:
                pair = [waiting.pop(0), _row(Asked("vqa", worded("vqa", name, rng), "no"), picture)]
                break
        if present:
            name = pick(rng, sorted(present))
            yes = _row(Asked("vqa", worded("vqa", name, rng), "yes"), picture)
            line = self.waiting.pop((scan.split, name), [])
            self.waiting[scan.split, name] = [*line, yes]  # to the end of the queue
        return pair


def _row(asked: Asked, picture: str) -> str:
    messages = [
        {"role": "user", "content": f"<image>{asked.question}"},
        {"role": "assistant", "content": asked.answer},
    ]
    return json.dumps({"messages": messages, "images": [picture], "kind": asked.kind}) + "\n"
