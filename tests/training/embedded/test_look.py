"""Figures of models whose skill is known: who knows the truth wins everything, who never looks follows no picture."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from models import prompt
from models.frame import framed
from models.ports import AdapterRefusedError, Detection, Piece, Reading, Reply
from models.profile import BAGGAGE
from training.embedded.card import card
from training.embedded.figures import calibrated, compared, figures
from training.embedded.look import ABOUT_THINGS, Looked, case_of, keep, kept, look
from training.embedded.recipe import Scans
from training.synth.lessons import answer
from training.synth.values import Picture

SCANS = Scans(seed=41, split="test", scanner="held-out", count=12)


class Knowing:
    """A `Detector` and a `Reader` that know the truth about these scans; a blind one always thinks of the first."""

    alive = True

    def __init__(self, *, blind: bool = False) -> None:
        self.cases = [case_of(SCANS, number) for number in range(SCANS.count)]
        self.blind = blind

    def detect(self, pictures: Sequence[Picture]) -> list[tuple[Detection, ...]]:
        cases = [self._case([case.picture for case in self.cases], picture) for picture in pictures]
        return [
            tuple(
                Detection(item=fact.name, score=0.9, box=box)
                for fact, box in zip(case.facts, case.boxes, strict=True)
            )
            for case in cases
        ]  # fmt: skip

    async def read(self, reading: Reading) -> Reply:
        case = self._case([each.small for each in self.cases], reading.picture)
        asked = reading.question.partition(" Detector: ")[0]
        for kind, wordings in prompt.ASKED.items():
            for name in sorted(BAGGAGE.names, key=len, reverse=True):
                if asked in {wording.format(name=name) for wording in wordings}:
                    return self._reply(kind, case.facts, name)
        raise AssertionError(reading.question)

    def _reply(self, kind: prompt.Kind, facts: Sequence, name: str) -> Reply:
        if kind in {"location", "occlusion"} and sum(fact.name == name for fact in facts) != 1:
            return Reply(text="{}", pieces=(Piece(text="{}", logprob=0.0),))
        text = answer(kind, facts, name)
        return Reply(text=text, pieces=tuple(Piece(text=each, logprob=-0.001) for each in text))

    def _case(self, pictures: list[Picture], picture: Picture):  # noqa: ANN202  as it stands above
        if self.blind:
            return self.cases[0]
        return next(case for case, one in zip(self.cases, pictures, strict=True) if np.array_equal(one, picture))

    async def adapt(self, adapter: Path | None) -> str | None:
        raise AdapterRefusedError(f"it takes no adapter, not {adapter} either")

    async def close(self) -> None:
        return None


@pytest.fixture(scope="module")
def seen() -> Looked:
    knowing = Knowing()
    return look(knowing, knowing, SCANS)


@pytest.fixture(scope="module")
def unseen() -> Looked:
    blind = Knowing(blind=True)
    return look(blind, blind, SCANS)


def test_who_knows_the_truth_has_every_figure(seen: Looked) -> None:
    """And no false alarm."""
    told = figures(seen, calibrated(seen))
    assert told["scans"] == SCANS.count
    assert told["detector"]["map50"] == 1.0
    assert {name for name, task in told["reader"].items() if task["share"] < 1} == set()
    assert told["reader"]["questions"]["of"] > 20
    assert told["bags"]["both"]["detected"]["share"] == 1.0
    assert told["bags"]["both"]["false_alarms"]["share"] == 0.0
    assert told["detector"]["calibration_error"] < 0.05


def test_who_never_looks_follows_no_picture(unseen: Looked) -> None:
    """Right about one scan, and the same about all others."""
    told = figures(unseen, calibrated(unseen))["reader"]
    assert told["items"]["share"] < 0.7
    assert told["valid"]["share"] > 0.7
    for task in ("general", "specific", "presence"):
        assert told[f"follows the picture: {task}"]["share"] == 0.0
        assert told[f"follows the picture: {task}"]["of"] > 0


def test_two_readers_are_compared_task_by_task(seen: Looked, unseen: Looked) -> None:
    """One with itself keeps everything; the blind one does not."""
    same = compared(seen, seen)
    assert same["agreement"] == 1.0
    assert all(task["retained"] == task["least"] == 1.0 for task in same["tasks"].values())
    less = compared(unseen, seen)
    assert less["agreement"] < 0.7
    assert less["tasks"]["items"]["least"] <= less["tasks"]["items"]["retained"] < 0.7


def test_what_was_seen_is_kept_whole(seen: Looked, tmp_path: Path) -> None:
    """Read back, it is equal."""
    keep(seen, tmp_path / "seen.json")
    assert kept(tmp_path / "seen.json") == seen


def test_a_card_has_a_row_for_every_figure(seen: Looked) -> None:
    """All tasks, all things, no gap."""
    told = card(figures(seen, calibrated(seen)))
    assert all(f"| {name} |" in told for name in BAGGAGE.names)
    assert told.count("| reader, ") == len(figures(seen, calibrated(seen))["reader"]) + 1


def test_a_case_is_what_the_pool_would_show() -> None:
    """The reader's picture is framed as in serving, and every kind of question is put."""
    case = case_of(SCANS, 3)
    assert np.array_equal(case.small, framed(case.picture, *BAGGAGE.reader_frame).pixels)
    assert len(case.lessons) == len(ABOUT_THINGS)
    assert all(0 <= edge <= 1 for box in case.boxes for edge in box)
