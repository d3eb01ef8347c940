"""The taxonomy of baggage is whole, and one that is not is refused at the place."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from appliance.errors import ConfigError
from appliance.scan import LANGUAGES
from models.profile import BAGGAGE
from tests.appliance.rules.declared.bags import meaning, read_taxonomy, taxonomy
from training.synth.things.catalogue import KINDS

PROHIBITED = {"weapon", "blade", "explosive", "ammunition", "narcotic", "wildlife"}
HEAD = 'profile: p\nhs_edition: "2022"\nitems:\n'
COVERING = "- {id: a, category: tool, names: {en: [a]}, covers: [b]}\n"
HAMMER = "- {id: hammer, category: tool, names: {en: [hammer]}}\n"


def test_the_size_is_right() -> None:
    """About a hundred and fifty classes, each named in the three languages."""
    assert 150 <= len(taxonomy().items) <= 200
    assert all(item.names.get(language) for item in taxonomy().items for language in LANGUAGES)


def test_whatever_the_models_name_is_a_class() -> None:
    """Every name of the profile is an id, of the same category."""
    found = {name: getattr(taxonomy().by_id.get(name), "category", None) for name in BAGGAGE.names}
    assert found == {thing.name: thing.category for thing in BAGGAGE.things}


def test_every_weapon_blade_explosive_and_ammunition_is_prohibited() -> None:
    """Not only knives."""
    for item in taxonomy().items:
        assert (item.standing == "prohibited") == (item.category in PROHIBITED), item.id


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_the_words_of_simulated_declarations_are_understood(kind: Any) -> None:
    """Each word stands for its kind of thing, alone or under a general word."""
    for word in kind.words:
        understood = meaning(word)
        assert understood, word
        covered = {inner for item in understood for inner in taxonomy().covered.get(item, ())}
        assert kind.name.replace("_", " ") in understood | covered, word


def test_every_name_finds_its_class() -> None:
    """No name is lost to counting, cutting or refusing."""
    lost = [(name.item.id, name.alias) for name in taxonomy().names if name.item.id not in meaning(name.alias)]
    assert not lost


def test_no_finding_becomes_harmless_by_being_unknown() -> None:
    """An unknown item is as bad as the worst of its category, and a name under another category is unknown."""
    standing = taxonomy().standing_of
    assert standing("hammer", "tool") == "allowed"
    assert standing("Hammer", "tool") == "allowed"
    assert standing("handgun", "weapon") == "prohibited"
    assert standing("lighter", "flammable") == "restricted"
    assert standing("ray gun", "weapon") == "prohibited"
    assert standing("thingamajig", "tool") == "unknown"
    assert standing("thingamajig", "nonsense") == "unknown"
    assert standing("hammer", "weapon") == "prohibited"
    assert standing("handgun", "tool") == "prohibited"
    assert standing("hammer", "nonsense") == "unknown"


def test_general_words_cover_allowed_classes_only() -> None:
    """Nothing prohibited can hide under "hand tool"."""
    covered = {name for names in taxonomy().covered.values() for name in names}
    assert {taxonomy().by_id[name].standing for name in covered} == {"allowed"}


@pytest.mark.parametrize(
    ("items", "place", "words"),
    [
        (HAMMER + HAMMER, "t.yaml:5:4", "stands twice"),
        ("- {id: saw, category: tool, names: {ms: [gergaji]}}\n", "t.yaml:4:29", "no English name"),
        ('- {id: saw, category: tool, names: {en: ["sa\\u0301w"]}}\n', "t.yaml:4:42", "composed"),
        ('- {id: saw, category: tool, names: {en: ["saw\\u200b"]}}\n', "t.yaml:4:42", "control"),
        ("- {id: saw, category: tool, names: {en: [saw, 刀]}}\n", "t.yaml:4:47", "read as a name"),
        ("- {id: saw, category: tool, names: {en: [blade saw]}}\n", "t.yaml:4:4", "own names"),
        ("- {id: saw, category: tool, hs: [82a], names: {en: [saw]}}\n", "t.yaml:4:34", "HS heading"),
        ('- {id: saw, category: tool, hs: ["820"], names: {en: [saw]}}\n', "t.yaml:4:34", "HS heading"),
        ("- {id: saw, category: tool, standing: fine, names: {en: [saw]}}\n", "t.yaml:4:29", "standing"),
        (HAMMER + "- {id: saw, category: tool, names: {en: [saw, Hammer]}}\n", "t.yaml:5:47", "a name of hammer"),
        ("- {id: saw, category: tool, names: {en: [saw]}, covers: [axe]}\n", "t.yaml:4:58", "no such class"),
        (
            COVERING + "- {id: b, category: tool, names: {en: [b]}, covers: [a]}\n",
            "t.yaml:4:45",
            "covers itself",
        ),
        (
            COVERING + "- {id: b, category: tool, standing: restricted, names: {en: [b]}}\n",
            "t.yaml:4:54",
            "never stands for",
        ),
    ],
)
def test_a_wrong_taxonomy_is_refused_at_its_place(items: str, place: str, words: str) -> None:
    """Every error says file, line and column."""
    with pytest.raises(ConfigError) as caught:
        read_taxonomy(HEAD + items, "t.yaml")
    assert place in str(caught.value)
    assert words in str(caught.value)


def test_more_names_alike_than_can_be_looked_through_are_refused() -> None:
    """Every word of a declaration would be held against all of them."""
    names = ", ".join("x" + "".join(letters) for letters in itertools.product("abcdef", repeat=4))
    with pytest.raises(ConfigError, match="more than 1000 names of 5 signs have a word with 'x'"):
        read_taxonomy(HEAD + f"- {{id: a, category: tool, names: {{en: [a, {names}]}}}}\n", "t.yaml")


def test_in_which_order_the_languages_of_a_class_stand_means_nothing() -> None:
    one, other = "{en: [hammer], ms: [tukul]}", "{ms: [tukul], en: [hammer]}"
    taxonomies = [read_taxonomy(HEAD + HAMMER.replace("{en: [hammer]}", names), "t") for names in (one, other)]
    assert [name.alias for name in taxonomies[0].names] == [name.alias for name in taxonomies[1].names]


def test_a_general_word_may_share_a_name_with_what_it_covers() -> None:
    """The first class in the file has the name."""
    read = read_taxonomy(
        HEAD + HAMMER + "- {id: tool, category: tool, names: {en: [tool, hammer]}, covers: [hammer]}\n", "t"
    )
    assert read.covered["tool"] == {"hammer"}
