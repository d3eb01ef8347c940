"""The disk ladder: down when room goes, up when it comes back, and verdicts can be written on the lowest rung."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.errors import StoreFullError
from appliance.operations.disk import Disk, Rung
from appliance.settings import Storage
from appliance.store import events
from appliance.store.database import Store
from tests.small_disk import small_disk

MEGABYTE = 2**20


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", megabytes=40) as place:
        yield place


def fill(path: Path, megabytes: float) -> None:
    path.write_bytes(b"x" * int(megabytes * MEGABYTE))


def fill_up(path: Path) -> None:
    """Write until nothing more fits."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


async def _write_much(store: Store) -> None:
    for number in range(1000):
        await store.write(lambda db, n=number: events.set_cursor(db, f"{n}" * 1000, n))


def test_the_reserve_is_a_small_share_of_a_small_disk(root: Path) -> None:
    disk = Disk(Storage(root=root))
    disk.look()
    assert (disk.rung, disk.trouble) == (Rung.FINE, "")
    assert (root / "reserve").stat().st_size == 2 * MEGABYTE
    assert (root / "reserve").stat().st_blocks * 512 >= 2 * MEGABYTE


def test_the_rungs_go_down_and_up_again(root: Path) -> None:
    """What the reserve leaves free is not room: scans are taken again only when somebody really made some."""
    disk = Disk(Storage(root=root))
    steps: list[tuple[Rung, bool, bool]] = []
    for megabytes in (0, 31, 37.5, 37.5, 36.9, 30, 0):
        fill(root / "others", megabytes)
        disk.look()
        steps.append((disk.rung, disk.has_room, (root / "reserve").exists()))
    fine, low, stop = (Rung.FINE, True, True), (Rung.LOW, True, True), (Rung.STOP, False, False)
    assert steps == [fine, low, stop, stop, stop, low, fine]


def test_the_store_writes_on_after_the_reserve_is_given_up(root: Path) -> None:
    disk = Disk(Storage(root=root))
    store = Store.open(root)
    try:
        disk.look()
        fill_up(root / "others")
        with pytest.raises(StoreFullError):
            asyncio.run(_write_much(store))
        disk.look()
        assert disk.rung is Rung.STOP
        for number in range(20):
            asyncio.run(store.write(lambda db, n=number: events.set_cursor(db, f"after-{n}", n)))
        with store.reader() as db:
            assert events.cursor(db, "after-19") == 19
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    finally:
        store.close()


def test_half_a_reserve_is_made_whole(root: Path) -> None:
    (root / "reserve").write_bytes(b"")
    Disk(Storage(root=root)).look()
    assert (root / "reserve").stat().st_size == 2 * MEGABYTE


def test_where_no_reserve_can_be_had_the_box_goes_on_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "reserve").symlink_to(tmp_path / "nowhere" / "reserve")
    disk = Disk(Storage(root=tmp_path, warn_free_percent=0.002, stop_free_percent=0.001))
    disk.look()
    assert disk.has_room
    assert disk.trouble.startswith("no reserve of 256 MB")
    disk.look()
    assert disk.trouble == ""
