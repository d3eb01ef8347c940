"""A pack holds everything about one scan, is written whole or not at all, and says what it lacks."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from appliance.lookback import checker, pack
from appliance.lookback.pack import Written, name_of
from appliance.scan import Picture
from appliance.store import ledger
from appliance.store.pictures import Pictures
from tests.appliance.lookback.keeping import AT, BOOK, Kept, arrival, keep, picture, three


def asked(*words: object, cwd: Path | None = None) -> tuple[int, str]:
    """What the checker answers on a computer that has Python and nothing else."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", *map(str, words)], cwd=cwd, env={}, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def read(written: Written, path: str) -> dict[str, object]:
    return json.loads((written.folder / path).read_text("utf-8"))


def test_a_pack_is_checked_where_it_lies_and_as_a_zip(written: Written, tmp_path: Path) -> None:
    """By the file in it, with no library at all, from any folder, and again after it was unpacked."""
    expected = [
        "all 24 files are as manifest.json lists them, and there are no others",
        "5 pictures are the bytes that the scan names by their sha256",
        "6 ledger rows each follow the one before, where none is missing",
        f"verdict 1 ({AT}, REVIEW) is what the ledger recorded",
        f"verdict 2 ({AT}, REVIEW) is what the ledger recorded",
    ]
    with zipfile.ZipFile(written.archive) as archive:
        archive.extractall(tmp_path / "elsewhere")
    unpacked = tmp_path / "elsewhere" / written.folder.name
    answers = [
        asked("check.py", cwd=written.folder),
        asked(written.folder / "check.py", cwd=tmp_path),
        asked(written.folder / "check.py", written.archive),
        asked(checker.__file__, unpacked),
    ]
    assert set(answers) == {answers[0]}
    code, out = answers[0]
    assert code == 0
    assert [line[9:] for line in out.splitlines() if line.startswith("ok")] == expected
    assert out.endswith("ALL HOLDS\n")
    assert written.manifest in out
    assert (written.missing, written.wrong) == ((), ())


def test_all_about_a_scan_is_there_letter_by_letter(kept: Kept, written: Written) -> None:
    db = kept.database()
    stored = db.execute("SELECT document, answer, circumstances FROM verdict WHERE scan = 1 ORDER BY id").fetchall()
    db.close()
    for number, row in enumerate(stored, 1):
        for part in checker.PARTS:
            assert (written.folder / f"verdicts/{number}/{part}.json").read_bytes() == row[part].encode()
    pictures = read(written, "pictures.json")["pictures"]
    assert isinstance(pictures, list)
    assert [(p["view"], p["kind"]) for p in pictures] == [
        ("top", "original"), ("top", "original"), ("top", "clean"), ("side", "original"), ("side", "clean"),
    ]  # fmt: skip
    for entry in pictures:
        content = (written.folder / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        assert entry["file"].endswith(".png")
    assert (written.folder / f"rulebooks/{BOOK.digest}.json").read_bytes() == BOOK.sealed
    assert (written.folder / f"rulebooks/{BOOK.digest}/book.yaml").read_text("utf-8") == BOOK.book
    scan, deeds = read(written, "scan.json"), read(written, "actions.json")
    assert (scan["scan_id"], scan["lane"], scan["action"], scan["superseded_by"]) == ("one", "L3", "REVIEW", None)
    assert read(written, "brought.json")["missing"] == ["bottom"]
    (seen,) = deeds["sightings"]  # type: ignore[misc]
    assert seen["path"] == "1-%FF.png"
    assert [word["in_force"]["who"] for word in deeds["rulebooks"]] == ["Lê Thị Hoa"] * 2  # type: ignore[attr-defined]


def test_the_readme_tells_a_layman(written: Written) -> None:
    """What was said and by what, what is missing, what it proves and what not; and nothing moves a cursor."""
    told = (written.folder / "README.txt").read_text("utf-8")
    assert "Evidence: scan one, revision 1\n" in told
    assert "REVIEW, risk medium\n   Vật này có vẻ được che giấu.%1B[2J\n" in told
    assert "by Lê Thị Hoa: order 12/2026" in told
    for words in ("It does not prove:", "may speak of a person", "rows of other scans", "python3 check.py"):
        assert words in told
    assert all(len(line) <= 120 for line in told.splitlines())
    listed = {path.name for path in written.folder.iterdir()} - {"README.txt"}
    assert all(name in told for name in listed)


def test_the_readme_tells_who_answers_for_what_is_not_followed(kept: Kept, tmp_path: Path) -> None:
    loose = "rule declared-not-seen is not followed until 2027-01-01: the side camera is away"
    kept.change(
        "UPDATE activation SET supervisor = 'N. Lee'",
        f"UPDATE verdict SET document = json_set(document, '$.loosened', json_array('{loose}')) WHERE id = 1",
    )
    told = (kept.pack("one", tmp_path / "packs").folder / "README.txt").read_text("utf-8")
    assert told.count("by Lê Thị Hoa, answered for by N. Lee: order 12/2026") == 2
    assert told.count(f"   central rules not followed: {loose}\n") == 1


def test_the_same_scan_is_the_same_zip(kept: Kept, written: Written, tmp_path: Path) -> None:
    again = kept.pack("one", tmp_path / "again")
    assert again.archive.read_bytes() == written.archive.read_bytes()
    assert again.manifest == written.manifest


@pytest.mark.parametrize("stands", ["folder", "archive"])
def test_a_pack_that_stands_there_is_never_touched(kept: Kept, written: Written, stands: str, tmp_path: Path) -> None:
    """Neither half of it, and no half of another is left behind."""
    place: Path = getattr(written, stands)
    other = tmp_path / "other"
    other.mkdir()
    place.rename(other / place.name)
    before = sorted(other.rglob("*"))
    with pytest.raises(FileExistsError, match="stands there already"):
        kept.pack("one", other)
    assert sorted(other.rglob("*")) == before


def test_nothing_stands_under_its_name_when_writing_fails(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that gives up at the last file leaves no folder, no zip and no part of them."""
    found = kept.record("one")
    broken = found._replace(rows=(*found.rows, {"seq": object()}))
    with pytest.raises(TypeError):
        pack.write(broken, kept.root, tmp_path / "packs", AT)
    assert list((tmp_path / "packs").iterdir()) == []


NAMES = (
    "../../../etc/passwd", "..", ".", "/", "/abs/olute", "a\\..\\b", "C:\\x", "a:b*c?", "x" * 200, "người" * 40,
    "🧳" * 200, "-rf", "con", "a b", "a\u202eb", "%2e%2e", "~", "$(id)",
)  # fmt: skip


@pytest.fixture(scope="module")
def oddly(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    root = tmp_path_factory.mktemp("oddly") / "state"
    return keep(root, [arrival(root, name) for name in NAMES], verdicts=1)


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_scan_leads_out_of_the_folder(name: str, oddly: Kept, tmp_path: Path) -> None:
    into = tmp_path / "in" / "to"
    written = oddly.pack(name, into)
    assert sorted(into.iterdir()) == sorted([written.folder, written.archive])
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    assert asked(written.folder / "check.py", written.archive)[0] == 0
    assert len(written.archive.name.encode()) < 150


def test_two_scans_have_two_packs() -> None:
    names = ["a", "a/b", "a_b", "a%2Fb", "x" * 200, "x" * 199 + "y", "A"]
    assert len({name_of(name, 1) for name in names}) == len(names)
    assert name_of("a", 1) != name_of("a", 2)


def test_what_is_gone_or_damaged_is_told_everywhere(kept: Kept, tmp_path: Path) -> None:
    """An original gone, another damaged, the rulebook gone, and all clean pictures, which nobody misses."""
    one, two, _ = (piece for piece in checker.named(json.loads(kept.record("one").brought)) if piece[1] == "original")
    shelf = kept.root / "pictures"
    (shelf / one[2][:2] / one[2]).unlink()
    (shelf / two[2][:2] / two[2]).write_bytes(b"other")
    for clean in (kept.root / "clean").rglob("?" * 64):
        clean.unlink()
    (kept.root / f"rulebooks/{BOOK.digest}.json").write_bytes(b"{}")
    written = kept.pack("one", tmp_path / "packs")
    expected = (
        f"original {one[2]}: view top: No such file or directory",
        f"original {two[2]}: view top: its bytes have changed",
        f"rulebook {BOOK.digest}: ",
    )
    assert [line.startswith(words) for line, words in zip(written.missing, sorted(expected), strict=True)] == [True] * 3
    assert written.wrong == ()
    for place in (written.folder, written.archive):
        code, out = asked(checker.__file__, place)
        assert code == 3
        assert all(f"missing  {line}" in out for line in written.missing)
        assert out.endswith("NOTHING IS WRONG, BUT PIECES ARE MISSING\n")
    told = (written.folder / "README.txt").read_text("utf-8")
    assert all(f"- {line}" in told for line in written.missing)


def test_a_verdict_from_before_circumstances_were_kept_holds_and_says_so(kept: Kept, tmp_path: Path) -> None:
    """Its ledger row has none either; one whose circumstances were taken away later contradicts its row."""
    kept.change("DELETE FROM ledger", "DELETE FROM verdict", "UPDATE scan SET action = NULL, risk = NULL")
    db = kept.database()
    for scan in (1, 2):
        other = kept.record("one") if scan == 1 else kept.record("two")
        document = json.dumps(_document(other.scan["scan_id"], other.brought))
        (verdict,) = db.execute(
            "INSERT INTO verdict (scan, at, risk, action, document) VALUES (?, ?, 'low', 'REVIEW', ?) RETURNING id",
            (scan, AT, document),
        ).fetchone()
        ledger.append(db, verdict, AT)
        db.execute("UPDATE scan SET action = 'REVIEW', risk = 'low' WHERE id = ?", (scan,))
    db.close()
    written = kept.pack("one", tmp_path / "packs")
    assert written.missing == ("circumstances of verdict 1: it was given before the box kept them",)
    assert written.wrong == ()
    assert asked(checker.__file__, written.archive)[0] == 3


def _document(scan_id: str, brought: str) -> dict[str, object]:
    pieces = checker.named(json.loads(brought))
    digests = {k: [f"sha256:{d}" for _, kind, d in pieces if kind == k] for k in ("original", "clean")}
    return {
        "scan_id": scan_id, "risk_level": "low", "recommended_action": "REVIEW", "reasoning": "",
        "degraded": ["the engine was late"], "processing_time_ms": 1,
        "provenance": {"originals": digests["original"], "pictures": digests["clean"],
                       "rulebook": f"customs@1 sha256:{BOOK.digest}"},
    }  # fmt: skip


def test_a_scan_without_a_verdict_has_a_pack_too(tmp_path: Path) -> None:
    kept = keep(tmp_path / "state", three(tmp_path / "state"), verdicts=0)
    written = kept.pack("one", tmp_path / "packs")
    assert written.missing == ("verdict: the scan has no verdict yet, so the ledger says nothing of it",)
    assert asked(checker.__file__, written.archive)[0] == 3


def test_a_file_that_cannot_be_decoded_is_evidence_all_the_same(tmp_path: Path) -> None:
    """In quarantine there is no clean picture; an original that begins like nothing known keeps its bytes."""
    picture(tmp_path / "state", "top", (1, 1, 1))
    digest = Pictures(tmp_path / "state/pictures").keep(b"no picture")
    broken = Picture(name="top", originals=(digest,), size=10)
    kept = keep(tmp_path / "state", three(tmp_path / "state", pictures=(broken,), quarantine="not a picture"))
    db = kept.database()
    quarantined = db.execute("SELECT count(*) FROM verdict WHERE scan = 1").fetchone()[0]
    db.close()
    written = kept.pack("one", tmp_path / "packs")
    assert (written.folder / "originals/01.bin").read_bytes() == b"no picture"
    assert "In quarantine: not a picture" in (written.folder / "README.txt").read_text()
    assert asked(checker.__file__, written.archive)[0] == (0 if quarantined else 3)


def test_each_revision_has_its_own_pack(tmp_path: Path) -> None:
    """The newest unless told otherwise; the older one says what stands in its place."""
    first, two, three_ = three(tmp_path / "state")
    again = first.model_copy(update={"missing": ()})
    kept = keep(tmp_path / "state", [first, again, two, three_], verdicts=1)
    assert kept.record("one").scan["revision"] == 2
    older, newer = kept.pack("one", tmp_path, 1), kept.pack("one", tmp_path)
    assert read(older, "scan.json")["superseded_by"] == {"scan_id": "one", "revision": 2}
    assert "Later replaced by one, revision 2" in (older.folder / "README.txt").read_text()
    assert [asked(checker.__file__, one.archive)[0] for one in (older, newer)] == [0, 0]


def test_a_store_that_contradicts_itself_is_packed_as_it_is_and_told(kept: Kept, tmp_path: Path) -> None:
    kept.change("UPDATE verdict SET document = replace(document, 'REVIEW', 'CLEAR') WHERE id = 1")
    written = kept.pack("one", tmp_path / "packs")
    assert any("verdict 1 is not what its ledger row recorded: document" in line for line in written.wrong)
    assert written.archive.exists()


def test_a_pack_brings_a_bounded_number_of_rows(tmp_path: Path) -> None:
    """Of a long ledger: the scan's own rows and a thousand after each; the newest is named all the same."""
    kept = keep(tmp_path / "state", three(tmp_path / "state"), verdicts=1)
    db = kept.database()
    db.execute("BEGIN")
    for number in range(checker.FOLLOWING + 5):
        db.execute(
            "INSERT INTO verdict (id, scan, at, risk, action, document) SELECT ?, 2, at, risk, action, document"
            " FROM verdict WHERE id = 2", (100 + number,),
        )  # fmt: skip
        ledger.append(db, 100 + number, AT)
    db.execute("COMMIT")
    db.close()
    written = kept.pack("one", tmp_path / "packs")
    held = read(written, "ledger.json")
    assert [row["seq"] for row in held["rows"]] == list(range(1, checker.FOLLOWING + 2))  # type: ignore[attr-defined]
    code, out = asked(checker.__file__, written.archive)
    rows = f"{checker.FOLLOWING + 2} to {checker.FOLLOWING + 8}"
    piece = f"ledger rows {rows}, which tie the rows before them to the newest, and can hold a later verdict"
    assert code == 3
    assert f"missing  {piece}: a pack brings 1000 rows" in out
    assert [line.partition(":")[0] for line in written.missing] == [piece]
    assert f"the newest row at the export was {checker.FOLLOWING + 8}" in out
