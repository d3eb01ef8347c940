"""`lanewatch scans export --evidence` as its users run it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from appliance.lookback import checker
from appliance.store.database import Store
from tests.appliance.commands.conftest import CONFIG, lanewatch
from tests.appliance.lookback.keeping import BOOK, Kept


@pytest.fixture
def config(kept: Kept) -> Path:
    (kept.root.parent / "scanner").mkdir()
    path = kept.root.parent / "appliance.yaml"
    path.write_text(CONFIG)
    return path


def test_a_pack_is_written_while_the_box_runs(config: Path, kept: Kept, tmp_path: Path) -> None:
    """It says where, and what to note; the second time it refuses and changes nothing."""
    store = Store.open(kept.root)
    words = ("scans", "export", "--evidence", "one", "--into", tmp_path / "packs", "-c", config)
    said, again = lanewatch(*words), lanewatch(*words)
    store.close()
    assert (said.code, said.err) == (0, "")
    folder, archive, zipped, manifest, row, note = said.out.splitlines()
    assert (folder, archive) == (f"{tmp_path}/packs/evidence-one-r1", f"{tmp_path}/packs/evidence-one-r1.zip")
    assert zipped.endswith(hashlib.sha256(Path(archive).read_bytes()).hexdigest())
    assert manifest.endswith(hashlib.sha256((Path(folder) / "manifest.json").read_bytes()).hexdigest())
    assert row.startswith("hash of ledger row 6: ")
    assert "Note these down" in note
    assert checker.check(Path(archive)).code == 0
    assert (again.code, again.out) == (3, "")
    assert again.err.startswith(f"lanewatch: {folder}: stands there already")


def test_missing_pieces_are_three_and_contradictions_one(config: Path, kept: Kept, tmp_path: Path) -> None:
    (kept.root / f"rulebooks/{BOOK.digest}.json").unlink()
    words = ("scans", "export", "--evidence", "one", "-c", config, "--into")
    said = lanewatch(*words, tmp_path / "a")
    assert said.code == 3
    assert said.err == f"lanewatch: missing: rulebook {BOOK.digest}: No such file or directory\n"
    kept.change("UPDATE verdict SET answer = NULL WHERE id = 1")
    said = lanewatch(*words, tmp_path / "b")
    assert said.code == 1
    assert "verdict 1 is not what its ledger row recorded: answer" in said.err
    assert (tmp_path / "b/evidence-one-r1.zip").exists()


def test_what_is_not_there_and_what_does_not_go_together(config: Path, tmp_path: Path) -> None:
    words = ("scans", "export", "-c", config, "--into", tmp_path / "packs")
    for more, code, told in (
        (("--evidence", "nobody"), 3, "no scan 'nobody' (see: lanewatch scans list)"),
        (("--evidence", "one", "--revision", 7), 3, "scan 'one' has no revision 7 (there is: 1)"),
        (("--evidence", "one", "--format", "csv"), 2, "only --revision and --into go with it"),
        (("--evidence", "one", "--pictures", tmp_path), 2, "only --revision and --into go with it"),
        (("--revision", 1), 2, "--revision goes with --evidence ID"),
    ):
        said = lanewatch(*words, *more)
        assert (said.code, said.out) == (code, ""), said
        assert told in said.err
    assert not (tmp_path / "packs").exists()
