"""Scans are found by what stands in them, whatever the spelling, and nothing that is typed is a command."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from appliance.scan import Action, Arrival, Declaration, DeclaredItem, Scan, Sheet
from appliance.store import migrations, outcomes, reviews, search, words
from appliance.store.browse import Query
from appliance.store.database import Store
from appliance.store.outcomes import Told
from tests.appliance.store.reviewing import NOW, Desk


@pytest.fixture(params=[1, 3, words.MOST_BEHIND])
def desk(
    store: Store, arrival: Callable[..., Arrival], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """A desk whose table of words is never behind, by a few scans, or by all that a test brings."""
    monkeypatch.setattr(words, "MOST_BEHIND", request.param)
    return Desk(store, arrival)


def sheet(*declared: str, **context: Any) -> Sheet:
    lines = tuple(DeclaredItem(text=text) for text in declared)
    return Sheet(declaration=Declaration(state="given", items=lines), context=context)


def found(desk: Desk, q: str, **filters: Any) -> list[str]:
    with desk.store.reader() as db:
        return [row.scan_id for row in search.page(db, Query(q=q, **filters)).rows]


def test_everything_a_scan_says_finds_it(desk: Desk) -> None:
    """Its name, its consignee, what was declared, what was found, what officers wrote, drew and took out."""
    scan = desk.bring(
        "BAG-0042/Ä", Action.REVIEW, items=("folding knife",),
        sheet=sheet("Máy tính xách tay", "Đồng hồ", consignee="Công ty Điện tử Đà Nẵng"),
    )  # fmt: skip
    desk.bring("other", Action.CLEAR, sheet=sheet("clothes", consignee="Acme"))
    desk.say(scan, note="Hành lý của GIA ĐÌNH", kind="missed", marks=({"view": "view", "item": "kéo"},))
    desk.do(lambda db: outcomes.add(db, TOLD, "t. tan", NOW))
    for typed in (
        "BAG-0042", "bag 0042", "ä", "a", "dien tu", "ĐIỆN TỬ", "đà nẵng", "da nang", "MAY TINH", "dong ho", "Folding",
        "knife", "folding knife", "gia dinh", "hành lý", "keo", "bật lửa", "túi trong", "knife da nang", '"da nang"',
    ):  # fmt: skip
        assert found(desk, typed) == ["BAG-0042/Ä"], typed
    for typed in ("knife acme", '"nang da"', "nothere", "0043"):
        assert found(desk, typed) == [], typed
    assert found(desk, "acme") == ["other"]


TOLD = Told.model_validate(
    {"key": "outcome-1", "scan_id": "BAG-0042/Ä", "revision": 1, "kind": "found",
     "found": [{"item": "bật lửa"}], "note": "trong túi trong"}
)  # fmt: skip


def test_what_was_taken_back_or_judged_anew_finds_nothing_any_more(desk: Desk) -> None:
    scan = desk.bring("s1", Action.REVIEW, items=("knife",))
    kept = desk.say(scan, note="needle in a haystack")
    assert found(desk, "haystack") == ["s1"]
    desk.do(lambda db: reviews.undo(db, kept.key, "t. tan", NOW + timedelta(seconds=1)))
    assert found(desk, "haystack") == []
    desk.judge(scan, Action.CLEAR, items=("laptop",))
    assert (found(desk, "knife"), found(desk, "laptop")) == ([], ["s1"])


def test_every_search_is_complete_at_every_moment(desk: Desk) -> None:
    """Whatever is written already and whatever is behind: what is found is what all rows hold, read one by one."""
    dice = random.Random(5)
    names = ("knife", "kéo", "laptop", "bình nước", "scissors")
    scans: list[Scan] = []
    for turn in range(80):
        scan = dice.choice(scans) if scans and dice.random() < 0.5 else None
        if scan is None:
            scans.append(desk.bring(f"s{turn}", Action.REVIEW, items=(dice.choice(names),), received_at=NOW))
        elif dice.random() < 0.5:
            desk.judge(scan, Action.REVIEW, items=(dice.choice(names),))
        else:
            kept = desk.say(scan, note=dice.choice(names), key=f"word-{turn:04}")
            if dice.random() < 0.5:
                desk.do(lambda db, kept=kept: reviews.undo(db, kept.key, "t. tan", NOW + timedelta(seconds=1)))
        with desk.store.reader() as db:
            rows = {row["scan_id"]: words._text(row) for row in db.execute(f"{words._ROWS} ORDER BY scan.id DESC")}
        for typed in (words.folded(name) for name in names):
            assert found(desk, typed) == [name for name, text in rows.items() if typed in text], (turn, typed)
    assert len(scans) > 32


def test_whole_words_come_before_beginnings(desk: Desk) -> None:
    """Where somebody has the word whole, only it is meant; with a star, or where nobody has, words that begin so."""
    for name in ("B-7", "B-77", "B-777"):
        desk.bring(name)
    assert found(desk, "B-77") == ["B-77"]
    assert found(desk, "B-77*") == ["B-777", "B-77"]
    desk.bring("x", items=("scissors",))
    assert found(desk, "scisso") == ["x"]


def test_words_and_filters_hold_together_page_by_page(desk: Desk) -> None:
    for number in range(30):
        desk.bring(
            f"s{number:02}", list(Action)[number % 3], items=("knife",) * (number % 2),
            received_at=NOW + timedelta(minutes=number), source="a" if number < 20 else "b",
        )  # fmt: skip
    wanted = Query(
        q="KNIFE", action="REVIEW", since=(NOW + timedelta(minutes=5)).isoformat(),
        until=(NOW + timedelta(minutes=26)).isoformat(),
    )  # fmt: skip
    expected = [f"s{number:02}" for number in range(25, 4, -1) if number % 3 == 1 and number % 2]
    seen: list[str] = []
    before = None
    with desk.store.reader() as db:
        for _ in range(10):
            page = search.page(db, wanted, before, 1)
            seen += [row.scan_id for row in page.rows]
            before = page.before
            if before is None:
                break
    assert seen == expected
    assert found(desk, "knife", source="b", action="CLEAR") == ["s27", "s21"]
    assert found(desk, "knife", since="2999") == []
    assert found(desk, "knife", until="1999") == []


def test_a_long_walk_is_broken_off_and_says_how_far_it_came(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """And whoever goes on from there misses nothing."""
    monkeypatch.setattr(search, "WALK", 4)
    monkeypatch.setattr(search, "PIECE", 3)
    for number in range(11):
        desk.bring(f"s{number}", Action.CLEAR if number else Action.REVIEW, items=("knife",), received_at=NOW)
    seen, before, reached = [], None, 0
    with desk.store.reader() as db:
        for _ in range(5):
            page = search.page(db, Query(q="knife", action="REVIEW"), before)
            seen += [row.scan_id for row in page.rows]
            reached += page.reached == NOW.isoformat()
            before = page.before
            if before is None:
                break
    assert (seen, reached) == (["s0"], 2)


HOSTILE = (
    '"', '""', "'", "*", "^", ":", "(", ")", "{text}", "text:x", "NEAR(a b, 2)", "a NOT b", "AND", "OR OR", "-a", "+a",
    "a^2", '" OR 1=1 --', "'; DROP TABLE words; --", "\x00", "%_", "words MATCH", "rank:x", "\U0001f600", "\u0301",
    "أمتعة", "行李", "🧳" * 50, "a" * 200, '"' * 200, "* " * 100, "()" * 100, "\u202e abc", "ß", "\ud7ff",
)  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_nothing_that_is_typed_is_a_command(desk: Desk, typed: str) -> None:
    desk.bring("plain", items=("knife",))
    assert found(desk, typed) in ([], ["plain"])


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=60) | st.text(alphabet='ab"*():^-{} NEARODT', max_size=40))
def test_any_text_is_only_words(store: Store, typed: str) -> None:
    with store.reader() as db:
        assert search.page(db, Query(q=typed)).rows == ()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1, max_size=30))
@example(text="x\x00yz")
def test_whatever_was_declared_is_found_by_its_own_words(desk: Desk, text: str) -> None:
    """In upper case and without its diacritics, too, as long as there is a letter or a number in it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    desk.bring(f"s-{abs(hash(text))}", None, sheet=sheet(text), picture=text)
    for typed in (text, text.upper(), words.folded(text)):
        typed = typed.replace('"', " ")  # noqa: PLW2901 - quotes would make phrases of it
        if words.folded(typed) == words.folded(text) != "" and words.folded(text).isascii():
            assert f"s-{abs(hash(text))}" in found(desk, typed), (text, typed)


def test_a_store_from_before_finds_its_old_scans(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The migration makes the same words as those that are kept from then on; it also makes the counts anew."""
    monkeypatch.setattr(words, "MOST_BEHIND", 1)
    scan = desk.bring("old", Action.REVIEW, items=("knife",), sheet=sheet("Đồng hồ", consignee="Đà Nẵng"))
    desk.say(scan, note="ghi chú")
    desk.bring("odd", None, sheet=sheet(consignee=7))
    before = desk.do(lambda db: [tuple(row) for row in db.execute("SELECT rowid, text FROM words ORDER BY 1")])

    def again(db: sqlite3.Connection) -> list[Any]:
        db.execute("DROP TABLE words")
        words.begin(db)
        return [tuple(row) for row in db.execute("SELECT rowid, text FROM words ORDER BY 1")]

    assert desk.do(again) == before
    assert found(desk, "dong ho") == ["old"]
    assert found(desk, "ghi chu da nang") == ["old"]


def test_the_migration_runs_on_a_store_with_scans(tmp_path: Any) -> None:
    db = sqlite3.connect(tmp_path / "lanewatch.db", isolation_level=None)
    migrations.migrations.apply(Database(db), stop_before="m005_figures")
    db.execute(
        "INSERT INTO scan (scan_id, revision, slot, content, state, todo, rank, due_at, source, received_at, rehearsal,"
        " brought) VALUES ('s1', 1, 'a', 'b', 'received', 1, 1, 1, 'b', '2026-01-01T00:00:00+00:00', 0, '{}')"
    )
    db.close()
    store = Store.open(tmp_path)
    with store.reader() as reading:
        assert reading.execute("SELECT text FROM words").fetchone()[0] == "s1"
    store.close()


def test_no_search_walks_through_all_scans(store: Store) -> None:
    asked: list[str] = []
    wanted = Query(q="a b", lane="x", action="REVIEW", since="2026", until="2027", degraded=True)
    with store.reader() as db:
        db.set_trace_callback(asked.append)
        search._passing(db, wanted, [1, 2, 3], 10)
        search._span(db, wanted)
        db.set_trace_callback(None)
        for statement in asked:
            plan = [row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")]
            assert not [step for step in plan if step.startswith("SCAN scan")], (statement, plan)
            assert not any("TEMP B-TREE" in step for step in plan), (statement, plan)
