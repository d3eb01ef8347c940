"""STCray, plain and with its known defects, read back by a few lines of its own."""

import hashlib
import json
import zipfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.training.synth.reading import COUNT, SIZE, made, picture, scan_of
from training.synth.formats import stcray


def rows_of(path: Path) -> list[list[str]]:
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as archive:
        sheet = ET.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    return [[cell.text or "" for cell in row.iter(f"{space}t")] for row in sheet.iter(f"{space}row")]


def test_stcray(tmp_path: Path) -> None:
    """Boxes, polygons, masks and captions of a picture agree, and only harmless pictures have none of the first."""
    folder, seen = made(tmp_path, "stcray"), 0
    for image in folder.rglob("*.jpg"):
        kind, place = image.parent.name, image.parents[2]
        scan = scan_of(int(image.stem.rpartition("_")[2]))
        items = [item for item in scan.items if item.name in stcray.NUMBERS]
        captions = dict(rows_of(place / "Captions" / f"{kind}.xlsx"))
        assert ("without any threat" in captions[image.name]) == (not items)
        boxes = place / "Json_BB" / kind / f"{image.stem}.json"
        assert boxes.exists() == bool(items) == (kind != "Class 22_Non Threat")
        seen += 1
        if not items:
            continue
        shapes = json.loads(boxes.read_text())["shapes"]
        assert [[*shape["points"][0], *shape["points"][1]] for shape in shapes] == [list(item.box) for item in items]
        outlines = json.loads((place / "Json" / kind / f"{image.stem}.json").read_text())["shapes"]
        assert {shape["label"] for shape in outlines} == {shape["label"] for shape in shapes}
        numbers = {stcray.NUMBERS[item.name] for item in items}
        assert kind.startswith(f"Class {21 if len(numbers) > 1 else numbers.pop()}_")
        mask = picture(place / "Segmentation" / kind / f"{image.stem}.png")
        assert mask.shape == (SIZE, SIZE)
        for item in items:
            left, top, right, bottom = item.box
            assert mask[top:bottom, left:right][item.masks[0].pixels].min() == 255
    assert seen == COUNT


def test_stcray_with_its_known_defects(tmp_path: Path) -> None:
    """Every defect that loaders must live with is there, and the plain layout has none of them."""
    spoilt, plain = made(tmp_path / "spoilt", "stcray-defects", 90), made(tmp_path / "plain", "stcray", 90)
    assert all(defects_in(spoilt).values()), defects_in(spoilt)
    assert not any(defects_in(plain).values()), defects_in(plain)


def defects_in(folder: Path) -> dict[str, int]:
    found: Counter[str] = Counter()
    contents = Counter(hashlib.sha256(path.read_bytes()).digest() for path in folder.rglob("*.jpg"))
    found["twice"] = sum(count > 1 for count in contents.values())
    found["stray"] = len([*folder.rglob("desktop.ini"), *folder.rglob("Thumbs.db")])
    names = [{path.name for path in (folder / place).rglob("*.jpg")} for place in ("STCray_TrainSet", "STCray_TestSet")]
    found["same name in both splits"] = len(names[0] & names[1])
    for path in folder.glob("*/Json_BB/*/*.json"):
        document = json.loads(path.read_text())
        found["one off"] += document["imageWidth"] == SIZE + 1
        found["arbitrary size"] += document["imageWidth"] == 1440
        found["case"] += document["imagePath"].isupper()
        for (left, _), (right, _) in (shape["points"] for shape in document["shapes"]):
            found["reversed"] += left > right
            found["beyond"] += max(left, right) > SIZE
    for path in folder.rglob("*.xlsx"):
        rows = rows_of(path)
        found["no header"] += rows[0][0] != "Image Name"
        found["no suffix"] += not rows[-1][0].endswith(".jpg")
    return dict(found)
