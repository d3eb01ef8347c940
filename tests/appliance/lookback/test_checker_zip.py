"""A zip is a pack, or it is told why it is none; nothing of it is unpacked."""

from __future__ import annotations

import io
import random
import shutil
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest

from appliance.lookback.pack import Written
from tests.appliance.lookback.checking import wrong
from tests.appliance.lookback.forgeries import seal


def zipped(pack: Path, place: Path, *more: tuple[str | zipfile.ZipInfo, bytes], top: str = "p/", how: int = 0) -> Path:
    """Zipped by somebody else, with more in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        with zipfile.ZipFile(place, "w", compression=how) as out:
            for path in sorted(path for path in pack.rglob("*") if path.is_file()):
                out.write(path, f"{top}{path.relative_to(pack).as_posix()}")
            for name, content in more:
                out.writestr(name, content)
    return place


def test_a_pack_that_somebody_zipped_again_holds(pack: Path, tmp_path: Path) -> None:
    """Compressed, and with entries for its folders, as other programs do."""
    place = zipped(pack, tmp_path / "a.zip", how=zipfile.ZIP_DEFLATED)
    assert wrong(place) == []
    assert wrong(Path(shutil.make_archive(str(tmp_path / "b"), "zip", tmp_path, "pack"))) == []


def _link() -> zipfile.ZipInfo:
    link = zipfile.ZipInfo("p/link")
    link.external_attr = 0o120777 << 16
    return link


@pytest.mark.parametrize(
    "more",
    [
        ("p/scan.json", b"{}"), ("p/more.txt", b"x"), ("more.txt", b"x"), ("../scan.json", b"{}"), ("p/../q", b"x"),
        ("/p/x", b"x"), ("q/manifest.json", b"{}"), ("p/x\\y", b"x"), ("p/SCAN.JSON", b"{}"), ("p/scan.json/", b"x"),
        (_link(), b"/etc/passwd"), ("p/ .", b""),
    ],
    ids=lambda more: repr(getattr(more[0], "filename", more[0])),
)  # fmt: skip
def test_a_zip_with_anything_more_is_refused(pack: Path, tmp_path: Path, more: tuple[Any, bytes]) -> None:
    assert wrong(zipped(pack, tmp_path / "a.zip", more))


def test_a_zip_that_holds_something_besides_its_files_is_refused(honest: Written, tmp_path: Path) -> None:
    whole, place = honest.archive.read_bytes(), tmp_path / "a.zip"
    for content in (b"before" + whole, whole + b"after", whole[:-1], whole[1:], whole[:1000], b"", whole + whole):
        place.write_bytes(content)
        assert wrong(place), content[:10]
    place.write_bytes(whole)
    with zipfile.ZipFile(place, "a") as out:
        out.comment = b"a word more"
    assert wrong(place)


def test_a_zip_bomb_is_not_unpacked(pack: Path, tmp_path: Path) -> None:
    """Of a file that grows to a thousand times its size no more is read than the manifest announces."""
    (pack / "README.txt").unlink()
    bomb = io.BytesIO()
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out,
        out.open("README.txt", "w", force_zip64=True) as stream,
    ):
        for _ in range(32):
            stream.write(bytes(1 << 20))
    place = tmp_path / "a.zip"
    zipped(pack, place, how=zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(bomb) as source, zipfile.ZipFile(place, "a", zipfile.ZIP_DEFLATED) as out:
        out.writestr("p/README.txt", source.read("README.txt"))
    assert any("README.txt is gone or has another length" in line for line in wrong(place))


@pytest.mark.parametrize("seed", range(6))
def test_a_flipped_bit_anywhere_in_a_zip_is_seen_or_changes_nothing(honest: Written, tmp_path: Path, seed: int) -> None:
    """What says when a file was made may change; no byte of a file and no name can."""
    dice, whole, place = random.Random(seed), honest.archive.read_bytes(), tmp_path / "a.zip"
    for _ in range(40):
        changed = bytearray(whole)
        changed[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
        place.write_bytes(changed)
        if not wrong(place):
            with zipfile.ZipFile(place) as now, zipfile.ZipFile(honest.archive) as then:
                assert now.namelist() == then.namelist()
                assert [now.read(name) for name in now.namelist()] == [then.read(name) for name in then.namelist()]


def _between(whole: bytes, place: int, hidden: bytes) -> bytes:
    """More bytes before a member, with the list of all members and its place put right."""
    end = bytearray(whole[-22:])
    size, start = (int.from_bytes(end[at : at + 4], "little") for at in (12, 16))
    listed = bytearray(whole[start : start + size])
    at = 0
    while at < size:
        offset = int.from_bytes(listed[at + 42 : at + 46], "little")
        if offset >= place:
            listed[at + 42 : at + 46] = (offset + len(hidden)).to_bytes(4, "little")
        at += 46 + sum(int.from_bytes(listed[at + more : at + more + 2], "little") for more in (28, 30, 32))
    end[16:20] = (start + len(hidden)).to_bytes(4, "little")
    return bytes(whole[:place] + hidden + whole[place:start] + listed + end)


def test_a_file_that_no_list_names_is_seen(honest: Written, tmp_path: Path) -> None:
    """Who reads a zip from its beginning would find another scan.json in it."""
    whole, place = honest.archive.read_bytes(), tmp_path / "a.zip"
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as out:
        out.writestr(f"{honest.folder.name}/scan.json", b"{}")
        hidden = other.getvalue()
    with zipfile.ZipFile(honest.archive) as archive:
        places = [*(entry.header_offset for entry in archive.infolist()[1:]), archive.start_dir]
    place.write_bytes(_between(whole, places[3], b""))
    assert wrong(place) == []
    for at in places:
        place.write_bytes(_between(whole, at, hidden))
        with zipfile.ZipFile(place) as archive:
            assert archive.testzip() is None
        assert any("something besides its files" in line for line in wrong(place)), at


def test_a_file_within_another_makes_no_room_for_a_hidden_one(pack: Path, tmp_path: Path) -> None:
    """What is listed as actions.json lies in the free text, and what stands in its place is not what is listed."""
    first = zipped(pack, tmp_path / "first.zip")
    with zipfile.ZipFile(first) as archive:
        starts = [entry.header_offset for entry in archive.infolist()]
        number = archive.namelist().index("p/actions.json")
    record = first.read_bytes()[starts[number] : starts[number + 1]]
    (pack / "README.txt").write_bytes(record)
    seal(pack)
    whole = bytearray(zipped(pack, tmp_path / "a.zip").read_bytes())
    assert wrong(tmp_path / "a.zip") == []
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        own = archive.getinfo("p/actions.json").header_offset
    inner = whole.index(record, whole.index(b"p/README.txt"))
    assert whole[own : own + len(record)] == record
    listed = whole.rindex(b"p/actions.json") - 46
    whole[listed + 42 : listed + 46] = inner.to_bytes(4, "little")
    whole[own + len(record) - 2] ^= 1
    (tmp_path / "a.zip").write_bytes(whole)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.getinfo("p/actions.json").header_offset == inner
    assert any("something besides its files" in line for line in wrong(tmp_path / "a.zip"))
