"""Two pairs of eyes, put together: whatever one of them saw stays, and nothing becomes less sure."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.answer import Box
from models.fusion import Proposed, apart, fuse, more, place_of, unconfirmed
from models.heard import Named
from models.ports import Detection
from models.profile import BAGGAGE
from models.prompt import Mention
from tests.models.parts import ABOUT

BOX: Box = (0.1, 0.1, 0.2, 0.2)
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
ITEMS = ("folding knife", "handgun", "laptop", "bottle")


def proposed(item: str, place: str, score: float) -> Proposed:
    return Proposed(detection=Detection(item=item, score=score, box=BOX), place=place)


def named(item: str, place: str, confidence: float, *, hidden: bool = False) -> Named:
    return Named(mention=Mention(item=item, location=place, occluded=hidden), confidence=confidence)


@pytest.mark.parametrize(("place", "scores"), [("center", (0.9, 0.6)), ("top-left", (0.6, 0.9))])
def test_what_both_see_is_one_finding_with_the_higher_confidence(place: str, scores: tuple[float, float]) -> None:
    """The place and the concealment are the reader's words, the box is the detector's."""
    found = fuse(
        "top",
        [proposed("folding knife", "center", scores[0])],
        [named("folding knife", place, scores[1], hidden=True)],
        BAGGAGE,
        ABOUT,
    )
    (finding,) = found
    assert finding.seen_by == ("detector", "vlm")
    assert finding.confidence == 0.9
    assert (finding.location, finding.occluded, finding.box) == (place, True, BOX)
    assert (finding.category, finding.view) == ("blade", "top")


def test_the_same_thing_far_away_is_another_one() -> None:
    found = fuse("top", [proposed("handgun", "top-left", 0.9)], [named("handgun", "bottom-right", 0.9)], BAGGAGE, ABOUT)
    assert [finding.seen_by for finding in found] == [("detector",), ("vlm",)]


def test_two_knives_at_one_place_stay_two() -> None:
    """A detection is one thing, and so is a mention."""
    one = named("folding knife", "center", 0.9)
    assert len(fuse("top", [proposed("folding knife", "center", 0.9)], [one, one], BAGGAGE, ABOUT)) == 2


def test_alone_the_reader_always_has_its_say_about_prohibited_things() -> None:
    """Of others it has from the release's confidence on."""
    for confidence in (0.01, 0.49, 0.5):
        said = [named("handgun", "center", confidence), named("laptop", "center", confidence)]
        items = [finding.item for finding in fuse("top", [], said, BAGGAGE, ABOUT)]
        assert items == (["handgun", "laptop"] if confidence >= 0.5 else ["handgun"])


def test_alone_the_detector_has_its_say_from_the_releases_score_on() -> None:
    for score in (0.2, 0.39, 0.4):
        assert len(fuse("top", [proposed("laptop", "center", score)], [], BAGGAGE, ABOUT)) == (score >= 0.4)


def test_a_weak_proposal_helps_what_the_reader_names_and_no_strong_one_is_lost_by_it() -> None:
    """The strong one is paired first, even where the weak one is nearer."""
    weak, strong = proposed("handgun", "center", 0.2), proposed("handgun", "top-left", 0.9)
    assert [f.seen_by for f in fuse("top", [weak], [named("handgun", "center", 0.3)], BAGGAGE, ABOUT)] == [
        ("detector", "vlm")
    ]
    (finding,) = fuse("top", [weak, strong], [named("handgun", "center", 0.3)], BAGGAGE, ABOUT)
    assert finding.confidence == 0.9


def test_only_prohibited_things_that_were_not_named_deserve_a_second_look() -> None:
    seen = [
        proposed("handgun", "center", 0.9),
        proposed("handgun", "bottom-right", 0.9),
        proposed("folding knife", "center", 0.39),
        proposed("laptop", "center", 0.9),
    ]
    assert unconfirmed(seen, [named("handgun", "top-left", 0.9)], BAGGAGE, ABOUT) == ["handgun"]
    both = [named("handgun", "top-left", 0.9), named("handgun", "bottom-center", 0.1)]
    assert unconfirmed(seen, both, BAGGAGE, ABOUT) == []


def test_a_second_look_adds_and_raises() -> None:
    """A thing named at both looks counts once."""
    first = [named("handgun", "center", 0.4), named("laptop", "center", 0.9)]
    again = [named("handgun", "top-center", 0.7), named("handgun", "bottom-right", 0.2)]
    assert more(first, again, BAGGAGE) == (again[0], first[1], again[1])


def test_places_are_ninths_of_the_bag() -> None:
    bag: Box = (0.2, 0.4, 0.8, 1.0)
    assert place_of((0.2, 0.4, 0.3, 0.5), bag, BAGGAGE) == "top-left"
    assert place_of((0.45, 0.65, 0.55, 0.75), bag, BAGGAGE) == "center"
    assert place_of((0.7, 0.9, 1.0, 1.0), bag, BAGGAGE) == "bottom-right"
    assert place_of((0.0, 0.0, 0.1, 0.1), bag, BAGGAGE) == "top-left"


def test_neighbours_are_one_step_apart() -> None:
    assert apart("center", "top-left", BAGGAGE) == 1
    assert apart("top-left", "top-right", BAGGAGE) == 2
    assert all(apart(a, b, BAGGAGE) == apart(b, a, BAGGAGE) for a, b in product(BAGGAGE.places, repeat=2))


scores = st.floats(0, 1)
places = st.sampled_from(BAGGAGE.places)
seen_things = st.lists(st.builds(proposed, st.sampled_from(ITEMS), places, scores), max_size=6)
named_things = st.lists(st.builds(named, st.sampled_from(ITEMS), places, scores), max_size=6)


@given(seen_things, named_things)
def test_nothing_the_reader_says_removes_or_lowers_a_detection(seen: list[Proposed], said: list[Named]) -> None:
    """For any two: each strong proposal is a finding of its item at least as sure; so is each prohibited mention."""
    findings = fuse("top", seen, said, BAGGAGE, ABOUT)
    for item in ITEMS:
        of_item = [finding for finding in findings if finding.item == item]
        boxed = sorted((f.confidence for f in of_item if "detector" in f.seen_by), reverse=True)
        strong = sorted((p.detection.score for p in seen if p.detection.item == item), reverse=True)
        strong = [score for score in strong if score >= ABOUT.proposes]
        assert all(have >= score for have, score in zip(boxed, strong, strict=False))
        assert len(boxed) >= len(strong)
        spoken = sorted((f.confidence for f in of_item if "vlm" in f.seen_by), reverse=True)
        mentions = sorted((n.confidence for n in said if n.mention.item == item), reverse=True)
        if BAGGAGE.thing(item).prohibited:
            assert len(spoken) == len(mentions)
            assert all(have >= sure for have, sure in zip(spoken, mentions, strict=True))
