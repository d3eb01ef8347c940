"""What is told of texts: in order, no more than anybody reads, only of what is new, and never for long."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from appliance import spelling, yaml_text
from appliance.errors import ConfigError, RulebookError
from appliance.located import MOST_GUESSED, MOST_TOLD, Document
from appliance.rules import reading, taxonomy, texts
from appliance.rules.taxonomy import ItemClass, Taxonomy
from appliance.rules.texts import Texts
from models.profile import BAGGAGE, names_of
from tests.appliance.rules.broken import BOOK, NAMES, SAYS, SHEET, WHOLE

TODAY = date(2026, 11, 20)
BAGS = names_of(BAGGAGE.name)


def faults(given: Texts, says: frozenset[str] = SAYS, known: Texts | None = None) -> tuple[str, ...]:
    with pytest.raises(RulebookError) as caught:
        reading.checked(given, says, TODAY, NAMES, known=known)
    return caught.value.faults


def with_book(old: str, new: str) -> Texts:
    assert old in BOOK
    return WHOLE.model_copy(update={"book": BOOK.replace(old, new)})


def places(told: tuple[str, ...], name: str) -> list[tuple[int, int]]:
    found = [re.match(rf"{name}:(\d+):(\d+): ", fault) for fault in told]
    return [(int(one[1]), int(one[2])) for one in found if one]


def test_faults_are_told_in_the_order_of_the_file() -> None:
    """Of structure and of conditions alike; within one condition too, and then file by file."""
    book = BOOK.replace("tests:", "trials:").replace("i.known)", "i.knwon)").replace("risk: medium", "rsik: medium")
    sheet = SHEET.replace("scan.lane", "scan.lan").replace("over:", "ovr:")
    told = faults(Texts(book=book, taxonomy=WHOLE.taxonomy, site=sheet))
    for name in ("book.yaml", "site.yaml"):
        assert places(told, name) == sorted(places(told, name))
    assert len(places(told, "book.yaml")) == 7
    assert [fault.split(":")[0] for fault in told] == sorted(fault.split(":")[0] for fault in told)
    those = "items.exists(i, i.item in ['gum', 'gub', 'guc']) || items.exists(i, i.category == 'x')"
    told = faults(with_book("when: 'declared.exists(d, d.result == ''not_seen'')'", f'when: "{those}"'))
    assert [fault.split(" ")[-1] for fault in told if "'gu" in fault or "'x'" in fault]
    assert places(told, "book.yaml") == sorted(places(told, "book.yaml"))


@pytest.fixture
def guessed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every word of which it was guessed what it was meant to be."""
    found: list[str] = []

    def nearest(given: str, _: object) -> None:
        found.append(given)

    monkeypatch.setattr(spelling, "nearest", nearest)
    return found


def test_so_many_faults_are_told_and_fewer_guessed(guessed: list[str]) -> None:
    """A book of nothing but unknown keys: each costs time, and nobody reads them."""
    keys = "".join(f"{number}: 1\n" for number in range(5_000))
    told = faults(WHOLE.model_copy(update={"book": f"{BOOK}{keys}"}))
    assert len(told) == MOST_TOLD + 1
    assert told[-1] == f"book.yaml: and {5_000 - MOST_TOLD} more"
    assert len(guessed) == MOST_GUESSED


def test_so_many_unknown_classes_are_told_and_fewer_guessed(guessed: list[str]) -> None:
    """Also where names are held against the taxonomy."""
    named = ", ".join(f"'z{number}'" for number in range(200))
    rule = '  - {{id: r{}, when: "items.exists(i, i.item in [{}])", risk: medium, message: {{en: x}}}}\n'
    rules = "".join(rule.format(number, named) for number in range(20))
    told = faults(with_book("rules:\n", f"rules:\n{rules}"))
    assert told[-1] == f"book.yaml: and {4_000 - MOST_TOLD} more"
    assert len(guessed) == MOST_GUESSED


def test_a_text_of_too_many_keys_is_not_read_to_its_end() -> None:
    """It is refused where the limit is passed, before anything is built of it."""
    keys = "".join(f"k{number}: 1\n" for number in range(yaml_text.MOST_NODES))
    with pytest.raises(ConfigError, match=rf"^b:{yaml_text.MOST_NODES // 2}:.*: more than {yaml_text.MOST_NODES} keys"):
        Document(keys, "b", most=1_000_000)


def test_a_chain_of_general_words_is_laid_out_once() -> None:
    """Each class of what the next one covers; and one that would fill the memory is refused."""
    assert _chain(400).covered["c0"] == {f"c{number}" for number in range(1, 400)}
    with pytest.raises(ValueError, match=f"more than {taxonomy.MOST_COVERED} classes are covered"):
        _chain(2_500)


def _chain(size: int) -> Taxonomy:
    items = tuple(
        ItemClass(
            id=f"c{number}",
            category="tool",
            names={"en": (f"c{number}",)},
            covers=(f"c{number + 1}",) if number + 1 < size else (),
        )
        for number in range(size)
    )
    return Taxonomy(profile="p", hs_edition="2022", items=items)


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("seen: [" + "{item: s}, " * 51 + "]", "more than 50 stand here"),
        ("declared: [" + "x, " * 101 + "]", "more than 100 stand here"),
        ("seen: [" + ", ".join(f"{{item: {c * 8}}}" for c in "abcdefghijklmnopqrstu") + "]", "more than 20 different"),
    ],
)
def test_a_test_has_an_end(new: str, words: str) -> None:
    """Things seen, lines declared, and names that nobody knows."""
    assert any(words in fault for fault in faults(with_book("seen: [{item: handgun}]", new)))


def test_a_book_whose_trial_takes_too_long_is_refused() -> None:
    """Each rule is bearable, each test too, and all of them on each other are not; with no sheet over it."""
    costly = "items.exists(a, items.exists(b, items.exists(c, a.confidence + b.confidence + c.confidence > 9.0)))"
    rules = "".join(f"  - {{id: r{n}, when: '{costly}', risk: medium, message: {{en: x}}}}\n" for n in range(30))
    seen = ", ".join(["{item: laptop}"] * 16)
    tests = "".join(f"  - {{name: t{n}, seen: [{seen}], expect: {{}}}}\n" for n in range(15))
    book = BOOK.replace("rules:\n", f"rules:\n{rules}")
    assert reading.checked(Texts(book=book, taxonomy=WHOLE.taxonomy), SAYS, TODAY)
    (told,) = faults(Texts(book=book + tests, taxonomy=WHOLE.taxonomy))
    assert "to try the book takes up to" in told
    (told,) = faults(Texts(book=book.replace("rules:\n", f"rules:\n{rules.replace('id: r', 'id: q')}"),
                           taxonomy=WHOLE.taxonomy))  # fmt: skip
    assert told.startswith("book.yaml:9:1: rules: all rules together take up to")


ENDED = WHOLE.model_copy(
    update={
        "book": BOOK.replace("2099-01-01", "2026-11-19"),
        "site": SHEET.replace("2027-06-01", "2026-11-19").replace(
            "    risk: medium\n", "    risk: medium\n    expires: 2026-11-19\n"
        ),
    }
)


def test_what_has_ended_is_a_fault_of_what_is_new() -> None:
    """A rule of the book, a rule of the sheet, and what the sheet loosens."""
    assert [fault.split(": ")[1] for fault in faults(ENDED)] == [
        "rules.1.expires",
        "rules.0.expires",
        "loosens.0.until",
    ]


def test_what_has_ended_in_force_is_in_nobodys_way() -> None:
    """An urgent book over an old sheet, a sheet over an old book, and going back to texts that were in force."""
    reading.checked(ENDED, SAYS, TODAY, known=ENDED)
    urgent = ENDED.model_copy(update={"book": BOOK.replace("version: 3", "version: 4")})
    reading.checked(urgent, SAYS, TODAY, known=ENDED)
    over = ENDED.model_copy(update={"site": SHEET})
    reading.checked(over, SAYS, TODAY, known=ENDED)
    assert any("it ended on" in fault for fault in faults(urgent, known=WHOLE))


def test_a_book_that_itself_has_ended_is_never_put_in_force() -> None:
    """Not even again: nothing would be CLEAR by it."""
    over = with_book("2027-12-31", "2026-11-19")
    assert faults(over, known=over) == ("book.yaml:4:1: expires: it ended on 2026-11-19",)


def test_nothing_is_loosened_for_more_than_a_year() -> None:
    """From today, not from whenever a sheet was put in force."""
    for days, accepted in ((366, True), (367, False)):
        sheet = SHEET.replace("2027-06-01", (TODAY + timedelta(days)).isoformat())
        given = WHOLE.model_copy(update={"site": sheet})
        if accepted:
            reading.checked(given, SAYS, TODAY)
        else:
            assert "366 days at the most" in faults(given)[0]
            reading.checked(given, SAYS, TODAY, known=given)


def test_what_a_loosening_uncovers_is_told_once_at_its_entry() -> None:
    """Of many classes the first ten."""
    sheet = (
        "name: s\nversion: 1\nover: customs\nloosens:\n"
        "  - {rule: restricted, until: 2026-12-31, why: x}\n"
        "  - {rule: undeclared-prohibited, until: 2026-12-31, why: x}\n"
    )
    (told,) = faults(texts.default().model_copy(update={"site": sheet}), BAGS)
    assert told.startswith("site.yaml:6:6: loosens.1.rule: then no rule fires for what is prohibited: folding knife, ")
    assert re.search(r"(?:[^,]+, ){9}[^,]+ and \d+ more$", told.partition("prohibited: ")[2])


def test_a_prohibited_thing_is_covered_whether_it_is_declared_or_not() -> None:
    """A book that only looks at one of both lets the other through."""
    start, end = BOOK.index("  - id: gun"), BOOK.index("  - id: young")
    alone = BOOK.replace(BOOK[start:end], "").replace("rules: [prohibited, gun]", "rules: [prohibited]")
    reading.checked(WHOLE.model_copy(update={"book": alone}), SAYS, TODAY)
    for more, how in (("!i.declared", "declared"), ("i.declared", "not declared")):
        book = alone.replace("&& i.known)", f"&& {more})")
        told = faults(WHOLE.model_copy(update={"book": book}))
        assert f"handgun is prohibited, and no rule fires for one that is {how}" in told[
            -1 if more[0] == "!" else 0
        ] or any(fault.endswith(f"no rule fires for one that is {how}") for fault in told)


def test_a_class_is_of_the_category_that_the_release_says() -> None:
    """Otherwise every finding of it is unknown."""
    default = texts.default()
    wrong = default.taxonomy.replace("{id: hammer, category: tool", "{id: hammer, category: hardware")
    (told,) = faults(default.model_copy(update={"taxonomy": wrong}), BAGS)
    assert re.fullmatch(
        r"things\.yaml:\d+:\d+: items\.\d+\.category: the release says that hammer is of category tool", told
    )


def test_a_thing_that_no_taxonomy_knows_can_be_tested() -> None:
    """What is like no known name is no slip."""
    reading.checked(
        with_book("seen: [{item: handgun}]\n    expect: {risk: high, rules: [prohibited, gun]}",
                  "seen: [{item: gizmo, category: gadget}]\n    expect: {risk: high, rules: []}"), SAYS, TODAY,
    )  # fmt: skip


def test_a_sheet_given_as_a_book_is_called_so() -> None:
    """One line says what to do, in place of everything that a book has and a sheet has not."""
    assert faults(Texts(book=SHEET, taxonomy=WHOLE.taxonomy)) == (
        "book.yaml:3:1: over: this is a site's sheet and no book: give it with --site, over its book",
    )
    (told,) = faults(with_book("version: 3\n", "version: 3\nover: small\n"))
    assert told.startswith("book.yaml:3:1: over: unknown key")


def test_a_key_that_writes_on_the_screen_is_told_plainly() -> None:
    """Whoever reads the fault sees what stands there, and one line of it."""
    (told,) = faults(with_book("version: 3\n", 'version: 3\n"a\\nb\\e[2K": 1\n'))
    assert "a?b?[2K: unknown key" in told


def test_messages_that_are_in_english_only_are_noted() -> None:
    """No fault: the officer reads English there."""
    parts = reading.checked(WHOLE, SAYS, TODAY)
    notes = parts.notes(NAMES)
    assert notes[0] == "book.yaml:16:5: rules.0.message: rule prohibited has no message in ms: English stands there"
    assert notes[1] == "book.yaml:22:5: rules.1.message: rule gun has no message in ms, vi: English stands there"
    assert [note.split(":")[0] for note in notes] == ["book.yaml"] * 4 + ["site.yaml"]
    assert reading.parse(texts.default()).notes() == ()
