"""Data sets: each format, read back by a few lines of its own, says what the simulator says."""

import json
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.training.synth.reading import COUNT, SIZE, everything, made, picture, scan_of
from training.synth.formats import dvxray, opixray
from training.synth.formats.contours import one_polygon, polygons
from training.synth.formats.dataset import split_of
from training.synth.formats.shelf import Layout
from training.synth.things.catalogue import TARGETS


@pytest.mark.parametrize(
    "layout", ["coco", "yolo-detect", "yolo-segment", "opixray", "stcray", "stcray-defects", "dvxray", "sft"]
)
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, layout: Layout) -> None:
    """Every file of every format."""
    first, again = everything(made(tmp_path / "a", layout, 12)), everything(made(tmp_path / "b", layout, 12))
    assert first
    assert first == again


def test_splits_share_no_shape_and_the_test_has_its_own_scanner() -> None:
    """Eight, one and one of ten; who trains has seen neither the things nor the scanner of the test."""
    assert Counter(split_of(index) for index in range(1, 101)) == {"train": 80, "val": 10, "test": 10}
    shapes: dict[str, set[tuple[str, int]]] = {"train": set(), "val": set(), "test": set()}
    for index in range(1, 41):
        scan = scan_of(index)
        shapes[scan.split] |= {(item.name, item.shape) for item in scan.items}
        assert (scan.scanner == "held-out") == (scan.split == "test")
    assert not shapes["train"] & shapes["test"]
    assert not shapes["train"] & shapes["val"]
    assert not shapes["val"] & shapes["test"]


def test_coco(tmp_path: Path) -> None:
    """Run lengths decode to the very masks; boxes are x, y, width, height."""
    folder, seen = made(tmp_path, "coco"), 0
    for split in ("train", "val", "test"):
        document = json.loads((folder / "annotations" / f"{split}.json").read_text())
        names = {category["id"]: category["name"] for category in document["categories"]}
        assert list(names.values()) == list(TARGETS)
        assert len({own["id"] for own in document["annotations"]}) == len(document["annotations"])
        for image in document["images"]:
            scan = scan_of(image["id"])
            assert np.array_equal(picture(folder / "images" / split / image["file_name"]), scan.views[0].colour)
            mine = [own for own in document["annotations"] if own["image_id"] == image["id"]]
            assert len(mine) == len(scan.targets)
            for own, item in zip(mine, scan.targets, strict=True):
                runs = own["segmentation"]["counts"]
                values = np.arange(len(runs)) % 2
                mask = np.repeat(values, runs).reshape(SIZE, SIZE).T.astype(bool)
                left, top, width, height = own["bbox"]
                assert names[own["category_id"]] == item.name
                assert np.array_equal(mask[top : top + height, left : left + width], item.masks[0].pixels)
                assert own["area"] == mask.sum() == item.masks[0].pixels.sum()
                assert own["occlusion_level"] == item.level
                seen += 1
    assert seen > COUNT


@pytest.mark.parametrize("layout", ["yolo-detect", "yolo-segment"])
def test_yolo(tmp_path: Path, layout: Layout) -> None:
    """Five fields are a box, an odd number from seven up a polygon; either spans the item's box."""
    folder = made(tmp_path, layout)
    names = [line.split(": ")[1] for line in (folder / "data.yaml").read_text().split("names:\n")[1].splitlines()]
    assert names == list(TARGETS)
    for index in range(1, COUNT + 1):
        scan = scan_of(index)
        assert np.array_equal(picture(folder / "images" / scan.split / f"{scan.scan_id}.png"), scan.views[0].colour)
        labels = folder / "labels" / scan.split / f"{scan.scan_id}.txt"
        rows = [line.split() for line in labels.read_text().splitlines()] if labels.exists() else []
        assert labels.exists() == bool(scan.targets)
        for row, item in zip(rows, scan.targets, strict=True):
            numbers = np.array(row[1:], float)
            assert ((numbers >= 0) & (numbers <= 1)).all()
            assert names[int(row[0])] == item.name
            if layout == "yolo-detect":
                x, y, width, height = numbers * SIZE
                box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            else:
                assert len(row) >= 7
                assert len(row) % 2 == 1
                points = numbers.reshape(-1, 2) * SIZE
                box = (*points.min(axis=0), *points.max(axis=0))
            assert np.abs(np.array(box) - item.box).max() < 1


def test_polygons_enclose_their_masks() -> None:
    """Separate pieces one by one, or joined into one outline: nearly every pixel of the mask is inside."""
    for index in range(1, 11):
        for item in scan_of(index).targets:
            for lines in (polygons(item.masks[0]), [one_polygon(item.masks[0])]):
                drawn = np.zeros((SIZE, SIZE), np.uint8)
                for line in lines:
                    cv2.fillPoly(drawn, [np.floor(line).astype(np.int32)], 1)
                left, top, right, bottom = item.box
                inside = drawn[top:bottom, left:right][item.masks[0].pixels].mean()
                assert inside > 0.8


def test_opixray(tmp_path: Path) -> None:
    """Only blades, the text files by their stems, and each test picture in the list of its level."""
    folder = made(tmp_path, "opixray")
    total = 0
    for split in ("train", "test"):
        place = folder / split
        listed = (place / f"{split}_knife.txt").read_text().split()
        assert sorted(listed) == sorted(path.stem for path in (place / f"{split}_image").glob("*.jpg"))
        for name in listed:
            lines = [line.split() for line in (place / f"{split}_annotation" / f"{name}.txt").read_text().splitlines()]
            blades = [item for item in scan_of(int(name)).items if item.name in opixray.CLASSES]
            expected = [(opixray.CLASSES[item.name], *item.box) for item in blades]
            assert [(line[1], *map(int, line[2:])) for line in lines] == expected
            assert picture(place / f"{split}_image" / f"{name}.jpg").shape == (SIZE, SIZE, 3)
            total += 1
    assert total == COUNT
    levels = [(folder / "test" / f"test_knife-{level}.txt").read_text().split() for level in (1, 2, 3)]
    assert sorted(name for names in levels for name in names) == sorted(
        (folder / "test" / "test_knife.txt").read_text().split()
    )
    for level, names in enumerate(levels, 1):
        for name in names:
            assert max(item.level for item in scan_of(int(name)).items if item.name in opixray.CLASSES) == level


def test_dvxray(tmp_path: Path) -> None:
    """Pairs of pictures, boxes for both, the word None for clean bags."""
    folder = made(tmp_path, "dvxray")
    files = sorted(folder.rglob("*.json"))
    assert len(files) == COUNT
    for path in files:
        document = json.loads(path.read_text())
        scan = scan_of(int(path.stem[1:]))
        items = [item for item in scan.items if item.name in dvxray.LABELS]
        for mark, view in zip(("OL", "SD"), scan.views, strict=True):
            assert np.array_equal(picture(path.with_name(f"{path.stem}_{mark}.png")), view.colour)
        assert path.parent.name == f"DvXray_{'Positive' if items else 'Negative'}_Samples"
        if not items:
            assert document["objects"] == "None"
            continue
        for each, item in zip(document["objects"], items, strict=True):
            assert each["label"] == dvxray.LABELS[item.name]
            assert each["ol_bb"] in (list(item.boxes[0]), "difficult")
            assert each["sd_bb"] in (list(item.boxes[1]), "difficult")
