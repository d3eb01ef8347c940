"""The pool: what is drawn once is what the simulator says, chunk by whole chunk."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from models.frame import framed
from models.profile import BAGGAGE
from training.embedded.pool import Example, Pool, example_of, fill, name_of
from training.synth.lessons import fact_of
from training.synth.scene import RICH, USUAL
from training.synth.simulator import simulate

SCANS, SEED = 5, 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pool")
    fill(place, 2, SCANS, SEED, split="train", scanner="mixed", hands=1)
    return place


def same(one: Example, other: Example) -> bool:
    pictures = np.array_equal(one.detector, other.detector) and np.array_equal(one.reader, other.reader)
    return pictures and one.seen == other.seen


def test_an_example_is_the_scan_of_its_number(folder: Path) -> None:
    """Read back from the disk, pictures and truth are those that were drawn."""
    pool = Pool(folder)
    assert len(pool) == 2 * SCANS
    for number in (0, SCANS - 1, SCANS, 2 * SCANS - 1):
        assert same(pool[number], example_of(SEED, number, "train", "mixed", RICH if number >= SCANS else USUAL))


def test_what_is_missing_is_drawn_and_what_is_there_stays(folder: Path, tmp_path: Path) -> None:
    """A chunk that was begun and never finished is made anew; a whole one is not touched."""
    again = tmp_path / "pool"
    shutil.copytree(folder, again)
    before = (again / name_of(0) / "reader.npy").stat().st_mtime_ns
    (again / name_of(1)).rename(again / f"{name_of(1)}.part")
    (again / f"{name_of(1)}.part" / "truth.jsonl").write_text("half a li")
    assert len(Pool(again)) == SCANS
    fill(again, 2, SCANS, SEED, split="train", scanner="mixed", hands=1)
    assert (again / name_of(0) / "reader.npy").stat().st_mtime_ns == before
    assert all(same(Pool(again)[number], Pool(folder)[number]) for number in range(2 * SCANS))
    assert {path.name for path in again.iterdir()} == {name_of(0), name_of(1)}


def test_boxes_and_tokens_are_where_the_thing_is_in_each_frame(folder: Path) -> None:
    """Counted anew from the masks."""
    pool = Pool(folder)
    for number in range(len(pool)):
        habit = RICH if number >= SCANS else USUAL
        scan = simulate(SEED, number, scanner="mixed", split="train", habit=habit)
        small = framed(scan.views[0].colour, *BAGGAGE.reader_frame)
        for seen, item in zip(pool[number].seen, scan.targets, strict=True):
            assert fact_of(item) == fact_of(item).__class__(
                seen.name, seen.place, seen.level, seen.concealer, seen.material
            )
            assert all(-0.01 <= edge <= 1.01 for edge in seen.box)
            left, top, right, bottom = small.in_frame(*item.box)
            for cell in seen.cells:
                row, column = divmod(cell, BAGGAGE.reader_frame[0] // 28)
                assert left - 1 < 28 * (column + 1)
                assert right + 1 > 28 * column
                assert top - 1 < 28 * (row + 1)
                assert bottom + 1 > 28 * row
            assert seen.cells or (right - left) * (bottom - top) < 28 * 28
