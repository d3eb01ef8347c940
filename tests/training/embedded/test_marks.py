"""What an answer is worth, held against one bag."""

import math

import pytest

from models import prompt
from models.ports import Detection, Piece, Reply
from models.profile import BAGGAGE
from models.prompt import Kind, Mention
from training.embedded.marks import agreement, claims_of_detector, claims_of_reader, marks_of, mentioned
from training.synth.lessons import Fact, mentions

KNIFE = Fact("folding knife", "top-left", 3, "book", "metal")
PHONE = Fact("phone", "center", 1, None, "mixed")
OTHER_PHONE = Fact("phone", "bottom-right", 2, "clothes", "mixed")
BAG = (KNIFE, PHONE, OTHER_PHONE)


def said(item: str, place: str, *, hidden: bool = False) -> Mention:
    return Mention(item=item, location=place, occluded=hidden)


def reply(text: str, sure: float = 1.0) -> Reply:
    """A piece for each character."""
    return Reply(text=text, pieces=tuple(Piece(text=each, logprob=math.log(sure)) for each in text))


def test_the_truth_wins_everything() -> None:
    """All that could be won."""
    assert marks_of(mentions(BAG), BAG) == {"items": (6, 6), "places": (3, 3), "hiding": (4, 4)}


def test_each_thing_counts_once_and_is_matched_where_it_fits_best() -> None:
    """Of two phones named the one at the right place is that phone, whatever the order."""
    told = [said("phone", "top-center"), said("phone", "center"), said("hammer", "center")]
    for order in (told, told[::-1]):
        assert marks_of(order, BAG) == {"items": (4, 6), "places": (1, 2), "hiding": (0, 1)}


def test_hiding_is_marked_for_things_that_are_there() -> None:
    """One rightly called hidden, one wrongly."""
    told = [said("folding knife", "top-left", hidden=True), said("phone", "center", hidden=True)]
    assert marks_of(told, (KNIFE, PHONE))["hiding"] == (2, 3)


def test_nothing_said_of_nothing_loses_nothing() -> None:
    """A clean bag with no answer has no mark to win."""
    assert marks_of((), ()) == {"items": (0, 0), "places": (0, 0), "hiding": (0, 0)}


@pytest.mark.parametrize(
    ("kind", "text", "good"),
    [
        ("general", '{"items":["phone, center, in view"],"prohibited":false}', True),
        ("general", '{"items":["phone, center, in view"]}', False),
        ("general", '{"items":["phone, center"],"prohibited":false}', False),
        ("general", '{"items":[', False),
        ("specific", '{"items":[]}', True),
        ("location", '{"location":"center"}', True),
        ("location", '{"location":"middle"}', False),
        ("occlusion", '{"level":2,"concealer":"book"}', True),
        ("occlusion", '{"level":4,"concealer":null}', False),
        ("occlusion", '{"level":2,"concealer":"elephant"}', False),
        ("presence", '{"present":true}', True),
        ("presence", '{"present":"yes"}', False),
        ("detailed", '{"description":"A phone."}', True),
        ("detailed", '{"description":3}', False),
    ],
)
def test_what_is_outside_the_grammar_is_not_an_answer(kind: Kind, text: str, good: bool) -> None:
    """By the rooms that serve."""
    assert (mentioned(kind, reply(text)) is not None) == good


def test_a_claim_is_as_sure_as_the_tokens_that_spell_its_item() -> None:
    """Five letters at 0.9 each; the second phone is right too, a third one is not."""
    text = prompt.say_items((said("phone", "center"), said("phone", "center"), said("phone", "top-left")), BAGGAGE)
    claims = claims_of_reader(reply(text, 0.9), BAG)
    assert [claim.score for claim in claims] == pytest.approx([0.9**5] * 3)
    assert [claim.level for claim in claims] == [1, 2, 0]
    assert [claim.right for claim in claims] == [True, True, False]
    assert not any(claim.prohibited for claim in claims)


def test_a_detection_is_right_where_class_and_place_are() -> None:
    """The surest of two on one thing; another class on it is wrong, and so is one beside it."""
    box = (0.1, 0.1, 0.3, 0.3)
    found = [
        Detection(item="folding knife", score=0.5, box=box),
        Detection(item="folding knife", score=0.9, box=(0.1, 0.1, 0.3, 0.29)),
        Detection(item="handgun", score=0.8, box=box),
        Detection(item="phone", score=0.7, box=box),
    ]
    claims = claims_of_detector(found, [KNIFE, PHONE], [box, (0.5, 0.5, 0.6, 0.6)])
    assert [(claim.item, claim.level) for claim in claims] == [
        ("folding knife", 3),
        ("handgun", 0),
        ("phone", 0),
        ("folding knife", 0),
    ]


def test_agreement_counts_items() -> None:
    """Two phones beside one: three of the four that both name, twice counted."""
    one, two = [said("phone", "center"), said("phone", "top-left")], [said("phone", "center")]
    assert agreement(one, two) == (2, 3)
    assert agreement(one, one) == (4, 4)
    assert agreement((), ()) == (0, 0)
