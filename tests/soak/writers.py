"""Scanners of all manners: the ways in which files come to stand in a folder.

Each style takes a folder, a name without ending, a picture's bytes and perhaps
a sidecar, and returns once the files stand there as that scanner leaves them.
Used by the kill soak and by the tests of the folder way in.
"""

from __future__ import annotations

import hashlib
import io
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from PIL import Image

Style = Callable[[Path, str, bytes, bytes | None], None]

PAUSE = 0.02
"""Seconds between two pieces of a slow writer: well below any settle time, many times over."""


def rename_into_place(folder: Path, name: str, picture: bytes, sidecar: bytes | None = None) -> None:
    """Write aside, then rename. The sidecar stands first, so that the picture never comes without it."""
    if sidecar is not None:
        _renamed(folder / f"{name}.json", sidecar)
    _renamed(folder / f"{name}.png", picture)


def slowly_in_place(folder: Path, name: str, picture: bytes, sidecar: bytes | None = None) -> None:
    """Write under the final name in pieces, with pauses, through one open file."""
    if sidecar is not None:
        (folder / f"{name}.json").write_bytes(sidecar)
    with (folder / f"{name}.png").open("wb", buffering=0) as file:
        for piece in _pieces(picture, 5):
            file.write(piece)
            time.sleep(PAUSE)


def in_several_goes(folder: Path, name: str, picture: bytes, sidecar: bytes | None = None) -> None:
    """Open, write a piece, close; again and again. Each close looks like the end."""
    if sidecar is not None:
        (folder / f"{name}.json").write_bytes(sidecar)
    for piece in _pieces(picture, 4):
        with (folder / f"{name}.png").open("ab") as file:
            file.write(piece)
        time.sleep(PAUSE)


def picture_then_sidecar(folder: Path, name: str, picture: bytes, sidecar: bytes | None = None) -> None:
    """The picture first, its sidecar a little later."""
    (folder / f"{name}.png").write_bytes(picture)
    time.sleep(PAUSE)
    (folder / f"{name}.json").write_bytes(sidecar if sidecar is not None else b"{}")


def sidecar_then_picture(folder: Path, name: str, picture: bytes, sidecar: bytes | None = None) -> None:
    """The sidecar first, its picture a little later."""
    (folder / f"{name}.json").write_bytes(sidecar if sidecar is not None else b"{}")
    time.sleep(PAUSE)
    (folder / f"{name}.png").write_bytes(picture)


def truncate_and_rewrite(folder: Path, name: str, picture: bytes, sidecar: bytes | None = None) -> None:
    """Begin, notice a mistake, truncate, and write it whole in the same file."""
    if sidecar is not None:
        (folder / f"{name}.json").write_bytes(sidecar)
    with (folder / f"{name}.png").open("wb", buffering=0) as file:
        file.write(picture[: len(picture) // 2])
        time.sleep(PAUSE)
        file.seek(0)
        file.truncate()
        file.write(picture)


def with_done_marker(folder: Path, name: str, picture: bytes, sidecar: bytes | None = None) -> None:
    """Write in place, then put an empty marker beside it (done_suffix: ".done")."""
    slowly_in_place(folder, name, picture, sidecar)
    (folder / f"{name}.png.done").touch()


def twice(folder: Path, name: str, picture: bytes, sidecar: bytes | None = None) -> None:
    """The same bytes under two names, as after a retransmission."""
    rename_into_place(folder, name, picture, sidecar)
    rename_into_place(folder, f"{name}-again", picture, sidecar)


def nested(folder: Path, name: str, picture: bytes, sidecar: bytes | None = None) -> None:
    """In a folder by day and lane, made just before."""
    below = folder / "2026-11-20" / f"lane-{len(name) % 3}"
    below.mkdir(parents=True, exist_ok=True)
    rename_into_place(below, name, picture, sidecar)


def from_outside(folder: Path, name: str, picture: bytes, sidecar: bytes | None = None) -> None:
    """Written in a neighbouring folder of the same disk, then moved in."""
    outside = folder.parent / f".{folder.name}-outgoing"
    outside.mkdir(exist_ok=True)
    for ending, content in ((".json", sidecar), (".png", picture)):
        if content is not None:
            (outside / f"{name}{ending}").write_bytes(content)
            (outside / f"{name}{ending}").rename(folder / f"{name}{ending}")


STYLES: tuple[Style, ...] = (
    rename_into_place,
    slowly_in_place,
    picture_then_sidecar,
    sidecar_then_picture,
    truncate_and_rewrite,
)
"""The five of the kill soak."""

MORE: tuple[Style, ...] = (in_several_goes, with_done_marker, twice, nested, from_outside)


class Written(NamedTuple):
    """One picture that stands whole in the folder."""

    name: str
    sha256: str
    style: str


def write_all(folder: Path, files: int, seed: int, written: list[Written], pause: float = 0.1) -> None:
    """Write so many different pictures, five scanners at a time in all styles, noting each once it stands there."""

    def scanner(number: int) -> None:
        dice = random.Random(seed * 1000 + number)
        for count in range(number, files, len(STYLES)):
            # Each scanner has its own manner, and sometimes another one.
            style = dice.choice(MORE) if dice.random() < 0.1 else STYLES[number]
            picture = noise(dice)
            name = f"scan-{count:06}"
            style(folder, name, picture, b'{"declared_items": ["clothing"]}' if dice.random() < 0.5 else None)
            written.append(Written(name, hashlib.sha256(picture).hexdigest(), style.__name__))
            time.sleep(dice.expovariate(1 / pause))

    with ThreadPoolExecutor(len(STYLES)) as scanners:
        for done in [scanners.submit(scanner, number) for number in range(len(STYLES))]:
            done.result()


def noise(dice: random.Random, width: int = 32, height: int = 24) -> bytes:
    """A small real picture unlike any other."""
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), dice.randbytes(width * height * 3)).save(out, "PNG")
    return out.getvalue()


def _renamed(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)


def _pieces(content: bytes, number: int) -> list[bytes]:
    size = max(1, -(-len(content) // number))
    return [content[start : start + size] for start in range(0, len(content), size)]
