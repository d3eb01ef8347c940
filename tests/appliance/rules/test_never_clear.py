"""No CLEAR where anything forbids it, over thousands of generated scans and rulebooks; `./dev soak judgement` has more.

The exhaustive part, over all states of all components, is in `test_judge.py`.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from appliance.rules import evidence, judge
from appliance.rules.history import Nothing
from appliance.scan import Action, Risk
from tests.appliance.rules.chance import worlds, wrong
from tests.appliance.rules.chance_books import MISFIT
from tests.appliance.rules.scenes import answer, moment, scan
from tests.judging import standing

COUNT = 16_000
REASONS = (
    "seen: prohibited", "seen: unknown", "rules: erring", "rules: ended", "rules: fired", "rules: low is no CLEAR",
    MISFIT, "lacks: answer", "lacks: context", "lacks: count", "lacks: declaration", "lacks: detector", "lacks: exam",
    "lacks: newest", "lacks: picture", "lacks: quarantine", "lacks: real release", "lacks: release in force",
    "lacks: room", "lacks: same pictures", "lacks: trouble", "lacks: view", "lacks: vlm",
)  # fmt: skip


def test_nothing_that_forbids_clear_is_ever_cleared() -> None:
    """Each reason also stands alone, so that none hides behind another; and where none is, most scans are CLEAR."""
    alone: Counter[str] = Counter()
    free = clear = 0
    for number, world in enumerate(worlds(20261120, COUNT)):
        judged = world.judged()
        assert not wrong(world, judged), (number, wrong(world, judged))
        free += not world.forbids
        clear += judged.verdict.recommended_action is Action.CLEAR
        if len(world.forbids) == 1:
            alone.update(world.forbids)
    assert set(REASONS) == set(alone)
    assert min(alone.values()) >= 10, alone
    assert free / 2 < clear <= free < COUNT / 2


def _item_but(**update: Any) -> Any:
    real = judge._item
    return lambda *given: real(*given).model_copy(update=update)


SPOKEN = {"detector": evidence.Detected(), "vlm": evidence.Described()}
PLANTED: dict[str, tuple[Any, str, Any]] = {
    "everything is harmless, and no floor": (
        judge, "_item", _item_but(prohibited=False, known=True, standing="allowed")),
    "an unknown thing is harmless": (
        judge, "_item", _item_but(known=True)),
    "a failed rule says no": (
        judge, "Fired", lambda rules, risk, action_, _, real=judge.Fired: real(rules, risk, action_, ())),
    "a rule that failed is worth nothing": (
        judge, "Fired", lambda rules, _, *others, real=judge.Fired: real(rules, Risk.LOW, *others)),
    "a context of the wrong kind is no matter": (
        judge, "read_context", lambda *given, real=judge.read_context: (real(*given)[0], {})),
    "whatever is declared can be counted": (judge, "MOST_NUMBER", float("inf")),
    "a declaration that cannot be read is none": (
        evidence, "_declaration", lambda _: evidence.ReadableDeclaration(state="absent")),
    "a component that failed has spoken": (
        evidence, "_word", lambda _, name: SPOKEN[name]),
    "other pictures are as good": (
        evidence, "_pictures", lambda _, answer_: evidence.SamePictures(digests=answer_.pictures)),
    "any release will do": (
        evidence, "_release", lambda *_: evidence.TrustedRelease(release="r1")),
    "a book never ends": (judge, "_ended", lambda *_: iter(())),
    "a full disk is no matter": (evidence, "_room", lambda _: evidence.RoomOnDisk()),
    "any profile will do": (judge, "_strange", lambda *_: iter(())),
}  # fmt: skip
"""Faults that somebody might put in: each has to be seen, or the tests above show nothing."""


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_noticed(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The generated worlds are harsh enough for every guard that somebody might lose."""
    where, name, instead = PLANTED[fault]
    monkeypatch.setattr(where, name, instead)
    assert any(wrong(world, world.judged()) for world in worlds(1, 3000))


def test_the_same_seed_makes_the_same_worlds() -> None:
    """A finding of the soak can be looked at again."""
    first, second = ([(world.scan, world.answer, world.forbids) for world in worlds(7, 50)] for _ in range(2))
    assert first == second


def test_a_release_of_another_profile_clears_nothing() -> None:
    """What its silence means is not known: a declared laptop would be called unverifiable, and the bag CLEAR."""
    for profile in ("", "x-ray cargo"):
        said = judge.judge(scan(), answer(), standing(), moment().model_copy(update={"profile": profile}), Nothing())
        assert said.verdict.recommended_action is Action.REVIEW
        assert "x-ray baggage" in said.verdict.degraded[0]
