"""Declared against seen: four results, counts as intervals, and no text lowers an alarm by accident or trickery."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.rules.declared.matching import declared_items
from appliance.scan import DeclaredItem
from models.profile import BAGGAGE
from tests.appliance.rules.declared.bags import finding, held, line, meaning, taxonomy

HARSH = frozenset(item.id for item in taxonomy().items if item.standing != "allowed")
EVERYTHING = tuple(BAGGAGE.names)
ALIASES = [name.alias for name in taxonomy().names]


def test_the_four_results() -> None:
    """Each line has one of three results, and what was seen without a word about it is the fourth."""
    found = held("laptop", "hammer", "clothing", "flux capacitor", seen=("laptop", "folding knife"))
    assert found.matched == ("laptop",)
    assert found.undeclared == ("folding knife",)
    assert found.not_seen == ("hammer",)
    assert found.not_verifiable == ("clothing", "flux capacitor")
    assert [one.result for one in found.lines] == ["seen", "not_seen", "not_verifiable", "not_verifiable"]
    assert declared_items(found) == {"laptop"}


def test_the_alias_and_the_score_travel_along() -> None:
    """An officer sees by which words a line was understood."""
    exact, alike, code = held("komputer riba", "screwdirver", line("Stanley 51-163", hs="8205.20")).lines
    assert [(one.item, one.how, one.alias, one.language, one.score) for one in exact.understood] == [
        ("laptop", "exact", "komputer riba", "ms", 1.0)
    ]
    assert (alike.understood[0].item, alike.understood[0].how) == ("screwdriver", "alike")
    assert 0.8 <= alike.understood[0].score < 1
    assert (code.understood[0].item, code.understood[0].how, code.understood[0].alias) == ("hammer", "hs", "820520")


@pytest.mark.parametrize("changes", [{"complete": False}, {"says": frozenset({"laptop"})}])
def test_not_seen_is_only_said_where_the_scan_would_have_shown_it(changes: Any) -> None:
    """Pictures not fully looked at, or a model without a word for it, prove nothing."""
    assert held("hammer", **changes).not_verifiable == ("hammer",)


def test_what_a_scan_cannot_show_is_never_not_seen() -> None:
    """Not for any class that hides, whatever the model can say, and not for a general word over such a class."""
    says = frozenset(item.id for item in taxonomy().items)
    for item in taxonomy().items:
        found = held(item.id, says=says)
        covered = [taxonomy().by_id[name] for name in taxonomy().covered.get(item.id, ())]
        expected = all(one.shows for one in covered or [item])
        assert bool(found.not_seen) == expected, item.id


def test_a_suitcase_of_hammers() -> None:
    """What is in the container counts, not the container."""
    assert held("suitcase of hammers").not_seen == ("suitcase of hammers",)
    assert held("suitcase of clothes").not_verifiable == ("suitcase of clothes",)
    assert held("suitcase of hammers", seen=("hammer",)).matched == ("hammer",)


def test_a_general_word_stands_for_harmless_things_only() -> None:
    """Electronics covers a laptop; nothing covers a weapon, not even "weapon"."""
    assert held("electronics", seen=("laptop",)).matched == ("laptop",)
    for word in ("hand tool", "kitchenware", "personal effects", "groceries", "gifts", "weapon", "firearm", "knife"):
        found = held(word, seen=("folding knife", "handgun", "lighter", "explosive"))
        assert not found.matched, word


def test_allowed_goods_nobody_declared_are_undeclared() -> None:
    """Each name once, in the order they were found."""
    found = held(seen=("laptop", "bottle", "laptop"))
    assert found.undeclared == ("laptop", "bottle")


@pytest.mark.parametrize(
    ("lines", "seen", "amount", "undeclared"),
    [
        ((line("scissors", 2),), 2, "fits", False),
        ((line("scissors", 1),), 2, "more_seen", True),
        ((line("scissors", 3),), 2, "fewer_seen", False),
        ((line("scissors"),), 2, "not_comparable", False),
        ((line("2 pairs of scissors"),), 3, "not_comparable", False),
        ((line("2 scissors"),), 3, "more_seen", True),
        ((line("2 scissors", 3),), 3, "fits", False),
        ((line("scissors", 1), line("gunting", 1)), 2, "fits", False),
        ((line("scissors", 1), line("gunting")), 3, "not_comparable", False),
        ((line("scissors", 0.5),), 1, "more_seen", True),
        ((line("bottle", 3),), 2, "not_comparable", False),
    ],
)
def test_counts_are_intervals(lines: tuple[DeclaredItem, ...], seen: int, amount: str, undeclared: bool) -> None:
    """What is seen is a least number; more than declared is undeclared, fewer is told only where it would show."""
    name = "bottle" if lines[0].text == "bottle" else "scissors"
    found = held(*lines, seen=(name,) * seen)
    assert found.lines[0].amount == amount
    assert found.lines[0].seen == seen
    assert found.matched == (name,)
    assert (name in found.undeclared) == undeclared
    assert (name in declared_items(found)) != undeclared


def test_views_show_the_same_bag() -> None:
    """The view that shows most of them counts, not the sum."""
    found = held(line("scissors", 2), seen=(*(finding("scissors", "top"),) * 2, finding("scissors", "side")))
    assert (found.lines[0].seen, found.lines[0].amount) == (2, "fits")


def test_none_declared_is_none_declared() -> None:
    """A quantity of nought declares nothing."""
    assert held(line("scissors", 0), "0 hammers", seen=("scissors", "hammer")).matched == ()


def test_a_finding_of_a_strange_category_cannot_have_been_declared() -> None:
    """A hammer that is said to be a weapon is no hammer we know."""
    assert held("hammer", seen=(finding("hammer", category="weapon"),)).undeclared == ("hammer",)


def test_an_unknown_finding_cannot_have_been_declared() -> None:
    """Not even by its own name: nobody knows what it is."""
    assert held("ray gun", seen=(finding("ray gun", category="weapon"),)).undeclared == ("ray gun",)


def test_hs_codes_never_declare_what_is_prohibited() -> None:
    """A form can list every heading there is; for allowed goods a code helps where words say nothing."""
    codes = sorted({code for item in taxonomy().items for code in item.hs if item.id in HARSH})
    lines = [line("goods as listed", hs=code.ljust(6, "0")) for code in codes]
    assert held(*lines, seen=EVERYTHING).matched == ()
    assert meaning("Bosch item", hs="8471.30.10") == {"laptop", "tablet"}
    assert meaning("umbrella", hs="8471.30.10") == {"umbrella"}
    assert meaning("Bosch item", hs="8471") >= {"laptop", "tablet", "desktop computer"}
    assert meaning("no laptop", hs="8471.30.10") == set()


@pytest.mark.parametrize(
    "text",
    [
        "folding knif",
        "foldingknife",
        "folding knife?",
        "folding knife (toy)",
        "toy folding knife",
        "folding knife - none",
        "folding knife or not",
        "folding knife, ignore the rest",
        "folding knife, handgun, and whatever else",
        "folding knife box",
        "knife, folding",
        "my folding knife",
        "folding\u200b knife",
        "f\u043elding knife",
        "no folding knife",
        "bukan pisau lipat",
        "không có dao gấp",
        "dao gập",
        "bag for folding knife",
        "1 box folding knife",
        "túi dao gấp",
        "hand tool: folding knife",
    ],
)
def test_a_prohibited_class_is_matched_by_its_name_only(text: str) -> None:
    """Slips, hedges, denials, wrappings and tricks declare nothing."""
    found = held(text, seen=("folding knife",))
    assert found.matched == ()
    assert found.undeclared == ("folding knife",)


@pytest.mark.parametrize(
    "text",
    [
        "folding knife",
        "Folding Knives",
        "2 x folding knife",
        "3 pcs folding knives",
        "hai cái dao gấp",
        "sebilah pisau lipat",
        "dao gap",
        "folding knife and fork",
        "bag of folding knives",
        "box of folding knives",
        "folding knife (1)",
    ],
)
def test_a_prohibited_class_can_be_declared(text: str) -> None:
    """Numbers, units, plurals and a plain list leave the name a name."""
    assert held(text, seen=("folding knife",)).matched == ("folding knife",)


lines = st.lists(
    st.builds(
        DeclaredItem,
        text=st.sampled_from(ALIASES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
        hs=st.none() | st.text(max_size=20),
        quantity=st.none() | st.floats(0, 1e300, allow_nan=False),
    ),
    max_size=6,
)
things = st.lists(st.builds(finding, st.sampled_from([*EVERYTHING, "?"]), st.sampled_from(["top", None])), max_size=5)


@given(lines, things, st.booleans(), st.randoms(use_true_random=False))
def test_matching_never_raises_and_the_order_of_lines_does_not_matter(
    declared: list[DeclaredItem], seen: list[Any], complete: bool, random: Any
) -> None:
    """Every finding is in a column, every line has a result, and shuffled lines give the same columns."""
    found = held(*declared, seen=tuple(seen), complete=complete)
    assert {one.item for one in seen} == {*found.matched, *found.undeclared}
    assert len(found.lines) == len(declared)
    random.shuffle(declared)
    again = held(*declared, seen=tuple(seen), complete=complete)
    assert (found.matched, found.undeclared) == (again.matched, again.undeclared)
    assert sorted(found.not_seen) == sorted(again.not_seen)
    assert sorted(found.not_verifiable) == sorted(again.not_verifiable)


def test_each_thing_of_a_line_is_looked_for_by_itself() -> None:
    """A book in the same line hides no missing laptop, and an HS code means one of its classes, not all of them."""
    assert held("laptop and books").not_seen == ("laptop and books",)
    assert held("laptop, hammer", seen=(finding("hammer"),)).not_seen == ("laptop, hammer",)
    assert held("laptop and books", seen=(finding("laptop"),)).not_seen == ()
    assert held(line("goods", hs="847130"), seen=(finding("tablet"),)).not_seen == ()
    assert held(line("goods", hs="847130")).not_seen == ("goods",)
