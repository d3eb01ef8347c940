"""What a reply says, how sure it is, and when it cannot be relied on."""

from __future__ import annotations

import json
import math

import pytest

from models.heard import heard
from models.ports import Piece, Reply
from models.profile import BAGGAGE
from models.release import Curve
from tests.models.parts import PLAIN, replied

KNIFE = "folding knife, center, hidden"
LAPTOP = "laptop, top-left, in view"


def said(*items: str, prohibited: object = None) -> str:
    fields: dict[str, object] = {"items": list(items)}
    return json.dumps(fields if prohibited is None else fields | {"prohibited": prohibited}, separators=(",", ":"))


def in_pieces(*pieces: tuple[str, float]) -> Reply:
    text = "".join(text for text, _ in pieces)
    return Reply(text=text, pieces=tuple(Piece(text=text, logprob=logprob) for text, logprob in pieces))


def test_confidence_is_that_of_the_tokens_that_spell_the_name() -> None:
    """Neither the place nor the grammar around a name counts; a piece that reaches over its edge does."""
    reply = in_pieces(
        ('{"items":[', -3.0), ('"fold', -0.1), ("ing knife", -0.2), (", center", -5.0), (", hidden", -5.0),
        ('","', -3.0), ("laptop", -0.7), (", top-left, in view", -2.0), ('"],"prohibited":true}', -4.0),
    )  # fmt: skip
    whole = heard(reply, BAGGAGE, PLAIN, general=True)
    assert whole.trouble is None
    assert [each.mention.item for each in whole.named] == ["folding knife", "laptop"]
    assert [each.confidence for each in whole.named] == pytest.approx([math.exp(-0.3), math.exp(-0.7)])
    curved = heard(reply, BAGGAGE, Curve(slope=0.5, shift=-1.0), general=True)
    assert curved.named[0].confidence < whole.named[0].confidence


def test_the_same_thing_twice_is_measured_twice() -> None:
    reply = in_pieces(('{"items":["', 0), ("laptop", -0.1), (', center, hidden","', 0), ("laptop", -1.0),
                      (', center, hidden"]}', 0))  # fmt: skip
    named = heard(reply, BAGGAGE, PLAIN, general=False).named
    assert [each.confidence for each in named] == pytest.approx([math.exp(-0.1), math.exp(-1.0)])


@pytest.mark.parametrize(
    "text",
    [
        said(KNIFE, prohibited=False),
        said(LAPTOP, prohibited=True),
        said(prohibited=True),
        said(KNIFE, prohibited="yes"),
        said(KNIFE),
        said(*[LAPTOP] * BAGGAGE.most, prohibited=False),
        said(KNIFE, prohibited=True)[:-3],
        said("a knife", prohibited=True),
        said("folding knife, somewhere, hidden", prohibited=True),
        "I cannot see anything prohibited.",
        "null",
        "",
    ],
)
def test_what_is_outside_of_the_grammar_or_contradicts_itself_is_no_word(text: str) -> None:
    assert heard(replied(text), BAGGAGE, PLAIN, general=True).trouble


def test_a_contradiction_keeps_what_was_named() -> None:
    """It may be true; that it cannot be relied on is said beside it."""
    whole = heard(replied(said(KNIFE, prohibited=False)), BAGGAGE, PLAIN, general=True)
    assert [each.mention.item for each in whole.named] == ["folding knife"]


@pytest.mark.parametrize("logprob", [math.nan, 0.5])
def test_probabilities_that_are_none_are_no_word(logprob: float) -> None:
    assert heard(replied(said(KNIFE, prohibited=True), logprob), BAGGAGE, PLAIN, general=True).trouble


def test_pieces_of_another_text_are_no_word() -> None:
    text = said(KNIFE, prohibited=True)
    assert heard(Reply(text=text, pieces=replied(text[1:]).pieces), BAGGAGE, PLAIN, general=True).trouble
