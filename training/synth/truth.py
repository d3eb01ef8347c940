"""The truth about a scan as one line of JSON: what is in it, where, how well hidden, and what was declared.

Boxes are pixels `[left, top, right, bottom]` per view; the picture's size stands beside them.
"""

import json
from pathlib import Path
from typing import Any

from training.synth.values import SimulatedItem, SimulatedScan, ViewName


def append_truth(file: Path, scan: SimulatedScan) -> None:
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(truth(scan)) + "\n")


def truth(scan: SimulatedScan) -> dict[str, Any]:
    views: list[ViewName] = [view.name for view in scan.views]
    declaration = scan.declaration
    return {
        "scan_id": scan.scan_id,
        "seed": scan.seed,
        "index": scan.index,
        "size": scan.size,
        "scanner": scan.scanner,
        "split": scan.split,
        "views": views,
        "items": [_item(item, views) for item in scan.items],
        "declaration": {
            "lines": [{"text": line.text, "quantity": line.quantity, "name": line.name} for line in declaration.lines],
            "omitted": list(declaration.omitted),
            "invented": list(declaration.invented),
            "miscounted": list(declaration.miscounted),
        },
    }


def _item(item: SimulatedItem, views: list[ViewName]) -> dict[str, Any]:
    return {
        "name": item.name,
        "category": item.category,
        "threat": item.threat,
        "shape": item.shape,
        "boxes": {view: list(box) for view, box in zip(views, item.boxes, strict=True)},
        "occluded": round(item.occluded, 3),
        "hidden": round(item.hidden, 3),
        "level": item.level,
        "material": item.material,
        "place": item.place,
        "concealer": item.concealer,
    }
