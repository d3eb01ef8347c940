"""A forger who knows how a pack is made is seen by what the ledger holds."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.lookback import checker
from appliance.store import ledger
from tests.appliance.lookback.checking import FILES, wrong
from tests.appliance.lookback.forgeries import (
    FORGERIES,
    change,
    leave_a_verdict_out,
    load,
    seal,
)
from tests.appliance.lookback.keeping import Kept
from tests.appliance.lookback.omissions import leave_the_first_verdict_and_its_row_out


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forger_who_mends_the_manifest_is_seen(pack: Path, forge: Callable[[Path], None]) -> None:
    seal(pack)
    assert wrong(pack) == []
    forge(pack)
    seal(pack)
    assert wrong(pack)


@pytest.mark.parametrize(
    "path", ["../scan.json", "/etc/passwd", "a/../b", "a//b", "./a", ".a", "a\\b", "", "a\nb", "é"]
)
def test_a_manifest_that_leads_out_of_the_pack_is_refused(pack: Path, path: str) -> None:
    """Before anything it names is opened."""
    entry = {"path": path, "size": 1, "sha256": "0" * 64}
    change(pack, "manifest.json", lambda value: value["files"].append(entry))
    assert any("manifest.json was changed" in line for line in wrong(pack))


@pytest.mark.parametrize("path", [path for path in FILES if path.endswith(".json")])
def test_nonsense_with_a_fitting_manifest_is_seen_and_breaks_nothing(pack: Path, path: str) -> None:
    for content in ("null", "[]", "{}", '{"files": [1]}', "[" * 100_000, "1" * 10_000, '"\\ud800"', "NaN", ""):
        (pack / path).write_text(content)
        if path != "manifest.json":
            seal(pack)
        assert path == "actions.json" or wrong(pack), content[:10]


def _without_the_second(pack: Path) -> None:
    leave_a_verdict_out(pack)
    change(pack, "ledger.json", lambda value: value.update(rows=value["rows"][:1]))


PIECE = "ledger rows 2 to 6, and whether this scan has a later verdict there"


def _call_missing(pack: Path, piece: str) -> None:
    change(pack, "missing.json", lambda value: value["missing"].append({"piece": piece, "why": "x"}))
    seal(pack)


def test_rows_that_are_not_brought_prove_nothing(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later verdict beyond the rows a pack brings may be left out: so never does all hold, and it says why."""
    monkeypatch.setattr(checker, "FOLLOWING", 0)
    _without_the_second(pack)
    seal(pack)
    assert wrong(pack)
    _call_missing(pack, PIECE)
    report = checker.check(pack)
    assert (report.code, report.lines[-1]) == (3, f"missing  {PIECE}: x")


def test_rows_that_the_box_always_brings_cannot_be_called_missing(pack: Path) -> None:
    _without_the_second(pack)
    _call_missing(pack, PIECE)
    assert any("ledger rows were left out" in line for line in wrong(pack))


def test_an_earlier_verdict_cannot_be_left_out(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the clock said, and however few rows are brought: each row says the how manieth it is."""
    monkeypatch.setattr(checker, "FOLLOWING", 0)
    leave_the_first_verdict_and_its_row_out(pack)
    seal(pack)
    assert any("verdicts were left out: verdict 2 is brought as 1" in line for line in wrong(pack))


def test_a_row_of_before_verdicts_were_counted_says_so(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds all the same, in the box and in a pack; only that none was left out before it is not proven."""
    whole = ledger._body
    monkeypatch.setattr(ledger, "_body", lambda *given, **_: whole(*given, numbered=False))
    _chained_anew(kept)
    monkeypatch.undo()
    with contextlib.closing(kept.database()) as db:
        assert ledger.verify(db).broken is None
    written = kept.pack("one", tmp_path / "packs")
    told = [f"the number of verdict {number}: it was recorded before verdicts were counted" for number in (1, 2)]
    assert (list(written.missing), written.wrong) == (told, ())


def test_a_clean_picture_that_is_gone_is_told(pack: Path) -> None:
    """The box makes room so by itself, and nobody can tell who took it away."""
    (pack / "clean/03.png").unlink()
    digest = load(pack, "pictures.json")["pictures"][2]["sha256"]
    change(pack, "pictures.json", lambda value: value["pictures"][2].update(file=None, why_not="no room"))
    seal(pack)
    report = checker.check(pack)
    assert report.code == 0
    assert f"note     the clean picture {digest} is not here: no room" in report.lines


def _chained_anew(kept: Kept) -> None:
    """The whole ledger, as somebody makes it who can write to the box."""
    db = kept.database()
    db.execute("DELETE FROM ledger")
    for verdict, at in db.execute("SELECT id, at FROM verdict ORDER BY id").fetchall():
        ledger.append(db, verdict, at)
    db.close()


@pytest.mark.parametrize(
    ("column", "old", "told"),
    [
        ("circumstances", '"rulebook":"', "verdict 1 names two rulebooks"),
        ("document", '"pictures":["sha256:', "verdict 1 was given on other pictures than this scan's"),
        ("document", '"originals":["sha256:', "verdict 1 was given on other originals than this scan's"),
        ("document", '"scan_id":"', "verdict 1 says something else than verdicts.json"),
    ],
)
def test_a_whole_ledger_made_anew_still_has_to_agree_with_itself(
    kept: Kept, tmp_path: Path, column: str, old: str, told: str
) -> None:
    """What a verdict says of its pictures and rules is held against them, not only against its hash."""
    other = old + "f" * 64 if old.endswith(":") else old + "f"
    kept.change(f"UPDATE verdict SET {column} = replace({column}, '{old}', '{other}') WHERE id = 1")
    _chained_anew(kept)
    written = kept.pack("one", tmp_path / "packs")
    assert any(told in line for line in written.wrong), written.wrong
