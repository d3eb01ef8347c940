"""What is known to be wrong with the published STCray, so that a loader can be tested against it.

Corners reversed; a size that is not the picture's (one off, or arbitrary); boxes beyond the picture; another case in
`imagePath`; a picture twice under two names; one name in both splits with different content; stray files of Windows;
captions without a header or without the suffix of the picture's name.
"""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

REVERSED, ONE_OFF, OTHER_SIZE, BEYOND, OTHER_CASE, TWICE = 3, 4, 5, 11, 6, 9  # every so manieth picture
COUNTED_ANEW = ("Wrench", "MultilabelThreat")  # the original: wrenches; small sets have few of them
WINDOWS = ("desktop.ini", "Thumbs.db")


class Defects:
    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()

    def stem(self, stem: str, split: str) -> str:
        """Some classes are counted anew in each split, without anything else in the name."""
        name = stem.partition("_")[0].rstrip("0123456789")
        if name not in COUNTED_ANEW:
            return stem
        count = ("test" if split == "test" else "train", name)
        self.counts[count] += 1
        return f"{name}_{self.counts[count]}"

    def spoilt(self, document: dict[str, Any], index: int) -> dict[str, Any]:
        spoilt: dict[str, Any] = json.loads(json.dumps(document))
        rectangles = [shape for shape in spoilt["shapes"] if shape["shape_type"] == "rectangle"]
        if index % REVERSED == 0:
            for shape in rectangles:
                shape["points"].reverse()
        if index % BEYOND == 0:
            for shape in rectangles[:1]:
                shape["points"][1][0] += spoilt["imageWidth"]
        if index % OTHER_SIZE == 0:
            spoilt["imageWidth"], spoilt["imageHeight"] = 1440, 960
        elif index % ONE_OFF == 0:
            spoilt["imageWidth"] += 1
            spoilt["imageHeight"] += 1
        if index % OTHER_CASE == 0:
            spoilt["imagePath"] = spoilt["imagePath"].upper()
        return spoilt

    def litter(self, picture: Path, index: int) -> None:
        """Stray files in the folder of the picture, and now and then the whole picture once more."""
        for name in WINDOWS:
            (picture.parent / name).write_bytes(b"\0")
        if index % TWICE == 0:
            shutil.copyfile(picture, picture.with_stem(f"{picture.stem}_copy"))
            labels = picture.parents[2] / "Json_BB" / picture.parent.name / f"{picture.stem}.json"
            if labels.exists():
                shutil.copyfile(labels, labels.with_stem(f"{labels.stem}_copy"))

    def captions(self, rows: list[tuple[str, str]], number: int) -> list[tuple[str, str]]:
        """Odd classes have no header, every third lacks the suffix."""
        told = [(Path(name).stem, caption) for name, caption in rows] if number % 3 == 0 else rows
        return told if number % 2 else [("Image Name", "Caption"), *told]
