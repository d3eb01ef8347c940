"""A failure never says CLEAR: every combination of component states."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

from appliance.scan import Action, Declaration, Risk, Scan
from models.answer import Answer, Exam, ExamNotPassed, ExamPassed
from tests.appliance.rules.scenes import CLEAN, OTHER, WORDS, answer, moment, scan, word
from tests.judging import judge

EXAMS: dict[str, Exam] = {
    "passed": ExamPassed(cases=8),
    "failed": ExamNotPassed(state="failed", reason="x"),
    "none": ExamNotPassed(state="none", reason="x"),
}
PICTURES: dict[str, tuple[str, ...]] = {"same": (CLEAN,), "other": (OTHER,), "none": (), "more": (CLEAN, OTHER)}
GOOD = ("answered", "answered", "passed", "same", "absent", False, False, True, "", None)


def test_every_combination_of_component_states_is_clear_only_with_complete_evidence() -> None:
    """Exhaustive: words, exams, pictures, declarations, missing view, made-up, disk, trouble, quarantine."""

    @cache
    def brought(declared: Any, missing: bool, quarantine: str | None) -> Scan:
        declaration = Declaration(state=declared)
        return scan(declaration=declaration, missing=("side",) if missing else (), quarantine=quarantine)

    @cache
    def answered(detector: str, vlm: str, exam: str, pictures: str, canned: bool) -> Answer:
        words = (*word("detector", detector), *word("vlm", vlm))
        return answer(components=words, exam=EXAMS[exam], pictures=PICTURES[pictures], canned=canned)

    at_hand = {room: moment(room=room) for room in (True, False)}
    seen = clear = 0
    for combination in itertools.product(
        WORDS, WORDS, EXAMS, PICTURES, ("absent", "given", "unreadable"), (False, True), (False, True), (True, False),
        ("", "engine late"), (None, "not a picture"),
    ):  # fmt: skip
        detector, vlm, exam, pictures, declared, missing, canned, room, trouble, quarantine = combination
        judged = judge(
            brought(declared, missing, quarantine),
            answered(detector, vlm, exam, pictures, canned),
            at_hand[room],
            trouble=trouble,
        )
        good = combination == GOOD or combination == (*GOOD[:4], "given", *GOOD[5:])
        said = judged.verdict
        assert (said.recommended_action is Action.CLEAR) == good, combination
        assert (said.risk_level is Risk.LOW) == good, combination
        assert bool(said.degraded) != good, combination
        seen, clear = seen + 1, clear + good
    assert (seen, clear) == (7 * 7 * 3 * 4 * 3 * 2**5, 2)
