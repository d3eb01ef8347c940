"""What is asked about a bag: every answer follows from what is true of it, and keeps to the grammar."""

import json
from collections import Counter

import numpy as np
import pytest

from models import prompt
from models.profile import BAGGAGE
from models.prompt import ASKED, Kind
from training.synth.lessons import Fact, answer, described, fact_of, hints, lesson, lessons_of, mentions
from training.synth.simulator import simulate

KNIFE = Fact("folding knife", "top-left", 3, "book", "metal")
PHONE = Fact("phone", "center", 1, None, "mixed")
OTHER_PHONE = Fact("phone", "bottom-right", 2, "clothes", "mixed")
BAG = (OTHER_PHONE, KNIFE, PHONE)


def test_each_kind_has_its_answer() -> None:
    """Spelled out for one bag."""
    assert json.loads(answer("general", BAG)) == {
        "items": ["folding knife, top-left, hidden", "phone, center, in view", "phone, bottom-right, hidden"],
        "prohibited": True,
    }
    assert json.loads(answer("general", [PHONE]))["prohibited"] is False
    assert json.loads(answer("specific", BAG, "phone"))["items"] == [
        "phone, center, in view",
        "phone, bottom-right, hidden",
    ]
    assert json.loads(answer("specific", BAG, "hammer")) == {"items": []}
    assert json.loads(answer("presence", BAG, "phone")) == {"present": True}
    assert json.loads(answer("presence", BAG, "hammer")) == {"present": False}
    assert json.loads(answer("location", BAG, "folding knife")) == {"location": "top-left"}
    assert json.loads(answer("occlusion", BAG, "folding knife")) == {"level": 3, "concealer": "book"}
    assert described([KNIFE]) == "Folding knife (metal) at the top-left, mostly hidden beneath the book."
    assert described([PHONE]).endswith("Nothing prohibited.")


def test_the_place_of_one_of_two_cannot_be_asked_for() -> None:
    """Nobody could know which is meant."""
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="unpack"):
        answer("location", BAG, "phone")
    for _ in range(50):
        asked = lesson("location", BAG, rng)
        assert (asked.kind, asked.about) == ("location", "folding knife")
        assert lesson("occlusion", (PHONE, OTHER_PHONE), rng).kind == "presence"
        assert lesson("location", (), rng).kind == "presence"


def test_all_that_is_taught_is_grammatical_and_true() -> None:
    """Hundreds of lessons of simulated bags, read back by the rooms that serve."""
    kinds: Counter[Kind] = Counter()
    for number in range(60):
        facts = [fact_of(item) for item in simulate(31, number, size=96).targets]
        rng = np.random.default_rng(number)
        for each in lessons_of(facts, rng, 6):
            kinds[each.kind] += 1
            assert set(json.loads(each.answer)) == set(prompt.schema(each.kind, BAGGAGE)["required"])
            assert each.answer == answer(each.kind, facts, each.about)
            if each.kind == "general":
                assert prompt.read_items(each.answer, BAGGAGE) == mentions(facts)
    assert set(kinds) == set(ASKED)


def test_what_is_asked_for_is_there_half_of_the_time() -> None:
    """Whoever always says yes is right as often as wrong."""
    rng = np.random.default_rng(2)
    told = Counter(lesson("presence", BAG, rng).answer for _ in range(600))
    assert 240 < told['{"present":true}'] < 360


def test_hints_are_those_of_a_middling_detector() -> None:
    """What is hidden is missed more often, and now and then something is proposed that is not there."""
    rng = np.random.default_rng(3)
    proposed = Counter(hint for _ in range(600) for hint in hints(BAG, rng))
    plain, partly, mostly = (proposed[each.mention.hint] for each in (PHONE, OTHER_PHONE, KNIFE))
    assert plain > partly > mostly > 0
    assert 40 < sum(proposed.values()) - plain - partly - mostly < 140
