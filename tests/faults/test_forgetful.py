"""The forgetful disk as programs meet it: real system calls on a real mount."""

from __future__ import annotations

import contextlib
import errno
import functools
import mmap
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.deeds import names, power_cycle, refused, sync
from tests.faults.forgetful import ROOT, ForgetfulDisk, why_not
from tests.faults.sqlite_writer import connect, payload

needs_fuse = pytest.mark.skipif(bool(why_not()), reason=why_not())


def test_a_new_file_needs_its_own_sync_and_its_folders(disk: ForgetfulDisk) -> None:
    """Data without a name is gone, a name without data is empty, both together stay."""
    for name in ("data only", "name only", "both"):
        (disk.path / name).write_bytes(b"content")
    sync(disk.path / "both")
    sync(disk.path)
    (disk.path / "data only").rename(disk.path / "renamed")
    (disk.path / "late").write_bytes(b"late")
    sync(disk.path / "late")
    power_cycle(disk)
    assert names(disk) == ["both", "data only", "name only"]
    assert (disk.path / "both").read_bytes() == b"content"
    assert (disk.path / "name only").read_bytes() == b""


def test_an_unsynced_rename_unlink_mkdir_and_truncate_never_happened(disk: ForgetfulDisk) -> None:
    """The old names and the old contents are back."""
    for name in ("kept", "gone", "cut short"):
        (disk.path / name).write_bytes(b"old" * 5000)
    disk.sync()
    (disk.path / "new").write_bytes(b"new")
    sync(disk.path / "new")
    (disk.path / "new").replace(disk.path / "kept")
    (disk.path / "gone").unlink()
    (disk.path / "folder" / "inner").mkdir(parents=True)
    os.truncate(disk.path / "cut short", 3)
    power_cycle(disk)
    assert names(disk) == ["cut short", "gone", "kept"]
    assert {(disk.path / name).read_bytes() for name in ("kept", "gone", "cut short")} == {b"old" * 5000}


def test_a_rename_between_folders_is_never_lost_on_both_sides(disk: ForgetfulDisk) -> None:
    """Syncing either folder brings the whole rename to the disk."""
    for side in ("from", "to"):
        (disk.path / side).mkdir()
    (disk.path / "from" / "a").write_bytes(b"a")
    disk.sync()
    (disk.path / "from" / "a").rename(disk.path / "to" / "a")
    sync(disk.path / "from")
    power_cycle(disk)
    assert not (disk.path / "from" / "a").exists()
    assert (disk.path / "to" / "a").read_bytes() == b"a"


def test_over_some_seeds_names_live_without_their_data_and_the_same_seed_does_the_same(disk: ForgetfulDisk) -> None:
    """The zero-length file after a power cut, and a cut that can be told again."""

    def left(seed: int) -> tuple[str, ...]:
        shutil.rmtree(disk.path / "all", ignore_errors=True)
        (disk.path / "all").mkdir()
        disk.sync()
        for number in range(4):
            (disk.path / "all" / f"{number}").write_bytes(b"x" * 9000)
        power_cycle(disk, seed)
        return tuple(f"{path.name}:{path.stat().st_size}" for path in sorted((disk.path / "all").iterdir()))

    fates = {seed: left(seed) for seed in range(12)}
    assert () in fates.values()
    assert ("0:0", "1:0", "2:0", "3:0") in fates.values()
    assert {seed: left(seed) for seed in range(12)} == fates


def test_a_dead_disk_answers_nothing_and_old_handles_stay_dead(disk: ForgetfulDisk) -> None:
    """As after a reboot: what was open before the cut never works again."""
    path = disk.path / "file"
    path.write_bytes(b"content")
    disk.sync()
    handle = os.open(path, os.O_RDWR)
    assert os.read(handle, 3) == b"con"
    disk.cut()
    for act in (
        lambda: os.pread(handle, 3, 0),
        lambda: os.pwrite(handle, b"x", 0),
        path.stat,
        functools.partial(names, disk),
        (disk.path / "other").mkdir,
    ):
        assert refused(act) == errno.EIO
    disk.mend()
    assert refused(lambda: os.pread(handle, 3, 0)) == errno.ENOTCONN
    assert refused(lambda: os.pwrite(handle, b"x", 0)) == errno.ENOTCONN
    with contextlib.suppress(OSError):
        os.close(handle)
    assert path.read_bytes() == b"content"


def test_files_behave_as_files(disk: ForgetfulDisk) -> None:
    """Appending, links, odd names, shared maps, unlinked but open files, no-replace opening."""
    path = disk.path / os.fsdecode(b"odd \xff\xfe name")
    path.write_bytes(b"a" * 5000)
    with path.open("ab") as file:
        file.write(b"b")
    os.link(path, disk.path / "hard")
    (disk.path / "soft").symlink_to("hard")
    assert (disk.path / "soft").read_bytes() == b"a" * 5000 + b"b"
    assert path.stat().st_nlink == 2
    assert refused(lambda: os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)) == errno.EEXIST
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as shared:
        shared[:3] = b"map"
        shared.flush()
    assert path.read_bytes()[:4] == b"mapa"
    with (disk.path / "hard").open("r+b") as file:
        path.unlink()
        (disk.path / "hard").unlink()
        assert names(disk) == ["soft"]
        assert file.read(4) == b"mapa"
        file.truncate(2)


def test_two_processes_share_one_wal_database_and_its_locks(disk: ForgetfulDisk) -> None:
    """The shared memory file is mapped by both, and a writer's lock holds against the other."""
    other = (
        "import sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)\n"
        "print(c.execute('SELECT count(*) FROM line').fetchone()[0])\n"
        "try: c.execute('BEGIN IMMEDIATE'); print('mine')\n"
        "except sqlite3.OperationalError as error: print(error)\n"
    )

    def ask() -> list[str]:
        command = [sys.executable, "-c", other, str(disk.path / "lines.db")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    with closing(connect(disk.path / "lines.db", "FULL")) as connection:
        for number in (1, 2, 3):
            connection.execute("INSERT INTO line VALUES (?, ?)", (number, payload(number)))
            assert ask() == [str(number), "mine"]
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO line VALUES (4, 'unseen')")
        assert ask() == ["3", "database is locked"]
        connection.execute("ROLLBACK")


@needs_fuse
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_stays_mounted_when_the_program_using_it_is_ended(how: signal.Signals) -> None:
    """Ctrl-C cleans up by itself; after a kill, the disk's own process does."""
    script = (
        "import time\n"
        "from tests.faults.forgetful import ForgetfulDisk\n"
        "with ForgetfulDisk() as disk:\n"
        "    (disk.path / 'file').touch()\n"
        "    print('up', disk._process.pid, disk.path.parent, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as user:
        assert user.stdout is not None
        word, server, where = user.stdout.readline().decode().split()
        assert word == "up"
        assert os.path.ismount(where)
        user.send_signal(how)
    _until(lambda: not os.path.ismount(where))
    _until(lambda: not Path(f"/proc/{int(server)}/mounts").exists() or not _alive(int(server)))


@needs_fuse
def test_where_the_disk_was_nothing_can_be_written_afterwards() -> None:
    """A path kept too long leads into an error, never into the folder below the mount."""
    with ForgetfulDisk() as disk:
        path = disk.path / "file"
        path.touch()
    assert not path.parents[1].exists()
    assert refused(path.touch) == errno.ENOENT


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _until(done: Callable[[], bool]) -> None:
    for _ in range(6000):
        if done():
            return
        time.sleep(0.05)
    pytest.fail("waited in vain")
