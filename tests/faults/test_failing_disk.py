"""The forgetful disk when it is told to fail, or to be full."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing

from tests.faults.deeds import power_cycle, refused, sync
from tests.faults.forgetful import ForgetfulDisk, Op
from tests.faults.sqlite_writer import connect, numbers_left, payload


def test_the_nth_request_fails_once_or_for_ever(disk: ForgetfulDisk) -> None:
    """Exactly the third write, then all from the second on; and the errno is the one asked for."""
    with (disk.path / "file").open("wb", buffering=0) as file:
        disk.fail("write", nth=3)
        file.write(b"1")
        file.write(b"2")
        assert refused(functools.partial(file.write, b"3")) == errno.EIO
        file.write(b"4")
        assert disk.heal() == 1
        disk.fail("write", nth=2, code=errno.ENOSPC, forever=True)
        file.write(b"5")
        assert [refused(functools.partial(file.write, b"6")) for _ in range(3)] == [errno.ENOSPC] * 3
        assert disk.heal() == 3
        file.write(b"7")
    assert (disk.path / "file").read_bytes() == b"12457"


def test_each_kind_of_request_can_fail(disk: ForgetfulDisk) -> None:
    """None of them does its work when it fails."""
    path = disk.path / "file"
    path.write_bytes(b"content")
    acts: dict[Op, Callable[[], object]] = {
        "create": (disk.path / "new").touch,
        "rename": lambda: path.rename(disk.path / "new"),
        "unlink": path.unlink,
        "mkdir": (disk.path / "new").mkdir,
        "truncate": lambda: os.truncate(path, 0),
        "open": path.read_bytes,
        "read": path.read_bytes,
        "fsync": lambda: sync(path),
        "fsyncdir": lambda: sync(disk.path),
    }
    for op, act in acts.items():
        disk.fail(op, forever=True)
        assert refused(act) == errno.EIO, op
        assert disk.heal() >= 1
    assert [(entry.name, entry.stat().st_size) for entry in disk.path.iterdir()] == [("file", 7)]


def test_after_a_failed_sync_a_second_one_succeeds_and_saves_nothing(disk: ForgetfulDisk) -> None:
    """The trap on Linux: who syncs again and believes it has lost what the first sync gave up."""
    path = disk.path / "file"
    path.write_bytes(b"old")
    disk.sync()
    path.write_bytes(b"new")
    disk.fail("fsync")
    assert refused(functools.partial(sync, path)) == errno.EIO
    sync(path)
    assert path.read_bytes() == b"new"
    power_cycle(disk)
    assert path.read_bytes() != b"new"


def test_sqlite_keeps_what_it_acknowledged_whichever_write_or_sync_fails(disk: ForgetfulDisk) -> None:
    """Each n-th of them, once and for ever, until n lies behind the end; then the power goes as well."""
    for op in ("write", "fsync"):
        for forever in (False, True):
            nth, struck = 1, 1
            while struck:
                database = disk.path / f"{op}-{forever}-{nth}.db"
                connect(database, "FULL").close()
                disk.fail(op, nth=nth, forever=forever)
                owed: set[int] = set()
                with contextlib.suppress(sqlite3.Error), closing(connect(database, "FULL")) as connection:
                    for number in range(1, 6):
                        connection.execute("INSERT INTO line VALUES (?, ?)", (number, payload(number)))
                        owed.add(number)
                struck = disk.heal()
                power_cycle(disk)
                assert owed <= numbers_left(database), (op, forever, nth)
                nth += 1
            assert nth > 3


def test_a_full_disk_says_so_takes_what_fits_and_takes_more_when_there_is_room(disk: ForgetfulDisk) -> None:
    """ENOSPC beyond the limit, and the free space that programs look at is the truth."""
    disk.limit(100_000)
    (disk.path / "reserve").write_bytes(b"r" * 60_000)
    with (disk.path / "file").open("wb", buffering=0) as file:
        assert file.write(b"x" * 60_000) == 40_000
        assert refused(functools.partial(file.write, b"x")) == errno.ENOSPC
        assert shutil.disk_usage(disk.path).free == 0
        (disk.path / "reserve").unlink()
        assert file.write(b"x" * 20_000) == 20_000
    assert disk.used() == 60_000
