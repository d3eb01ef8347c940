"""What becomes one scan in a folder: sidecars, views, planes, rewrites and cut-off files, with real files."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from appliance.store.database import Store
from tests.appliance.intake.belt import belt, picture
from tests.soak import writers


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def test_a_rewritten_file_supersedes(store: Store, tmp_path: Path) -> None:
    """New content under an old name is a new revision in the same slot."""

    async def story() -> None:
        one = belt(store, tmp_path / "in")
        async with one.running():
            for word in ("first", "second"):
                writers.slowly_in_place(one.path, "bag", picture(word))
                await one.until(
                    lambda word=word: one.deliveries and word.encode() in one.deliveries[-1].files[0].content
                )
                await one.taken(1)
        assert [(r.scan_id, r.revision) for r in one.receipts] == [("bag", 1), ("bag", 2)]
        assert len({delivery.slot for delivery in one.deliveries}) == 1

    run(story())


def test_a_sidecar_that_comes_later_makes_a_revision(store: Store, tmp_path: Path) -> None:
    """The picture is not held back; its words follow, and change it again when they change."""

    async def story() -> None:
        one = belt(store, tmp_path / "in")
        async with one.running():
            writers.rename_into_place(one.path, "bag", picture("bag"))
            await one.taken(1)
            for number, word in enumerate((b"shoes", b"boots"), 2):
                (one.path / "bag.json").write_bytes(b'{"declared_items": ["' + word + b'"]}')
                await one.until(lambda number=number: len(one.deliveries) >= number)
        assert [d.sheet.declaration.state for d in one.deliveries] == ["absent", "given", "given"]
        assert [r.revision for r in one.receipts] == [1, 2, 3]

    run(story())


def test_a_picture_may_wait_for_its_sidecar(store: Store, tmp_path: Path) -> None:
    """With a wait set, picture and late sidecar are one revision; without a sidecar it goes alone in the end."""

    async def story() -> None:
        one = belt(store, tmp_path / "in", sidecar_wait_seconds=0.5)
        async with one.running():
            writers.picture_then_sidecar(one.path, "pair", picture("pair"), b'{"lane": "L3"}')
            writers.rename_into_place(one.path, "alone", picture("alone"))
            await one.taken(2)
            await one.quiet()
        assert {d.name: d.sheet.lane for d in one.deliveries} == {"pair": "L3", "alone": None}
        assert len(one.deliveries) == 2

    run(story())


def test_a_broken_sidecar_never_holds_back_its_picture(store: Store, tmp_path: Path) -> None:
    """What cannot be read is said in the declaration, and the scan goes on."""

    async def story() -> None:
        one = belt(store, tmp_path / "in", lane="L9")
        async with one.running():
            for name, words in (("cut", b'{"lane": "L'), ("empty", b""), ("huge", b" " * 1_000_001), ("list", b"[]")):
                writers.sidecar_then_picture(one.path, name, picture(name), words)
            await one.taken(4)
            await one.quiet()
        assert {d.sheet.declaration.state for d in one.deliveries} == {"unreadable"}
        assert {d.sheet.lane for d in one.deliveries} == {"L9"}
        assert len(one.deliveries) == 4

    run(story())


def test_a_half_written_sidecar_is_waited_for(store: Store, tmp_path: Path) -> None:
    """A sidecar still open and not parseable holds its picture until it settles."""

    async def story() -> None:
        one = belt(store, tmp_path / "in", settle_seconds=0.5)
        async with one.running():
            with (one.path / "bag.json").open("wb", buffering=0) as words:
                words.write(b'{"lane": ')
                writers.rename_into_place(one.path, "bag", picture("bag"))
                await asyncio.sleep(0.2)
                words.write(b'"L3"}')
            await one.taken(1)
            await one.quiet()
        assert [d.sheet.lane for d in one.deliveries] == ["L3"]

    run(story())


def test_a_cut_off_file_goes_to_quarantine_in_the_end(store: Store, tmp_path: Path) -> None:
    """A file without its end is waited for; one that never changes again is kept for a human."""

    async def story() -> None:
        one = belt(store, tmp_path / "in")
        async with one.running():
            (one.path / "cut.png").write_bytes(picture("cut")[:-2])
            await one.taken(1)
            assert one.intake.counts().quarantined == 1
            (one.path / "cut.png").write_bytes(picture("cut"))
            await one.until(lambda: len(one.deliveries) == 2)
        assert [receipt.quarantine for receipt in one.receipts] == ["view: ends too early", None]

    run(story())


def test_a_file_too_large_is_not_read_and_not_hidden(store: Store, tmp_path: Path) -> None:
    """Each such file is a scan of its own in quarantine, with the reason."""

    async def story() -> None:
        one = belt(store, tmp_path / "in", max_megabytes=0.001)
        async with one.running():
            for name in ("big", "bigger"):
                writers.rename_into_place(one.path, name, picture("x" * 2000))
            await one.taken(2)
        assert one.ids() == ["big", "bigger"]
        assert all(receipt.quarantine for receipt in one.receipts)
        assert all("larger than 0.001 MB" in delivery.missing[0] for delivery in one.deliveries)

    run(story())


def test_the_same_bytes_twice_are_one_scan_seen_twice(store: Store, tmp_path: Path) -> None:
    """Two names, one content: one scan, and both files are remembered as taken."""

    async def story() -> None:
        one = belt(store, tmp_path / "in")
        async with one.running():
            writers.twice(one.path, "bag", picture("bag"))
            await one.taken(2)
            await one.quiet()
        assert one.ask("SELECT count(*) FROM scan") == [(1,)]
        assert one.ask("SELECT count(*) FROM sighting") == [(2,)]
        assert len(one.deliveries) == 2

    run(story())


VIEWS = {"views": r"(?P<scan>.+)_(?P<view>top|side)", "expected_views": 2}


def test_views_of_a_scan_come_together(store: Store, tmp_path: Path) -> None:
    """All views are one delivery, in order, whatever order they came in; the scan's sidecar belongs to all."""

    async def story() -> None:
        one = belt(store, tmp_path / "in", views_wait_seconds=30, **VIEWS)
        async with one.running():
            (one.path / "bag.json").write_text('{"lane": "L1"}')
            writers.rename_into_place(one.path, "bag_top", picture("top"))
            await one.quiet()
            assert not one.deliveries
            writers.rename_into_place(one.path, "bag_side", picture("side"))
            await one.taken(1)
            await one.quiet()
        assert [[file.view for file in delivery.files] for delivery in one.deliveries] == [["side", "top"]]
        assert (one.deliveries[0].missing, one.deliveries[0].sheet.lane, one.ids()) == ((), "L1", ["bag"])

    run(story())


def test_a_missing_view_is_said_and_a_late_one_makes_a_revision(store: Store, tmp_path: Path) -> None:
    """A scan does not wait for ever for a view; when that comes, the scan is whole in a new revision."""

    async def story() -> None:
        one = belt(store, tmp_path / "in", views_wait_seconds=0.3, **VIEWS)
        async with one.running():
            writers.rename_into_place(one.path, "bag_top", picture("top"))
            await one.taken(1)
            writers.rename_into_place(one.path, "bag_side", picture("side"))
            await one.until(lambda: len(one.deliveries) == 2)
        assert [delivery.missing for delivery in one.deliveries] == [("1 of 2 views",), ()]
        assert [(r.scan_id, r.revision) for r in one.receipts] == [("bag", 1), ("bag", 2)]
        assert [file.view for file in one.deliveries[1].files] == ["side", "top"]

    run(story())


def test_two_energy_planes_are_one_view(store: Store, tmp_path: Path) -> None:
    """High and low energy of a view come as one; without one of them the scan says so."""

    async def story() -> None:
        pattern = r"(?P<scan>.+)_(?P<view>[a-z]+)_(?P<plane>HE|LE)"
        one = belt(store, tmp_path / "in", views=pattern, views_wait_seconds=0.4)
        async with one.running():
            for name in ("bag_top_LE", "bag_top_HE", "half_top_HE"):
                writers.rename_into_place(one.path, name, picture(name))
            await one.taken(2)
        found = {d.name: ([(f.view, f.plane) for f in d.files], d.missing) for d in one.deliveries}
        assert found["bag"] == ([("top", "high"), ("top", "low")], ())
        assert found["half"] == ([("top", "high")], ("low energy of top",))

    run(story())
