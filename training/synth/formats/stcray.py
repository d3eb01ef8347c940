"""STCray: 22 class folders of pictures with LabelMe boxes and polygons, mask pictures and captions in workbooks.

`STCray_TrainSet` and `STCray_TestSet`, in each `Images`, `Json_BB`, `Json`, `Segmentation` (255 on a threat) and, named
like the class folders, `Captions/*.xlsx`. Validation belongs to training. With `defects`, `defects.py` spoils some.
"""

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np

from training.synth.formats.contours import full, polygons
from training.synth.formats.dataset import save, save_text
from training.synth.formats.defects import Defects
from training.synth.formats.workbook import workbook
from training.synth.values import SimulatedItem, SimulatedScan

NUMBERS = {
    "explosive": 1,
    "handgun": 2,
    "printed_gun": 3,
    "straight_knife": 4,
    "folding_knife": 4,
    "utility_knife": 5,
    "lighter": 8,
    "battery": 10,
    "multi_tool_knife": 12,
    "powerbank": 13,
    "scissors": 14,
    "hammer": 15,
    "pliers": 16,
    "wrench": 17,
    "screwdriver": 18,
    "ammunition": 20,
}
SEVERAL, NONE = 21, 22
NAMES = (
    *("Explosive", "Gun", "3D Gun", "Knife", "Cutter", "Blade", "Shaving Razor", "Lighter", "Injection", "Battery"),
    *("Nail Cutter", "Other Sharp Item", "Powerbank", "Scissors", "Hammer", "Pliers", "Wrench", "Screwdriver"),
    *("Handcuffs", "Bullet", "Multilabel Threat", "Non Threat"),
)
LABELS = {name: name for name in NAMES} | {"3D Gun": "3D printed gun", "Injection": "Syringe"}
CLUTTERED = (8, 14)  # things in a bag from which its clutter is 2, and 3
SETS = {"train": "STCray_TrainSet", "val": "STCray_TrainSet", "test": "STCray_TestSet"}


class Stcray:
    views: Literal[1, 2] = 1

    def __init__(self, folder: Path, *, defects: bool = False) -> None:
        self.folder = folder
        self.defects = Defects() if defects else None
        self.captions: dict[tuple[str, int], list[tuple[str, str]]] = {}

    def add(self, scan: SimulatedScan) -> bool:
        items = [item for item in scan.items if item.name in NUMBERS]
        place, number = self.folder / SETS[scan.split], _class_of(items)
        stem = _stem(scan, items, number)
        if self.defects:
            stem = self.defects.stem(stem, scan.split)
        kind = f"Class {number}_{NAMES[number - 1]}"
        picture = place / "Images" / kind / f"{stem}.jpg"
        save(picture, scan.views[0].colour)
        if items:
            for tree, polygon in (("Json_BB", False), ("Json", True)):
                document = _labelme(scan, items, picture.name, polygon=polygon)
                if self.defects:
                    document = self.defects.spoilt(document, scan.index)
                save_text(place / tree / kind / f"{stem}.json", json.dumps(document))
            masks = np.any([full(item.masks[0], scan.size) for item in items], axis=0)
            save(place / "Segmentation" / kind / f"{stem}.png", np.where(masks, np.uint8(255), np.uint8(0)))
        self.captions.setdefault((SETS[scan.split], number), []).append((picture.name, _caption(items)))
        if self.defects:
            self.defects.litter(picture, scan.index)
        return True

    def close(self) -> None:
        for (folder, number), rows in self.captions.items():
            path = self.folder / folder / "Captions" / f"Class {number}_{NAMES[number - 1]}.xlsx"
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = self.defects.captions(rows, number) if self.defects else [("Image Name", "Caption"), *rows]
            path.write_bytes(workbook(lines))


def _class_of(items: list[SimulatedItem]) -> int:
    numbers = {NUMBERS[item.name] for item in items}
    return NONE if not numbers else SEVERAL if len(numbers) > 1 else numbers.pop()


def _stem(scan: SimulatedScan, items: list[SimulatedItem], number: int) -> str:
    """The protocol in the name: item, bag, level of occlusion, clutter, place, two angles, a number."""
    item = items[0] if items else None
    name = NAMES[number - 1].replace(" ", "")
    shape = "" if item is None or number == SEVERAL else item.shape % 10 + 1
    level, place = (item.level, _place_number(item)) if item else (1, 0)
    clutter = 1 + sum(len(scan.items) >= least for least in CLUTTERED)
    return f"{name}{shape}_B{scan.index % 7 + 1}_L{level}_C{clutter}_Loc{place}_phi1_th1_{scan.index}"


def _place_number(item: SimulatedItem) -> int:
    row, _, column = ("center-center" if item.place == "center" else item.place).partition("-")
    return 1 + 3 * ("top", "center", "bottom").index(row) + ("left", "center", "right").index(column)


def _labelme(scan: SimulatedScan, items: list[SimulatedItem], name: str, *, polygon: bool) -> dict[str, Any]:
    return {
        "version": "5.0.1",
        "flags": {},
        "shapes": [shape for item in items for shape in _shapes(item, polygon=polygon)],
        "imagePath": name,
        "imageData": None,
        "imageHeight": scan.size,
        "imageWidth": scan.size,
    }


def _shapes(item: SimulatedItem, *, polygon: bool) -> list[dict[str, Any]]:
    label = LABELS[NAMES[NUMBERS[item.name] - 1]]
    left, top, right, bottom = item.box
    corners = [[[float(left), float(top)], [float(right), float(bottom)]]]
    outlines = [line.tolist() for line in polygons(item.masks[0])] if polygon else corners
    kind = "polygon" if polygon else "rectangle"
    return [
        {"label": label, "points": points, "group_id": None, "shape_type": kind, "flags": {}} for points in outlines
    ]


def _caption(items: list[SimulatedItem]) -> str:
    if not items:
        return "An X-ray picture of a bag without any threat."
    told = " and ".join(
        f"{item.words} at the {item.place.replace('-', ' ')}"
        + (f", partly hidden by the {item.concealer.replace('_', ' ')}" if item.concealer else "")
        for item in items
    )
    return f"An X-ray picture of a bag with {told}."
