"""The folder way in, with real folders, real events and a real store."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import StoreFullError
from appliance.intake.folder import listing, watch
from appliance.store import sightings
from appliance.store.database import Store
from tests.appliance.intake.belt import belt, picture
from tests.soak import writers


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


@pytest.mark.parametrize("style", [*writers.STYLES, *writers.MORE], ids=lambda style: style.__name__)
def test_every_manner_of_writing_gives_one_whole_scan(store: Store, tmp_path: Path, style: writers.Style) -> None:
    """However a scanner writes, what stands last is one scan with its picture whole and its declaration read."""

    async def story() -> None:
        one = belt(store, tmp_path / "in", done_suffix=".done", incomplete_seconds=600)
        async with one.running():
            sidecar = b'{"declared_items": ["shoes"]}'
            await asyncio.to_thread(style, one.path, "bag", picture("bag" * 50), sidecar)
            await one.taken(1)
            await one.quiet()
        current = one.ask("SELECT slot, brought FROM scan WHERE superseded_by IS NULL")
        assert len(current) == 1
        assert '"shoes"' in current[0][1]
        assert all(file.content == picture("bag" * 50) for delivery in one.deliveries for file in delivery.files)

    run(story())


def test_a_renamed_file_does_not_wait_to_settle(store: Store, tmp_path: Path) -> None:
    """A rename is taken at once, even from outside the folder, whatever the settle time."""

    async def story() -> None:
        one = belt(store, tmp_path / "in", settle_seconds=3600, rescan_seconds=3600)
        async with one.running():
            await one.until(lambda: one.intake.counts().watching)
            writers.rename_into_place(one.path, "a", picture("a"))
            writers.from_outside(one.path, "b", picture("b"))
            await one.taken(2)
        assert one.ids() == ["a", "b"]

    run(story())


def test_a_done_marker_wins_and_an_older_one_does_not(store: Store, tmp_path: Path) -> None:
    """A marker newer than its file says that it is finished; one from before the file says nothing."""

    async def story() -> None:
        one = belt(store, tmp_path / "in", settle_seconds=3600, done_suffix=".done")
        for name in ("late.png", "early.png"):
            (one.path / name).write_bytes(picture(name))
        (one.path / "late.done").touch()
        (one.path / "early.done").touch()
        os.utime(one.path / "early.done", (1, 1))
        async with one.running():
            await one.until(lambda: one.deliveries)
            await one.quiet()
        assert one.ids() == ["late"]
        assert one.intake.counts().waiting == 1

    run(story())


def test_without_events_nothing_is_lost(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no watch can be had, the listing finds everything, and the counts say so."""

    def none_left(**_: object) -> None:
        raise OSError(24, "no inotify instances left")

    monkeypatch.setattr(watch, "InotifyObserver", none_left)

    async def story() -> None:
        one = belt(store, tmp_path / "in")
        async with one.running():
            for number in range(20):
                writers.nested(one.path, f"bag-{number}", picture(f"bag-{number}"))
            await one.taken(20)
            assert not one.intake.counts().watching

    run(story())


def test_a_burst_that_overflows_every_queue_is_taken_whole(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two thousand files at once, with room for three hints: each is one scan."""
    monkeypatch.setattr(watch, "MOST_HINTS", 3)

    async def story() -> None:
        one = belt(store, tmp_path / "in")
        async with one.running():
            await asyncio.to_thread(
                lambda: [writers.rename_into_place(one.path, f"bag-{n}", picture(f"bag-{n}")) for n in range(2000)]
            )
            await one.taken(2000)
        assert len(one.ids()) == 2000
        assert all(receipt.fresh for receipt in one.receipts)

    run(story())


def test_what_was_taken_is_not_taken_again_after_a_restart(store: Store, tmp_path: Path) -> None:
    """The store remembers what was taken; what was received but not yet remembered is the same scan again."""

    async def story() -> None:
        first = belt(store, tmp_path / "in")
        for number in range(5):
            writers.rename_into_place(first.path, f"bag-{number}", picture(f"bag-{number}"), b"{}")
        async with first.running():
            await first.taken(5)
        await store.write(lambda db: db.execute("DELETE FROM sighting WHERE path = ?", (b"bag-3.png",)))
        second = belt(store, tmp_path / "in")
        async with second.running():
            await second.taken(1)
            await second.quiet()
        assert [(receipt.scan_id, receipt.fresh) for receipt in second.receipts] == [("bag-3", False)]

    run(story())


def test_a_folder_that_goes_and_comes_back_brings_nothing_twice(store: Store, tmp_path: Path) -> None:
    """Unmounted, it is waited for; back, only what is new is taken."""

    async def story() -> None:
        one = belt(store, tmp_path / "in")
        async with one.running():
            writers.rename_into_place(one.path, "before", picture("before"))
            await one.taken(1)
            one.path.rename(tmp_path / "away")
            await one.until(lambda: not one.intake.counts().present)
            assert "No such file" in one.intake.counts().held
            one.path.mkdir()  # the bare mount point
            await one.until(lambda: one.intake.counts().present and one.intake.counts().seen == 0)
            one.path.rmdir()
            (tmp_path / "away").rename(one.path)
            await one.until(lambda: one.intake.counts().seen == 1)
            await one.until(lambda: one.intake.counts().watching)
            await one.quiet()
            writers.rename_into_place(one.path, "after", picture("after"))
            await one.taken(2)
        assert [receipt.scan_id for receipt in one.receipts] == ["before", "after"]

    run(story())


def test_links_and_strange_files_are_refused(store: Store, tmp_path: Path) -> None:
    """Links, linked folders, pipes, hidden and unfinished files are never opened."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.png").write_bytes(picture("key"))

    async def story() -> None:
        one = belt(store, tmp_path / "in")
        (one.path / "link.png").symlink_to(secret / "key.png")
        (one.path / "folder").symlink_to(secret)
        os.mkfifo(one.path / "pipe.png")
        (one.path / ".hidden.png").write_bytes(picture("hidden"))
        (one.path / "half.png.part").write_bytes(picture("half"))
        (one.path / "zero.png").touch()
        (one.path / "notes.txt").write_text("notes")
        async with one.running():
            writers.rename_into_place(one.path, "good", picture("good"))
            await one.until(lambda: one.deliveries)
            await one.quiet()
            counts = one.intake.counts()
        assert one.ids() == ["good"]
        assert (counts.refused, counts.ignored, counts.waiting) == (3, 2, 1)

    run(story())


NAMES = [
    b"\xff\xfe",
    b"two\nlines",
    "\u202ereversed".encode(),
    "שלום".encode(),
    "扫描 1".encode(),
    b"100%",
    b"%FF",
    b"\xff",
    b"a" * 250,
]


def test_names_of_any_bytes_are_scans_with_names_to_show(store: Store, tmp_path: Path) -> None:
    """Whatever bytes stand in a name: the file is taken once, its name can be printed, and no two share a slot."""

    async def story() -> None:
        one = belt(store, tmp_path / "in")
        for number, name in enumerate(NAMES):
            (one.path / os.fsdecode(name + b".png")).write_bytes(picture(str(number)))
        async with one.running():
            await one.taken(len(NAMES))
            await one.quiet()
        assert len(one.deliveries) == len({delivery.slot for delivery in one.deliveries}) == len(NAMES)
        assert all(d.name.isprintable() and d.slot.encode() for d in one.deliveries)
        assert {"שלום", "扫描 1", "100%", "two%0Alines", "%E2%80%AEreversed"} <= set(one.ids())

    run(story())


def test_a_full_house_leaves_the_files_where_they_are(store: Store, tmp_path: Path) -> None:
    """While there is no room nothing is taken, the counts say why, and it goes on by itself."""

    async def story() -> None:
        one = belt(store, tmp_path / "in")
        async with one.running():
            writers.rename_into_place(one.path, "a", picture("a"))
            await one.taken(1)
            one.refuse = StoreFullError("the disk is full")
            writers.rename_into_place(one.path, "b", picture("b"))
            await one.until(lambda: one.intake.counts().held == "the disk is full")
            assert len(one.deliveries) == 1
            one.refuse = None
            await one.taken(2)
            assert not one.intake.counts().held
        assert one.ids() == ["a", "b"]

    run(story())


def test_oldest_first(store: Store, tmp_path: Path) -> None:
    """A backlog is taken in the order of age, then of name."""

    async def story() -> None:
        one = belt(store, tmp_path / "in", more={"in_flight": 1})
        for name, age in (("c", 3), ("a", 2), ("d", 1), ("b", 2)):
            (one.path / f"{name}.png").write_bytes(picture(name))
            os.utime(one.path / f"{name}.png", (age, age))
        async with one.running():
            await one.taken(4)
        assert [delivery.name for delivery in one.deliveries] == ["d", "a", "b", "c"]

    run(story())


def test_a_file_that_cannot_be_read_costs_no_other(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again, the counts name it, and it is taken once it can be read."""
    real, locked = listing.read, True

    def read(root: bytes, path: bytes, look: sightings.Look) -> bytes:
        if locked and path == b"locked.png":
            raise PermissionError(13, "Permission denied")
        return real(root, path, look)

    monkeypatch.setattr(listing, "read", read)

    async def story() -> None:
        nonlocal locked
        one = belt(store, tmp_path / "in")
        async with one.running():
            writers.rename_into_place(one.path, "locked", picture("locked"))
            writers.rename_into_place(one.path, "open", picture("open"))
            await one.until(lambda: one.ids() == ["open"] and one.intake.counts().trouble)
            assert "Permission denied" in one.intake.counts().trouble
            locked = False
            await one.taken(2)
            assert not one.intake.counts().trouble

    run(story())
