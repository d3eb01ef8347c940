"""DvXray: pairs of views, `<name>_OL.png` from above and `<name>_SD.png` from the side, with `<name>.json` beside them.

In `DvXray_Positive_Samples` the objects are `{label, ol_bb, sd_bb}`, each box `[x1, y1, x2, y2]` or `"difficult"`; in
`DvXray_Negative_Samples` they are the word `"None"`. No split is shipped. The labels are ours, one for each of its
classes that the simulator draws.
"""

import json
from pathlib import Path
from typing import Any, Literal

from training.synth.formats.dataset import save, save_text
from training.synth.values import Box, SimulatedItem, SimulatedScan

LABELS = {
    "handgun": "Gun",
    "printed_gun": "Gun",
    "folding_knife": "Knife",
    "straight_knife": "Knife",
    "utility_knife": "Knife",
    "multi_tool_knife": "Knife",
    "scissors": "Scissors",
    "lighter": "Lighter",
    "battery": "Battery",
    "hammer": "Hammer",
    "pliers": "Pliers",
    "wrench": "Wrench",
    "screwdriver": "Screwdriver",
    "spray_can": "Pressure_vessel",
}
UNSEEN = 0.9  # hidden share from which nobody could draw the box from above
THIN = 3  # pixels below which nobody could draw it from the side


class Dvxray:
    views: Literal[1, 2] = 2

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, scan: SimulatedScan) -> bool:
        objects = [_object(item) for item in scan.items if item.name in LABELS]
        name = f"{'P' if objects else 'N'}{scan.index:05d}"
        place = self.folder / f"DvXray_{'Positive' if objects else 'Negative'}_Samples"
        for view, mark in zip(scan.views, ("OL", "SD"), strict=True):
            save(place / f"{name}_{mark}.png", view.colour)
        save_text(place / f"{name}.json", json.dumps({"name": name, "objects": objects or "None"}))
        return True

    def close(self) -> None:
        """Nothing here needs all scans."""


def _object(item: SimulatedItem) -> dict[str, Any]:
    above, beside = item.boxes
    return {
        "label": LABELS[item.name],
        "ol_bb": "difficult" if item.hidden >= UNSEEN else list(above),
        "sd_bb": "difficult" if _narrowest(beside) < THIN else list(beside),
    }


def _narrowest(box: Box) -> int:
    left, top, right, bottom = box
    return min(right - left, bottom - top)
