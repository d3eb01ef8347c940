"""A release is opened only if every file of it is the one it names."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from models.artifacts.folder import MANIFEST
from models.artifacts.refusal import ArtifactRefusedError
from models.release import ABOUT, EMBEDDED, Curve, Release, find, opened, seal

PLAIN = Curve(slope=1.0, shift=0.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("detector", "reader", "exam"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "words.json").write_text(json.dumps({"part": part}))
    about = Release(name="toy", profile="x-ray baggage", parts={}, detector=PLAIN, reader=PLAIN, proposes=0.5)
    seal(tmp_path, about)
    return tmp_path


def rewritten(folder: Path, **changes: Any) -> None:
    about = json.loads((folder / ABOUT).read_text())
    (folder / ABOUT).write_text(json.dumps(about | changes))


def test_what_was_sealed_opens(folder: Path) -> None:
    """With its digest, which is that of its one line of vouching, and all of its files."""
    release = opened(folder)
    assert release.about.name == "toy"
    assert release.digest == hashlib.sha256((folder / ABOUT).read_bytes()).hexdigest()
    assert {part: set(files) for part, files in release.parts.items()} == {
        part: {"words.json"} for part in ("detector", "reader", "exam")
    }


@pytest.mark.parametrize("part", ["detector", "reader", "exam"])
def test_a_changed_file_is_refused(folder: Path, part: str) -> None:
    """Though it is as long as before."""
    file = folder / part / "words.json"
    file.write_text(file.read_text().replace("part", "trap"))
    with pytest.raises(ArtifactRefusedError, match="is not the file"):
        opened(folder)


def test_a_changed_manifest_is_refused(folder: Path) -> None:
    """Though all its files are what it says: the release names another one."""
    manifest = folder / "reader" / MANIFEST
    manifest.write_text(manifest.read_text() + " ")
    with pytest.raises(ArtifactRefusedError, match="not the one that the release names"):
        opened(folder)


@pytest.mark.parametrize("part", ["detector", "reader", "exam"])
def test_no_part_may_be_missing(folder: Path, part: str) -> None:
    """Neither on the disk nor in the words."""
    parts = json.loads((folder / ABOUT).read_text())["parts"]
    rewritten(folder, parts={name: digest for name, digest in parts.items() if name != part})
    with pytest.raises(ArtifactRefusedError, match=f"names no {part}"):
        opened(folder)
    rewritten(folder, parts=parts)
    for file in (folder / part).iterdir():
        file.unlink()
    with pytest.raises(ArtifactRefusedError):
        opened(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../elsewhere"},
        {"proposes": 2.0},
        {"detector": {"slope": -1.0, "shift": 0.0}},
        {"quantization": "int3"},
        {"parts": {"detector": "0" * 63}},
        {"parts": {"elsewhere": "0" * 64}},
        {"surprise": 1},
    ],
)
def test_what_cannot_be_said_of_a_release_is_refused(folder: Path, changes: dict[str, Any]) -> None:
    """With the name of the field."""
    rewritten(folder, **changes)
    with pytest.raises(ArtifactRefusedError):
        opened(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"name":"a","name":"b"}', b" " * (1 << 17)])
def test_what_is_no_release_is_refused(folder: Path, content: bytes) -> None:
    """Never with another kind of error."""
    (folder / ABOUT).write_bytes(content)
    with pytest.raises(ArtifactRefusedError):
        opened(folder)


def test_a_folder_of_nothing_is_refused(tmp_path: Path) -> None:
    """It says that there is no release."""
    with pytest.raises(ArtifactRefusedError, match="cannot be opened"):
        opened(tmp_path)


def test_releases_are_found_by_folder_but_for_one() -> None:
    """The one that is always there has a name."""
    assert find("embedded") == EMBEDDED
    assert find("/somewhere/else") == Path("/somewhere/else")
