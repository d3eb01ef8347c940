"""The formats by name."""

from pathlib import Path
from typing import Literal

from training.synth.formats.coco import Coco
from training.synth.formats.dataset import Writer
from training.synth.formats.dvxray import Dvxray
from training.synth.formats.opixray import Opixray
from training.synth.formats.sft import Sft
from training.synth.formats.stcray import Stcray
from training.synth.formats.yolo import Yolo

Layout = Literal["coco", "yolo-detect", "yolo-segment", "opixray", "stcray", "stcray-defects", "dvxray", "sft"]


def writer_for(layout: Layout, folder: Path) -> Writer:
    match layout:
        case "coco":
            return Coco(folder)
        case "yolo-detect" | "yolo-segment":
            return Yolo(folder, segment=layout == "yolo-segment")
        case "opixray":
            return Opixray(folder)
        case "stcray" | "stcray-defects":
            return Stcray(folder, defects=layout == "stcray-defects")
        case "dvxray":
            return Dvxray(folder)
        case "sft":
            return Sft(folder)
