"""What rules may ask of earlier scans is counted right, by index, and never of more than is bounded."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

import pytest

from appliance.rules.history import Lookup, Name, lookup
from appliance.scan import Action, Scan
from appliance.store import past
from appliance.store.database import Store
from appliance.store.past import Past
from tests.appliance.lookback.books import BEGINNING, Lane


@pytest.fixture
def lane(store: Store) -> Lane:
    return Lane(store)


def bring(house: Lane, name: str, minutes: float, action: Action | None = None, **changes: Any) -> Scan:
    """A scan that ended so, minutes after the beginning."""
    values: dict[str, Any] = {"lane": "1", "context": {"consignee": "ACME"}} | changes
    scan = house.receive(name, BEGINNING + timedelta(minutes=minutes), **values)
    house.store.submit(lambda db: db.execute("UPDATE scan SET action = ? WHERE id = ?", (action, scan.id))).result()
    return scan


def ask(lane: Lane, scan: Scan, name: Name, of: str, span: int) -> float:
    with lane.store.reader() as db:
        return Past(db, scan).ask(lookup(name, of, span))


def test_what_came_earlier_is_counted_and_nothing_else(lane: Lane) -> None:
    """Not the scan itself, not later ones, not other lanes or consignees, not practice. One that came again counts
    once, and its alarm is not wiped out: whoever sends could otherwise launder what was found.
    """
    bring(lane, "long ago", 0, Action.PHYSICAL_INSPECTION)
    bring(lane, "a", 50, Action.PHYSICAL_INSPECTION)
    bring(lane, "b", 60, Action.CLEAR)
    bring(lane, "c", 70, None)
    bring(lane, "elsewhere", 70, Action.PHYSICAL_INSPECTION, lane="2", context={"consignee": "Other"})
    bring(lane, "nowhere", 70, Action.PHYSICAL_INSPECTION, lane=None, context={})
    bring(lane, "odd", 70, Action.PHYSICAL_INSPECTION, lane=None, context={"consignee": 7})
    bring(lane, "practice", 70, Action.PHYSICAL_INSPECTION, rehearsal=True)
    bring(lane, "again", 70, Action.PHYSICAL_INSPECTION)
    bring(lane, "again", 75, Action.REVIEW, content="another picture")
    here = bring(lane, "here", 80, Action.PHYSICAL_INSPECTION)
    bring(lane, "later", 80, Action.PHYSICAL_INSPECTION)
    assert ask(lane, here, "scans", "1", 30) == 4
    assert ask(lane, here, "alarms", "1", 30) == 2
    assert ask(lane, here, "alarm_rate", "1", 30) == 0.5
    assert ask(lane, here, "scans", "1", 29) == 3
    assert ask(lane, here, "scans", "1", 80) == 5
    assert ask(lane, here, "seen", "ACME", 1) == 5
    assert ask(lane, here, "inspected", "ACME", 1) == 3
    assert ask(lane, here, "seen", "Other", 366) == 1
    assert ask(lane, here, "seen", "7", 366) == 0
    assert ask(lane, here, "scans", "", 80) == 0
    assert ask(lane, here, "alarm_rate", "nobody", 80) == 0


SPELLINGS = (
    "ACME Ltd",
    "ACME Ltd ",
    "acme ltd",
    "\tAcme  LTD",
    "\uff21\uff23\uff2d\uff25 Ltd",
    "AC\u200bME Ltd",
    "ACME\u00a0Ltd",
)


def test_a_consignee_is_the_same_however_it_is_spelt(lane: Lane) -> None:
    """Or whoever sends would only have to add a space to have no past."""
    for number, name in enumerate(SPELLINGS):
        bring(lane, f"s-{number}", number, Action.PHYSICAL_INSPECTION, context={"consignee": name})
    for number, name in enumerate(("ACME Lte", "", "  ", "\u200b")):
        bring(lane, f"o-{number}", 20 + number, Action.PHYSICAL_INSPECTION, context={"consignee": name})
    here = bring(lane, "here", 40, context={})
    assert {ask(lane, here, "inspected", name, 1) for name in SPELLINGS} == {len(SPELLINGS)}
    assert {ask(lane, here, "inspected", name, 1) for name in ("", " ", "ACME", "\u200b")} == {0}


def test_practice_counts_for_practice_only(lane: Lane) -> None:
    bring(lane, "real", 1, Action.PHYSICAL_INSPECTION)
    bring(lane, "practice", 2, Action.PHYSICAL_INSPECTION, rehearsal=True)
    here = bring(lane, "here", 3, rehearsal=True)
    assert (ask(lane, here, "scans", "1", 9), ask(lane, here, "inspected", "ACME", 9)) == (1, 1)


def test_a_rate_is_of_the_scans_that_were_counted(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound the newest count, and alarms among those before are not set against them."""
    monkeypatch.setattr(past, "MOST", 4)
    for number in range(8):
        bring(lane, f"loud-{number}", number, Action.PHYSICAL_INSPECTION)
    for number in range(3):
        bring(lane, f"quiet-{number}", 10 + number, Action.CLEAR)
    here = bring(lane, "here", 20)
    assert ask(lane, here, "scans", "1", 60) == 4
    assert ask(lane, here, "alarms", "1", 60) == 1
    assert ask(lane, here, "alarm_rate", "1", 60) == 0.25


@pytest.mark.parametrize(
    ("name", "of", "index"), [("seen", "ACME", "scan_consignee"), ("alarm_rate", "1", "scan_lane")]
)
def test_it_is_counted_in_an_index_alone(lane: Lane, name: Name, of: str, index: str) -> None:
    here = bring(lane, "here", 20)
    asked: list[tuple[str, tuple[object, ...]]] = []

    class Watched:
        """A connection that tells what it is asked."""

        def execute(self, statement: str, values: tuple[object, ...]) -> sqlite3.Cursor:
            asked.append((statement, values))
            return db.execute(statement, values)

    with lane.store.reader() as db:
        Past(Watched(), here).ask(Lookup(name=name, of=of, span=30))  # type: ignore[arg-type]
        (statement, values) = asked[0]
        plan = " ".join(row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}", values))
    assert f"USING COVERING INDEX {index} " in plan
    assert "TEMP B-TREE" not in plan
