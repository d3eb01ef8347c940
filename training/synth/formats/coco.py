"""COCO: `images/<split>/<scan>.png` and `annotations/<split>.json`, boxes x, y, width, height, masks as run lengths.

Each annotation also says its level, place, material and concealer; each image its scanner and declaration.
"""

import json
from pathlib import Path
from typing import Any, Literal

from training.synth.formats.contours import run_lengths
from training.synth.formats.dataset import SPLITS, save, save_text
from training.synth.things.catalogue import CATALOGUE, TARGETS
from training.synth.truth import truth
from training.synth.values import SimulatedItem, SimulatedScan


class Coco:
    views: Literal[1, 2] = 1

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.images: dict[str, list[dict[str, Any]]] = {split: [] for split in SPLITS}
        self.annotations: dict[str, list[dict[str, Any]]] = {split: [] for split in SPLITS}

    def add(self, scan: SimulatedScan) -> bool:
        name = f"{scan.scan_id}.png"
        save(self.folder / "images" / scan.split / name, scan.views[0].colour)
        image = {"id": scan.index, "file_name": name, "width": scan.size, "height": scan.size, "scanner": scan.scanner}
        self.images[scan.split].append({**image, "declaration": truth(scan)["declaration"]})
        known = self.annotations[scan.split]
        known += [_annotation(item, scan, len(known) + number) for number, item in enumerate(scan.targets, 1)]
        return True

    def close(self) -> None:
        categories = [
            {"id": number, "name": name, "supercategory": CATALOGUE[name].category}
            for number, name in enumerate(TARGETS, 1)
        ]
        for split in SPLITS:
            document = {
                "info": {"description": "simulated scans"},
                "images": self.images[split],
                "annotations": self.annotations[split],
                "categories": categories,
            }
            save_text(self.folder / "annotations" / f"{split}.json", json.dumps(document))


def _annotation(item: SimulatedItem, scan: SimulatedScan, number: int) -> dict[str, Any]:
    left, top, right, bottom = item.box
    return {
        "id": number,
        "image_id": scan.index,
        "category_id": TARGETS.index(item.name) + 1,
        "bbox": [left, top, right - left, bottom - top],
        "area": int(item.masks[0].pixels.sum()),
        "segmentation": {"size": [scan.size, scan.size], "counts": run_lengths(item.masks[0], scan.size)},
        "iscrowd": 0,
        "occlusion_level": item.level,
        "hidden": round(item.hidden, 3),
        "place": item.place,
        "material": item.material,
        "concealer": item.concealer,
    }
