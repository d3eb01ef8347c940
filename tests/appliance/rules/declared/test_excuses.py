"""What lines excuse and whom they stop: denials, minus signs, endless lists, small things, and who made a thing."""

from __future__ import annotations

import time

import pytest

from appliance.rules.declared.recognition import MOST_READ
from appliance.rules.words import LONGEST_LINE
from appliance.scan import Action, Declaration, DeclaredItem
from tests.appliance.rules.declared.bags import finding, held, line, taxonomy
from tests.appliance.rules.scenes import answer, moment, scan
from tests.judging import judge

SMALL = frozenset(
    {"aa", "aaa", "accessories", "allen", "bateri", "bit", "bits", "blade", "cartridge", "controller", "cpu", "helmet"}
    | {"hex", "hp", "ink", "key", "kunci", "lens", "lưỡi", "mata", "mũi", "parts", "phụ", "pen", "ssd", "stroller"}
)


@pytest.mark.parametrize(
    "denial",
    [
        line("I carry none of these:"),
        line("NOT carrying:"),
        line("pistol", quantity=0),
        line("нет"),
        line("I left these at home"),
        line("I left these at home: see below"),
        line("N/A"),
        line("nope"),
        line("Items removed from this bag"),
        line("barang berikut ditinggalkan di rumah"),
        line("những thứ này để ở nhà"),
        line("-1 handgun"),
        line("handgun (toy)"),
        line("flux capacitor"),
    ],
    ids=lambda denial: denial.text,
)
def test_what_nobody_understands_lets_nothing_prohibited_be_declared(denial: DeclaredItem) -> None:
    """It may be a form's headline that denies what follows; so what is honest and strange costs a closer look."""
    for forbidden in ("handgun", "lighter"):
        for lines in ((denial, "books", forbidden), (forbidden, denial)):
            found = held(*lines, seen=(finding(forbidden), finding("book")))
            assert forbidden not in found.matched
            assert forbidden in found.undeclared
        assert held("books", forbidden, line("goods", hs="847130"), seen=(finding(forbidden),)).matched == (forbidden,)
    assert held(denial, "books", seen=(finding("book"),)).matched == ("book",)


def test_less_than_none_declares_none() -> None:
    """A minus is no bullet."""
    for text in ("knife -1", "-3 knife", "knife x-1"):
        assert held(text, seen=(finding("straight knife"),)).matched == ()
    for text in ("- knife", "- 3 knives"):
        assert held(text, seen=(finding("straight knife"),)).matched == ("straight knife",)


def test_an_endless_declaration_is_answered_in_time() -> None:
    """Up to a bound all is looked up, which is quick; beyond it nothing is, so that no line depends on another."""
    size = len(text := ", ".join(["túi " + "cũ mới nhỏ đỏ " * 2] * 8)[:LONGEST_LINE])
    lines = [line("laptop"), *(line(f"{number:06}" + text[6:]) for number in range(MOST_READ // size - 1))]
    begun = time.process_time()
    assert held(*lines, seen=(finding("laptop"),)).matched == ("laptop",)
    assert time.process_time() - begun < 3
    lines += [line("x" * LONGEST_LINE)] * 2
    found = held(*lines, seen=(finding("laptop"),))
    assert (found.matched, found.not_seen) == ((), ())
    assert len(found.not_verifiable) == len({one.text for one in lines})


def test_writing_more_never_makes_a_scan_count_for_less() -> None:
    """Beyond what anybody reads a declaration is unreadable; short of it a laptop that is missing stays missing."""
    junk = [DeclaredItem(text=f"assorted {number:05} thing") for number in range(MOST_READ // 20)]
    for more in (junk[: len(junk) // 2], junk):
        given = Declaration(state="given", items=(DeclaredItem(text="lapttop"), *more))
        said = judge(scan(declaration=given), answer(), moment()).verdict
        assert said.recommended_action is not Action.CLEAR
    assert said.degraded == (f"declaration unreadable: more than {MOST_READ:,} characters",)


def test_what_a_scan_shows_is_never_a_part_or_a_small_thing() -> None:
    """A drill is seen to be missing, its bits are not; what is forbidden counts whole."""
    shown = [name.alias for name in taxonomy().names if name.item.shows and name.item.standing == "allowed"]
    assert [alias for alias in shown if not SMALL.isdisjoint(alias.split())] == ["hp"]


@pytest.mark.parametrize(
    "text",
    [
        "AA batteries",
        "bateri",
        "allen key",
        "drill bits",
        "test pen",
        "saw blade",
        "mũi khoan",
        "camera lens",
        "webcam",
        "ink cartridges",
        "graphics card",
        "game controller",
        "helmet",
        "stroller",
        "projector",
        "tv box",
        "portable SSD",
        "hair straightener",
        "flute",
        "bicycle parts",
    ],
)
def test_nobody_is_stopped_for_what_a_scan_can_lose(text: str) -> None:
    """Whatever an engine may have words for."""
    found = held(text, says=frozenset(item.id for item in taxonomy().items))
    assert found.lines[0].understood
    assert found.not_verifiable == (text,)


@pytest.mark.parametrize("text", ["Laptop (HP)", "HP laptop", "laptop HP", "laptop, HP, 14 inch", "apple macbook"])
def test_who_made_a_thing_is_no_other_thing(text: str) -> None:
    """HP is a phone in Malay, and a maker elsewhere."""
    found = held(text, seen=(finding("laptop"),))
    assert (found.matched, found.not_seen) == (("laptop",), ())
    assert held("hp", seen=(finding("phone"),)).matched == ("phone",)
