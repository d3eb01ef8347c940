"""A bill is told in words, and no word of it becomes anything else."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser

from appliance.lookback import page
from appliance.lookback.bill import MOST_SHOWN, Already, Bill, Changed
from appliance.scan import Action

SCRIPTS = tuple(
    form.format(code)
    for code in ("alert(1)", "fetch('//x')", "location='x'", "document.write(1)", "eval(name)")
    for form in (
        "<script>{}</script>", '"><img src=x onerror={}>', "'><svg/onload={}>", "</table></html><script>{}</script>",
        "javascript:{}", "<!--<script>{}//",
    )
)  # fmt: skip


def changed(number: int, text: Callable[[int], str]) -> Changed:
    return Changed(
        scan_id=text(number), revision=1, lane=text(number + 1), at="2026-10-01T08:00:00+00:00", then=Action.REVIEW,
        before=Action.REVIEW, after=Action.PHYSICAL_INSPECTION, items=(text(number + 2),), rules=(text(number + 3),),
        why=text(number + 4), lost=number % 2 == 0, link=f"http://127.0.0.1:8080/scans#{text(number)}",
    )  # fmt: skip


def nasty(texts: tuple[str, ...]) -> Bill:
    """A bill all of whose words are texts."""

    def text(number: int) -> str:
        return texts[number % len(texts)]

    return Bill(
        rulebook=text(0), level=text(1), against=text(2), days=30, judged=9, rehearsals=5,
        left_out=dict.fromkeys(texts, 1), then={}, before={}, after={}, changed=MOST_SHOWN + len(texts),
        more_inspections=1, fewer_inspections=2, lost_finds=3, newly_clear=4, already=Already(changed=6),
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
    html = page.page(nasty(SCRIPTS))
    seen = Elements()
    seen.feed(html)
    assert seen.tags == {"html", "meta", "title", "style", "h1", "h2", "p", "table", "tr", "th", "td", "a"}
    assert seen.attributes == {"lang", "charset", "name", "content", "class", "href", "data-is"}
    assert all(link.startswith("http://127.0.0.1:8080/scans#") for link in seen.links)
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


def test_the_page_is_dark_as_a_whole() -> None:
    """What stands at the body alone leaves the canvas white under pale links."""
    assert "<style>:root{color-scheme:light dark;" in page.page(nasty(SCRIPTS))
