"""Conversations for fine-tuning: `<split>.jsonl` with `messages`, `images` and `kind`, pictures in `images/<split>`.

Asked and answered in the words in which the models are served. For each thing whose presence is asked for, exactly as
many answers are no as yes: a yes waits until another scan of its split lacks the thing. Who never looks is right half
of the time.
"""

import json
from pathlib import Path
from typing import Literal

import numpy as np

from models import prompt
from models.prompt import ASKED, Kind
from training.synth.formats.dataset import SPLITS, save, save_text
from training.synth.lessons import Fact, Lesson, answer, fact_of, lesson
from training.synth.shapes import Rng
from training.synth.values import SimulatedScan, pick

KINDS: tuple[Kind, ...] = ("general", "specific", "location", "occlusion", "detailed")


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
        facts = [fact_of(item) for item in scan.targets]
        asked = [lesson(kind, facts, rng, hinted=True) for kind in KINDS]
        rows = self.rows[scan.split]
        rows += [_row(each, picture) for each in asked if each.kind != "presence"]
        rows += self._present_or_not(scan.split, facts, picture, rng)
        return True

    def close(self) -> None:
        for split, rows in self.rows.items():
            save_text(self.folder / f"{split}.jsonl", "".join(rows))

    def _present_or_not(self, of: str, facts: list[Fact], picture: str, rng: Rng) -> list[str]:
        """For the thing that waits for longest and is not here, its yes of before and the no of this scan."""
        there = {each.name for each in facts}
        pair: list[str] = []
        for (split, name), waiting in self.waiting.items():
            if split == of and waiting and name not in there:
                pair = [waiting.pop(0), _row(_presence(name, facts, rng), picture)]
                break
        if there:
            name = pick(rng, sorted(there))
            yes = _row(_presence(name, facts, rng), picture)
            line = self.waiting.pop((of, name), [])
            self.waiting[of, name] = [*line, yes]  # to the end of the queue
        return pair


def _presence(name: str, facts: list[Fact], rng: Rng) -> Lesson:
    asked = prompt.question("presence", name, wording=int(rng.integers(len(ASKED["presence"]))))
    return Lesson("presence", asked, answer("presence", facts, name), name)


def _row(asked: Lesson, picture: str) -> str:
    messages = [
        {"role": "system", "content": prompt.SYSTEM},
        {"role": "user", "content": f"<image>{asked.question}"},
        {"role": "assistant", "content": asked.answer},
    ]
    return json.dumps({"messages": messages, "images": [picture], "kind": asked.kind}) + "\n"
