"""A picture under the digest of its bytes is whole, is what it was, or is told to be neither."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from appliance.durable import make_folder
from appliance.errors import StoreBrokenError, StoreError, StoreFullError
from appliance.store.pictures import Pictures
from tests.faults.forgetful import ForgetfulDisk, why_not
from tests.small_disk import small_disk


def prepared(folder: Path) -> Pictures:
    pictures = Pictures(folder)
    pictures.prepare()
    return pictures


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    return prepared(tmp_path / "pictures")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", megabytes=4) as place:
        yield place


@pytest.mark.parametrize("sync", [True, False])
def test_what_was_kept_is_read_back_and_kept_once(pictures: Pictures, sync: bool) -> None:
    digests = {pictures.keep(b"picture", sync=sync) for _ in range(3)}
    assert digests == {hashlib.sha256(b"picture").hexdigest()}
    assert pictures.read(digests.pop()) == b"picture"
    assert len([path for path in pictures.folder.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("left", [b"", b"pict", b"pixture", b"picture and more"])
def test_what_a_power_cut_left_half_written_is_written_again(pictures: Pictures, left: bytes) -> None:
    digest = pictures.keep(b"picture", sync=False)
    pictures.path(digest).write_bytes(left)
    with pytest.raises(StoreError, match="its bytes have changed"):
        pictures.read(digest)
    assert pictures.keep(b"picture") == digest
    assert pictures.read(digest) == b"picture"


def test_a_picture_that_is_gone_is_said_to_be(pictures: Pictures) -> None:
    with pytest.raises(StoreError, match="No such file"):
        pictures.read("0" * 64)


def test_many_hands_keep_the_same_and_other_pictures_at_once(pictures: Pictures) -> None:
    contents = [str(number % 40).encode() for number in range(400)]
    with ThreadPoolExecutor(16) as hands:
        digests = list(hands.map(pictures.keep, contents))
    assert [pictures.read(digest) for digest in digests] == contents
    assert not list(pictures.folder.rglob("*.part"))


def test_a_full_disk_is_told_from_a_broken_one(disk: Path) -> None:
    """A full disk may have room again later; nothing of what did not fit stays behind."""
    pictures = prepared(disk / "pictures")
    small = pictures.keep(b"small")
    with pytest.raises(StoreFullError, match="no room"):
        pictures.keep(b"x" * 5_000_000)
    assert pictures.read(small) == b"small"
    assert [path for path in pictures.folder.rglob("*") if path.is_file()] == [pictures.path(small)]
    assert pictures.keep(b"x" * 100_000)


def test_a_disk_that_takes_nothing_is_broken(disk: Path) -> None:
    pictures = prepared(disk / "pictures")
    pictures.keep(b"one")
    subprocess.run([str(shutil.which("mount")), "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(StoreBrokenError, match="Read-only"):
        pictures.keep(b"two")


@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_what_was_synced_outlives_a_power_cut_with_its_folder(tmp_path: Path) -> None:
    """A picture kept without a sync may be lost or torn, and is whole again once it is kept again."""
    with ForgetfulDisk() as disk:
        make_folder(disk.path / "pictures")
        loose, safe = [f"loose {n}".encode() for n in range(30)], [f"safe {n}".encode() for n in range(30)]
        for seed in (None, 1, 2):
            pictures = prepared(disk.path / "pictures")
            for content in loose:
                pictures.keep(content, sync=False)
            digests = [pictures.keep(content) for content in safe]
            disk.cut(seed)
            disk.mend()
            assert [pictures.read(digest) for digest in digests] == safe
        pictures = prepared(disk.path / "pictures")
        assert [pictures.read(pictures.keep(content)) for content in loose] == loose


def test_of_pictures_that_belong_together_all_are_drafted_or_none(disk: Path) -> None:
    """A full disk is not filled further by tries; what was drafted and dropped leaves nothing behind."""
    pictures = prepared(disk / "pictures")
    small = b"small"
    with pytest.raises(StoreFullError):
        pictures.draft_all([small, b"x" * 5_000_000])
    assert [path for path in pictures.folder.rglob("*") if path.is_file()] == []
    sketches = pictures.draft_all([small, b"other"])
    assert not pictures.path(sketches[0].sha256).exists()
    pictures.drop_all(sketches)
    assert [path for path in pictures.folder.rglob("*") if path.is_file()] == []
