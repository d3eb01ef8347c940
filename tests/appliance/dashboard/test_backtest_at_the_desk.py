"""A backtest from the page: in a process of its own, one at a time, with its bill, and ended at once when cancelled."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from tests.appliance.dashboard.coming_in import WORD, come_in
from tests.appliance.dashboard.desking import bring
from tests.appliance.dashboard.test_rules import NEXT

ADDRESS = "/api/v1/rules/backtest"


@pytest.fixture
def chief(serve: Any) -> Any:
    served = serve()
    asyncio.run(served.rulebooks.begin())
    served.person("T. Tan", "supervisor", WORD)
    browser = come_in(served)
    browser.served = served
    return browser


def ask(chief: Any, **more: Any) -> Any:
    return chief.post(ADDRESS, json={"candidate": {"book": NEXT.book}, **more})


def judges() -> list[int]:
    """The processes that judge again now, of this test run."""
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if b"supervising.judging" in command and parent == os.getpid():
            found.append(int(entry.name))
    return found


def test_it_gives_the_bill_and_stands_back_for_others(chief: Any, until: Any, picture: Any) -> None:
    bring(chief.served, picture(), "one")
    chief.served.judge()
    assert chief.get(ADDRESS).json() == {"state": "none"}
    begun = ask(chief, days=3)
    assert (begun.status_code, begun.json()["state"]) == (202, "running"), begun.text
    (process,) = until(judges)
    assert until(lambda: os.getpriority(os.PRIO_PROCESS, process) == 10)
    second = ask(chief)
    assert second.status_code == 409
    assert "T. Tan" in second.json()["detail"]
    told = until(lambda: (found := chief.get(ADDRESS).json())["state"] != "running" and found)
    assert told["state"] == "done", told
    assert (told["rulebook"], told["by"], told["days"], told["level"]) == ("customs@2", "T. Tan", 3, "normal")
    assert told["bill"]["judged"] + sum(told["bill"]["left_out"].values()) == 1
    assert told["words"][0][1].startswith("By customs@2")
    assert until(lambda: not judges())


def test_cancelling_ends_it_at_once_and_another_may_begin(chief: Any, until: Any) -> None:
    assert ask(chief).status_code == 202
    assert until(judges)
    told = chief.delete(ADDRESS).json()
    assert told["state"] == "cancelled"
    assert "bill" not in told
    assert judges() == []
    assert ask(chief).status_code == 202
    chief.delete(ADDRESS)


def test_a_box_that_stops_takes_its_backtest_with_it(chief: Any, until: Any) -> None:
    assert ask(chief).status_code == 202
    assert until(judges)
    chief.served.stop()
    assert judges() == []


def test_what_cannot_be_tried_is_not_begun(chief: Any) -> None:
    assert ask(chief, level="purple").status_code == 422
    assert ask(chief, days=0).status_code == 422
    faulty = chief.post(ADDRESS, json={"candidate": {"book": NEXT.book.replace("risk: high", "risk: huge", 1)}})
    assert faulty.status_code == 409
    assert faulty.json()["faults"]
    assert chief.get(ADDRESS).json() == {"state": "none"}
