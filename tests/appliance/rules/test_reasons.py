"""What an officer reads: every rule in three languages, things by their names, and nothing left unfilled."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.rules import lacking, reasons
from appliance.rules.book import Rule
from appliance.scan import LANGUAGES, Declaration, DeclaredItem, Risk
from tests.appliance.rules.chance import worlds
from tests.appliance.rules.scenes import answer, finding, moment, scan
from tests.judging import judge, standing

RULES = [ready.rule for ready in standing().rules]
UNFILLED = re.compile(r"\{items\}|\{\}|\bNone\b|'en'|\s\s|\n|\s[.,]")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_default_rule_speaks_three_languages(rule: Rule) -> None:
    """And none of them is a copy of another."""
    assert set(rule.message) == set(LANGUAGES)
    assert len({*rule.message.values()}) == len(LANGUAGES)
    assert all(("{items}" in text) == (rule.about is not None) for text in rule.message.values())


@pytest.mark.parametrize("words", [reasons.PROHIBITED, reasons.UNKNOWN])
def test_what_no_book_can_be_without_speaks_three_languages(words: dict[str, str]) -> None:
    assert set(words) == set(LANGUAGES)
    assert len({*words.values()}) == len(LANGUAGES)


@pytest.mark.parametrize(
    "item", [item for item in standing().taxonomy.items if item.standing == "prohibited"], ids=lambda item: item.id
)
def test_a_thing_is_called_by_its_name_in_every_language(item: object) -> None:
    """The first name of each language, also where the model spells it otherwise."""
    known = standing().taxonomy.by_id[item.id]  # type: ignore[attr-defined]
    for spelled in (known.id, known.id.upper()):
        said = judge(scan(), answer(finding(spelled, known.category)), moment()).verdict
        for language in LANGUAGES:
            assert known.names[language][0] in said.reasonings[language]
        assert said.reasoning == said.reasonings["en"] == f"Detected {known.names['en'][0]} not declared."


def test_nothing_found_and_lacking_evidence_are_told_in_every_language() -> None:
    for seen in (answer(), None):
        said = judge(scan(), seen, moment()).verdict
        assert len({*said.reasonings.values()}) == len(LANGUAGES)


@pytest.mark.parametrize("known", lacking.KNOWN, ids=lambda known: known.en)
def test_what_can_lack_is_known_in_every_language_and_keeps_what_differs(known: lacking.Known) -> None:
    parts = [f"part {number}" for number in range(known.en.count("{}"))]
    line = known.en.format(*parts)
    assert lacking.told(line, "en") == line
    for language in LANGUAGES[1:]:
        assert lacking.told(line, language) == getattr(known, language).format(*parts) != line


def test_whatever_lacks_is_told_in_the_officers_language() -> None:
    """Over generated scans and rulebooks."""
    lacks = {lack for world in worlds(4, 1500) for lack in world.judged().verdict.degraded}
    assert len({lack.partition(":")[0] for lack in lacks}) > 10
    assert {lack for lack in lacks if lacking.told(lack, "vi") == lack or lacking.told(lack, "ms") == lack} == set()


def test_no_paragraph_holds_a_gap() -> None:
    """Over generated scans and rulebooks."""
    seen = 0
    for world in worlds(3, 2500):
        said = world.judged().verdict
        assert set(said.reasonings) == set(LANGUAGES)
        for text in said.reasonings.values():
            assert text == text.strip() != ""
            assert not UNFILLED.search(text), text
            seen += 1
    assert seen > 5000


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_a_traveller_or_an_engine_writes_stays_on_one_line(name: str, text: str) -> None:
    """Neither can end the paragraph, nor begin one of their own."""
    told = reasons.said("x", Risk.HIGH, reasons.UNKNOWN, [name, text], standing().taxonomy)
    declared = Declaration(state="unreadable", items=(DeclaredItem(text=text),), problem=text)
    paragraph = judge(scan(declaration=declared), answer(), moment()).verdict.reasoning
    for shown in (*told.messages.values(), told.message, paragraph):
        assert shown.isprintable()
        assert "\n" not in shown


def test_of_very_many_things_only_some_are_named() -> None:
    """A paragraph stays one that is read."""
    told = reasons.said(
        "x", Risk.HIGH, reasons.UNKNOWN, [f"thing {number}" for number in range(40)], standing().taxonomy
    )
    assert told.message.endswith("thing 11, 28 more.")
