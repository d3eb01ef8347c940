"""What goes wrong with one scan of a folder stays with that scan; what goes wrong below the store does not."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import LanewatchError, StoreBrokenError
from appliance.store.database import Store
from tests.appliance.intake.belt import belt, picture
from tests.soak import writers


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (LanewatchError("out of luck"), "bag: out of luck"),
        (KeyError("luck"), "bag: could not be taken: the box's journal"),
    ],
    ids=["ours", "anything"],
)
def test_whatever_one_scan_brings_costs_no_other(store: Store, tmp_path: Path, problem: Exception, said: str) -> None:
    """The room goes on, the counts name the scan, and it is tried again."""

    async def story() -> None:
        one = belt(store, tmp_path / "in")
        async with one.running():
            one.refuse = problem
            writers.rename_into_place(one.path, "bag", picture("bag"))
            await one.until(lambda: said in one.intake.counts().trouble)
            one.refuse = None
            writers.rename_into_place(one.path, "other", picture("other"))
            await one.taken(2)
            assert not one.intake.counts().trouble
        assert one.ids() == ["bag", "other"]

    run(story())


def test_a_broken_store_ends_the_room(store: Store, tmp_path: Path) -> None:
    """What is not safe on disk is no longer a matter of one scan."""

    async def story() -> None:
        one = belt(store, tmp_path / "in")
        one.refuse = StoreBrokenError("a sync failed")
        writers.rename_into_place(one.path, "bag", picture("bag"))
        with pytest.raises(ExceptionGroup) as ended:
            await one.intake.run()
        assert ended.group_contains(StoreBrokenError)

    run(story())


def test_a_sidecar_in_an_encoding_nobody_has_is_an_unreadable_one(store: Store, tmp_path: Path) -> None:
    """Its picture is taken, and the declaration counts as unreadable."""

    async def story() -> None:
        one = belt(store, tmp_path / "in", sidecar_xml={"scan_id": "Bag.Id"})
        async with one.running():
            (one.path / "bag.xml").write_bytes(b'<?xml version="1.0" encoding="hex"?><Bag><Id>1</Id></Bag>')
            writers.rename_into_place(one.path, "bag", picture("bag"))
            await one.taken(1)
        assert one.deliveries[-1].sheet.declaration.state == "unreadable"
        assert one.ids() == ["bag"]

    run(story())
