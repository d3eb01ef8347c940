"""Scans are listed, shown and taken out in the forms other programs read."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.commands.export import Shown, _take_out
from appliance.store import outcomes, reviews
from appliance.store.database import Store
from appliance.store.pictures import Pictures
from tests.appliance.commands.conftest import lanewatch


def test_scans_are_listed_newest_first(box: Path) -> None:
    rows = lanewatch("scans", "list", "-c", box, "--json").json()
    assert [(row["scan_id"], row["state"], row["recommended_action"]) for row in rows] == [
        ("waiting", "received", None),
        ("=loud", "concluded", "PHYSICAL_INSPECTION"),
        ("quiet", "concluded", "CLEAR"),
    ]
    only = lanewatch("scans", "list", "-c", box, "--json", "--action", "CLEAR").json()
    assert [row["scan_id"] for row in only] == ["quiet"]
    older = lanewatch("scans", "list", "-c", box, "--json", "--before", rows[0]["id"], "--limit", 1).json()
    assert [row["scan_id"] for row in older] == ["=loud"]


def test_a_list_without_a_terminal_is_columns_with_tabs(box: Path) -> None:
    said = lanewatch("scans", "list", "-c", box)
    head, *rows = [line.split("\t") for line in said.out.splitlines()]
    assert head == ["id", "scan", "revision", "state", "action", "received", "degraded"]
    assert [row[1] for row in rows] == ["waiting", "=loud", "quiet"]


def test_one_scan_is_shown_with_its_verdicts(box: Path) -> None:
    said = lanewatch("scans", "show", "=loud", "-c", box)
    assert said.code == 0
    assert "PHYSICAL_INSPECTION  risk high" in said.out
    whole = lanewatch("scans", "show", "=loud", "-c", box, "--json").json()
    assert whole["scan"]["scan_id"] == "=loud"
    assert [verdict["document"]["risk_level"] for verdict in whole["verdicts"]] == ["high"]


def test_what_officers_said_of_a_scan_is_shown(box: Path) -> None:
    store = Store.open(box.parent / "state")
    word = {"key": "review-1", "scan_id": "=loud", "revision": 1, "verdict": 2, "kind": "missed", "note": "a\x1b[2J"}
    mark = {"view": "view", "box": [0.1, 0.2, 0.3, 0.4], "item": "pisau"}
    found = [{"item": "knife", "quantity": 2}, {"item": "pistol", "quantity": None}]
    told = {"key": "outcome-1", "scan_id": "=loud", "revision": 1, "kind": "found", "found": found}
    with pytest.raises(ValueError, match="control characters"):
        reviews.Word.model_validate(word)
    now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

    def say(db: sqlite3.Connection) -> None:
        kept = reviews.add(db, reviews.Word.model_validate(word | {"note": "x", "marks": [mark]}), "t. tan", now)
        assert isinstance(kept, reviews.Kept)
        outcomes.add(db, outcomes.Told.model_validate(told), "t. tan", now)

    store.submit(say).result()
    store.close()
    said = lanewatch("scans", "show", "=loud", "-c", box).out
    assert "t. tan: something was missed\n  view view at 0.100, 0.200, 0.300, 0.400: pisau\n  x\n" in said
    assert "t. tan: the search: found\n  2 x knife, pistol\n" in said
    whole = lanewatch("scans", "show", "=loud", "-c", box, "--json").json()
    assert (whole["reviews"][0]["kind"], whole["outcomes"][0]["kind"]) == ("missed", "found")
    assert lanewatch("ledger", "verify", "-c", box).code == 0
    with sqlite3.connect(box.parent / "state" / "lanewatch.db") as behind:
        behind.execute("UPDATE review SET kind = 'agree'")
    behind.close()
    checked = lanewatch("ledger", "verify", "-c", box)
    assert (checked.code, "review 1 is not the one that was recorded" in checked.out) == (1, True)


def test_a_scan_that_is_not_there_is_three(box: Path) -> None:
    for words, told in (
        (("nobody",), "no scan 'nobody' (see: lanewatch scans list)"),
        (("nobody", "--revision", 7), "no scan 'nobody' (see: lanewatch scans list)"),
        (("=loud", "--revision", 7), "scan '=loud' has no revision 7 (there is: 1)"),
    ):
        said = lanewatch("scans", "show", *words, "-c", box)
        assert (said.code, said.out, said.err) == (3, "", f"lanewatch: {told}\n")


def test_documents_are_exported_as_they_are(box: Path) -> None:
    documents = lanewatch("scans", "export", "-c", box).json()
    assert [(said["scan_id"], said["risk_level"]) for said in documents] == [("quiet", "low"), ("=loud", "high")]
    assert lanewatch("scans", "export", "-c", box, "--since", "2999-01-01T00:00:00Z").json() == []
    assert len(lanewatch("scans", "export", "-c", box, "--since", "2020-01-01").json()) == 2


def test_a_spreadsheet_finds_no_formula(box: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(lanewatch("scans", "export", "-c", box, "--format", "csv").out)))
    assert [row["scan_id"] for row in rows] == ["quiet", "'=loud"]
    assert [row["detected_items"] for row in rows] == ["", "'=knife"]
    assert rows[1].keys() == {
        *("scan_id", "risk_level", "recommended_action", "detected_items", "declaration_match", "degraded"),
    }


def test_coco_has_boxes_in_pixels(box: Path) -> None:
    coco = lanewatch("scans", "export", "-c", box, "--format", "coco").json()
    assert [(image["width"], image["height"]) for image in coco["images"]] == [(8, 8), (8, 8)]
    assert coco["categories"] == [{"id": 1, "name": "=knife"}]
    assert all(re.fullmatch(r"[0-9a-f]{64}\.png", image["file_name"]) for image in coco["images"])
    assert "clean/DI/DIGEST" in coco["info"]["description"]
    (found,) = coco["annotations"]
    assert (found["image_id"], found["category_id"], found["bbox"], found["area"]) == (2, 1, [2, 2, 4, 2], 8)


def test_yolo_is_one_file_a_picture(box: Path, tmp_path: Path) -> None:
    said = lanewatch("scans", "export", "-c", box, "--format", "yolo", "--into", tmp_path / "labels")
    assert (said.code, said.out, said.err) == (0, "", "")
    assert (tmp_path / "labels/classes.txt").read_text() == "=knife\n"
    labels = sorted(path.read_text() for path in (tmp_path / "labels").glob("*.txt") if path.stem != "classes")
    assert labels == ["", "0 0.500000 0.375000 0.500000 0.250000\n"]


def test_pictures_are_put_where_the_export_names_them(box: Path, tmp_path: Path) -> None:
    """One whose clean picture was thrown away is named, and the command ends with 3."""
    words = ("scans", "export", "--format", "coco", "--pictures", tmp_path / "out", "-c", box)
    said = lanewatch(*words)
    digests = {image["file_name"].removesuffix(".png") for image in said.json()["images"]}
    assert said.code == 3
    assert all(f"picture {digest}: No such file" in said.err for digest in digests)
    for digest in digests:
        folder = box.parent / "state/clean" / digest[:2]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / digest).write_bytes(b"not that picture")
    said = lanewatch(*words)
    assert (said.code, said.err.count("its bytes have changed")) == (3, len(digests))
    assert list((tmp_path / "out").iterdir()) == []


def test_a_picture_that_is_there_is_taken_out_whole(config: Path, tmp_path: Path) -> None:
    shelf = Pictures(config.parent / "state/clean")
    shelf.prepare()
    digest = shelf.keep(b"a clean picture", sync=False)
    shown = [Shown(digest, 8, 8, ())] * 2
    assert _take_out(shown, config, tmp_path / "out") == 0
    assert (tmp_path / "out" / f"{digest}.png").read_bytes() == b"a clean picture"


def test_label_studio_has_predictions_in_percent(box: Path) -> None:
    quiet, loud = lanewatch("scans", "export", "-c", box, "--format", "label-studio").json()
    assert quiet["predictions"][0]["result"] == []
    (found,) = loud["predictions"][0]["result"]
    expected = {"x": 25, "y": 25, "width": 50, "height": 25, "rotation": 0, "rectanglelabels": ["=knife"]}
    assert (found["type"], found["value"]) == ("rectanglelabels", expected)


def test_yolo_and_its_folder_belong_together(box: Path, tmp_path: Path) -> None:
    for words in (("--format", "yolo"), ("--into", tmp_path / "x")):
        said = lanewatch("scans", "export", "-c", box, *words)
        assert (said.code, said.out) == (2, "")
        assert "belong together" in said.err
