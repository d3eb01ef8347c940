"""More looks of one example: everything that is true of it moves with the pixels."""

import numpy as np
import pytest

from models.profile import BAGGAGE
from training.embedded.pool import Example, example_of
from training.embedded.turn import COLUMNS, displayed, mirrored, tossed

WAYS = [(True, False), (False, True), (True, True)]


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return [example for number in range(12) if (example := example_of(5, number, "train", "mixed")).seen]


def same(one: Example, other: Example) -> bool:
    pictures = np.array_equal(one.detector, other.detector) and np.array_equal(one.reader, other.reader)
    boxes = [np.allclose(this.box, that.box) for this, that in zip(one.seen, other.seen, strict=True)]
    rest = [
        (this.name, this.place, this.cells) == (that.name, that.place, that.cells)
        for this, that in zip(one.seen, other.seen, strict=True)
    ]
    return pictures and all(boxes) and all(rest)


@pytest.mark.parametrize(("across", "down"), WAYS)
def test_mirrored_twice_is_as_before(examples: list[Example], across: bool, down: bool) -> None:
    """And once is not."""
    for example in examples:
        once = mirrored(example, across=across, down=down)
        assert not same(once, example)
        assert same(mirrored(once, across=across, down=down), example)


@pytest.mark.parametrize(("across", "down"), WAYS)
def test_the_pixels_in_a_box_are_the_same_ones(examples: list[Example], across: bool, down: bool) -> None:
    """What the box held before, it holds afterwards, the other way round."""
    width, height = BAGGAGE.detector_frame
    for example in examples:
        for before, after in zip(example.seen, mirrored(example, across=across, down=down).seen, strict=True):
            held = []
            for picture, box in ((example, before.box), (mirrored(example, across=across, down=down), after.box)):
                left, top, right, bottom = (
                    round(edge * side) for edge, side in zip(box, (width, height) * 2, strict=True)
                )
                held.append(picture.detector[max(0, top) : bottom, max(0, left) : right].mean())
            assert held[0] == pytest.approx(held[1], abs=3)


def test_places_and_tokens_go_to_the_other_side(examples: list[Example]) -> None:
    """A thing at the left is at the right afterwards, in words and in tokens."""
    words = {"left": "right", "right": "left"}
    for example in examples:
        for before, after in zip(example.seen, mirrored(example, across=True, down=False).seen, strict=True):
            row, _, column = before.place.rpartition("-")
            assert after.place == (f"{row}-{words.get(column, column)}" if row else before.place)
            mirror = {cell - cell % COLUMNS + COLUMNS - 1 - cell % COLUMNS for cell in before.cells}
            assert set(after.cells) == mirror


def test_the_coin_falls_on_every_side(examples: list[Example]) -> None:
    """All four ways come up."""
    rng = np.random.default_rng(0)
    shown = {tossed(examples[0], rng).detector.tobytes() for _ in range(40)}
    assert len(shown) == 4


def test_another_display_shows_the_same_bag(examples: list[Example]) -> None:
    """Other bytes, the same shape, and dark stays dark beside bright."""
    picture = examples[0].reader
    shown = displayed(picture, np.random.default_rng(1))
    assert shown.shape == picture.shape
    assert shown.dtype == np.uint8
    assert not np.array_equal(shown, picture)
    both = np.corrcoef(shown.mean(axis=2).ravel(), picture.mean(axis=2).ravel())
    assert both[0, 1] > 0.95
