"""No text lowers a verdict, wherever it stands; save in one way, which is written down here as `PLAIN`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from appliance.scan import Action, Declaration, DeclaredItem, Picture, Risk, Scan
from models.answer import Answer, Finding
from tests.appliance.rules.hostile_texts import SENTENCES, hostile
from tests.appliance.rules.scenes import CLEAN, ORIGINAL, answer, finding, moment, scan
from tests.judging import judge, standing

CLASSES = ("handgun", "explosive", "folding knife", "scissors")
RISKS, ACTIONS = list(Risk), list(Action)
PLAIN = ("{}", "  {}  ", "2 {}", "{}, clothing", "clothing and {}", "- {}", "{} ...", "**{}**")
"""The one way: a line that plainly is one of the class's own names, alone or in a plain list, with marks and dots."""


@cache
def names(item: str) -> tuple[str, ...]:
    """What a class is called, a few in each language."""
    return tuple(
        dict.fromkeys(alias for aliases in standing().taxonomy.by_id[item].names.values() for alias in aliases[:2])
    )


def worth(brought: Scan, seen: Answer) -> tuple[int, int]:
    """Risk and action, each as a number."""
    said = judge(brought, seen, moment()).verdict
    return RISKS.index(said.risk_level), ACTIONS.index(said.recommended_action)


def seen_one(item: str, /, *, occluded: bool, **changes: Any) -> Answer:
    one = finding(item, standing().taxonomy.by_id[item].category, occluded=occluded)
    return answer(one.model_copy(update=changes))


def declared(*lines: str, hs: str | None = None, quantity: float | None = None) -> dict[str, Any]:
    items = tuple(DeclaredItem(text=line, hs=hs, quantity=quantity) for line in lines)
    return {"declaration": Declaration(state="given", items=items)}


def test_the_table_is_long_enough() -> None:
    """For each class more than three hundred, in six languages and three kinds of writing besides."""
    for item in CLASSES:
        assert len(hostile(names(item))) >= 300
    assert len(SENTENCES) >= 130


@pytest.mark.parametrize("occluded", [False, True])
@pytest.mark.parametrize("item", CLASSES)
def test_no_hostile_declaration_lowers(item: str, occluded: bool) -> None:
    """As a line of its own, twice, between honest lines, with every HS code of the class and any number."""
    seen = seen_one(item, occluded=occluded)
    before = worth(scan(), seen)
    assert before == (RISKS.index(Risk.HIGH), ACTIONS.index(Action.PHYSICAL_INSPECTION))
    codes = standing().taxonomy.by_id[item].hs
    lowered = [
        text
        for text in hostile(names(item))
        for way in (
            declared(text),
            declared("clothing", text, text, "books"),
            declared(text, hs=codes[0] if codes else "9302", quantity=5),
        )
        if worth(scan(**way), seen) < before
    ]
    assert not lowered


PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "scan_id": lambda text: {"scan_id": text},
    "source": lambda text: {"source": text},
    "lane": lambda text: {"lane": text},
    "context": lambda text: {"context": {"consignee": text, "declared_items": [text], "rules": text, text: text}},
    "picture": lambda text: {"pictures": (Picture(name=text, originals=(ORIGINAL,), size=9, sha256=CLEAN),)},
    "palette": lambda text: {
        "pictures": (Picture(name="view", originals=(ORIGINAL,), size=9, sha256=CLEAN, palette=text),)
    },
    "problem": lambda text: {"declaration": Declaration(state="unreadable", problem=text)},
    "hs": lambda text: declared("goods of mine", hs=text[:20]),
}


@pytest.mark.parametrize("place", PLACES)
def test_no_name_or_label_lowers(place: str) -> None:
    """What a file, a lane, a sender or a view is called is not evidence; nor are the plain names there."""
    for item in ("handgun", "explosive", "folding knife"):
        seen = seen_one(item, occluded=False)
        before = worth(scan(), seen)
        texts = (*names(item), *hostile(names(item)))
        assert not [text for text in texts if worth(scan(**PLACES[place](text)), seen) < before]


@pytest.mark.parametrize("part", ["location", "view", "item"])
def test_no_printed_label_lowers(part: str) -> None:
    """A label that a model reads out, in whatever field of its finding, with or without the same text declared."""
    for item in ("handgun", "explosive", "folding knife"):
        before = worth(scan(), seen_one(item, occluded=False))
        for text in hostile(names(item)):
            seen = seen_one(item, occluded=False, **{part: text})
            assert worth(scan(), seen) >= before, text
            assert worth(scan(**declared(text)), seen) >= before, text


def test_a_second_finding_with_a_soothing_name_takes_nothing_back() -> None:
    """An engine that also "sees" a cleared bag still has seen the gun."""
    gun = finding("handgun", "weapon")
    before = worth(scan(), answer(gun))
    for text in hostile(names("handgun")):
        soothing = Finding(item=text, category="tool", confidence=1, location=text, occluded=False, seen_by=("vlm",))
        assert worth(scan(), answer(gun, soothing)) >= before


@pytest.mark.parametrize("item", CLASSES)
def test_the_one_way_a_plain_declaration_makes_it_medium_and_never_clear(item: str) -> None:
    """By each of its names; and a concealed one stays high whatever was declared."""
    for alias in (alias for aliases in standing().taxonomy.by_id[item].names.values() for alias in aliases):
        for pattern in PLAIN:
            way = declared(pattern.replace("{}", alias))
            plain = judge(scan(**way), seen_one(item, occluded=False), moment()).verdict
            assert (plain.risk_level, plain.recommended_action) == (Risk.MEDIUM, Action.REVIEW), (pattern, alias)
            hidden = judge(scan(**way), seen_one(item, occluded=True), moment()).verdict
            assert hidden.recommended_action is Action.PHYSICAL_INSPECTION


def test_the_name_of_another_class_declares_nothing() -> None:
    """Each prohibited class only by its own names, whatever else they have in common."""
    prohibited = [one for one in standing().taxonomy.items if one.standing == "prohibited"]
    for item in CLASSES:
        own = {alias.casefold() for aliases in standing().taxonomy.by_id[item].names.values() for alias in aliases}
        seen = seen_one(item, occluded=False)
        for other in prohibited:
            for alias in (alias for aliases in other.names.values() for alias in aliases):
                if other.id != item and alias.casefold() not in own:
                    said = judge(scan(**declared(alias)), seen, moment()).verdict
                    assert said.recommended_action is Action.PHYSICAL_INSPECTION, (item, alias)
