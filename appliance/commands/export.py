"""`lanewatch scans export`: take verdicts out in the forms other programs read; evidence in `evidence.py`.

Boxes are the machine's word, to be checked by people before anybody learns from them.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from cyclopts import Parameter

from appliance.cells import harmless
from appliance.commands.common import DEFAULT_CONFIG, Config, UsageError, reading, show_json
from appliance.commands.evidence import write_evidence

if TYPE_CHECKING:
    import sqlite3

    from appliance.scan import Picture

PAGE = 500
"""Scans read at once."""

Format = Literal["json", "csv", "coco", "yolo", "label-studio"]
FormatOption = Annotated[Format, Parameter(name="--format", help="json, csv, coco, yolo or label-studio.")]
Said = dict[str, Any]


class Shown(NamedTuple):
    """One clean picture with what was found in it."""

    digest: str

    @property
    def file_name(self) -> str:
        """What its file is called once it is taken out with --pictures."""
        return f"{self.digest}.png"

    width: int
    height: int
    found: tuple[Said, ...]


def export(
    *,
    form: FormatOption = "json",
    since: Annotated[
        datetime | None, Parameter(help="Only scans received at or after this time, such as 2026-11-20T08:15:00Z.")
    ] = None,
    into: Annotated[
        Path | None, Parameter(help="The folder for yolo's label files, or for an evidence pack (there: this folder).")
    ] = None,
    pictures: Annotated[
        Path | None,
        Parameter(help="Also put the clean pictures here, each as DIGEST.png, as coco and others name them."),
    ] = None,
    evidence: Annotated[
        str | None, Parameter(help="Write everything about this one scan, with proofs, as a folder and a zip.")
    ] = None,
    revision: Annotated[int | None, Parameter(help="With --evidence: an earlier one than the newest.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> int:
    """Print the newest verdict of every scan; as YOLO, write one file a picture; or write one scan out as evidence."""
    if evidence is not None:
        if form != "json" or since or pictures:
            raise UsageError("--evidence is one whole scan: only --revision and --into go with it")
        return write_evidence(evidence, revision, into or Path(), config)
    if revision is not None:
        raise UsageError("--revision goes with --evidence ID")
    if (form == "yolo") != (into is not None):
        raise UsageError("--format yolo and --into FOLDER belong together", hint="yolo is one file a picture")
    with reading(config) as db:
        pairs = list(_verdicts(db, since.astimezone(UTC).isoformat() if since else ""))
    documents = [document for document, _ in pairs]
    shown = [picture for _, pictures_of_scan in pairs for picture in pictures_of_scan]
    if form == "csv":
        _csv(documents)
    elif into is not None:
        _yolo(shown, into)
    else:
        forms: dict[str, Callable[[], object]] = {
            "json": lambda: documents,
            "coco": lambda: _coco(shown),
            "label-studio": lambda: [_label_studio(picture) for picture in shown],
        }
        show_json(forms[form]())
    return _take_out(shown, config, pictures) if pictures else 0


def _take_out(shown: list[Shown], config: Path, into: Path) -> int:
    """Put the pictures where the forms name them. A clean picture is a cache: one that is gone is named."""
    from appliance.config import read_settings
    from appliance.errors import StoreError
    from appliance.store.pictures import Pictures

    shelf = Pictures(read_settings(config).storage.root / "clean")
    into.mkdir(parents=True, exist_ok=True)
    gone = 0
    for picture in {one.digest: one for one in shown}.values():
        try:
            (into / picture.file_name).write_bytes(shelf.read(picture.digest))
        except StoreError as problem:
            gone += 1
            print(f"lanewatch: {problem}: the running box makes it again when its scan is looked at", file=sys.stderr)
    return 3 if gone else 0


def _verdicts(db: sqlite3.Connection, since: str) -> Iterator[tuple[Said, tuple[Shown, ...]]]:
    from appliance.store import scans

    last = 0
    query = "SELECT * FROM scan WHERE id > ? AND received_at >= ? AND action IS NOT NULL ORDER BY id LIMIT ?"
    while rows := db.execute(query, (last, since, PAGE)).fetchall():
        for row in rows:
            document = scans.verdict_of(db, row["id"])
            if document:
                pictures = scans.scan_from(row).pictures
                yield document, tuple(_shown(picture, document) for picture in pictures if picture.sha256)
        last = rows[-1]["id"]


def _shown(picture: Picture, document: Said) -> Shown:
    items = document["detected_items"]
    found = tuple(item for item in items if item["view"] == picture.name and item["box"])
    return Shown(picture.sha256 or "", picture.width, picture.height, found)


def _names(pictures: list[Shown]) -> list[str]:
    return sorted({item["item"] for picture in pictures for item in picture.found})


def _csv(documents: list[Said]) -> None:
    out = csv.writer(sys.stdout)
    out.writerow(("scan_id", "risk_level", "recommended_action", "detected_items", "declaration_match", "degraded"))
    for said in documents:
        items = "; ".join(item["item"] for item in said["detected_items"])
        row = (said["scan_id"], said["risk_level"], said["recommended_action"], items)
        out.writerow(harmless(str(cell)) for cell in (*row, said["declaration_match"], "; ".join(said["degraded"])))


def _coco(pictures: list[Shown]) -> Said:
    names = _names(pictures)
    images: list[Said] = []
    annotations: list[Said] = []
    for number, picture in enumerate(pictures, 1):
        images.append({"id": number, "file_name": picture.file_name, "width": picture.width, "height": picture.height})
        for item in picture.found:
            left, top, right, bottom = item["box"]
            width, height = (right - left) * picture.width, (bottom - top) * picture.height
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": names.index(item["item"]) + 1,
                    "bbox": [left * picture.width, top * picture.height, width, height],
                    "area": width * height,
                    "iscrowd": 0,
                    "score": item["confidence"],
                }
            )
    categories = [{"id": number, "name": name} for number, name in enumerate(names, 1)]
    where = "DIGEST.png in the folder of --pictures, or clean/DI/DIGEST under storage.root"
    info = {"description": f"Lanewatch: boxes are the machine's word. A picture is {where}."}
    return {"info": info, "images": images, "annotations": annotations, "categories": categories}


def _yolo(pictures: list[Shown], into: Path) -> None:
    """One <digest>.txt a picture, and classes.txt."""
    names = _names(pictures)
    into.mkdir(parents=True, exist_ok=True)
    (into / "classes.txt").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    for picture in pictures:
        lines: list[str] = []
        for item in picture.found:
            left, top, right, bottom = item["box"]
            place = ((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
            lines.append(" ".join([str(names.index(item["item"])), *(f"{number:.6f}" for number in place)]))
        (into / f"{picture.digest}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _label_studio(picture: Shown) -> Said:
    results: list[Said] = []
    for item in picture.found:
        left, top, right, bottom = (100 * edge for edge in item["box"])
        value = {"x": left, "y": top, "width": right - left, "height": bottom - top, "rotation": 0}
        results.append(
            {
                "type": "rectanglelabels",
                "from_name": "label",
                "to_name": "image",
                "original_width": picture.width,
                "original_height": picture.height,
                "score": item["confidence"],
                "value": value | {"rectanglelabels": [item["item"]]},
            }
        )
    return {"data": {"image": picture.file_name}, "predictions": [{"model_version": "lanewatch", "result": results}]}
