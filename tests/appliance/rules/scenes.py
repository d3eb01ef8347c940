"""A scan, an answer and a moment in one line each, for tests of what follows from them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from appliance.rules.judged import Moment
from appliance.scan import Action, Declaration, Picture, Scan, ScanState
from models.answer import Answer, Answered, Component, Exam, ExamPassed, Finding, Identity, Silent
from tests.judging import judge, standing

PROHIBITED = sorted({item.category for item in standing().taxonomy.items if item.standing == "prohibited"})
CLEAN, ORIGINAL, OTHER = "a" * 64, "b" * 64, "c" * 64
PASSED = ExamPassed(cases=8)
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def scan(**changes: Any) -> Scan:
    picture = Picture(name="view", originals=(ORIGINAL,), size=9, sha256=CLEAN, width=8, height=8)
    values: dict[str, Any] = {
        "id": 1,
        "scan_id": "SCAN-1",
        "revision": 1,
        "state": ScanState.INSPECTING,
        "source": "belt-1",
        "lane": None,
        "scanned_at": None,
        "received_at": NOW,
        "due_at": NOW.timestamp() + 30,
        "attempts": 1,
        "superseded": False,
        "owed": False,
        "pictures": (picture,),
        "missing": (),
        "declaration": Declaration(),
        "context": {},
        "rehearsal": False,
        "quarantine": None,
        "timings_ms": {},
    }
    return Scan(**(values | changes))


def answer(
    *findings: Finding,
    components: tuple[Component, ...] = (
        Answered(name="detector", milliseconds=1),
        Answered(name="vlm", milliseconds=2),
    ),
    pictures: tuple[str, ...] = (CLEAN,),
    exam: Exam = PASSED,
    canned: bool = False,
    rehearsal: bool = False,
) -> Answer:
    who = Identity(engine="test 1", release="r1", canned=canned, rehearsal=rehearsal, exam=exam)
    return Answer(question="SCAN-1#1", pictures=pictures, findings=findings, components=components, identity=who)


def finding(item: str = "folding knife", category: str = "blade", *, occluded: bool = False) -> Finding:
    return Finding(
        item=item, category=category, confidence=0.9, location="center", occluded=occluded, seen_by=("detector", "vlm")
    )


def moment(*, room: bool = True) -> Moment:
    return Moment(now=NOW.timestamp() + 0.347, room_on_disk=room, release="r1", app="0.1.0")


def action(scan_: Scan, answer_: Answer | None, **more: Any) -> Action:
    return judge(scan_, answer_, moment(), **more).verdict.recommended_action


def word(name: Any, state: str) -> tuple[Component, ...]:
    """What a component may do: answer, fail, be late, be absent, say nothing at all, or speak twice."""
    said = Answered(name=name, milliseconds=1)
    return {
        "answered": (said,),
        "failed": (Silent(state="failed", name=name, reason="x"),),
        "late": (Silent(state="late", name=name, reason="x"),),
        "absent": (Silent(state="absent", name=name, reason="x"),),
        "unsaid": (),
        "twice": (said, said),
        "both": (said, Silent(state="failed", name=name, reason="x")),
    }[state]


WORDS = ("answered", "failed", "late", "absent", "unsaid", "twice", "both")
