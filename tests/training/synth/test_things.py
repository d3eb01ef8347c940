"""The catalogue: every kind can be drawn, is made of what it should be, and shapes stay within their split."""

import numpy as np
import pytest

from training.synth.raster import VISIBLE, rasterised
from training.synth.scene import instance
from training.synth.shapes import all_points, bounds
from training.synth.simulator import simulate
from training.synth.things.catalogue import CATALOGUE, GOODS, HEAVY, TARGETS, THREATS
from training.synth.values import Split

OPIXRAY = {"folding_knife", "straight_knife", "scissors", "utility_knife", "multi_tool_knife"}
PROMISED = OPIXRAY | {"handgun", "printed_gun", "ammunition", "explosive", "lighter", "spray_can"}
WATCHED = {"bottle", "powerbank", "laptop", "phone", "hammer", "pliers", "wrench", "screwdriver"}
CENTRE = 30.0


def test_everything_promised_is_in_the_catalogue() -> None:
    """Threats are prohibited; what may be carried but is worth finding can be declared."""
    assert set(THREATS) == PROMISED
    assert set(TARGETS) >= PROMISED | WATCHED
    assert set(GOODS) >= WATCHED
    assert not set(THREATS) & set(GOODS)
    assert set(HEAVY) <= set(GOODS)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_kind_can_be_seen_and_comes_in_many_shapes(name: str) -> None:
    """Each instance darkens the picture, fits a bag's diagonal, and is always itself."""
    seen: set[tuple[float, ...]] = set()
    for number in range(12):
        parts = instance(name, number)
        points = all_points(parts)
        assert np.array_equal(points, all_points(instance(name, number)))
        lowest, highest = bounds(points)
        assert float((highest - lowest).max()) < 40
        patch = rasterised(parts, points - (lowest + highest) / 2 + CENTRE, 224)
        assert np.count_nonzero(patch.high > VISIBLE) >= 8
        assert (patch.low >= patch.high).all()
        seen.add(tuple(np.round(points.ravel(), 3)))
    assert len(seen) == 12


@pytest.mark.parametrize(
    ("name", "materials"),
    [
        ("scissors", {"metal"}),
        ("folding_knife", {"metal"}),
        ("handgun", {"metal"}),
        ("printed_gun", {"organic"}),
        ("ammunition", {"metal"}),
        ("explosive", {"organic"}),
        ("wrench", {"metal"}),
        ("screwdriver", {"metal"}),
        ("clothes", {"organic"}),
        ("book", {"organic"}),
    ],
)
def test_items_are_made_of_what_they_should_be(name: str, materials: set[str]) -> None:
    """Whatever their handles and wires: blades are metal, explosives organic, printed guns plastic."""
    found = {item.material for index in range(400) for item in simulate(11, index, size=64).items if item.name == name}
    assert found == materials


def test_an_explosive_has_a_dense_organic_block_wires_and_a_cell() -> None:
    """All three, whatever the dice say: without one of them it is only a parcel."""
    for number in range(20):
        parts = instance("explosive", number)
        groups = {part.material.group for part in parts}
        assert groups == {"organic", "mixed", "metal"}
        assert any(part.stroke for part in parts)
        assert max(part.thickness for part in parts if part.material.group == "organic") >= 3


@pytest.mark.parametrize(("split", "digits"), [("train", set(range(8))), ("val", {8}), ("test", {9})])
def test_no_shape_of_one_split_is_in_another(split: Split, digits: set[int]) -> None:
    """The last digit of an instance's number is its split's."""
    shapes = [item.shape for index in range(15) for item in simulate(12, index, size=64, split=split).items]
    assert {shape % 10 for shape in shapes} == digits
    assert len(set(shapes)) > 0.9 * len(shapes)
