"""Source files go only when the verdict of their scan is stored."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from appliance.intake.folder import aftercare
from appliance.store.database import Store
from tests.appliance.intake.belt import Belt, belt, picture
from tests.soak import writers


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


async def give_verdicts(one: Belt) -> None:
    sql = (
        "INSERT INTO verdict (scan, at, risk, action, document)"
        " SELECT id, received_at, 'low', 'CLEAR', '{}' FROM scan WHERE id NOT IN (SELECT scan FROM verdict)"
    )
    await one.store.write(lambda db: db.execute(sql).rowcount)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("links", [True, False], ids=["same disk", "other disk"])
def test_archived_by_scan_after_the_verdict(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """Pictures, sidecar and marker move together, and nothing moves before."""
    if not links:

        def other_disk(*_: object, **__: object) -> None:
            raise OSError(18, "Invalid cross-device link")

        monkeypatch.setattr(os, "link", other_disk)

    async def story() -> None:
        one = belt(store, tmp_path / "in", after="archive", archive=tmp_path / "kept", done_suffix=".done")
        async with one.running():
            writers.with_done_marker(one.path, "bag", picture("bag"), b'{"scan_id": "../S 1"}')
            await one.taken(1)
            await one.quiet()
            assert names(one.path) == ["bag.json", "bag.png", "bag.png.done"]
            await give_verdicts(one)
            await one.until(lambda: not names(one.path))
        folder = tmp_path / "kept" / "%2E.%2FS 1"
        assert names(folder) == ["bag.json", "bag.png", "bag.png.done"]
        assert (folder / "bag.png").read_bytes() == picture("bag")
        assert len(one.deliveries) == 1

    run(story())


def test_deleted_after_the_verdict_even_if_seen_again_later(store: Store, tmp_path: Path) -> None:
    """A second file with the same bytes goes, too; a new file under the old name is a new scan."""

    async def story() -> None:
        one = belt(store, tmp_path / "in", after="delete")
        async with one.running():
            writers.rename_into_place(one.path, "bag", picture("bag"))
            await one.taken(1)
            await give_verdicts(one)
            await one.until(lambda: not names(one.path))
            writers.rename_into_place(one.path, "again", picture("bag"))
            await one.until(lambda: len(one.deliveries) == 2 and not names(one.path))
            writers.rename_into_place(one.path, "bag", picture("another bag"))
            await one.until(lambda: len(one.deliveries) == 3)
            await one.quiet()
            assert names(one.path) == ["bag.png"]
        assert [receipt.fresh for receipt in one.receipts] == [True, False, True]

    run(story())


def test_after_a_restart_the_verdict_counts_all_the_same(store: Store, tmp_path: Path) -> None:
    """What was taken before, and judged while nobody looked, goes."""

    async def story() -> None:
        first = belt(store, tmp_path / "in", after="delete")
        async with first.running():
            writers.rename_into_place(first.path, "bag", picture("bag"))
            await first.taken(1)
        await give_verdicts(first)
        second = belt(store, tmp_path / "in", after="delete")
        async with second.running():
            await second.until(lambda: not names(second.path))
        assert not second.deliveries

    run(story())


def test_a_changed_file_stays(store: Store, tmp_path: Path) -> None:
    """What does not look as it did when it was taken is never removed."""

    async def story() -> None:
        one = belt(store, tmp_path / "in", after="delete")
        writers.rename_into_place(one.path, "bag", picture("bag"))
        async with one.running():
            await one.taken(1)
        await give_verdicts(one)
        looks = [(path, aftercare.look_at(os.fsencode(one.path), [path])[path]) for path in (b"bag.png",)]
        (one.path / "bag.png").write_bytes(picture("changed"))
        scan = aftercare.Finished(tuple((path, look) for path, look in looks if look), ())
        assert aftercare.Aftercare(one.settings, store).tidy([scan]).gone == ()
        assert names(one.path) == ["bag.png"]

    run(story())


def test_nothing_in_the_archive_is_replaced(store: Store, tmp_path: Path) -> None:
    """Another file of the same name gets a number; an archive that fails leaves the source and says so."""

    async def story() -> None:
        (tmp_path / "kept" / "bag").mkdir(parents=True)
        (tmp_path / "kept" / "bag" / "bag.png").write_bytes(b"older")
        (tmp_path / "kept" / "blocked").write_bytes(b"a file where a folder should be")
        one = belt(store, tmp_path / "in", after="archive", archive=tmp_path / "kept")
        async with one.running():
            for name in ("bag", "blocked"):
                writers.rename_into_place(one.path, name, picture(name))
            await one.taken(2)
            await give_verdicts(one)
            await one.until(lambda: names(one.path) == ["blocked.png"] and one.intake.counts().trouble)
            assert "cannot archive blocked.png" in one.intake.counts().trouble
        assert names(tmp_path / "kept" / "bag") == ["bag.png", "bag~2.png"]
        assert (tmp_path / "kept" / "bag" / "bag.png").read_bytes() == b"older"

    run(story())


def test_a_picture_rewritten_under_its_old_size_and_time_is_read_before_it_goes(store: Store, tmp_path: Path) -> None:
    """Nothing is deleted that nobody has seen."""

    async def story() -> None:
        one = belt(store, tmp_path / "in", after="delete")
        async with one.running():
            writers.rename_into_place(one.path, "bag", picture("bag"))
            await one.taken(1)
            before = (one.path / "bag.png").stat()
        while (one.path / "bag.png").stat().st_ctime_ns == before.st_ctime_ns:
            (one.path / "bag.png").write_bytes(picture("gun"))
            os.utime(one.path / "bag.png", ns=(before.st_atime_ns, before.st_mtime_ns))
        await give_verdicts(one)
        second = belt(store, tmp_path / "in", after="delete")
        async with second.running():
            await second.taken(1)
            await second.quiet()
            assert names(one.path) == ["bag.png"]
            await give_verdicts(second)
            await second.until(lambda: not names(one.path))
        assert [file.content for file in second.deliveries[0].files] == [picture("gun")]
        assert [receipt.fresh for receipt in second.receipts] == [True]

    run(story())


def test_an_archiving_that_was_cut_off_is_finished(store: Store, tmp_path: Path) -> None:
    """The second name made the file look changed: it is read once more, is the same scan, and goes."""

    async def story() -> None:
        first = belt(store, tmp_path / "in", after="archive", archive=tmp_path / "kept")
        async with first.running():
            writers.rename_into_place(first.path, "bag", picture("bag"))
            await first.taken(1)
        await give_verdicts(first)
        (tmp_path / "kept" / "bag").mkdir(parents=True)
        os.link(first.path / "bag.png", tmp_path / "kept" / "bag" / "bag.png")
        second = belt(store, tmp_path / "in", after="archive", archive=tmp_path / "kept")
        async with second.running():
            await second.until(lambda: not names(second.path))
        assert not any(receipt.fresh for receipt in second.receipts)
        assert names(tmp_path / "kept") == ["bag/bag.png"]

    run(story())
