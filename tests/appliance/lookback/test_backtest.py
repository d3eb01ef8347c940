"""A backtest tells what another rulebook would have made of the scans that are stored."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from appliance.lookback import page
from appliance.lookback.backtest import MOST_SHOWN, Bill, Changed, backtest
from appliance.rules.texts import Texts
from appliance.scan import Action, Declaration, DeclaredItem
from appliance.store.database import Store
from tests.appliance.lookback.books import BEGINNING, Lane, book, finding

SCRIPTS = tuple(
    form.format(code)
    for code in ("alert(1)", "fetch('//x')", "location='x'", "document.write(1)", "eval(name)")
    for form in (
        "<script>{}</script>", '"><img src=x onerror={}>', "'><svg/onload={}>", "</table></html><script>{}</script>",
        "javascript:{}", "<!--<script>{}//",
    )
)  # fmt: skip
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


def bill_of(folder: Path, texts: Texts, level: str = "normal") -> Bill:
    told: list[tuple[int, int]] = []
    since = BEGINNING + timedelta(days=1)
    found = backtest(folder / "lanewatch.db", texts, level, since, 30, lambda *progress: told.append(progress))
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
    assert "1 in which something prohibited was seen would get less attention." in said
    assert "gun  PHYSICAL_INSPECTION -> CLEAR  handgun: Nothing prohibited was found.  LOST" in said


def test_a_store_without_scans_gives_an_empty_bill(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    bill = backtest(tmp_path / "lanewatch.db", book(1), "normal", BEGINNING, 30, lambda *_: None)
    assert (bill.judged, bill.changed) == (0, 0)
    assert page.text(bill).splitlines()[1].startswith("0 scans of the last 30 days were judged again; 0 change.")


def test_nothing_is_written(made: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(made, tmp_path / "copy")
    before = (copy / "lanewatch.db").read_bytes()
    bill_of(copy, stricter())
    assert (copy / "lanewatch.db").read_bytes() == before


def changed(number: int, text: Callable[[int], str]) -> Changed:
    return Changed(
        scan_id=text(number), revision=1, lane=text(number + 1), at="2026-10-01T08:00:00+00:00", before=REVIEW,
        after=INSPECT, items=(text(number + 2),), rules=(text(number + 3),), why=text(number + 4), lost=number % 2 == 0,
    )  # fmt: skip


def nasty(texts: tuple[str, ...]) -> Bill:
    """A bill all of whose words are texts."""

    def text(number: int) -> str:
        return texts[number % len(texts)]

    return Bill(
        rulebook=text(0), level=text(1), days=30, judged=9, left_out=dict.fromkeys(texts, 1), before={}, after={},
        changed=MOST_SHOWN + len(texts), more_inspections=1, fewer_inspections=2, lost_finds=3, newly_clear=4,
        by_lane=dict.fromkeys(texts, 1), by_class=dict.fromkeys(texts, 1),
        shown=tuple(changed(number, text) for number in range(len(texts))),
    )  # fmt: skip


class Elements(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_no_name_becomes_a_part_of_the_page() -> None:
    """Thirty scripts as scan ids, lanes, classes, rules and reasons stay words."""
    assert len(set(SCRIPTS)) == 30
    html = page.page(nasty(SCRIPTS), "http://127.0.0.1:8080")
    seen = Elements()
    seen.feed(html)
    assert seen.tags == {"html", "meta", "title", "style", "h1", "h2", "p", "table", "tr", "th", "td", "a"}
    assert seen.attributes == {"lang", "charset", "name", "content", "class", "href"}
    assert all(link.startswith("http://127.0.0.1:8080/api/v1/scans/") for link in seen.links)
    assert "<script" not in html
    assert set(SCRIPTS) <= set(seen.texts)


def test_no_name_begins_a_line_of_its_own() -> None:
    """What moves the cursor, or turns the writing round, is a question mark."""
    moving = ("a\nLOST", "b\r\x1b[2J", "c\u2028d", "e\u202ef", "g\x85h", "i\x0bj")
    said = page.text(nasty(moving))
    assert len(said.splitlines()) == len(page.text(nasty(tuple("abcegi"))).splitlines())
    assert not set("\r\x1b\u2028\u202e\x85\x0b") & set(said)
    assert "a?LOST" in said


def test_the_bill_as_json_is_the_bill() -> None:
    bill = nasty(SCRIPTS)
    assert Bill.model_validate_json(json.dumps(bill.model_dump(mode="json"))) == bill
