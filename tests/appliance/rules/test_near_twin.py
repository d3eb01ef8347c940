"""What a system much like this one got wrong, each as a test of its own: what it cleared is never CLEAR here."""

from __future__ import annotations

import pytest

from appliance.rules.evidence import CompleteEvidence
from appliance.scan import Action, Declaration, DeclaredItem, Risk, Scan, Verdict
from models.answer import Answer, Answered, ExamNotPassed, Finding, Silent
from tests.appliance.rules.scenes import answer, finding, moment, scan
from tests.judging import judge

LOOK = "An officer must look: "


def verdict(seen: Answer | None, *lines: str, **changes: object) -> Verdict:
    """Of a bag with these declared lines."""
    declaration = Declaration(state="given", items=tuple(DeclaredItem(text=line) for line in lines))
    brought: Scan = scan(**({"declaration": declaration} if lines else {}) | changes)
    return judge(brought, seen, moment()).verdict


def test_a_gun_nobody_declared_is_to_be_opened() -> None:
    """It was cleared, because only knives counted as dangerous."""
    said = verdict(answer(finding("handgun", "weapon")), "clothing", "books")
    assert (said.risk_level, said.recommended_action) == (Risk.HIGH, Action.PHYSICAL_INSPECTION)
    assert said.declaration.undeclared == ("handgun",)
    assert not said.declaration_match
    assert said.reasoning == "Detected handgun not declared."


def test_a_concealed_explosive_is_to_be_opened_though_it_was_declared() -> None:
    """It was a review at the most, because declaring was enough."""
    said = verdict(answer(finding("explosive", "explosive", occluded=True)), "explosive")
    assert (said.risk_level, said.recommended_action) == (Risk.HIGH, Action.PHYSICAL_INSPECTION)
    assert said.reasoning == "Item appears concealed. Declared, but prohibited: explosive."


def test_an_empty_answer_with_a_declared_laptop_is_looked_at() -> None:
    """It was cleared, because nothing was found; but the laptop should have been."""
    said = verdict(answer(), "laptop")
    assert (said.risk_level, said.recommended_action) == (Risk.MEDIUM, Action.REVIEW)
    assert said.reasoning == "Declared, but not seen: laptop."


def test_a_class_nobody_knows_is_looked_at() -> None:
    """It was cleared, because it stood on no list of dangerous things."""
    for category in ("gadget", "tool", "", "Weapon"):
        said = verdict(answer(finding("gizmo", category)))
        assert said.recommended_action is Action.REVIEW
        assert said.reasoning == "Of a kind the rules do not know: gizmo."


def test_a_known_name_in_other_letters_is_the_same_thing() -> None:
    """A model says Handgun where the list says handgun."""
    for name in ("Handgun", "HANDGUN", " handgun ", "hand-gun", "hand gun"):
        assert verdict(answer(finding(name, "weapon"))).recommended_action is Action.PHYSICAL_INSPECTION


def test_an_engine_that_always_finds_nothing_clears_nothing_while_it_has_not_passed_its_exam() -> None:
    """Weights packed too tightly loaded without an error and answered every picture with an empty list."""
    numb = answer(exam=ExamNotPassed(state="failed", reason="3 of 8 known bags came out empty"))
    said = verdict(numb)
    assert said.recommended_action is Action.REVIEW
    assert said.reasoning == LOOK + "engine not examined: 3 of 8 known bags came out empty."
    assert verdict(answer(exam=ExamNotPassed(state="none", reason="never run"))).recommended_action is Action.REVIEW


@pytest.mark.parametrize("name", ["detector", "vlm"])
def test_half_an_engine_that_finds_nothing_clears_nothing(name: str) -> None:
    """An error in one model was taken for its empty answer."""
    others = [Answered(name=one, milliseconds=1) for one in ("detector", "vlm") if one != name]
    silent = Silent(state="failed", name=name, reason="out of memory")  # pyright: ignore[reportArgumentType]
    said = verdict(answer(components=(*others, silent)))
    assert said.recommended_action is Action.REVIEW
    assert said.reasoning == f"{LOOK}{name} failed: out of memory."


def test_no_answer_at_all_is_no_empty_answer() -> None:
    """An unreachable engine was "no threat found"."""
    said = verdict(None)
    assert (said.recommended_action, said.reasoning) == (Action.REVIEW, LOOK + "engine unavailable.")


def test_made_up_answers_of_a_stand_in_clear_no_real_bag() -> None:
    """A stand-in for the models was left switched on."""
    assert verdict(answer(canned=True)).reasoning == LOOK + "engine gives made-up answers."
    assert verdict(answer(canned=True)).recommended_action is Action.REVIEW


def test_the_answer_to_another_picture_clears_nothing() -> None:
    """Answers were taken from a cache by the scan's name."""
    assert verdict(answer(pictures=("f" * 64,))).recommended_action is Action.REVIEW


def test_a_picture_that_cannot_be_read_is_no_empty_bag() -> None:
    """A grey rectangle was inspected in its place."""
    said = verdict(answer(), quarantine="not a picture")
    assert said.recommended_action is Action.REVIEW
    assert "picture unreadable" in said.reasoning


def test_a_declaration_that_cannot_be_read_is_not_no_declaration() -> None:
    """A sidecar with a comma too many made a bag without any declaration."""
    said = verdict(answer(), declaration=Declaration(state="unreadable", problem="not JSON"))
    assert (said.recommended_action, said.reasoning) == (Action.REVIEW, LOOK + "declaration unreadable: not JSON.")


def test_a_declaration_read_only_in_part_lowers_nothing() -> None:
    """The line that could not be read may have said what the knife is for; until then it is as if undeclared."""
    partly = Declaration(state="unreadable", items=(DeclaredItem(text="folding knife"),), problem="declared_items.1: x")
    said = verdict(answer(finding()), declaration=partly)
    assert (said.risk_level, said.recommended_action) == (Risk.HIGH, Action.PHYSICAL_INSPECTION)


def test_a_faint_find_counts() -> None:
    """Whatever fell under a threshold in the code was dropped, and the bag cleared."""
    faint = finding("handgun", "weapon").model_copy(update={"confidence": 0.01})
    assert verdict(answer(faint)).recommended_action is Action.PHYSICAL_INSPECTION


def test_a_missing_view_is_not_an_empty_view() -> None:
    """The side view never came, and the top one was clean."""
    assert verdict(answer(), missing=("side",)).recommended_action is Action.REVIEW


def test_reasons_are_one_paragraph_that_reads_aloud() -> None:
    """In the words of the contract, and in the officer's language."""
    said = verdict(answer(finding(occluded=True)))
    assert said.reasoning == "Detected folding knife not declared. Item appears concealed."
    assert (
        said.reasonings["ms"] == "pisau lipat dikesan tetapi tidak diisytiharkan. Barang itu kelihatan disembunyikan."
    )
    assert said.reasonings["vi"] == "Phát hiện dao gấp không được khai báo. Vật này có vẻ được che giấu."


def test_an_engines_odd_words_never_break_the_paragraph() -> None:
    """Line ends, hidden and turning signs in a name stay out of what an officer reads."""
    odd = Finding(
        item="thing\n\nCLEAR\u202e\u200b\x1b[2J",
        category="?",
        confidence=1,
        location="",
        occluded=False,
        seen_by=("vlm",),
    )
    said = verdict(answer(odd))
    assert said.reasoning == "Of a kind the rules do not know: thing CLEAR [2J."
    assert said.recommended_action is Action.REVIEW


def test_there_is_a_way_to_clear() -> None:
    """Or all of the above would show nothing."""
    said = verdict(answer(finding("laptop", "electronics")), "laptop")
    assert (said.recommended_action, said.reasoning) == (Action.CLEAR, "Nothing prohibited was found.")
    assert set(CompleteEvidence.model_fields) >= {"detector", "vlm", "exam", "pictures", "declaration", "release"}


def test_a_declaration_that_nobody_here_reads_is_reviewed() -> None:
    """Another script, hidden signs, nothing at all: an officer looks."""
    for text in ("刀", "нож", "folding\u200b knife", "x" * 300, "  "):
        held = scan(declaration=Declaration(state="given", items=(DeclaredItem(text=text),)))
        verdict = judge(held, answer(), moment()).verdict
        assert verdict.recommended_action is Action.REVIEW, text
        assert verdict.degraded == ("declaration unreadable: nobody here reads line 1",)
        assert not verdict.declaration_match
