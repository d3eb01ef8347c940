"""An officer's word: kept once, undone for a while, opened again by a stronger verdict, and never edited unseen."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from appliance.errors import RefusedError
from appliance.scan import Action, Arrival, Risk
from appliance.store import browse, deeds, outcomes, queue, reviews
from appliance.store.database import Store
from appliance.store.outcomes import Told
from appliance.store.reviews import Kept, Newer
from tests.appliance.store.reviewing import NOW, Desk

REVIEW, OPEN_IT, CLEAR = Action.REVIEW, Action.PHYSICAL_INSPECTION, Action.CLEAR
BOX = (0.1, 0.1, 0.5, 0.5)


@pytest.fixture
def desk(store: Store, arrival: Callable[..., Arrival]) -> Desk:
    return Desk(store, arrival)


def waiting(desk: Desk) -> list[str]:
    return desk.do(lambda db: [each.row.scan_id for each in queue.open_scans(db, 200)])


def on_record(desk: Desk, scan: int) -> list[tuple[str, bool, bool]]:
    told = desk.do(lambda db: reviews.listing(db, scan))
    return [(each["kind"], each["standing"], each["undone_at"] is not None) for each in told]


def test_a_word_takes_its_scan_out_of_the_queue_and_undo_puts_it_back(desk: Desk) -> None:
    scan = desk.bring("a")
    assert waiting(desk) == ["a"]
    kept = desk.say(scan)
    assert isinstance(kept, Kept)
    assert (kept.fresh, waiting(desk)) == (True, [])
    undone = desk.do(lambda db: reviews.undo(db, kept.key, "t. tan", NOW + timedelta(seconds=59)))
    assert isinstance(undone, Kept)
    assert undone.undone_at
    assert waiting(desk) == ["a"]
    assert on_record(desk, scan.id) == [("agree", False, True)]
    again = desk.do(lambda db: reviews.undo(db, kept.key, "t. tan", NOW + timedelta(days=1)))
    assert isinstance(again, Kept)
    assert again.undone_at == undone.undone_at


def test_only_the_author_takes_a_word_back_and_only_for_a_minute(desk: Desk) -> None:
    scan = desk.bring("a")
    key = desk.say(scan).key
    for who, later in (("a. lim", 1), ("t. tan", 61)):
        refused = desk.do(lambda db, who=who, later=later: reviews.undo(db, key, who, NOW + timedelta(seconds=later)))
        assert isinstance(refused, str)
    assert desk.do(lambda db: reviews.undo(db, "nobody-said", "t. tan", NOW)) is None
    assert on_record(desk, scan.id) == [("agree", True, False)]


def test_the_same_key_is_one_word_and_never_another(desk: Desk) -> None:
    scan, other = desk.bring("a"), desk.bring("b")
    first = desk.say(scan, key="the-same-key")
    again = desk.say(scan, key="the-same-key", at=NOW + timedelta(days=1))
    assert (again, again.fresh) == (first._replace(fresh=False), False)
    for changed in ({"kind": "missed"}, {"note": "x"}, {"marks": [{"view": "view", "box": BOX}]}):
        assert isinstance(desk.say(scan, key="the-same-key", **changed), Newer)
    assert isinstance(desk.say(scan, "a. lim", key="the-same-key"), Newer)
    assert isinstance(desk.say(other, key="the-same-key"), Newer)
    assert len(on_record(desk, scan.id)) == 1
    desk.judge(scan, OPEN_IT)  # what came since does not make a repeated click fail
    assert desk.say(scan, key="the-same-key", verdict=1).id == first.id


@pytest.mark.parametrize(
    ("answered", "later", "opens"),
    [
        ((REVIEW, Risk.MEDIUM), (OPEN_IT, Risk.HIGH), True),
        ((REVIEW, Risk.MEDIUM), (REVIEW, Risk.HIGH), True),
        ((REVIEW, Risk.HIGH), (OPEN_IT, Risk.MEDIUM), True),
        ((REVIEW, Risk.MEDIUM), (REVIEW, Risk.MEDIUM), False),
        ((OPEN_IT, Risk.HIGH), (REVIEW, Risk.MEDIUM), False),
        ((CLEAR, Risk.LOW), (REVIEW, Risk.LOW), True),
        ((OPEN_IT, Risk.HIGH), (CLEAR, Risk.LOW), False),
    ],
)
def test_a_stronger_verdict_opens_a_scan_again(desk: Desk, answered: Any, later: Any, opens: bool) -> None:
    """And the earlier word stays on record."""
    scan = desk.bring("a", answered[0], risk=answered[1])
    desk.say(scan)
    desk.judge(scan, *later)
    assert waiting(desk) == (["a"] if opens else [])
    assert on_record(desk, scan.id) == [("agree", not opens, False)]
    if opens:
        desk.judge(scan, *answered)  # a weaker one after it does not hide what nobody has looked at
        assert on_record(desk, scan.id) == [("agree", False, False)]
        desk.say(scan, kind="missed")
        assert waiting(desk) == []
        assert on_record(desk, scan.id) == [("agree", False, False), ("missed", True, False)]


def test_what_was_answered_before_any_verdict_is_opened_by_one_that_asks(desk: Desk) -> None:
    scan = desk.bring("a", None)
    assert isinstance(desk.say(scan), Kept)
    desk.judge(scan, REVIEW)
    assert waiting(desk) == ["a"]
    desk.judge(scan, CLEAR)  # a weaker one after it does not hide that nobody has answered it
    assert on_record(desk, scan.id) == [("agree", False, False)]


def test_no_verdict_of_clear_takes_away_what_an_officer_said_before_it(desk: Desk) -> None:
    """Who saw something while the box was still judging is shown beside the verdict that saw nothing."""
    scan = desk.bring("a", None)
    desk.say(scan, kind="missed")
    desk.judge(scan, CLEAR)
    assert on_record(desk, scan.id) == [("missed", True, False)]
    (row,) = desk.do(lambda db: browse.page(db, browse.Query()))
    assert (row.recommended_action, row.review, row.reviewed_by) == ("CLEAR", "missed", "t. tan")
    assert desk.do(reviews.broken) is None
    desk.judge(scan, REVIEW)
    assert waiting(desk) == ["a"]


def test_a_word_on_what_was_replaced_is_refused_and_shows_what_is_newer(desk: Desk) -> None:
    scan = desk.bring("a")
    word = desk.word(scan)
    verdict = desk.judge(scan, OPEN_IT)
    newer = desk.do(lambda db: reviews.add(db, word, "t. tan", NOW))
    assert isinstance(newer, Newer)
    assert (newer.scan_id, newer.revision, newer.verdict_id) == ("a", 1, verdict)
    desk.bring("a", None, picture="another")
    desk.bring("a", None, picture="a third")
    newer = desk.say(scan)
    assert isinstance(newer, Newer)
    assert (newer.scan_id, newer.revision, newer.verdict_id) == ("a", 3, None)
    assert desk.do(lambda db: reviews.add(db, word.model_copy(update={"revision": 9}), "t. tan", NOW)) is None
    assert on_record(desk, scan.id) == []


def test_a_superseded_scan_is_in_no_queue_and_what_came_in_its_place_is(desk: Desk) -> None:
    old = desk.bring("a")
    key = desk.say(old).key
    new = desk.bring("a", picture="another")
    assert waiting(desk) == ["a"]
    desk.do(lambda db: reviews.undo(db, key, "t. tan", NOW))
    assert waiting(desk) == ["a"]
    desk.say(new)
    assert waiting(desk) == []


def test_nobody_replaces_the_word_of_another_without_knowing(desk: Desk) -> None:
    """A supervisor may override, others by naming what they replace; one's own is corrected freely; all stays."""
    scan = desk.bring("a")
    first = desk.say(scan)
    refused = desk.say(scan, "a. lim", kind="missed")
    assert isinstance(refused, Newer)
    assert refused.review is not None
    assert (refused.review["key"], refused.review["who"]) == (first.key, "t. tan")
    own = desk.say(scan, kind="false_alarm")
    assert isinstance(desk.say(scan, "a. lim", kind="missed", over=first.key), Newer)
    assert isinstance(desk.say(scan, "a. lim", kind="missed", over=own.key), Kept)
    said = [deed.detail.get("over") for deed in desk.do(lambda db: deeds.listing(db, None, 3))]
    assert said == [own.key, None, None]
    over = desk.say(scan, "s. chin", kind="agree", overrides=True)
    assert isinstance(over, Kept)
    kinds = [("agree", False, False), ("false_alarm", False, False), ("missed", False, False), ("agree", True, False)]
    assert on_record(desk, scan.id) == kinds
    desk.do(lambda db: reviews.undo(db, over.key, "s. chin", NOW))
    assert on_record(desk, scan.id)[2] == ("missed", True, False)  # the word before it stands again
    assert waiting(desk) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "maybe"}, {"key": "x"}, {"key": "a b c d e f g"}, {"note": "x" * 2001}, {"note": "a\x00b"},
        {"marks": [{"view": "view"}] * 51}, {"marks": [{"view": "view", "box": [0.5, 0.1, 0.5, 0.9]}]},
        {"marks": [{"view": "view", "box": [0.1, 0.1, 1.1, 0.9]}]}, {"marks": [{"view": "view", "box": [0.1, 0.1, 1]}]},
        {"marks": [{"view": "view", "item": "x" * 61}]}, {"marks": [{"view": "view", "item": "a\u202eb"}]},
        {"marks": [{"view": "view", "item": " "}]}, {"marks": [{"box": BOX}]}, {"extra": 1}, {"revision": 0},
        {"verdict": 2**63}, {"marks": [{"view": "view", "box": [float("nan")] * 4}]},
    ],
)  # fmt: skip
def test_a_word_that_says_nothing_sensible_is_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    scan = desk.bring("a")
    with pytest.raises(ValidationError):
        desk.word(scan, **wrong)


def test_a_mark_is_on_a_view_of_the_scan(desk: Desk) -> None:
    scan = desk.bring("a")
    with pytest.raises(RefusedError, match=r"marks\.1\.view"):
        desk.say(scan, kind="missed", marks=[{"view": "view", "box": BOX}, {"view": "side", "item": "knife"}])
    assert desk.say(scan, kind="missed", marks=[{"view": "view", "box": BOX, "item": "pisau lipat"}], note="a\nb").fresh


def test_an_outcome_is_kept_once_and_the_newest_counts(desk: Desk) -> None:
    scan = desk.bring("a")
    given = {"key": "outcome-1", "scan_id": "a", "revision": 1, "kind": "found"}
    told = Told.model_validate({**given, "found": [{"item": "knife", "quantity": 2}], "note": "in the lining"})
    for fresh in (True, False):
        kept = desk.do(lambda db: outcomes.add(db, told, "t. tan", NOW))
        assert isinstance(kept, outcomes.Kept)
        assert kept.fresh is fresh
    assert isinstance(desk.do(lambda db: outcomes.add(db, told, "a. lim", NOW)), str)
    for wrong in ({"kind": "nothing", "found": [{"item": "knife"}]}, {"found": [{"item": "knife", "quantity": -1}]}):
        with pytest.raises(ValidationError):
            Told.model_validate(given | wrong)
    listed = desk.do(lambda db: outcomes.listing(db, scan.id))
    assert [(each["kind"], each["found"]) for each in listed] == [("found", [{"item": "knife", "quantity": 2.0}])]


EDITS = (
    "UPDATE review SET kind = 'agree' WHERE id = 2",
    "UPDATE review SET note = 'x' WHERE id = 1",
    "UPDATE review SET undone_at = NULL WHERE id = 3",
    "UPDATE review SET undone_at = '2026-11-22T08:00:01+00:00' WHERE id = 1",
    "UPDATE review SET who = 'a. lim' WHERE id = 1",
    "UPDATE review SET scan = 2 WHERE id = 1",
    "DELETE FROM review WHERE id = 2",
    "DELETE FROM review WHERE id = 3",
    "INSERT INTO review (key, scan, at, who, kind, marks, note) VALUES ('k', 1, 'x', 'y', 'agree', '[]', '')",
    "UPDATE outcome SET kind = 'nothing'",
    "DELETE FROM outcome",
    "UPDATE scan SET review = 1 WHERE id = 3",
    "UPDATE scan SET review = 3 WHERE id = 3",
    "UPDATE scan SET review = NULL WHERE id = 1",
)


@pytest.mark.parametrize("edit", EDITS)
def test_a_word_that_was_edited_is_seen(desk: Desk, edit: str) -> None:
    """Held against the chain of deeds, which itself still holds."""
    first, second, third = (desk.bring(name) for name in "abc")
    desk.say(first)
    desk.say(second, kind="missed", marks=[{"view": "view", "box": BOX}])
    undone = desk.say(third, kind="false_alarm")
    desk.do(lambda db: reviews.undo(db, undone.key, "t. tan", NOW))
    told = Told.model_validate({"key": "outcome-1", "scan_id": "a", "revision": 1, "kind": "not_opened"})
    desk.do(lambda db: outcomes.add(db, told, "t. tan", NOW))
    assert desk.do(reviews.broken) is None
    with sqlite3.connect(desk.store.root / "lanewatch.db") as behind:
        behind.execute("PRAGMA foreign_keys = OFF")
        behind.execute(edit)
    behind.close()
    assert desk.do(deeds.verify).broken is None
    assert desk.do(reviews.broken) is not None


def test_the_stable_view_tells_all_words(desk: Desk) -> None:
    desk.say(desk.bring("a"), kind="missed", note="x")
    with desk.store.reader() as db:
        (row,) = db.execute("SELECT scan_id, revision, verdict, who, kind, marks, note, undone_at FROM reviews")
    assert tuple(row) == ("a", 1, 1, "t. tan", "missed", "[]", "x", None)
