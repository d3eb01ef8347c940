"""The queue: the most urgent first, and read from the index of what is open, never from the whole table."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from appliance.scan import Action, Arrival, Risk
from appliance.store import browse, queue
from appliance.store.database import Store
from models.answer import Answer, Answered, ExamPassed, Finding, Identity, Silent
from tests.appliance.store.reviewing import Desk

REVIEW, OPEN_IT = Action.REVIEW, Action.PHYSICAL_INSPECTION


FILTERS: tuple[dict[str, Any], ...] = (
    {}, {"action": "REVIEW"}, {"risk": "high"}, {"state": "received"}, {"state": "concluded"}, {"source": "x"},
    {"lane": "x"}, {"since": "2026"}, {"until": "2026"}, {"degraded": True}, {"lane": "x", "action": "REVIEW"},
    {"since": "2026", "until": "2027", "lane": "x"},
)  # fmt: skip
WELL = re.compile("scan_open|scan_degraded|SCAN run|SCAN CONSTANT ROW|SCAN \\(subquery")
"""Walks that are short by themselves: of the open, of the degraded, of the hours, of what was cut to a length."""


@pytest.fixture
def desk(store: Store, arrival: Callable[..., Arrival]) -> Desk:
    return Desk(store, arrival)


def answer(*seen_by: tuple[Any, ...], silent: bool = False) -> Answer:
    found = (
        Finding(item="knife", category="blade", confidence=0.9, location="left", occluded=False, seen_by=each)
        for each in seen_by
    )
    vlm = Silent(state="late", name="vlm", reason="x") if silent else Answered(name="vlm", milliseconds=1)
    return Answer(
        question="q", pictures=(), findings=tuple(found), components=(Answered(name="detector", milliseconds=1), vlm),
        identity=Identity(engine="e", release="r", exam=ExamPassed(cases=1)),
    )  # fmt: skip


def test_the_most_urgent_stands_first(desk: Desk) -> None:
    """To open before to look at, then high risk, then disagreement, then the earliest due; practice stays in."""
    alone = answer(("vlm",))
    desk.bring("later", REVIEW, deadline_seconds=90.0)
    desk.bring("sooner", REVIEW, risk=Risk.LOW, deadline_seconds=10.0)
    desk.bring("disagreed", REVIEW, answer=alone, deadline_seconds=99.0)
    desk.bring("risky", REVIEW, risk=Risk.HIGH, deadline_seconds=99.0)
    desk.bring("open late", OPEN_IT, deadline_seconds=99.0, rehearsal=True)
    desk.bring("open soon", OPEN_IT, deadline_seconds=50.0)
    desk.bring("open disagreed", OPEN_IT, answer=alone, deadline_seconds=100.0)
    desk.bring("open, not high", OPEN_IT, risk=Risk.MEDIUM, deadline_seconds=1.0)
    desk.bring("clear", Action.CLEAR)
    desk.bring("not judged", None)
    found = desk.do(lambda db: queue.open_scans(db, 200))
    assert [each.row.scan_id for each in found] == [
        "open disagreed", "open soon", "open late", "open, not high", "risky", "disagreed", "sooner", "later",
    ]  # fmt: skip
    assert [each.row.scan_id for each in found if each.disagreement] == ["open disagreed", "disagreed"]
    assert [each.row.scan_id for each in found if each.row.rehearsal] == ["open late"]
    assert desk.do(queue.count) == 8
    assert [each.row.scan_id for each in desk.do(lambda db: queue.open_scans(db, 2))] == ["open disagreed", "open soon"]


def test_they_disagree_only_where_both_looked() -> None:
    assert queue.disagrees(answer(("vlm",)))
    assert queue.disagrees(answer(("vlm", "detector"), ("detector",)))
    assert not queue.disagrees(answer(("vlm", "detector")))
    assert not queue.disagrees(answer(("detector",), silent=True))
    assert not queue.disagrees(answer())
    assert not queue.disagrees(None)


def test_no_reading_walks_through_all_scans(store: Store) -> None:
    """However many there are: by index, in the order of the index, without sorting."""
    asked: list[str] = []
    with store.reader() as db:
        db.set_trace_callback(asked.append)
        queue.open_scans(db, 50)
        queue.count(db)
        browse.earlier_of_consignee(db, 1)
        browse.verdicts(db, 1)
        for wanted in FILTERS:
            browse.page(db, browse.Query(**wanted), 1000)
        browse.page(db, browse.Query(lane="L1", risk="high"), 1000, 50, "lane", 10)
        for lead in browse.LEADS:
            browse.reach(db, browse.Query(**{lead: "received", "since": "2026", "until": "2027"}), lead, 1000, 50)
        db.set_trace_callback(None)
        for statement in asked:
            plan = [row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")]
            walks = [step for step in plan if step.startswith("SCAN") and not WELL.search(step)]
            assert not walks, (statement, plan)
            assert not any("TEMP B-TREE" in step for step in plan), (statement, plan)
        assert len(asked) == 5 + len(FILTERS) + len(browse.LEADS)
