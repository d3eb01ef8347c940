"""The profile of baggage: what can be seen is what the simulator draws, under the same names."""

from models.profile import BAGGAGE
from training.synth.bag import COLUMNS, ROWS
from training.synth.things.catalogue import KINDS, TARGETS


def words(name: str) -> str:
    return name.replace("_", " ")


def test_things_are_the_targets_in_the_order_of_their_numbers() -> None:
    """Name, category, and whether it is prohibited."""
    targets = [kind for kind in KINDS if kind.name in TARGETS]
    assert [(thing.name, thing.category, thing.prohibited) for thing in BAGGAGE.things] == [
        (words(kind.name), kind.category, kind.threat) for kind in targets
    ]


def test_what_else_may_lie_over_a_thing_is_all_other_goods() -> None:
    """A bag may be said to hide something too, and that is no kind of goods."""
    goods = {words(kind.name) for kind in KINDS if kind.category == "other"}
    assert goods <= set(BAGGAGE.concealers)
    assert set(BAGGAGE.concealers) - goods <= {"bag"}


def test_places_are_the_nine_of_a_bag_along_the_rows() -> None:
    """In the words of the simulator."""
    named = [f"{row}-{column}" for row in ROWS for column in COLUMNS]
    assert list(BAGGAGE.places) == ["center" if name == "center-center" else name for name in named]


def test_frames_are_made_of_whole_tokens() -> None:
    """Multiples of 32 for the detector, of 28 for the reader."""
    assert all(side % 32 == 0 for side in BAGGAGE.detector_frame)
    assert all(side % 28 == 0 for side in BAGGAGE.reader_frame)


def test_a_thing_is_found_by_its_name() -> None:
    """And no name stands twice."""
    assert len(set(BAGGAGE.names)) == len(BAGGAGE.names)
    assert all(BAGGAGE.thing(name).name == name for name in BAGGAGE.names)
