"""The checker is not fooled: whatever is done to a file of a pack is told, and never with a traceback."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest

from appliance.lookback import checker
from tests.appliance.lookback.checking import FILES, wrong
from tests.appliance.lookback.forgeries import seal


def test_the_files_of_a_pack_are_known(pack: Path) -> None:
    assert sorted(path.relative_to(pack).as_posix() for path in pack.rglob("*") if path.is_file()) == sorted(FILES)
    assert wrong(pack) == []


@pytest.mark.parametrize("path", FILES)
def test_a_flipped_bit_is_seen(pack: Path, path: str) -> None:
    """Anywhere in any file."""
    whole = (pack / path).read_bytes()
    for place in {0, len(whole) // 3, len(whole) // 2, len(whole) - 1}:
        changed = bytearray(whole)
        changed[place] ^= 1
        (pack / path).write_bytes(changed)
        assert wrong(pack), place


@pytest.mark.parametrize("path", FILES)
def test_a_file_that_is_gone_cut_or_longer_is_seen(pack: Path, path: str) -> None:
    whole = (pack / path).read_bytes()
    for content in (whole[:-1], whole + b"\n", b"", b"[]", b"\xff"):
        (pack / path).write_bytes(content)
        assert wrong(pack), content[:10]
    (pack / path).unlink()
    assert wrong(pack)


@pytest.mark.parametrize("path", FILES)
def test_two_files_that_changed_places_are_seen(pack: Path, path: str) -> None:
    other = "verdicts/1/document.json" if path == "scan.json" else "scan.json"
    one, two = (pack / path).read_bytes(), (pack / other).read_bytes()
    (pack / path).write_bytes(two)
    (pack / other).write_bytes(one)
    assert wrong(pack)


@pytest.mark.parametrize(
    "path", ["note.txt", ".hidden", "originals/06.png", "verdicts/3/document.json", "deep/er/x", "READMÉ.txt", "a\nb"]
)
def test_a_file_more_is_seen(pack: Path, path: str) -> None:
    (pack / path).parent.mkdir(parents=True, exist_ok=True)
    (pack / path).write_bytes(b"x")
    assert any("is not part of the pack" in line for line in wrong(pack))


def test_links_and_pipes_are_refused(pack: Path, tmp_path: Path) -> None:
    """A link to the right bytes is none of the pack's files either; nobody waits for a pipe."""
    (pack / "scan.json").rename(tmp_path / "scan.json")
    for make in (
        lambda: (pack / "scan.json").symlink_to(tmp_path / "scan.json"),
        lambda: (pack / "scan.json").symlink_to(tmp_path / "nowhere"),
        lambda: (pack / "scan.json").symlink_to(tmp_path),
        lambda: os.mkfifo(pack / "scan.json"),
    ):
        make()
        assert any("scan.json is a link or a device" in line for line in wrong(pack))
        (pack / "scan.json").unlink()


def test_more_bytes_than_any_pack_has_are_not_read(pack: Path) -> None:
    """A file of a hundred gigabytes that takes no room on the disk."""
    os.truncate(pack / "originals/01.png", 100 << 30)
    assert any("more than any pack has" in line for line in wrong(pack))


def test_it_needs_nothing_but_an_old_python() -> None:
    tree = ast.parse(Path(checker.__file__).read_text("utf-8"), feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in ([a.name for a in node.names] if isinstance(node, ast.Import) else [])
        + ([str(node.module)] if isinstance(node, ast.ImportFrom) else [])
    }
    assert imported <= sys.stdlib_module_names


def test_it_tells_how_it_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["a", "b"], [str(tmp_path / "nowhere")], ["--help"]):
        assert checker.main(words) == 2
        told = capsys.readouterr().out
        assert "python3 check.py PACK.zip" in told
        assert ("nowhere' is no file or folder that is here" in told) == ("nowhere" in words[0])


def test_what_is_no_pack_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A strange name moves nobody's cursor."""
    (tmp_path / "x\x1b[2J").write_bytes(b"no zip")
    assert checker.main([str(tmp_path)]) == 1
    assert checker.main([str(tmp_path / "x\x1b[2J")]) == 1
    out = capsys.readouterr().out
    assert "there is no manifest.json" in out
    assert out.isascii()
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("path", "content", "words"),
    [
        ("scan.json", "{}", "holds more or less than a pack's"),
        ("verdicts.json", "", "cannot be read, or is not made as in a pack"),
        ("pictures.json", "[3]", "cannot be read, or is not made as in a pack"),
    ],
)
def test_what_it_cannot_read_it_names_in_words(pack: Path, path: str, content: str, words: str) -> None:
    (pack / path).write_text(content)
    seal(pack)
    (told,) = [line for line in wrong(pack) if "was not checked" in line]
    assert told.endswith(f"the rest was not checked: {path} {words}")
