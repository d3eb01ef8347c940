"""What officers said of a scan, and who put its rules in force, goes into its pack."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

from appliance.scan import canonical
from appliance.store import outcomes, reviews
from tests.appliance.lookback.keeping import Kept


def test_what_officers_said_is_in_the_pack_with_its_deeds(kept: Kept, tmp_path: Path) -> None:
    """Letter by letter: whoever has the pack can hold each word against the sha256 in its deed."""
    db = kept.database()
    said = {"key": "review-1", "scan_id": "one", "revision": 1, "kind": "missed", "note": "x" * 150}
    verdict = db.execute("SELECT max(verdict.id) FROM verdict JOIN scan ON scan = scan.id WHERE scan_id = 'one'")
    mark = {"view": "top", "box": [0.1, 0.1, 0.2, 0.2], "item": "pisau"}
    word = reviews.Word.model_validate(said | {"verdict": verdict.fetchone()[0], "marks": [mark]})
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert isinstance(reviews.add(db, word, "t. tan", now), reviews.Kept)
    reviews.undo(db, "review-1", "t. tan", now)
    given = {"key": "outcome-1", "scan_id": "one", "revision": 1, "kind": "found", "found": [{"item": "knife"}]}
    outcomes.add(db, outcomes.Told.model_validate(given), "t. tan", now)
    db.close()
    written = kept.pack("one", tmp_path / "packs")
    words = json.loads((written.folder / "actions.json").read_text("utf-8"))["words"]
    assert [(word["what"], word["row"]["kind"]) for word in words] == [("review", "missed"), ("outcome", "found")]
    for word, count in zip(words, (2, 1), strict=True):
        row = canonical({key: value for key, value in word["row"].items() if key != "undone_at"})
        bodies = [json.loads(deed["body"]) for deed in word["deeds"]]
        assert (len(bodies), bodies[0]["detail"]["digest"]) == (count, hashlib.sha256(row).hexdigest())
    told = (written.folder / "README.txt").read_text("utf-8")
    assert "t. tan, review: missed\n   taken back at 2026-11-22" in told
    assert "found: knife, not counted" in told
    assert all(len(line) <= 120 for line in told.splitlines())
    other = kept.pack("two", tmp_path / "packs")
    assert json.loads((other.folder / "actions.json").read_text("utf-8"))["words"] == []


def test_another_threat_level_hides_nobody_who_put_the_texts_in_force(kept: Kept, tmp_path: Path) -> None:
    """The pack names both: by whose word the texts came, and by whose word they stood so."""
    columns = "(at, who, why, origin, supervisor, digest, name, level)"
    for level in ("raised", "normal"):
        kept.change(
            f"INSERT INTO activation {columns} SELECT '2026-02-01', 'P. Guard', 'bulletin 7', origin, supervisor,"
            f" digest, name, '{level}' FROM activation WHERE id = 1"
        )
    folder = kept.pack("one", tmp_path / "packs").folder
    told = (folder / "README.txt").read_text("utf-8")
    assert told.count("in force since 2026-01-01T00:00:00+00:00 by Lê Thị Hoa: order 12/2026\n") == 2
    assert told.count("at threat level normal since 2026-02-01 by P. Guard: bulletin 7\n") == 2
    rules = json.loads((folder / "actions.json").read_text("utf-8"))["rulebooks"]
    assert [(each["came"]["id"], each["in_force"]["id"]) for each in rules] == [(1, 3), (1, 3)]
