"""A replay draws the same verdict from the record alone, or names the piece of the record that is missing."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.lookback.replay import Replayed, replay
from appliance.rulebooks import Word
from appliance.rules import texts
from appliance.rules.texts import Texts
from appliance.store import ledger
from appliance.store.database import Store
from tests.appliance.lookback.books import Lane, book, finding, sheet, various


def replayed(store: Store) -> list[Replayed]:
    """Every verdict there is, drawn again."""
    shelf = Lane(store).rulebooks.shelf
    with store.reader() as db:
        rows = db.execute("SELECT id FROM scan ORDER BY id").fetchall()
        return [one for row in rows for one in replay(db, shelf, row["id"])]


def spoil(store: Store, statement: str, *values: object) -> None:
    """Change the record behind the store's back."""
    assert store.submit(lambda db: db.execute(statement, values).rowcount).result() > 0


def test_five_hundred_verdicts_are_drawn_again_letter_by_letter(tmp_path: Path) -> None:
    """Of all kinds, by four rulebooks and two levels, after restarts, later rulebooks and another release."""
    store = Store.open(tmp_path / "state")
    lane = Lane(store)
    asyncio.run(lane.rulebooks.begin())
    various(lane, 120, seed=1)
    lane.activate(book(2, history="yes"))
    various(lane, 120, seed=2)
    loosening = book(3, history="yes").model_copy(update={"site": sheet()})
    lane.activate(loosening, supervisor="N. Lee")
    various(lane, 120, seed=3)
    store.close()

    store = Store.open(tmp_path / "state")
    lane = Lane(store)
    lane.release, lane.app = "r2", "0.2.0"  # what r1 said is no evidence any more
    various(lane, 60, seed=4)
    asyncio.run(lane.rulebooks.switch("raised", Word(who="chief", why="bulletin 7")))
    lane.release = "r1"
    various(lane, 80, seed=5)
    lane.activate(book(4, history="yes"))
    store.close()

    store = Store.open(tmp_path / "state")
    found = replayed(store)
    assert [one for one in found if not one.same] == []
    assert len(found) >= 500
    assert {one.action for one in found} == {"CLEAR", "REVIEW", "PHYSICAL_INSPECTION"}
    with store.reader() as db:
        assert ledger.verify(db).broken is None
        said = db.execute(
            "SELECT count(DISTINCT json_extract(circumstances, '$.rulebook')),"
            " count(DISTINCT json_extract(circumstances, '$.level')),"
            " sum(json_extract(circumstances, '$.history') <> '{}'),"
            " sum(json_extract(circumstances, '$.superseded')),"
            " sum(json_extract(document, '$.loosened') <> '[]') FROM verdict"
        ).fetchone()
    assert tuple(said)[:2] == (3, 2)
    assert min(said[2:]) > 10
    store.close()


def test_what_a_stand_in_said_is_drawn_again_under_a_release_that_brings_another_default(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default book stands in for one that is gone, and stays on the shelf when a later version has another."""
    lane = Lane(store)
    asyncio.run(lane.rulebooks.begin())
    gone = lane.activate(book(2))
    lane.rulebooks.shelf.path(gone).unlink()
    newer = texts.default().model_copy(update={"book": texts.default().book + "\n# of a later version\n"})
    monkeypatch.setattr(texts, "default", lambda: newer)
    later = Lane(store)
    asyncio.run(later.rulebooks.begin())
    scan = later.receive("a")
    later.conclude(scan, later.answer(scan))
    monkeypatch.undo()
    (found,) = replayed(store)
    assert (found.action, found.same, found.missing) == ("REVIEW", True, "")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One scan with a find after another, judged by a book that asks of the past; in a store that is closed."""
    folder = tmp_path_factory.mktemp("made")
    lane = Lane(Store.open(folder))
    lane.activate(book(2, history="yes"))
    for name in ("earlier", "a"):
        scan = lane.receive(name, lane="1", context={"consignee": "ACME"})
        lane.conclude(scan, lane.answer(scan, finding("lighter")))
    lane.store.close()
    return folder


@pytest.fixture
def judged(made: Path, tmp_path: Path) -> Iterator[Lane]:
    """The same in a folder of its own."""
    lane = Lane(Store.open(shutil.copytree(made, tmp_path / "state")))
    yield lane
    lane.store.close()


def test_nothing_was_spoilt(judged: Lane) -> None:
    assert [one.same for one in replayed(judged.store)] == [True, True]


def test_a_rulebook_that_is_gone_is_named(judged: Lane) -> None:
    (path,) = (judged.store.root / "rulebooks").iterdir()
    path.unlink()
    assert all(one.missing.startswith(f"{path}: No such file") for one in replayed(judged.store))


def test_a_rulebook_that_was_damaged_is_named(judged: Lane) -> None:
    (path,) = (judged.store.root / "rulebooks").iterdir()
    path.write_bytes(path.read_bytes().replace(b"risk: medium", b"risk: high  "))
    assert all(one.missing.startswith(f"{path}: its bytes have changed") for one in replayed(judged.store))
    assert not any(one.same or one.differs for one in replayed(judged.store))


def test_a_verdict_from_before_circumstances_were_kept_says_so(judged: Lane) -> None:
    spoil(judged.store, "UPDATE verdict SET circumstances = NULL WHERE id = 2")
    first, second = replayed(judged.store)
    assert first.same
    assert (second.same, second.differs, second.missing) == (False, (), "it was kept before circumstances were")


@pytest.mark.parametrize(
    ("column", "content", "named"),
    [
        ("circumstances", "no JSON", "circumstances"),
        ("circumstances", '{"moment": 3}', "circumstances"),
        ("answer", '{"question": 3}', "answer"),
        ("document", "no JSON", "document"),
        ("document", "[]", "document"),
    ],
)
def test_a_record_that_cannot_be_read_is_named(judged: Lane, column: str, content: str, named: str) -> None:
    spoil(judged.store, f"UPDATE verdict SET {column} = ? WHERE id = 2", content)
    first, second = replayed(judged.store)
    assert first.same
    assert not second.same
    assert second.missing.startswith(f"its {named} cannot be read")


def test_a_scan_that_cannot_be_read_is_named(judged: Lane) -> None:
    spoil(judged.store, "UPDATE scan SET brought = '{}' WHERE id = 2")
    assert replayed(judged.store)[1].missing.startswith("its scan cannot be read")


def test_an_answer_of_the_past_that_was_removed_is_named(judged: Lane) -> None:
    """Also where the verdict would come out as a mere difference: the piece that is missing is what matters."""
    spoil(
        judged.store,
        "UPDATE verdict SET circumstances = json_remove(circumstances, '$.history.\"seen/366/ACME\"') WHERE id = 2",
    )
    second = replayed(judged.store)[1]
    assert not second.same
    assert second.missing == "the record of this judgement has no history.seen('ACME', 366)"


def _cleared(document: str) -> str:
    return json.dumps(json.loads(document) | {"recommended_action": "CLEAR"}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("column", "change", "field"),
    [
        ("document", _cleared, 'recommended_action: was "CLEAR", now "REVIEW"'),
        ("document", lambda text: text.replace('"risk_level":"medium"', '"risk_level":"low"'), "risk_level: was "),
        ("document", lambda text: text.replace("lighter", "bottle", 1), "detected_items: was "),
        ("document", lambda text: text[:-1] + ' ,"more": 1}', "more: was 1, now null"),
        ("document", lambda text: text + " ", "the order of its fields"),
        ("answer", lambda text: text.replace("lighter", "handgun"), "recommended_action: was "),
        ("circumstances", lambda text: text.replace('"app":"0.1.0"', '"app":"0.1.1"'), "provenance.app: was "),
        ("circumstances", lambda text: text.replace('"rules":1.2', '"rules":1.3'), "timings_ms.rules: was 1.2"),
    ],
)
def test_what_was_changed_shows_as_the_field_that_differs(
    judged: Lane, column: str, change: Callable[[str], str], field: str
) -> None:
    def tamper(db: sqlite3.Connection) -> None:
        old = db.execute(f"SELECT {column} FROM verdict WHERE id = 2").fetchone()[0]
        new = change(old)
        assert new != old
        db.execute(f"UPDATE verdict SET {column} = ? WHERE id = 2", (new,))

    judged.store.submit(tamper).result()
    second = replayed(judged.store)[1]
    assert not second.same
    assert second.missing == ""
    assert any(one.startswith(field) for one in second.differs), second.differs


def test_texts_are_sealed_whatever_stands_in_them() -> None:
    """The digest holds on to every letter, so that a line end that an editor changed is another rulebook."""
    one = Texts(book="a\nb", taxonomy="t")
    assert one.digest != Texts(book="a\r\nb", taxonomy="t").digest
    assert one.digest != Texts(book="a\nb", taxonomy="t", site="").digest


@pytest.mark.parametrize(("column", "value", "kept"), [("action", "CLEAR", "REVIEW"), ("risk", "low", "medium")])
def test_a_row_that_says_something_else_than_its_document_differs(
    judged: Lane, column: str, value: str, kept: str
) -> None:
    """What lists show comes from the row."""
    spoil(judged.store, f"UPDATE verdict SET {column} = ? WHERE id = 2", value)
    first, second = replayed(judged.store)
    assert first.same
    assert not second.same
    (told,) = second.differs
    assert told.startswith("its row says ")
    assert value in told
    assert kept in told
