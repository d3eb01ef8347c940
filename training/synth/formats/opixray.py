"""OPIXray: five blades, one text file per picture, lists of picture names for all and for each occlusion level.

`train/train_image/<id>.jpg`, `train/train_annotation/<id>.txt` with lines `<image> <class> <x1> <y1> <x2> <y2>`,
`train/train_knife.txt`; the same for `test`, there also `test_knife-1.txt` to `-3.txt`. A picture's level is that of
its best hidden blade. Like the original it has no picture without a blade, and validation belongs to training.
"""

from pathlib import Path
from typing import Literal

from training.synth.formats.dataset import save, save_text
from training.synth.values import SimulatedScan

CLASSES = {
    "folding_knife": "Folding_Knife",
    "straight_knife": "Straight_Knife",
    "scissors": "Scissor",
    "utility_knife": "Utility_Knife",
    "multi_tool_knife": "Multi-tool_Knife",
}
LEVELS = (1, 2, 3)


class Opixray:
    views: Literal[1, 2] = 1

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.levels: dict[str, dict[str, int]] = {"train": {}, "test": {}}

    def add(self, scan: SimulatedScan) -> bool:
        blades = [item for item in scan.items if item.name in CLASSES]
        if not blades:
            return False
        split, name = "test" if scan.split == "test" else "train", f"{scan.index:06d}"
        place = self.folder / split
        save(place / f"{split}_image" / f"{name}.jpg", scan.views[0].colour)
        lines = (f"{name}.jpg {CLASSES[item.name]} {' '.join(map(str, item.box))}\n" for item in blades)
        save_text(place / f"{split}_annotation" / f"{name}.txt", "".join(lines))
        self.levels[split][name] = max(item.level for item in blades)
        return True

    def close(self) -> None:
        for split, levels in self.levels.items():
            _list(self.folder / split / f"{split}_knife.txt", list(levels))
        for level in LEVELS:
            names = [name for name, own in self.levels["test"].items() if own == level]
            _list(self.folder / "test" / f"test_knife-{level}.txt", names)


def _list(path: Path, names: list[str]) -> None:
    save_text(path, "".join(f"{name}\n" for name in names))
