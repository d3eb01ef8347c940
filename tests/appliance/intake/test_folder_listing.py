"""Looking into a folder, and reading from it, without being led astray."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from appliance.intake.folder import listing
from appliance.store.sightings import Look


def look(path: Path) -> Look:
    found = listing.look_from(path.lstat())
    assert found
    return found


def test_a_tree_is_listed_whole(tmp_path: Path) -> None:
    """Nested folders are, links and strange files are counted, hidden ones are not seen."""
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / ".h").mkdir()
    for name in ("x.png", "a/y.png", "a/b/z.png", ".h/k.png", ".l.png"):
        (tmp_path / name).write_bytes(b"1")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "a/link.png").symlink_to(tmp_path / "x.png")
    os.mkfifo(tmp_path / "a/pipe.png")
    found = listing.walk(os.fsencode(tmp_path))
    assert set(found.files) == {b"x.png", b"a/y.png", b"a/b/z.png"}
    assert (found.refused, found.unreadable) == (3, 0)


def test_a_tree_without_end_is_left_at_some_depth(tmp_path: Path) -> None:
    """Too deep is said, not followed."""
    (tmp_path / "/".join(["d"] * 40)).mkdir(parents=True)
    assert listing.walk(os.fsencode(tmp_path)).unreadable == 1


def test_no_step_of_a_path_may_be_a_link(tmp_path: Path) -> None:
    """Neither the file nor a folder on its way, even if it became one after the look."""
    (tmp_path / "in").mkdir()
    (tmp_path / "real").mkdir()
    (tmp_path / "real/x.png").write_bytes(b"secret")
    (tmp_path / "in/folder").symlink_to(tmp_path / "real")
    (tmp_path / "in/x.png").symlink_to(tmp_path / "real/x.png")
    for path in (b"folder/x.png", b"x.png"):
        with pytest.raises(OSError, match=r"symbolic|directory"):
            listing.read(os.fsencode(tmp_path / "in"), path, look(tmp_path / "real/x.png"))


def test_a_pipe_in_place_of_a_file_does_not_hang(tmp_path: Path) -> None:
    """It is opened without waiting and turned down."""
    os.mkfifo(tmp_path / "x.png")
    with pytest.raises(listing.ChangedError):
        listing.read(os.fsencode(tmp_path), b"x.png", Look(0, 0, 0, 0))


def test_only_the_file_that_was_looked_at_is_read(tmp_path: Path) -> None:
    """Another size, time or inode is another file."""
    path = tmp_path / "x.png"
    path.write_bytes(b"12345")
    before = look(path)
    assert listing.read(os.fsencode(tmp_path), b"x.png", before) == b"12345"
    path.write_bytes(b"123456")
    with pytest.raises(listing.ChangedError):
        listing.read(os.fsencode(tmp_path), b"x.png", before)


def test_a_file_that_changes_while_it_is_read_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read of it is thrown away."""
    path = tmp_path / "x.png"
    path.write_bytes(b"12345")
    real = os.read

    def read(handle: int, size: int) -> bytes:
        os.utime(path, (1, 1))
        return real(handle, size)

    monkeypatch.setattr(os, "read", read)
    with pytest.raises(listing.ChangedError):
        listing.read(os.fsencode(tmp_path), b"x.png", look(path))


def test_times_beyond_the_stores_numbers_are_cut(tmp_path: Path) -> None:
    """A file from the year 2400 does no harm."""
    path = tmp_path / "x.png"
    path.touch()
    os.utime(path, ns=(0, 2**63 - 1))
    assert abs(look(path).mtime_ns) < 2**63


def test_a_file_rewritten_under_its_old_size_and_time_is_another(tmp_path: Path) -> None:
    """The time of the last change cannot be put back."""
    path = tmp_path / "x.png"
    path.write_bytes(b"12345")
    before = look(path)
    while look(path).ctime_ns == before.ctime_ns:  # the file system's clock has ticks
        path.write_bytes(b"54321")
        os.utime(path, ns=(0, before.mtime_ns))
    assert look(path)._replace(ctime_ns=before.ctime_ns) == before
    with pytest.raises(listing.ChangedError):
        listing.read(os.fsencode(tmp_path), b"x.png", before)
