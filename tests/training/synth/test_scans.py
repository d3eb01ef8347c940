"""The simulator: what its scans show is what its truth says, and both come from the seed alone."""

from collections import Counter
from typing import Literal

import numpy as np
import pytest

from training.synth.bag import packed_bag
from training.synth.raster import FIELD
from training.synth.scene import BURIED, RICH, USUAL, Habit, packed
from training.synth.simulator import simulate
from training.synth.things.catalogue import THREATS
from training.synth.values import MOSTLY_HIDDEN, PARTLY_HIDDEN, SimulatedItem

SMALL = 160  # pixels: enough to see everything, quick to draw
PLACES = {f"{row}-{column}" for row in ("top", "center", "bottom") for column in ("left", "center", "right")} - {
    "center-center"
} | {"center"}


@pytest.fixture(scope="module")
def threats() -> list[SimulatedItem]:
    """The threats of two hundred bags."""
    return [threat for index in range(200) for threat in simulate(11, index, size=SMALL).threats]


def test_the_same_seed_and_index_give_the_same_scan() -> None:
    """Every plane, item and declared word is the same, to the bit."""
    first, again = simulate(3, 14, size=SMALL, views=2), simulate(3, 14, size=SMALL, views=2)
    assert first.items == again.items
    assert first.declaration == again.declaration
    for item, twin in zip(first.items, again.items, strict=True):
        assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(item.masks, twin.masks, strict=True))
    for view, same in zip(first.views, again.views, strict=True):
        assert np.array_equal(view.low, same.low)
        assert np.array_equal(view.high, same.high)
        assert np.array_equal(view.colour, same.colour)


@pytest.mark.parametrize("other", [(3, 15), (4, 14)])
def test_another_seed_or_index_gives_another_scan(other: tuple[int, int]) -> None:
    """No two scans of a rehearsal are one picture."""
    assert not np.array_equal(simulate(3, 14, size=SMALL).views[0].high, simulate(*other, size=SMALL).views[0].high)


def test_the_top_view_does_not_depend_on_the_side_view() -> None:
    """Asking for more views changes nothing about the first."""
    one, two = simulate(5, 1, size=SMALL), simulate(5, 1, size=SMALL, views=2)
    assert np.array_equal(one.views[0].colour, two.views[0].colour)
    assert [item.box for item in one.items] == [item.box for item in two.items]
    assert [view.name for view in two.views] == ["top", "side"]


@pytest.mark.parametrize("size", [64, SMALL, 448])
def test_every_box_is_inside_its_picture(size: int) -> None:
    """In both views, at any size, and never empty."""
    for index in range(12):
        for item in simulate(21, index, size=size, views=2).items:
            assert len(item.boxes) == 2
            for left, top, right, bottom in item.boxes:
                assert 0 <= left < right <= size
                assert 0 <= top < bottom <= size


@pytest.mark.parametrize("views", [1, 2])
def test_a_box_is_the_least_that_holds_its_mask(views: Literal[1, 2]) -> None:
    """The mask touches all four edges of its box and never leaves it."""
    for index in range(12):
        for item in simulate(24, index, size=SMALL, views=views).items:
            assert len(item.masks) == views
            for mask, box in zip(item.masks, item.boxes, strict=True):
                assert mask.box == box
                edges = (mask.pixels[0], mask.pixels[-1], mask.pixels[:, 0], mask.pixels[:, -1])
                assert all(edge.any() for edge in edges)


def test_the_place_word_agrees_with_the_middle_of_the_mask() -> None:
    """Counted anew from the pixels: thirds of the bag, not of the picture."""
    for index in range(30):
        bag = packed(np.random.default_rng((25, index, 0)), SMALL, "any").bag
        for item in simulate(25, index, size=SMALL).items:
            rows, columns = np.nonzero(item.masks[0].pixels)
            y = (item.masks[0].top + rows.mean() + 0.5) * FIELD / SMALL
            x = (item.masks[0].left + columns.mean() + 0.5) * FIELD / SMALL
            row = ("top", "center", "bottom")[min(2, max(0, int(3 * (y - bag.top) / bag.length)))]
            column = ("left", "center", "right")[min(2, max(0, int(3 * (x - bag.left) / bag.width)))]
            assert item.place == ("center" if row == column == "center" else f"{row}-{column}")


def test_what_is_hidden_is_what_would_hardly_change_the_picture() -> None:
    """Recomputed in full from the scene: the share falls in the level, but for sampling at its borders."""
    for index in range(30):
        scene = packed(np.random.default_rng((26, index, 0)), SMALL, "any")
        scan = simulate(26, index, size=SMALL)
        for placed in scene.placed:
            item = next((item for item in scan.items if item.shape == placed.shape and item.name == placed.name), None)
            if item is None:
                continue
            own = placed.patch.high
            mask = own > 0.01
            through = scene.attenuation.high[placed.patch.window][mask]
            shown = [0.04 + 0.96 * np.exp(-depth) ** 0.75 for depth in (through, np.maximum(through - own[mask], 0))]
            assert item.hidden == pytest.approx(float((shown[1] - shown[0] <= 0.06).mean()), abs=0.04)


@pytest.mark.parametrize("habit", [USUAL, RICH])
def test_nothing_that_can_be_named_is_buried(habit: Habit) -> None:
    """Things are hidden, many of them mostly, but always some of them shows, as on pictures that people have marked."""
    hidden = [item.hidden for index in range(40) for item in simulate(27, index, size=SMALL, habit=habit).targets]
    assert max(hidden) <= BURIED
    assert sum(share >= MOSTLY_HIDDEN for share in hidden) > 10


def test_bags_to_learn_from_have_many_threats() -> None:
    """Three to six, but for the few bags too dense for all of them; usual ones have none to two."""
    rich = [len(simulate(28, index, size=SMALL, habit=RICH).threats) for index in range(40)]
    assert max(rich) == 6
    assert sum(3 <= count <= 6 for count in rich) >= 36
    assert {len(simulate(28, index, size=SMALL).threats) for index in range(40)} == {0, 1, 2}


def test_the_two_views_agree_along_the_belt() -> None:
    """A thing lies at the same place along the shared axis in both pictures, give or take its faintest edge."""
    for index in range(8):
        for item in simulate(22, index, views=2).threats:
            top, side = item.boxes
            assert abs(top[0] - side[0]) <= 4
            assert abs(top[2] - side[2]) <= 4


def test_more_matter_lets_less_through_and_the_low_energy_suffers_more() -> None:
    """The planes are transmissions: air is bright, a bag is darker, and low is never far above high."""
    for index in range(8):
        view = simulate(23, index, size=SMALL).views[0]
        for plane in (view.low, view.high):
            assert plane.dtype == np.float32
            assert plane.min() > 0
            assert plane.max() <= 1
            assert plane[:8, :8].mean() > 0.98 > plane.mean()
        assert (view.low <= view.high + 0.05).all()
        assert view.low.mean() < view.high.mean()


def test_a_threats_box_holds_something_dark() -> None:
    """Where the truth says a threat is, the picture is darker than air."""
    for index in range(20):
        scan = simulate(11, index, size=SMALL)
        for left, top, right, bottom in (item.box for item in scan.threats):
            assert scan.views[0].low[top:bottom, left:right].min() < 0.7


def test_every_threat_class_and_every_level_of_hiding_appears(threats: list[SimulatedItem]) -> None:
    """A rehearsal shows all there is to learn."""
    assert {threat.name for threat in threats} == set(THREATS)
    assert {threat.level for threat in threats} == {1, 2, 3}


def test_threats_lie_in_all_nine_places_about_equally_often(threats: list[SimulatedItem]) -> None:
    """Nobody can learn where to look."""
    places = Counter(threat.place for threat in threats)
    assert set(places) == PLACES
    assert max(places.values()) <= 0.2 * len(threats)


def test_place_words_count_from_the_bag_and_not_from_the_picture() -> None:
    """The corner of a bag is a corner, wherever the bag lies in the field."""
    bag = packed_bag(np.random.default_rng(1))
    x, y = bag.lowest
    assert bag.place(x + 0.1, y + 0.1) == "top-left"
    assert bag.place(x + bag.width / 2, y + bag.length / 2) == "center"
    assert bag.place(x + bag.width - 0.1, y + bag.length / 2) == "center-right"
    assert bag.place(x + bag.width / 2, y + bag.length - 0.1) == "bottom-center"


def test_what_hides_a_threat_is_named_only_where_it_is_hidden(threats: list[SimulatedItem]) -> None:
    """The shares are shares, the level follows them, and a plainly visible threat lies beneath nothing."""
    for threat in threats:
        assert 0 <= threat.occluded <= 1
        assert 0 <= threat.hidden <= 1
        assert threat.level == 1 + (threat.hidden >= PARTLY_HIDDEN) + (threat.hidden >= MOSTLY_HIDDEN)
        assert (threat.concealer is None) or threat.hidden >= PARTLY_HIDDEN
