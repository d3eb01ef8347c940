"""A failure never says CLEAR: what the default book says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from appliance.rules.evidence import CompleteEvidence, SoundRules, gather
from appliance.rules.outcome import Clear, Harmless
from appliance.rules.taxonomy import ItemClass
from appliance.scan import Action, Declaration, DeclaredItem, Risk
from tests.appliance.rules.scenes import CLEAN, PROHIBITED, WORDS, action, answer, finding, moment, scan, word
from tests.judging import judge, standing


def test_no_answer_at_all_is_review_and_says_why() -> None:
    judged = judge(scan(), None, moment(), trouble="engine unavailable")
    assert judged.verdict.recommended_action is Action.REVIEW
    assert judged.verdict.degraded == ("engine unavailable",)
    assert judged.owed


def test_a_final_verdict_owes_nothing() -> None:
    assert not judge(scan(), None, moment(), trouble="engine went away", final=True).owed


def test_nothing_found_with_everything_answered_is_clear() -> None:
    judged = judge(scan(), answer(), moment())
    assert judged.verdict.recommended_action is Action.CLEAR
    assert judged.verdict.reasoning == "Nothing prohibited was found."
    assert not judged.owed


@pytest.mark.parametrize("category", PROHIBITED)
def test_every_prohibited_category_undeclared_is_high_not_only_knives(category: str) -> None:
    """Also of a thing that nobody has a name for."""
    verdict = judge(scan(), answer(finding("thing", category)), moment()).verdict
    assert (verdict.risk_level, verdict.recommended_action) == (Risk.HIGH, Action.PHYSICAL_INSPECTION)
    assert verdict.reasoning == "Detected thing not declared."


@pytest.mark.parametrize(
    "item", [item for item in standing().taxonomy.items if item.standing == "prohibited"], ids=lambda item: item.id
)
def test_every_prohibited_class_undeclared_is_high(item: ItemClass) -> None:
    """The gun and the explosive that another system cleared, and all others."""
    for occluded in (False, True):
        verdict = judge(scan(), answer(finding(item.id, item.category, occluded=occluded)), moment()).verdict
        assert (verdict.risk_level, verdict.recommended_action) == (Risk.HIGH, Action.PHYSICAL_INSPECTION)


def test_one_declared_prohibited_item_is_medium() -> None:
    declared = scan(declaration=Declaration(state="given", items=(DeclaredItem(text=" Folding  KNIFE "),)))
    verdict = judge(declared, answer(finding()), moment()).verdict
    assert (verdict.risk_level, verdict.recommended_action) == (Risk.MEDIUM, Action.REVIEW)
    assert verdict.declaration_match
    assert verdict.declaration.matched == ("folding knife",)


def test_a_concealed_declared_item_and_several_declared_items_are_high() -> None:
    declared = scan(
        declaration=Declaration(
            state="given", items=(DeclaredItem(text="folding knife"), DeclaredItem(text="scissors"))
        )
    )
    assert action(declared, answer(finding(occluded=True))) is Action.PHYSICAL_INSPECTION
    assert action(declared, answer(finding(), finding("scissors"))) is Action.PHYSICAL_INSPECTION


def test_allowed_things_alone_are_clear_and_restricted_ones_are_not() -> None:
    for item in standing().taxonomy.items:
        said = action(scan(), answer(finding(item.id, item.category)))
        assert (said is Action.CLEAR) == (item.standing == "allowed"), item.id


def test_a_thing_without_a_name_is_never_clear_though_its_category_is_harmless() -> None:
    assert action(scan(), answer(finding("thing", "tool"))) is Action.REVIEW


def test_an_empty_answer_with_a_declared_laptop_is_never_clear() -> None:
    declared = scan(declaration=Declaration(state="given", items=(DeclaredItem(text="laptop"),)))
    verdict = judge(declared, answer(), moment()).verdict
    assert verdict.recommended_action is Action.REVIEW
    assert verdict.declaration.not_seen == ("laptop",)
    assert not verdict.declaration_match


def test_a_category_the_rules_do_not_know_is_never_clear() -> None:
    assert action(scan(), answer(finding("thing", "unheard of"))) is Action.REVIEW


def test_made_up_answers_count_for_rehearsal_scans_only() -> None:
    assert action(scan(rehearsal=True), answer(canned=True)) is Action.CLEAR
    assert action(scan(rehearsal=False), answer(canned=True)) is Action.REVIEW


def test_what_learned_on_simulated_scans_clears_no_real_one() -> None:
    assert action(scan(rehearsal=True), answer(rehearsal=True)) is Action.CLEAR
    assert action(scan(rehearsal=False), answer(rehearsal=True)) is Action.REVIEW


def test_a_find_weighs_more_than_any_failure() -> None:
    """What was found stays found when something else failed."""
    broken = answer(finding(), components=(*word("detector", "answered"), *word("vlm", "failed")))
    assert action(scan(declaration=Declaration(state="unreadable", problem="x")), broken) is Action.PHYSICAL_INSPECTION


def test_the_declared_but_not_named_is_not_verifiable_and_never_not_seen() -> None:
    declared = scan(declaration=Declaration(state="given", items=(DeclaredItem(text="clothing"),)))
    verdict = judge(declared, answer(), moment()).verdict
    assert (verdict.declaration.not_verifiable, verdict.declaration.not_seen) == (("clothing",), ())


@pytest.mark.parametrize(
    "item", [each for each in standing().taxonomy.items if each.standing == "prohibited"], ids=lambda each: each.id
)
def test_who_declares_what_is_prohibited_is_never_cleared(item: ItemClass) -> None:
    """Whether a scan could show it or not: narcotics, which no model names, as well as a handgun that is not there."""
    declared = Declaration(state="given", items=(DeclaredItem(text=item.id), DeclaredItem(text="clothing")))
    verdict = judge(scan(declaration=declared), answer(), moment()).verdict
    assert verdict.recommended_action is not Action.CLEAR
    assert item.id in verdict.reasoning


def test_the_document_has_the_contracts_fields_in_their_order() -> None:
    """The first seven are what existing clients read."""
    document = judge(scan(), answer(finding()), moment()).verdict.model_dump(mode="json")
    assert list(document) == [
        "scan_id", "risk_level", "recommended_action", "detected_items", "declaration_match", "declaration",
        "reasoning", "reasonings", "rules_fired", "degraded", "loosened", "processing_time_ms", "timings_ms",
        "provenance",
    ]  # fmt: skip
    assert list(document["detected_items"][0]) == [
        "item", "category", "confidence", "location", "occluded", "box", "view", "seen_by",
    ]  # fmt: skip
    assert document["processing_time_ms"] == 347
    assert document["provenance"]["picture"] == f"sha256:{CLEAN}"


states = st.sampled_from(WORDS)


@given(
    findings=st.lists(
        st.tuples(st.text(max_size=20), st.sampled_from([*PROHIBITED, "tool", "?"]), st.booleans()),
        max_size=4,
    ),
    detector=states,
    vlm=states,
    declared=st.lists(st.text(min_size=1, max_size=20), max_size=4),
)
def test_a_lost_word_never_lowers_a_verdict(
    findings: list[tuple[str, str, bool]], detector: str, vlm: str, declared: list[str]
) -> None:
    """The lattice only goes up: the same findings with less evidence never ask for less."""
    order = list(Action)
    found = [finding(item, category, occluded=occluded) for item, category, occluded in findings]
    held = scan(declaration=Declaration(state="given", items=tuple(DeclaredItem(text=text) for text in declared)))
    whole = action(held, answer(*found))
    part = action(held, answer(*found, components=(*word("detector", detector), *word("vlm", vlm))))
    assert order.index(part) >= order.index(whole)


def test_clear_cannot_be_made_from_anything_less_at_run_time_either() -> None:
    complete = gather(scan(), answer(), "", moment()).with_rules(SoundRules(rulebook="x"))
    assert isinstance(complete, CompleteEvidence)
    harmless = Harmless(items=())
    assert Clear(evidence=complete, harmless=harmless).risk is Risk.LOW
    for less in (None, {}, ("engine late",)):
        with pytest.raises(ValidationError):
            Clear(evidence=less, harmless=harmless)  # type: ignore[arg-type]
        with pytest.raises(ValidationError):
            Clear(evidence=complete, harmless=less)  # type: ignore[arg-type]


@pytest.mark.parametrize("other", ["Scissors", "scissors ", "  SCISSORS", "scissors"])
def test_a_second_spelling_of_a_name_never_hides_a_prohibited_item(other: str) -> None:
    """The detector says a blade, the language model a tool, in other letters: the blade stays."""
    for found in (
        (finding(other, "blade"), finding("scissors", "tool")),
        (finding("scissors", "tool"), finding(other)),
    ):
        assert action(scan(), answer(*found)) is Action.PHYSICAL_INSPECTION


@given(st.lists(st.tuples(st.sampled_from(["a", "A", " a", "b"]), st.sampled_from([*PROHIBITED, "tool"]))))
def test_no_scan_with_a_prohibited_finding_is_clear_however_things_are_called(found: list[tuple[str, str]]) -> None:
    said = action(scan(), answer(*(finding(name, category) for name, category in found)))
    assert (said is Action.CLEAR) == (not found)


def test_what_another_release_says_is_no_evidence() -> None:
    said = judge(scan(), answer(), moment().model_copy(update={"release": "r2"})).verdict
    assert said.recommended_action is Action.REVIEW
    assert said.degraded == ("answered by release r1, while r2 is in force",)


def test_what_was_superseded_is_never_clear() -> None:
    assert action(scan(superseded=True), answer()) is Action.REVIEW
    assert action(scan(superseded=True), answer(finding())) is Action.PHYSICAL_INSPECTION
