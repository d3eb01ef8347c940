"""A backtest tells what another rulebook would have made of the scans that are stored."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.lookback import page
from appliance.lookback.backtest import Asked, backtest
from appliance.lookback.bill import Already, Bill
from appliance.rules.texts import Texts
from appliance.scan import Action, Declaration, DeclaredItem
from appliance.store.database import Store
from appliance.store.rulebooks import activate
from models.profile import BAGGAGE
from tests.appliance.lookback.books import BEGINNING, Lane, book, finding, sheet
from tests.appliance.rules.declared.bags import read_taxonomy

NOW = BEGINNING + timedelta(days=20)
CLEAR, REVIEW, INSPECT = Action.CLEAR, Action.REVIEW, Action.PHYSICAL_INSPECTION
STRICTER = book(
    2, **{'risk:_medium\n    message:\n      en: "Restricted:': 'risk: high\n    message:\n      en: "Restricted:'}
)


def stricter() -> Texts:
    """Whatever is restricted is opened, and the book's own test says so."""
    text = STRICTER.book.replace(
        "expect: {risk: medium, action: REVIEW, rules: [restricted]}",
        "expect: {risk: high, action: PHYSICAL_INSPECTION, rules: [restricted]}",
    )
    return Texts(book=text, taxonomy=STRICTER.taxonomy)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight scans whose verdicts are known, in a store that is closed."""
    folder = tmp_path_factory.mktemp("made")
    lane = Lane(Store.open(folder))
    lane.activate(book(1))
    later = BEGINNING + timedelta(days=5)
    laptop = Declaration(state="given", items=(DeclaredItem(text="laptop"),))
    for name, on, declaration, seen in (
        ("old", "1", Declaration(), ("lighter",)),
        ("clear", "1", Declaration(), ("bottle",)),
        ("lighter-1", "1", Declaration(), ("lighter",)),
        ("lighter-2", "2", Declaration(), ("lighter", "bottle")),
        ("gun", None, Declaration(), ("handgun",)),
        ("laptop", "2", laptop, ()),
        ("before", "2", Declaration(), ("lighter",)),
        ("damaged", "2", Declaration(), ("lighter",)),
    ):
        scan = lane.receive(name, BEGINNING if name == "old" else later, lane=on, declaration=declaration)
        lane.conclude(scan, lane.answer(scan, *map(finding, seen)))
    replaced = lane.receive("replaced", later)
    lane.conclude(replaced, lane.answer(replaced, finding("lighter")))
    lane.receive("replaced", later, content="another")

    def spoil(db: sqlite3.Connection) -> None:
        db.execute("UPDATE verdict SET circumstances = NULL WHERE scan = 7")
        db.execute("UPDATE verdict SET answer = '{}' WHERE scan = 8")

    lane.store.submit(spoil).result()
    lane.store.close()
    return folder


def bill_of(folder: Path, texts: Texts, level: str = "normal", now: datetime = NOW) -> Bill:
    told: list[tuple[int, int]] = []
    asked = Asked(texts, level, BEGINNING + timedelta(days=1), 30, now, "http://127.0.0.1:8080", BAGGAGE.name)
    found = backtest(folder / "lanewatch.db", asked, lambda *progress: told.append(progress))
    assert told[-1][0] == told[-1][1]
    return found


def test_the_bill_of_a_stricter_book(made: Path) -> None:
    bill = bill_of(made, stricter())
    assert bill.rulebook == f"customs@2 sha256:{stricter().digest}"
    assert (bill.judged, bill.changed, bill.more_inspections, bill.fewer_inspections) == (5, 2, 2, 0)
    assert (bill.lost_finds, bill.newly_clear) == (0, 0)
    assert bill.before == {CLEAR: 1, REVIEW: 3, INSPECT: 1}
    assert bill.after == {CLEAR: 1, REVIEW: 1, INSPECT: 3}
    assert (bill.by_lane, bill.by_class) == ({"1": 1, "2": 1}, {"lighter": 2, "bottle": 1})
    assert bill.left_out == {"kept before circumstances were": 1, "its answer cannot be read: ValidationError": 1}
    first = bill.shown[0]
    assert (first.scan_id, first.before, first.after, first.lost) == ("lighter-1", REVIEW, INSPECT, False)
    assert (first.items, first.rules, first.lane) == (("lighter",), ("restricted",), "1")


def test_the_same_book_changes_nothing(made: Path) -> None:
    bill = bill_of(made, book(1))
    assert (bill.judged, bill.changed, bill.shown) == (5, 0, ())
    assert bill.before == bill.after


def test_a_raised_level_leaves_nothing_clear(made: Path) -> None:
    assert bill_of(made, book(1), "raised").after == {REVIEW: 1, INSPECT: 4}


def test_a_find_is_lost_even_by_a_taxonomy_that_calls_it_allowed(made: Path) -> None:
    """What was prohibited when it was seen is a lost find, whatever the candidate calls it."""

    def tamed(text: str) -> str:
        for name in ("handgun", "lighter"):
            start = text.index(f"- {{id: {name}, ")
            end = text.index("\n", start)
            line = text[start:end].replace("prohibited", "allowed").replace("restricted", "allowed")
            text = text[:start] + line + text[end:]
        return text

    bill = bill_of(made, book(3, taxonomy=tamed))
    assert (bill.changed, bill.newly_clear, bill.lost_finds, bill.fewer_inspections) == (3, 3, 1, 1)
    assert (bill.shown[0].scan_id, bill.shown[0].lost) == ("gun", True)
    said = page.text(bill)
    assert "3 would be cleared that an officer had to look at." in said
    assert "1 lost find, where something prohibited was seen and would get less attention." in said
    why = "no longer: rule undeclared-prohibited (high)"
    assert f"gun  PHYSICAL_INSPECTION -> CLEAR  handgun: {why}  LOST" in said


def test_a_candidate_that_the_release_cannot_serve_clears_nothing(made: Path) -> None:
    """As it would once it is in force: a rule on what no model names never fires."""
    named = next(item.id for item in read_taxonomy(book(2).taxonomy, "t.yaml").items if item.id not in BAGGAGE.names)
    rule = (
        f"rules:\n  - {{id: unseen, when: \"items.exists(i, i.item == '{named}')\", risk: low, message: {{en: x}}}}\n"
    )
    candidate = book(2).model_copy(update={"book": book(2).book.replace("rules:\n", rule, 1)})
    bill = bill_of(made, candidate)
    assert CLEAR not in bill.after
    assert any("does not fit the release" in one.why for one in bill.shown)


def test_what_has_ended_by_now_counts_no_more(made: Path) -> None:
    """A rule that ends fires for none of the scans that come after; what fired for those of then is a lost find."""
    still, over = (bill_of(made, ending(2), now=BEGINNING + timedelta(days=days)) for days in (9, 12))
    assert (still.changed, still.lost_finds) == (0, 0)
    assert (over.changed, over.lost_finds, over.fewer_inspections) == (1, 1, 1)
    (gun,) = over.shown
    assert (gun.scan_id, gun.before, gun.after, gun.lost) == ("gun", INSPECT, REVIEW, True)
    assert "0 lost finds" in page.text(still)
    assert "0 lost finds" in page.page(still)


def lay(lane: Lane, texts: Texts, level: str = "normal") -> None:
    """Let rules be in force, also such as the door would refuse by today."""
    digest = lane.rulebooks.shelf.keep(texts)
    word: dict[str, Any] = {"at": "x", "who": "chief", "why": "a test", "origin": "site", "supervisor": "N. Lee"}
    lane.store.submit(lambda db: activate(db, digest=digest, name="customs", level=level, **word)).result()


def ending(version: int) -> Texts:
    """A book whose rule on what was not declared ends ten days after the beginning."""
    ended = (BEGINNING + timedelta(days=10)).date().isoformat()
    return book(version, **{"id:_undeclared-prohibited": f"id: undeclared-prohibited\n    expires: {ended}"})


def test_what_changed_since_is_not_the_candidates_doing(made: Path, tmp_path: Path) -> None:
    """A sheet came over the book after the scans: a candidate under it that changes nothing is not billed for it."""
    sheeted = book(1).model_copy(update={"site": sheet()})
    copy = shutil.copytree(made, tmp_path / "copy")
    lane = Lane(Store.open(copy))
    lay(lane, sheeted)
    lane.store.close()
    none = bill_of(copy, book(2).model_copy(update={"site": sheet()}))
    assert (none.changed, none.more_inspections, none.shown) == (0, 0, ())
    assert none.already == Already(changed=4, more_inspections=2)
    assert (none.then, none.before) == ({CLEAR: 1, REVIEW: 3, INSPECT: 1}, {CLEAR: 1, REVIEW: 1, INSPECT: 3})
    assert none.before == none.after
    assert none.against == f"customs@1 with lane-3@1 sha256:{sheeted.digest}, threat level normal"
    told = page.text(none)
    assert "Not counted above: 4 would come out otherwise than they did by the rules in force already, 2 more" in told
    alone = bill_of(copy, book(2))
    assert {one.scan_id: (one.then, one.before, one.after) for one in alone.shown} == {
        "clear": (CLEAR, REVIEW, CLEAR),
        "lighter-1": (REVIEW, INSPECT, REVIEW),
        "lighter-2": (REVIEW, INSPECT, REVIEW),
        "laptop": (REVIEW, CLEAR, REVIEW),
    }
    why = {one.scan_id: one.why for one in alone.shown}
    assert why["clear"] == "no longer: rule bottles (medium)"
    assert why["lighter-1"] == "Restricted: lighter. (rule restricted, medium)"
    assert why["laptop"] == "Declared, but not seen: laptop. (rule declared-not-seen, medium)"
    assert "lighter-1  PHYSICAL_INSPECTION (REVIEW then) -> REVIEW" in page.text(alone)


def test_what_the_rules_in_force_catch_is_lost_though_its_verdict_missed_it(made: Path, tmp_path: Path) -> None:
    """A candidate that says what the verdicts said takes back what came into force since."""
    lane = Lane(Store.open(shutil.copytree(made, tmp_path / "state")))
    lay(lane, ending(2))
    scan = lane.receive("late", BEGINNING + timedelta(days=12))
    lane.conclude(scan, lane.answer(scan, finding("handgun")))
    lay(lane, book(1))
    lane.store.close()
    bill = bill_of(tmp_path / "state", ending(3))
    assert [(one.scan_id, one.then, one.before, one.after, one.lost) for one in bill.shown] == [
        ("gun", INSPECT, INSPECT, REVIEW, True),
        ("late", REVIEW, INSPECT, REVIEW, True),
    ]
    assert bill.shown[1].why.endswith("no longer: rule undeclared-prohibited (high)")


def test_what_has_ended_in_the_rules_in_force_is_not_the_candidates_doing(made: Path, tmp_path: Path) -> None:
    lane = Lane(Store.open(shutil.copytree(made, tmp_path / "state")))
    lay(lane, ending(2))
    scan = lane.receive("late", BEGINNING + timedelta(days=6))
    lane.conclude(scan, lane.answer(scan, finding("handgun")))
    lane.store.close()
    bill = bill_of(tmp_path / "state", ending(3))
    assert (bill.changed, bill.already) == (0, Already(changed=2, fewer_inspections=2))
    back = bill_of(tmp_path / "state", book(4))
    assert (back.changed, back.more_inspections, back.already) == (2, 2, bill.already)


def test_rules_in_force_that_cannot_be_read_are_told(made: Path, tmp_path: Path) -> None:
    """Then the verdicts themselves are what the candidate is held against."""
    copy = shutil.copytree(made, tmp_path / "copy")
    (path,) = (copy / "rulebooks").iterdir()
    path.unlink()
    bill = bill_of(copy, stricter())
    assert (bill.changed, bill.more_inspections) == (2, 2)
    told = [sentence for loud, sentence in page.sentences(bill) if loud]
    assert any("held against the verdicts they got then: the rules in force cannot be read" in one for one in told)


def test_rehearsals_are_no_inspections(tmp_path: Path) -> None:
    """They are counted by themselves: practice opens nobody's bag."""
    lane = Lane(Store.open(tmp_path))
    lane.activate(book(1))
    for name, practice in (("real", False), ("practice", True)):
        scan = lane.receive(name, BEGINNING + timedelta(days=2), rehearsal=practice)
        lane.conclude(scan, lane.answer(scan, finding("lighter")))
    lane.store.close()
    bill = bill_of(tmp_path, stricter())
    assert (bill.judged, bill.rehearsals, bill.more_inspections) == (1, 1, 1)
    assert [one.scan_id for one in bill.shown] == ["real"]
    assert "1 rehearsals are left out" in page.text(bill)


def test_scans_stand_in_one_order_and_say_where_they_are(tmp_path: Path) -> None:
    """Lost finds, what would be cleared, the rest; each from old to new, then by name."""
    lane = Lane(Store.open(tmp_path))
    lane.activate(book(1))
    for name, seen, hours in (
        ("c/1 #", "lighter", 1), ("b", "lighter", 0), ("a", "lighter", 0), ("gun", "handgun", 9), ("bag", "bottle", 5)
    ):  # fmt: skip
        scan = lane.receive(name, BEGINNING + timedelta(days=2, hours=hours))
        lane.conclude(scan, lane.answer(scan, finding(seen)))
    lane.store.close()

    bill = bill_of(tmp_path, stricter())
    assert [one.scan_id for one in bill.shown] == ["a", "b", "c/1 #"]
    assert bill.shown[2].link == "http://127.0.0.1:8080/scans#c%2F1%20%23/1"
    told = page.text(bill)
    assert "To open one: lanewatch scans show ID" in told
    assert bill.shown[0].link in told
    assert f'href="{bill.shown[2].link}"' in page.page(bill)


def test_a_store_without_scans_gives_an_empty_bill(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    asked = Asked(book(1), "normal", BEGINNING, 30, NOW, "", BAGGAGE.name)
    bill = backtest(tmp_path / "lanewatch.db", asked, lambda *_: None)
    assert (bill.judged, bill.changed) == (0, 0)
    assert page.text(bill).splitlines()[1].startswith("0 scans of the last 30 days were judged again; 0 change.")


def test_nothing_is_written(made: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(made, tmp_path / "copy")
    before = (copy / "lanewatch.db").read_bytes()
    bill_of(copy, stricter())
    assert (copy / "lanewatch.db").read_bytes() == before
