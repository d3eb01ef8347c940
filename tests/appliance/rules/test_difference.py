"""Whatever two rulebooks can differ in is told, in words; what only looks otherwise is not."""

from __future__ import annotations

import pytest

from appliance.rules import difference, reading, texts
from appliance.rules.texts import Texts

DEFAULT = texts.default()
SHEET = """\
name: lane-3
version: 1
over: customs
rules:
  - {id: bottles, when: "items.exists(i, i.item == 'bottle')", risk: medium, message: {en: A bottle.}}
loosens:
  - {rule: declared-not-seen, until: 2030-01-01, why: the side camera is away}
tests:
  - {name: a bottle, seen: [{item: bottle}], expect: {risk: medium}}
"""
LANE = """\
  - id: lane
    when: |-
      false // off
        || scan.lane == 'L 3'
    risk: high
    message: {en: "The lane."}
levels:
"""


def told(one: Texts, other: Texts) -> tuple[str, ...]:
    return difference.between(reading.parse(one), reading.parse(other))


def edited(old: str, new: str, whole: Texts = DEFAULT, part: str = "book") -> Texts:
    text = getattr(whole, part)
    assert old in text, old
    return whole.model_copy(update={part: text.replace(old, new, 1)})


WITH_LANE = edited("levels:\n", LANE)
WITH_SHEET = DEFAULT.model_copy(update={"site": SHEET})


def test_what_says_the_same_differs_in_nothing() -> None:
    assert told(DEFAULT, DEFAULT) == ()
    assert told(DEFAULT, edited("rules:\n", "# a remark\nrules:\n")) == ()


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (WITH_LANE, edited("off\n        ||", "off ||", WITH_LANE), "rule lane: when is false // off"),
        (WITH_LANE, edited("'L 3'", "'L  3'", WITH_LANE), "rule lane: when is"),
        (DEFAULT, edited("version: 1\n", "version: 2\n"), "the rulebook is customs@2 instead of customs@1"),
        (DEFAULT, WITH_LANE, 'rule lane is new: high when "false // off\\n'),
        (WITH_LANE, DEFAULT, "rule lane is gone"),
        (DEFAULT, edited("levels:\n", "levels:\n  quiet: {}\n"), "level quiet is new"),
        (
            DEFAULT,
            edited(
                "{id: scissors, category: blade, standing: prohibited",
                "{id: scissors, category: blade, standing: restricted",
                part="taxonomy",
            ),
            "class scissors: standing is restricted instead of prohibited",
        ),
        (DEFAULT, WITH_LANE, 'rule lane: message is {"en": "The lane."} instead of nothing'),
        (DEFAULT, WITH_SHEET, "the site's sheet lane-3@1 is new"),
        (DEFAULT, WITH_SHEET, "site: rule bottles is new"),
        (DEFAULT, WITH_SHEET, "site: loosening of rule declared-not-seen is new"),
        (WITH_SHEET, DEFAULT, "the site's sheet lane-3@1 is gone"),
        (WITH_SHEET, DEFAULT, "site: rule bottles is gone"),
        (WITH_SHEET, DEFAULT, "site: loosening of rule declared-not-seen is gone: it is followed again"),
        (
            WITH_SHEET,
            edited("risk: medium}}\n", "risk: medium, action: REVIEW}}\n", WITH_SHEET, "site"),
            "site: test 'a bottle': expect: action is REVIEW instead of nothing",
        ),
        (WITH_SHEET, edited("name: a bottle", "name: bottles", WITH_SHEET, "site"), "site: test 'bottles' is new"),
        (
            WITH_SHEET,
            edited("2030-01-01", "2031-01-01", WITH_SHEET, "site"),
            "site: loosening of rule declared-not-seen: until is 2031-01-01 instead of 2030-01-01",
        ),
        (
            WITH_SHEET,
            edited("name: lane-3", "name: lane-4", WITH_SHEET, "site"),
            "the site's sheet is lane-4@1 instead of lane-3@1",
        ),
        (
            WITH_SHEET,
            edited("A bottle.", "A  bottle.", WITH_SHEET, "site"),
            'site: rule bottles: message: en is "A  bottle." instead of A bottle.',
        ),
    ],
)
def test_what_differs_is_told(one: Texts, other: Texts, words: str) -> None:
    assert any(sentence.startswith(words) for sentence in told(one, other)), told(one, other)


def test_the_edition_and_the_order_of_classes_are_told() -> None:
    """Of two classes that share a name the first in the file has it."""
    taxonomy = reading.parse(DEFAULT).taxonomy
    other = taxonomy.model_copy(update={"items": (*taxonomy.items[1:], taxonomy.items[0]), "hs_edition": "2099"})
    one = reading.parse(DEFAULT)
    assert difference.between(one, one._replace(taxonomy=other)) == (
        f"taxonomy: hs_edition is 2099 instead of {taxonomy.hs_edition}",
        "the classes stand in another order: where two share a name, the first has it",
    )


def test_what_nobody_told_is_not_called_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the walk may miss, two that differ never say the same."""
    monkeypatch.setattr(difference, "_fields", lambda *_: iter(()))
    assert told(DEFAULT, WITH_LANE) == (difference.UNTOLD,)
