"""Which rulebook is in force: how a box begins, what takes its place and what does not, and who stands for it."""

from __future__ import annotations

import asyncio
import time

import pytest

from appliance.errors import RefusedError, RulebookError
from appliance.rulebooks import Given, Rulebooks, Word
from appliance.rules import reading, texts
from appliance.store import rulebooks, scans
from appliance.store.database import Store
from models.profile import BAGGAGE
from tests.appliance.lookback.books import Lane, book, sheet

WORD = Word(who="chief", why="order 12", supervisor="N. Lee")


def rows(store: Store) -> list[tuple[str, str]]:
    with store.reader() as db:
        return [(one.name, one.level) for one in rulebooks.listing(db)]


def test_a_box_begins_with_the_default_book_and_begins_once(lane: Lane) -> None:
    asyncio.run(Rulebooks(lane.store, BAGGAGE.name).begin())
    with lane.store.reader() as db:
        (only,) = rulebooks.listing(db)
    assert (only.who, only.origin, only.name, only.level) == ("lanewatch", "default", "customs@1", "normal")
    assert lane.rulebooks.shelf.read(only.digest) == texts.default()
    assert lane.rulebooks.warnings(time.time()) == ()


def test_a_rulebook_in_force_is_read_at_the_start(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that neither the first scan nor the first officer who asks for the classes waits for a second of reading."""
    lane.activate(book(2))
    later = Rulebooks(lane.store, BAGGAGE.name)
    asyncio.run(later.begin())

    def no_more(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(reading, "parse", no_more)
    assert (later.told().name, len(later.told().taxonomy.items) > 100) == ("customs@2", True)


@pytest.mark.parametrize("damage", ["gone", "changed", "level"])
def test_a_rulebook_that_cannot_be_used_clears_nothing_and_is_told(lane: Lane, damage: str) -> None:
    """After a start: the default book stands in, every verdict says why, and `status` warns."""
    digest = lane.activate(book(2))
    path = lane.rulebooks.shelf.path(digest)
    if damage == "gone":
        path.unlink()
    elif damage == "changed":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        lane.store.submit(lambda db: db.execute("UPDATE activation SET level = 'unheard of'").rowcount).result()
    later = Lane(lane.store)
    scan = later.receive("a")
    later.conclude(scan, later.answer(scan))
    with later.store.reader() as db:
        said = scans.verdict_of(db, scan.id)
    assert said is not None
    assert said["recommended_action"] == "REVIEW"
    assert any("customs@2" in words for words in said["degraded"])
    (warning,) = later.rulebooks.warnings(time.time())
    assert warning.startswith("rulebook customs@2 ")
    assert later.rulebooks.troubles(time.time()) == (warning,)


def test_a_whole_book_takes_the_place_of_one_that_is_gone(lane: Lane) -> None:
    digest = lane.activate(book(2))
    lane.rulebooks.shelf.path(digest).unlink()
    later = Lane(lane.store)
    later.activate(book(3))
    scan = later.receive("a")
    later.conclude(scan, later.answer(scan))
    with later.store.reader() as db:
        assert (scans.verdict_of(db, scan.id) or {})["recommended_action"] == "CLEAR"
    assert later.rulebooks.warnings(time.time()) == ()


def test_a_refused_book_changes_nothing(lane: Lane) -> None:
    broken = texts.default().book.replace("risk: medium", "risk: mild")
    with pytest.raises(RulebookError, match=r"rulebook:\d+:\d+: "):
        asyncio.run(lane.rulebooks.put(Given(book=broken), WORD))
    assert rows(lane.store) == [("customs@1", "normal")]
    assert len(list((lane.store.root / "rulebooks").iterdir())) == 1


def test_what_a_site_loosens_needs_somebody_else(lane: Lane) -> None:
    loosening = Given(site=sheet())
    for who in (None, "chief", " chief ", "Chief"):
        with pytest.raises(RefusedError, match="nobody else stands for it"):
            asyncio.run(lane.rulebooks.put(loosening, Word(who="chief", why="x", supervisor=who)))
    asyncio.run(lane.rulebooks.put(loosening, WORD))
    assert rows(lane.store)[0] == ("customs@1 with lane-3@1", "normal")
    (told,) = lane.rulebooks.warnings(time.time())
    assert "rule declared-not-seen is not followed until" in told


def test_going_back_again_goes_further_back_and_keeps_the_level(lane: Lane) -> None:
    """A command that is given twice at night never brings back what was taken out of force."""
    for version in (2, 3):
        lane.activate(book(version))
    asyncio.run(lane.rulebooks.switch("raised", WORD))
    alone = WORD.model_copy(update={"supervisor": None})
    for name, stood_for_it in (("customs@2", "N. Lee"), ("customs@1", None)):
        back = asyncio.run(lane.rulebooks.roll_back(alone))
        assert (back.name, back.supervisor) == (name, stood_for_it)
    with pytest.raises(RefusedError, match="no earlier rulebook"):
        asyncio.run(lane.rulebooks.roll_back(alone))
    assert {level for _, level in rows(lane.store)[:3]} == {"raised"}


def test_who_stands_for_what_is_loosened_stays_on_record(lane: Lane) -> None:
    """Whatever else happens to the texts: another level, the same ones given again, and coming back to them."""
    alone = WORD.model_copy(update={"supervisor": None})
    asyncio.run(lane.rulebooks.put(Given(site=sheet()), WORD))
    done = [asyncio.run(lane.rulebooks.switch(level, alone)) for level in ("raised", "normal")]
    done.append(asyncio.run(lane.rulebooks.put(Given(site=sheet()), alone)))
    lane.activate(book(2), supervisor="A. Lim")
    done.append(asyncio.run(lane.rulebooks.roll_back(alone)))
    assert [(one.name, one.supervisor) for one in done] == [("customs@1 with lane-3@1", "N. Lee")] * 4


def test_another_book_by_hand_needs_somebody_else_and_the_centres_does_not(lane: Lane) -> None:
    for supervisor in (None, "chief", "CHIEF "):
        alone = Word(who="chief", why="x", supervisor=supervisor)
        for given in (Given(book=book(2).book), Given(taxonomy=book(2).taxonomy + "# a note\n")):
            with pytest.raises(RefusedError, match="put in force by hand, and nobody else stands for it"):
                asyncio.run(lane.rulebooks.put(given, alone))
    assert rows(lane.store) == [("customs@1", "normal")]
    asyncio.run(lane.rulebooks.put(Given(book=book(2).book), Word(who="centre", why="x", origin="centre")))
    tighter = sheet().partition("loosens:")[0]
    asyncio.run(lane.rulebooks.put(Given(site=tighter), Word(who="chief", why="x")))
    assert rows(lane.store)[0] == ("customs@2 with lane-3@1", "normal")


def test_one_name_and_version_is_one_text(lane: Lane) -> None:
    lane.activate(book(2))
    other = book(2).book + "# an afterthought\n"
    with pytest.raises(RefusedError, match="customs@2 was in force here with other texts"):
        asyncio.run(lane.rulebooks.put(Given(book=other), WORD))
    assert lane.rulebooks.told().digest == book(2).digest


def test_a_sheet_that_comes_along_makes_no_other_text_of_a_version(lane: Lane) -> None:
    lane.activate(book(2))
    changed = Given(book=book(2).book + "# an afterthought\n", site=sheet())
    with pytest.raises(RefusedError, match="customs@2 was in force here with other texts"):
        asyncio.run(lane.rulebooks.put(changed, WORD))
    asyncio.run(lane.rulebooks.put(Given(site=sheet()), WORD))
    with pytest.raises(RefusedError, match="lane-3@1 was in force here with other texts"):
        asyncio.run(lane.rulebooks.put(Given(book=book(3).book, site=sheet() + "# another\n"), WORD))


def test_nobody_stands_for_themselves_under_a_name_that_only_looks_like_another(lane: Lane) -> None:
    for sign in ("\u3164", "\u2800", "\ufe0f", "\U000e0100", "\u200b"):
        alone = Word(who="chief", why="x", supervisor=f"chief{sign}")
        with pytest.raises(RefusedError, match="nobody else stands for it"):
            asyncio.run(lane.rulebooks.put(Given(book=book(2).book), alone))


def test_there_is_nothing_to_go_back_to_at_first_and_no_level_but_the_books_own(lane: Lane) -> None:
    with pytest.raises(RefusedError, match="no earlier rulebook"):
        asyncio.run(lane.rulebooks.roll_back(WORD))
    with pytest.raises(RefusedError, match=r"has no level 'red' \(it has: normal, raised\)"):
        asyncio.run(lane.rulebooks.switch("red", WORD))


def test_a_level_that_is_switched_while_a_book_is_put_never_brings_the_old_book_back(lane: Lane) -> None:
    """Changes wait for each other."""

    async def both() -> None:
        await asyncio.gather(lane.rulebooks.put(Given(book=book(2).book), WORD), lane.rulebooks.switch("raised", WORD))

    asyncio.run(both())
    assert rows(lane.store)[0] == ("customs@2", "raised")


def test_two_changes_at_once_both_count(lane: Lane) -> None:
    """A sheet and a book that are put at the same moment are both in force afterwards."""

    async def both() -> None:
        await asyncio.gather(
            lane.rulebooks.put(Given(book=book(2).book), WORD), lane.rulebooks.put(Given(site=sheet()), WORD)
        )

    asyncio.run(both())
    assert rows(lane.store)[0] == ("customs@2 with lane-3@1", "normal")
