"""A write leaves the old or the new, never a part and never a stray file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.durable import durable_write, make_folder, sync_file
from tests.faults.forgetful import ForgetfulDisk, why_not

HALF_WAY = """
import resource, signal, sys
from pathlib import Path
from appliance.durable import durable_write
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    durable_write(Path(sys.argv[1]), b"new" * 1000)
except OSError as problem:
    sys.exit(problem.errno)
"""


@pytest.mark.parametrize("sync", [True, False])
def test_the_new_content_replaces_the_old(tmp_path: Path, sync: bool) -> None:
    path = tmp_path / "file"
    for content in (b"old", b"", b"new" * 100_000):
        durable_write(path, content, sync=sync)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_half_way_leaves_the_old_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    ended = subprocess.run([sys.executable, "-c", HALF_WAY, path], cwd=Path(__file__).parents[2], check=False)
    assert ended.returncode == 27  # EFBIG
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError, match="directory"):
        durable_write(tmp_path / "file", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_stood_there_as_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """Nobody can point our writes elsewhere, nor our syncs."""
    (tmp_path / "elsewhere").write_bytes(b"untouched")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        sync_file(link)
    durable_write(link, b"new")
    assert not link.is_symlink()
    assert (tmp_path / "elsewhere").read_bytes() == b"untouched"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_nobody_gets_more_rights_than_were_given(tmp_path: Path, mode: int) -> None:
    before = os.umask(0)
    try:
        durable_write(tmp_path / "file", b"", mode=mode)
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == mode


@settings(max_examples=200)
@given(
    raw=st.binary(min_size=1, max_size=255).filter(lambda raw: not set(raw) & {0, 0x2F} and raw not in (b".", b".."))
)
def test_a_name_may_be_any_bytes(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / os.fsdecode(raw)
    durable_write(path, raw, sync=False)
    assert path.read_bytes() == raw
    path.unlink()


def test_folders_are_made_with_all_that_is_missing(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()
    assert (tmp_path / "a").stat().st_mode & 0o007 == 0


def test_no_folder_is_made_inside_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match=r"exists|Not a directory"):
        make_folder(tmp_path / "file" / "below")


@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_a_power_cut_finds_the_old_or_the_new(tmp_path: Path) -> None:
    """What was written is there for good; what failed with the power left the old."""
    with ForgetfulDisk() as disk:
        path = disk.path / "a" / "b" / "file"
        make_folder(path.parent)
        for turn in range(8):
            durable_write(path, b"old" * 10_000)
            if turn % 2:
                disk.fail(("write", "fsync", "rename", "fsyncdir")[turn // 2])
                with pytest.raises(OSError, match="Input/output"):
                    durable_write(path, b"new" * 20_000)
            disk.cut(turn)
            disk.mend()
            found = path.read_bytes()
            assert found == b"old" * 10_000 or (turn == 7 and found == b"new" * 20_000)  # only its name was not synced
