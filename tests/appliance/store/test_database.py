"""The store keeps what it acknowledged, refuses what it must, and tells when it broke."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.errors import StoreBrokenError, StoreError
from appliance.store.database import Store
from appliance.store.host import file_system_of, refuse_network_folder
from tests.faults.forgetful import ForgetfulDisk, why_not


def test_the_pragmas_that_promise_durability_hold(store: Store) -> None:
    """WAL, FULL and foreign keys are what the promises stand on."""

    def look(db: sqlite3.Connection) -> tuple[object, ...]:
        return tuple(
            db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
        )

    assert asyncio.run(store.write(look)) == ("wal", 2, 1)


def test_all_tables_are_strict(store: Store) -> None:
    """A text in a number's column is refused by SQLite itself."""
    with store.reader() as db:
        ours = [r for r in db.execute("PRAGMA table_list") if not r["name"].startswith(("sqlite_", "_sqlite"))]
    assert ours
    assert {row["name"] for row in ours if row["type"] == "table" and not row["strict"]} == set()


def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError), store.reader() as db:
        db.execute("DELETE FROM scan")


def test_one_failing_work_does_not_undo_its_neighbours(store: Store) -> None:
    """Works that share a commit fail alone."""

    async def story() -> list[object]:
        works = [store.write(lambda db, n=n: _set(db, f"outlet-{n}", n)) for n in range(20)]
        return await asyncio.gather(*works, return_exceptions=True)

    results = asyncio.run(story())
    failed = [n for n, result in enumerate(results) if isinstance(result, ValueError)]
    assert failed == [7]
    with store.reader() as db:
        assert db.execute("SELECT count(*) FROM cursor").fetchone()[0] == 19


def _set(db: sqlite3.Connection, outlet: str, number: int) -> None:
    db.execute("INSERT INTO cursor VALUES (?, ?)", (outlet, number))
    if number == 7:
        raise ValueError("seven")


def test_many_works_share_a_commit(store: Store) -> None:
    """While one commit is under way the next works gather, so the bell rings far less often than they are many."""

    async def story() -> int:
        await asyncio.gather(*(store.write(lambda db, n=n: _set(db, f"o{n}", n + 100)) for n in range(400)))
        return store.bell.count

    assert asyncio.run(story()) < 100


def test_the_bell_wakes_a_waiter_and_stays_silent_when_nothing_changed(store: Store) -> None:
    async def story() -> tuple[int, int, bool]:
        before = store.bell.count
        await store.write(lambda _: None)
        silent = store.bell.count
        waiter = asyncio.create_task(store.bell.wait(silent))
        await asyncio.sleep(0)
        await store.write(lambda db: _set(db, "x", 1))
        rung = await asyncio.wait_for(waiter, 10)
        return before, silent, rung > silent

    before, silent, rung = asyncio.run(story())
    assert silent == before
    assert rung


def test_a_second_process_on_the_same_folder_is_refused(store: Store) -> None:
    code = "import pathlib, sys; from appliance.store.database import Store; Store.open(pathlib.Path(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", code, str(store.root)], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "another lanewatch runs on this folder" in done.stderr


def test_a_damaged_file_is_noticed_at_start(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    asyncio.run(store.write(lambda db: [_set(db, f"o{n}", n + 100) for n in range(3000)] and None))
    store.close()
    path = tmp_path / "lanewatch.db"
    content = bytearray(path.read_bytes())
    for place in range(8192, len(content) - 100, 4096):
        content[place : place + 64] = os.urandom(64)
    path.write_bytes(content)
    with pytest.raises(StoreBrokenError):
        Store.open(tmp_path)


LIFE = """
import asyncio, os, pathlib, sys
from appliance.errors import StoreBrokenError
from appliance.store.database import Store
store = Store.open(pathlib.Path(sys.argv[1]))
asyncio.run(store.write(lambda db: db.execute("INSERT INTO cursor VALUES ('before', 1)") and None))
print("up", flush=True)
sys.stdin.readline()
try:
    asyncio.run(store.write(lambda db: db.execute("INSERT INTO cursor VALUES ('failed', 2)") and None))
except StoreBrokenError:
    os._exit(7)
"""


@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_a_power_cut_undoes_what_need_not_last_and_nothing_else(tmp_path: Path) -> None:
    """What lasts takes along what came before it, whatever that was."""
    with ForgetfulDisk() as disk:
        store = Store.open(disk.path / "state")
        for name, lasting in (("first", True), ("carried", False), ("second", True), ("lost", False)):
            asyncio.run(store.write(lambda db, name=name: _set(db, name, 1), lasting=lasting))
        disk.cut()
        store.close()
        disk.mend()
        again = Store.open(disk.path / "state")
        with again.reader() as db:
            assert {row["outlet"] for row in db.execute("SELECT outlet FROM cursor")} == {"first", "carried", "second"}
        again.close()


@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_a_start_beside_a_reader_builds_upon_nothing_that_a_failed_sync_left_in_memory(tmp_path: Path) -> None:
    """The sync fails, the process ends, somebody looks into the database, the box starts again; then the power goes."""
    with ForgetfulDisk() as disk:
        root = disk.path / "state"
        command = [sys.executable, "-c", LIFE, str(root)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as life:
            assert life.stdout
            assert life.stdout.readline() == "up\n"
            disk.fail("fsync")
            life.communicate("go\n")
        assert (life.returncode, disk.heal()) == (7, 1)
        reader = sqlite3.connect(root / "lanewatch.db", isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM cursor").fetchone()
        store = Store.open(root)
        asyncio.run(store.write(lambda db: _set(db, "after", 3)))
        disk.cut()
        reader.close()
        store.close()
        disk.mend()
        again = Store.open(root)
        with again.reader() as db:
            assert {"before", "after"} <= {row["outlet"] for row in db.execute("SELECT outlet FROM cursor")}
        again.close()


def test_a_broken_store_takes_nothing_more(store: Store) -> None:
    store.fail(StoreBrokenError("the disk is gone"))
    with pytest.raises(StoreBrokenError):
        asyncio.run(store.write(lambda _: None))


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    """Migrations run once."""
    for _ in range(2):
        store = Store.open(tmp_path)
        with store.reader() as db:
            assert db.execute("SELECT count(*) FROM _sqlite_migrations").fetchone()[0] == 7
        store.close()


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_network_share_is_refused(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's locks do not hold there; the kernel's list of mounts tells."""
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/x / ext4 rw 0 0\nserver:/x {str(tmp_path / 'my share').replace(' ', chr(92) + '040')} {kind} rw 0 0\n"
    )
    share = tmp_path / "my share"
    share.mkdir()
    assert file_system_of(share, mounts) == kind
    assert file_system_of(tmp_path, mounts) == "ext4"
    monkeypatch.setattr("appliance.store.host.file_system_of", lambda folder: file_system_of(folder, mounts))
    with pytest.raises(StoreError, match="network share"):
        refuse_network_folder(share)
