"""Broken rulebooks: each is refused at the place of the fault, and what is in force stays in force."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from appliance.errors import RefusedError, RulebookError
from appliance.rulebooks import Given, Rulebooks, Word
from appliance.rules import reading, texts
from appliance.rules.texts import Texts
from appliance.scan import Action
from appliance.store.database import Store
from appliance.store.rulebooks import in_force
from models.profile import BAGGAGE, names_of
from tests.appliance.rules.broken import BOOK, CASES, NAMES, SAYS, SHEET, THINGS, WHOLE, Broken

TODAY = date(2026, 11, 20)


def faults(given: Texts) -> tuple[str, ...]:
    with pytest.raises(RulebookError) as caught:
        reading.checked(given, SAYS, TODAY, NAMES)
    return caught.value.faults


def test_the_whole_one_is_accepted() -> None:
    """Or refusing the broken ones would show nothing."""
    assert reading.checked(WHOLE, SAYS, TODAY, NAMES).at().name == "small@3 with lane-3@1"
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{case.file}-{case.words}" for number, case in enumerate(CASES)])
def test_a_broken_rulebook_is_refused_at_its_place(case: Broken) -> None:
    """File, line and column are those of the token that is at fault, and the words say what is wrong with it."""
    told = faults(case.texts)
    assert any(fault.startswith(case.place) and case.words in fault for fault in told), (case.place, told)


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("before", ["", "# áéí 刀 \U0001f52a\n\n"])
def test_places_hold_in_files_of_other_machines(ending: str, before: str) -> None:
    """Line ends of another system and comments in any letters move nothing."""
    case = next(case for case in CASES if case.token == ".knwon")
    text = (before + case.texts.book).replace("\n", ending)
    line, column = case.place.split(":")[1:3]
    (told,) = faults(WHOLE.model_copy(update={"book": text}))
    assert told.startswith(f"book.yaml:{int(line) + before.count(chr(10))}:{column}: ")


@pytest.mark.parametrize(
    "when",
    [
        "items.exists(i, i.location == 'é刀' && i.knwon)",
        "\"items.exists(i, i.location == '\\u00e9\\x41\\U0001f52a' && i.knwon)\"",
        '"items.exists(i,\\\n      \\ i.location == \\"x\\" && i.knwon)"',
        "'items.exists(i, i.location == ''x'' && i.knwon)'",
        "|\n      items.exists(i,\n\n        i.knwon)",
        ">-  # more\n      items.exists(i,\n        i.knwon)",
        "items.exists(i,\n        i.knwon)",
    ],
)
def test_a_place_within_a_condition_holds_however_it_is_written(when: str) -> None:
    """Plain, quoted, spelled out, kept as lines or folded."""
    text = BOOK.replace("when: 'declared.exists(d, d.result == ''not_seen'')'", f"when: {when}")
    before = text[: text.index(".knwon")]
    (told,) = faults(WHOLE.model_copy(update={"book": text}))
    assert told.startswith(f"book.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: ")


def test_all_faults_of_structure_and_of_conditions_are_told_at_once() -> None:
    """In every file, so that nobody mends one, asks again and finds the next."""
    book = BOOK.replace("version: 3", "version: x").replace("i.known)", "i.knwon)").replace("age < 18", "age < 'x'")
    book = book.replace("all: 0.3", "all: 3").replace(
        "    risk: high\n    message: {en: A gun.}", "    message: A gun."
    )
    sheet = SHEET.replace("over: small", "ovr: small").replace("scan.lane", "scan.lan")
    told = faults(Texts(book=book, taxonomy=WHOLE.taxonomy.replace("hs_edition", "edition"), site=sheet))
    for words in (
        "version: not a whole number", "thresholds.all", "rules.1.risk: missing", "rules.1.message", "no field knwon",
        "does not go", "hs_edition: missing", "edition: unknown key", "ovr: unknown key", "over: missing",
        "no field lan",
    ):  # fmt: skip
        assert any(words in fault for fault in told), words
    assert len(told) == 11


def test_all_that_does_not_fit_together_is_told_at_once() -> None:
    """Names, thresholds, levels and the sheet."""
    book = BOOK.replace("weapon: 0.2", "wepon: 0.2").replace("{young: high}", "{yung: high}")
    book = book.replace('\\"handgun\\"', '\\"handgum\\"').replace("profile: bags", "profile: cargo")
    told = faults(WHOLE.model_copy(update={"book": book, "site": SHEET.replace("rule: absent", "rule: abs")}))
    for words in ("wepon", "yung", "handgum", "'bags'", "no rule abs"):
        assert any(words in fault for fault in told), words


def test_a_book_that_is_not_a_mapping_is_refused() -> None:
    """An empty file, a list, a number, a text."""
    for text in ("", "# nothing\n", "- a\n- b\n", "3", "null", "just words", "{}", "\ufeff", "%YAML 1.1\n---\n"):
        assert all(
            fault.startswith("book.yaml:1:1: ") or ":2:" in fault for fault in faults(Texts(book=text, taxonomy=THINGS))
        )


def test_a_sheet_may_change_what_the_books_own_tests_expect() -> None:
    """They are tests of the central book; a lane that is stricter is not refused for it."""
    sheet = "name: s\nversion: 1\nover: small\nactions: {low: REVIEW}\nfloors: {prohibited: high}\n"
    parts = reading.checked(WHOLE.model_copy(update={"site": sheet}), SAYS, TODAY, NAMES)
    assert parts.at().actions.low is Action.REVIEW
    assert parts.at(alone=True).actions.low is Action.CLEAR


def test_a_refused_book_leaves_what_is_in_force(store: Store) -> None:
    """Whatever is wrong, and with which text: the same row, the same digest, the same verdicts."""
    asyncio.run(_refused(store))


async def _refused(store: Store) -> None:
    books = Rulebooks(store, "x-ray baggage")
    await books.begin()
    before, standing = await store.read(in_force), books.told()
    kept = sorted(path.name for path in (store.root / "rulebooks").iterdir())
    word = Word(who="O. Perator", why="an order", supervisor="N. Lee")
    whole = texts.default()
    soon = datetime.now(UTC).date() + timedelta(days=7)
    for given in (
        Given(book=whole.book.replace("i.restricted", "i.restrictd")),
        Given(book=whole.book.replace("version: 1", "version: 1\nversion: 2")),
        Given(book=whole.book.replace("risk: medium, action: REVIEW", "risk: low, action: CLEAR")),
        Given(book=""),
        Given(book="\udcff"),
        Given(taxonomy=whole.taxonomy.replace("id: handgun", "id: handgum")),
        Given(site=SHEET),
        Given(site="name: s\nversion: 1\nover: customs\nloosens:\n"
                   f"  - {{rule: undeclared-prohibited, until: {soon}, why: x}}\n"),
    ):  # fmt: skip
        with pytest.raises(RulebookError):
            await books.put(given, word)
        assert await store.read(in_force) == before
        assert books.told() is standing
    assert sorted(path.name for path in (store.root / "rulebooks").iterdir()) == kept


def test_a_sheet_that_loosens_needs_somebody_else_who_stands_for_it(store: Store) -> None:
    """And nothing changes where nobody does."""
    asyncio.run(_loosened(store))


async def _loosened(store: Store) -> None:
    books = Rulebooks(store, "x-ray baggage")
    await books.begin()
    before = await store.read(in_force)
    until = datetime.now(UTC).date() + timedelta(days=300)
    sheet = Given(
        site=f"name: s\nversion: 1\nover: customs\nloosens:\n  - {{rule: restricted, until: {until}, why: x}}\n"
    )
    for supervisor in (None, "O. Perator", "o. perator", "O.  Perator", "O Perator.", "O. Per\u200bator"):
        with pytest.raises(RefusedError):
            await books.put(sheet, Word(who="O. Perator", why="an order", supervisor=supervisor))
        assert await store.read(in_force) == before
    await books.put(sheet, Word(who="O. Perator", why="an order", supervisor="N. Lee"))
    assert books.told().loosened_at(0) == (f"rule restricted is not followed until {until}: x",)


def test_a_date_without_a_day_after_it_means_never() -> None:
    """The usual way to say so; it was a crash."""
    whole = WHOLE.model_copy(update={"book": BOOK.replace("2099-01-01", "9999-12-31")})
    assert reading.checked(whole, SAYS, TODAY, NAMES).at().rules[1].until == float("inf")


def test_a_rule_is_not_called_like_a_floor() -> None:
    (told, *_) = faults(WHOLE.model_copy(update={"book": BOOK.replace("- id: gun", "- id: floor-gun")}))
    assert told.endswith("names that begin with floor- are the box's own")


def test_keys_that_are_one_text_are_twins() -> None:
    (told, *_) = faults(WHOLE.model_copy(update={"book": f"{BOOK}1: a\n'1': b\n"}))
    assert told.endswith("1: the key stands twice")


def test_what_a_rule_is_about_counts_as_work() -> None:
    """Forty cheap conditions, each with costly words."""
    costly = "items.filter(i, items.all(a, items.all(b, a.item != b.location))).map(i, i.item)"
    rule = "  - {id: r%d, when: 'true', about: '%s', risk: medium, message: {en: '{items}'}}\n"
    rules = "".join(rule % (number, costly) for number in range(60))
    found = faults(WHOLE.model_copy(update={"book": BOOK.replace("rules:\n", f"rules:\n{rules}")}))
    assert any("all rules together take up to" in told for told in found)


def test_the_examples_of_the_manual_are_accepted() -> None:
    """A book beside the default taxonomy, and a sheet over the default book."""
    manual = (Path(__file__).parents[3] / "docs" / "rules.md").read_text("utf-8")
    book, sheet = re.findall(r"```yaml\n(.*?)```", manual, re.DOTALL)
    says, default = names_of(BAGGAGE.name), texts.default()
    for given in (default.model_copy(update={"book": book}), default.model_copy(update={"site": sheet})):
        assert reading.checked(given, says, TODAY).at("raised").level == "raised"


def test_a_book_has_no_more_levels_than_anybody_switches_between() -> None:
    """Each is tried by all the book's tests."""
    many = "levels:\n" + "".join(f"  l{number}: {{}}\n" for number in range(21))
    found = faults(Texts(book=texts.default().book.replace("levels:\n", many, 1), taxonomy=texts.default().taxonomy))
    assert any("levels" in fault for fault in found)
