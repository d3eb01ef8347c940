"""The one grammar: what is said is read back the same, and a schema takes exactly that."""

import json
import re
from typing import Any

import pytest

from models import prompt
from models.profile import BAGGAGE
from models.prompt import ASKED, Hidden, Mention, ReplyError

KNIFE = Mention(item="folding knife", location="top-left", occluded=True)
PHONE = Mention(item="phone", location="center", occluded=False)


def pattern() -> str:
    return prompt.schema("general", BAGGAGE)["properties"]["items"]["items"]["pattern"]


def test_items_are_read_back_as_they_were_said() -> None:
    """Every name, place and hiding there is."""
    every = [
        Mention(item=name, location=place, occluded=hidden)
        for name in BAGGAGE.names
        for place in BAGGAGE.places
        for hidden in (False, True)
    ]
    ordered = prompt.in_order(every[::-1], BAGGAGE)
    assert prompt.read_items(prompt.say_items(ordered, BAGGAGE), BAGGAGE) == ordered
    assert all(re.search(pattern(), each.coded) for each in ordered)


def test_the_order_is_along_the_rows_of_the_bag() -> None:
    """Then by name."""
    after = Mention(item="hammer", location="center", occluded=False)
    assert prompt.in_order([PHONE, after, KNIFE], BAGGAGE) == (KNIFE, after, PHONE)


def test_only_a_general_answer_says_whether_something_is_prohibited() -> None:
    """And it follows from the things."""
    assert json.loads(prompt.say_items((PHONE, KNIFE), BAGGAGE))["prohibited"] is True
    assert json.loads(prompt.say_items((PHONE,), BAGGAGE))["prohibited"] is False
    assert set(json.loads(prompt.say_items((PHONE,)))) == {"items"}


@pytest.mark.parametrize(
    "coded",
    [
        "phone, center",
        "phone, middle, in view",
        "elephant, center, in view",
        "phone, center, in view, really",
        "Phone, center, in view",
        " phone, center, in view",
        "phone, center, in view\n",
        "",
    ],
)
def test_whatever_else_is_no_item(coded: str) -> None:
    """Neither for the reader of replies nor for the schema."""
    with pytest.raises(ReplyError):
        prompt.read_items(json.dumps({"items": [coded]}), BAGGAGE)
    assert coded.endswith("\n") or not re.search(pattern(), coded)


@pytest.mark.parametrize("reply", ["", "{", "[]", "null", '{"things":[]}', '{"items":{}}', '{"items":[1]}'])
def test_what_is_no_list_of_items_is_refused(reply: str) -> None:
    """With a sentence, never with another kind of error."""
    with pytest.raises(ReplyError):
        prompt.read_items(reply, BAGGAGE)


def test_hiding_is_read_back() -> None:
    """Level and concealer, no other level, nothing beside them."""
    assert prompt.read_hidden('{"level":2,"concealer":"book"}') == Hidden(level=2, concealer="book")
    for wrong in ('{"level":0,"concealer":null}', '{"level":2}', '{"level":2,"concealer":null,"more":1}', "2"):
        with pytest.raises(ReplyError):
            prompt.read_hidden(wrong)


def test_a_field_that_is_not_there_is_an_error() -> None:
    """And one that is, is given as it was said."""
    assert prompt.read_field('{"present":false}', "present") is False
    with pytest.raises(ReplyError):
        prompt.read_field("{}", "present")


@pytest.mark.parametrize("kind", list(ASKED))
def test_a_schema_takes_the_fields_of_its_kind_and_no_others(kind: prompt.Kind) -> None:
    """All of them are needed."""
    fields: dict[prompt.Kind, set[str]] = {
        "general": {"items", "prohibited"},
        "specific": {"items"},
        "location": {"location"},
        "occlusion": {"level", "concealer"},
        "presence": {"present"},
        "detailed": {"description"},
    }
    schema: dict[str, Any] = prompt.schema(kind, BAGGAGE)
    assert set(schema["properties"]) == set(schema["required"]) == fields[kind]
    assert schema["additionalProperties"] is False


def test_enumerations_are_the_profiles() -> None:
    """Places, levels, and all that may hide a thing, or nothing."""
    assert prompt.schema("location", BAGGAGE)["properties"]["location"]["enum"] == list(BAGGAGE.places)
    hidden = prompt.schema("occlusion", BAGGAGE)["properties"]
    assert hidden["level"]["enum"] == [1, 2, 3]
    assert set(hidden["concealer"]["enum"]) == {*BAGGAGE.names, *BAGGAGE.concealers, None}


def test_a_question_names_its_thing_and_passes_on_hints() -> None:
    """After the words, in the detector's name; the picture stands before both."""
    asked = prompt.question("specific", "hammer", (KNIFE.hint, PHONE.hint))
    assert asked == "Find every hammer in this scan. Detector: folding knife, top-left; phone, center."
    system, user = prompt.messages(asked)
    assert system == {"role": "system", "content": prompt.SYSTEM}
    assert [part["type"] for part in user["content"]] == ["image", "text"]
    assert user["content"][1]["text"] == asked


def test_no_two_questions_are_worded_alike() -> None:
    """From the words alone it is clear what is asked."""
    every = [wording for wordings in ASKED.values() for wording in wordings]
    assert len(set(every)) == len(every)
