"""What a rule may ask of earlier scans: within bounds, once, and the same in every replay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.rules.history import (
    MOST_LOOKUPS,
    QUESTIONS,
    HistoryError,
    Lookup,
    Name,
    Nothing,
    Remembered,
    lookup,
    one_name,
)


class Counting:
    """A history that answers with the span, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[Lookup] = []

    def ask(self, what: Lookup) -> float:
        self.asked.append(what)
        return what.span


def test_every_question_is_asked_of_the_store_once() -> None:
    """Two rules that ask the same get the same answer, even if a scan came in between."""
    door = Counting()
    history = Remembered(door)
    assert [history.ask(lookup("seen", "ACME", 30)) for _ in range(3)] == [30, 30, 30]
    assert history.ask(lookup("seen", "ACME", 31)) == 31
    assert len(door.asked) == 2
    assert history.answers == {"seen/30/ACME": 30, "seen/31/ACME": 31}


def test_a_replay_answers_from_the_record_alone() -> None:
    """What was answered then is answered again, without a store."""
    then = Remembered(Counting())
    then.ask(lookup("alarm_rate", "lane 1", 60))
    replay = Remembered(None, then.answers)
    assert replay.ask(lookup("alarm_rate", "lane 1", 60)) == 60


def test_a_record_that_lacks_an_answer_says_which() -> None:
    """A replay under a new rule that asks something new cannot make the answer up."""
    with pytest.raises(HistoryError, match=r"no history\.scans\('lane 1', 60\)"):
        Remembered(None, {"scans/61/lane 1": 4}).ask(lookup("scans", "lane 1", 60))


def test_a_record_with_every_answer_lacks_none() -> None:
    """What was one question too many then is so again, and no piece is missing."""
    then = Remembered(Counting())
    for span in range(1, MOST_LOOKUPS + 1):
        then.ask(lookup("scans", "lane 1", span))
    for history in (then, Remembered(None, then.answers)):
        assert history.ask(lookup("scans", "lane 1", 7)) == 7
        with pytest.raises(HistoryError, match=f"more than {MOST_LOOKUPS} different questions"):
            history.ask(lookup("scans", "lane 1", MOST_LOOKUPS + 1))


def test_a_store_that_fails_leaves_nothing_in_the_record() -> None:
    """The error goes to whoever asked, and a second try asks again."""

    class Broken:
        def ask(self, what: Lookup) -> float:
            raise OSError(5, what.name)

    history = Remembered(Broken())
    with pytest.raises(OSError, match="seen"):
        history.ask(lookup("seen", "ACME", 30))
    assert history.answers == {}


def test_nothing_has_ever_happened() -> None:
    """The history of the cases inside a rulebook."""
    assert all(Nothing().ask(lookup(name, "x", 1)) == 0 for name in QUESTIONS)


@pytest.mark.parametrize("name", QUESTIONS)
def test_spans_are_bounded(name: Name) -> None:
    """From one to a year of days or a week of minutes."""
    most = QUESTIONS[name].most
    assert [lookup(name, "x", span).span for span in (1, most)] == [1, most]
    for span in (-1, 0, most + 1, 2**63 - 1):
        with pytest.raises(HistoryError, match=f"must be 1 to {most}, not {span}"):
            lookup(name, "x", span)


def test_names_are_bounded() -> None:
    """A consignee of two hundred characters is asked of, a longer one is refused."""
    assert lookup("seen", "x" * 200, 1)
    with pytest.raises(HistoryError, match="consignee is longer than 200 characters"):
        lookup("seen", "x" * 201, 1)


@given(st.lists(st.tuples(st.sampled_from(list(QUESTIONS)), st.text(max_size=20), st.integers(1, 366)), max_size=20))
def test_no_two_questions_share_a_key(asked: list[tuple[Name, str, int]]) -> None:
    """Whatever stands in a consignee's name, it is not taken for another question."""
    assert len({lookup(*one).key for one in asked}) == len(set(asked))


@pytest.mark.parametrize("sign", ["\u200b", "\u3164", "\u2800", "\u034f", "\ufe0f", "\u180b", "\U000e0100"])
def test_a_sign_that_nobody_sees_makes_no_other_consignee(sign: str) -> None:
    assert one_name(f"Acme{sign} Trading{sign}") == one_name("ACME trading")
