"""The rulebook over the network: who sees it, what checking says, and who has to stand for another one."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest

from appliance.rules import texts
from tests.appliance.dashboard.coming_in import WORD, come_in, deeds_of
from tests.appliance.lookback.books import sheet
from tests.appliance.lookback.test_backtest import stricter

NEXT = stricter().model_copy(update={"book": stricter().book.replace("      restricted: high\n", "")})
"""Whatever is restricted is opened, and the book's own test says so."""


@pytest.fixture
def chief(serve: Any) -> Any:
    """A supervisor at a box with its first rulebook, and a second supervisor who could stand beside them."""
    served = serve()
    asyncio.run(served.rulebooks.begin())
    served.person("T. Tan", "supervisor", WORD)
    served.person("N. Lee", "supervisor", WORD)
    served.person("O. Ong", "officer", WORD)
    browser = come_in(served)
    browser.served = served
    return browser


def change(chief: Any, what: str, **more: Any) -> Any:
    return chief.post(f"/api/v1/rules/{what}", json={"why": "order 12", "password": WORD, **more})


def second(name: str = "N. Lee", password: str = WORD, **more: str) -> dict[str, str]:
    return {"name": name, "password": password, **more}


def test_everybody_who_reads_sees_what_is_in_force_and_what_follows(chief: Any) -> None:
    officer = come_in(chief.served, "O. Ong")
    told = officer.get("/api/v1/rules").json()
    assert (told["in_force"]["name"], told["level"], told["in_force"]["who"]) == ("customs@1", "normal", "lanewatch")
    assert told["since"] == told["in_force"]["at"]
    assert [level["name"] for level in told["levels"]] == ["normal", "raised"]
    raised = told["levels"][1]["changes"]
    assert "actions: low is REVIEW instead of CLEAR" in raised
    assert "rules: restricted is high instead of medium" in raised
    assert told["follows"]["actions"] == {"low": "CLEAR", "medium": "REVIEW", "high": "PHYSICAL_INSPECTION"}
    assert told["profile"]["name"] == "x-ray baggage"
    assert told["earlier"] is None
    found = officer.get(f"/api/v1/rules/texts/{told['in_force']['digest']}").json()
    assert found["book"] == texts.default().book
    assert found["differences"] == []
    assert officer.get(f"/api/v1/rules/texts/{'0' * 64}").status_code == 404
    assert officer.post("/api/v1/rules/check", json={"book": "x"}).status_code == 403


def test_checking_names_every_fault_with_its_line_and_changes_nothing(chief: Any) -> None:
    wrong = NEXT.book.replace("risk: high", "risk: huge", 1)
    line = next(n for n, text in enumerate(wrong.splitlines(), 1) if "huge" in text)
    told = chief.post("/api/v1/rules/check", json={"book": wrong}).json()
    assert told["ok"] is False
    assert told["faults"][0].startswith(f"rulebook:{line}:")
    assert chief.post("/api/v1/rules/check", json={}).status_code == 422
    refused = change(chief, "activate", candidate={"book": wrong}, second=second())
    assert refused.status_code == 409
    assert refused.json()["faults"] == told["faults"]
    assert chief.get("/api/v1/rules").json()["in_force"]["name"] == "customs@1"


def test_checking_tells_the_difference_in_words_and_who_has_to_stand_for_it(chief: Any) -> None:
    told = chief.post("/api/v1/rules/check", json={"book": NEXT.book}).json()
    assert (told["ok"], told["name"], told["in_force"]) == (True, "customs@2", False)
    assert told["differences"][0] == "the rulebook is customs@2 instead of customs@1"
    assert "rule restricted: risk is high instead of medium" in told["differences"]
    assert told["two"] == "another book or taxonomy is put in force by hand"
    tighter = chief.post("/api/v1/rules/check", json={"site": sheet().partition("loosens:")[0]}).json()
    assert (tighter["name"], tighter["two"]) == ("customs@1 with lane-3@1", None)
    assert chief.post("/api/v1/rules/check", json={"site": sheet()}).json()["two"] == "the sheet loosens central rules"


def test_two_put_another_book_in_force_and_one_goes_back(chief: Any) -> None:
    """Each change is a deed of who sat there, with who stood beside them and why."""
    candidate = {"book": NEXT.book, "taxonomy": NEXT.taxonomy}
    alone = change(chief, "activate", candidate=candidate)
    assert alone.status_code == 409
    assert "nobody else stands for it" in alone.json()["detail"]
    done = change(chief, "activate", candidate=candidate, second=second())
    assert done.status_code == 201, done.text
    assert (done.json()["name"], done.json()["who"], done.json()["supervisor"]) == ("customs@2", "T. Tan", "N. Lee")
    told = chief.get("/api/v1/rules").json()
    assert told["in_force"]["digest"] == NEXT.digest
    assert told["earlier"]["name"] == "customs@1"
    assert change(chief, "level", level="raised").json()["level"] == "raised"
    assert change(chief, "level", level="purple").status_code == 409
    told = chief.get("/api/v1/rules").json()
    assert [each["what"] for each in told["activations"]] == ["level", "texts", "texts"]
    assert told["since"] == told["activations"][1]["at"]
    back = change(chief, "rollback")
    assert (back.status_code, back.json()["name"], back.json()["level"]) == (201, "customs@1", "raised")
    assert change(chief, "rollback").status_code == 409
    again = change(chief, "activate", candidate={"digest": NEXT.digest}, second=second())
    assert again.json()["digest"] == NEXT.digest
    first = deeds_of(chief.served, "rulebook activated")[-1]
    assert (first.who, first.about) == ("t. tan", "customs@2")
    assert first.detail == {
        "digest": NEXT.digest, "level": "normal", "why": "order 12", "word_of": "T. Tan", "supervisor": "N. Lee",
    }  # fmt: skip
    assert [deed.who for deed in deeds_of(chief.served, "rulebook rolled back")] == ["t. tan"]
    assert [deed.detail["level"] for deed in deeds_of(chief.served, "threat level switched")] == ["raised"]


@pytest.mark.parametrize(
    ("who", "status", "field"),
    [
        (second(password="guess"), 403, "second.password"),
        (second("Nobody"), 403, "second.password"),
        (second("O. Ong"), 403, "second.name"),
        (second("t.  TAN"), 422, "second.name"),
    ],
)
def test_only_another_supervisor_stands_for_a_book(chief: Any, who: Any, status: int, field: str) -> None:
    refused = change(chief, "activate", candidate={"book": NEXT.book}, second=who)
    assert (refused.status_code, refused.json()["field"]) == (status, field)
    assert chief.get("/api/v1/rules").json()["in_force"]["name"] == "customs@1"


def test_an_unlocked_desk_is_not_enough(chief: Any) -> None:
    for what, more in (
        ("activate", {"candidate": {"book": NEXT.book}}),
        ("rollback", {}),
        ("level", {"level": "raised"}),
    ):
        refused = change(chief, what, **{**more, "password": "wrong word"})
        assert (refused.status_code, refused.json()["field"]) == (403, "password"), what


def test_guesses_at_the_second_persons_password_are_counted_as_at_the_door(chief: Any) -> None:
    told = [
        change(chief, "activate", candidate={"book": NEXT.book}, second=second(password=f"guess {n}")).status_code
        for n in range(11)
    ]
    assert told == [403] * 10 + [429]
    assert change(chief, "activate", candidate={"book": NEXT.book}, second=second()).status_code == 429
    assert len(deeds_of(chief.served, "wrong password")) == 10


def test_what_is_changed_at_the_terminal_is_a_deed_too(chief: Any) -> None:
    with chief.served.control() as terminal:
        body = {"word": {"who": "T. Tan", "why": "bulletin 7"}, "level": "raised"}
        assert terminal.post("/control/rules/level", json=body).status_code == 201
    deed = deeds_of(chief.served, "threat level switched")[0]
    assert (deed.who, deed.detail["word_of"]) == ("(the box's own terminal)", "T. Tan")


def test_somebody_who_lost_the_right_meanwhile_changes_nothing(chief: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked once more in the transaction that does it."""
    rulebooks, store = chief.served.rulebooks, chief.served.store
    weigh = rulebooks.weigh

    def demote(db: sqlite3.Connection) -> None:
        db.execute("UPDATE officer SET role = 'officer' WHERE name = 'n. lee'")

    async def slowly(*given: Any) -> Any:
        weighed = await weigh(*given)
        await store.write(demote)
        return weighed

    monkeypatch.setattr(rulebooks, "weigh", slowly)
    refused = change(chief, "activate", candidate={"book": NEXT.book}, second=second())
    assert refused.status_code == 403
    assert chief.get("/api/v1/rules").json()["in_force"]["name"] == "customs@1"
    assert deeds_of(chief.served, "rulebook activated") == []
