"""A rulebook that cannot be read is stood in for, until it can."""

from __future__ import annotations

import asyncio
import time

import pytest

from appliance import readings as room
from appliance.rulebooks import Word
from tests.appliance.lookback.books import Lane, book

WORD = Word(who="chief", why="order 12", supervisor="N. Lee")


@pytest.mark.parametrize("number", [1, 2])
def test_a_rulebook_whose_text_is_put_back_is_used_again(
    lane: Lane, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Without a new start, also where it is the one that would stand in for another."""
    monkeypatch.setattr(room, "RETRY", 0.0)
    if number > 1:
        lane.activate(book(number))
    path = lane.rulebooks.shelf.path(lane.rulebooks.told().digest)
    sealed = path.read_bytes()
    path.unlink()
    later = Lane(lane.store)
    assert later.rulebooks.troubles(time.time()) != ()
    path.write_bytes(sealed)
    assert later.rulebooks.troubles(time.time()) == ()
    assert later.rulebooks.told().digest == book(number).digest


def test_what_stands_in_for_a_rulebook_stands_at_its_level(lane: Lane) -> None:
    lane.activate(book(2))
    asyncio.run(lane.rulebooks.switch("raised", WORD))
    lane.rulebooks.shelf.path(book(2).digest).unlink()
    there = Lane(lane.store).rulebooks.told()
    assert (there.level, there.misfits != ()) == ("raised", True)
