"""A long declaration is read before its verdict is drawn, not inside the transaction that all others wait for."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from typing import Any

import pytest

from appliance.errors import StoreBusyError
from appliance.rules.declared import matching
from appliance.rules.standing import Rulebook
from appliance.scan import Action, Arrival, Declaration, DeclaredItem, Sheet
from appliance.store.database import Store
from tests.appliance.inspecting import House
from tests.judging import ByDefault, standing

LINES = tuple(DeclaredItem(text=f"box of {number} laptops, clothng {number}") for number in range(1, matching.FEW + 2))
WRITER = "store-writer"


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The threads on which declarations were read."""
    found: list[str] = []

    def noted(*given: Any, real: Any = matching.understand) -> Any:
        found.append(threading.current_thread().name)
        return real(*given)

    monkeypatch.setattr(matching, "understand", noted)
    matching._kept.cache_clear()
    return found


class Busy(ByDefault):
    """A store that is busy whenever it is asked in passing."""

    def standing(self, _: sqlite3.Connection) -> Rulebook:
        if threading.current_thread().name != WRITER:
            raise StoreBusyError("busy")
        return standing()


def concluded(house: House, lines: tuple[DeclaredItem, ...], rulebooks: ByDefault) -> list[Action]:
    async def story() -> list[Action]:
        async with house.running(rulebooks):
            await house.bring("a", sheet=Sheet(declaration=Declaration(state="given", items=lines)))
            return await house.until("a", 1)

    return asyncio.run(story())


@pytest.mark.parametrize(
    ("lines", "rulebooks", "beforehand"),
    [(LINES, ByDefault(), True), (LINES[: matching.FEW], ByDefault(), False), (LINES, Busy(), False)],
)
def test_only_a_long_declaration_is_read_beforehand_and_once(
    store: Store,
    arrival: Callable[..., Arrival],
    readers: list[str],
    lines: tuple[DeclaredItem, ...],
    rulebooks: ByDefault,
    beforehand: bool,
) -> None:
    """A short one takes no time; and where it cannot be read beforehand, it is read while judging."""
    assert concluded(House(store, arrival), lines, rulebooks) == [Action.REVIEW]
    assert len(readers) == 1
    assert (readers[0] != WRITER) == beforehand


def test_what_is_kept_says_the_same_as_reading_again() -> None:
    """Of equal lines, whoever brought them; and what others brought is none of theirs."""
    taxonomy = standing().taxonomy
    denied = (*LINES, DeclaredItem(text="I carry none of these:"))
    for lines in (LINES, denied, LINES):
        again = tuple(line.model_copy() for line in lines)
        assert matching.meant(again, taxonomy) == matching._meant(lines, taxonomy)
    assert matching.meant(denied, taxonomy)[-1] == ()
    assert all(matching.meant(LINES, taxonomy))
