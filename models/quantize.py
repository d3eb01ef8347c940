"""A release with fewer bits: writes the reader's weights anew, asks both readers the same, and seals or refuses.

Takes a release in bf16, pictures to calibrate on and questions with right answers. Gives a new folder and a report.
Only a reader that keeps enough of every task becomes a release; of another one the figures remain, in `refused.json`.
An adapter is not taken along: it was made for other weights.
"""

# torch and transformers do not say their types
# pyright: basic

import asyncio
import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from models.answer import Value
from models.engines.qwen_transformers.reader import QwenTransformers
from models.frame import framed
from models.ports import EngineRefusedError, Reading
from models.profile import BAGGAGE
from models.prompt import said
from models.quantizers import bnb, gptq
from models.quantizers.size import expected, shapes
from models.release import Quantization, Release, opened, seal
from models.retention import Case, Kept, Score, exact, retention

REPORT, REFUSED = "quantization.json", "refused.json"
OWN = {"config.json", "quantize_config.json"}
"""What the quantizer says of its work. All other words are the reader's own files, unchanged."""
MOST = 512
"""Pictures to calibrate on."""
CARRIED = ("detector", "exam")


class QuantizeError(Exception):
    """It cannot be begun. The message says what is missing."""


class Speed(Value):
    """What a reader needs to answer all questions, as many at once as it takes."""

    questions_per_second: float
    peak_memory: int
    """Bytes: of the graphics card, or else of the process with all its libraries."""


class Report(Value):
    """What came of it."""

    release: str
    kind: Quantization
    bytes_before: int
    bytes_computed: int
    bytes_written: int
    before: Speed
    after: Speed
    tasks: tuple[Kept, ...]
    well: bool


def quantize(
    source: Path, into: Path, kind: Quantization, calibration: Path | None, cases: Sequence[Case], score: Score = exact
) -> Report:
    """Into a folder that is not there yet."""
    if into.exists():
        raise QuantizeError(f"{into} is there already")
    about = opened(source).about
    if about.quantization != "none" or about.profile != BAGGAGE.name:
        raise QuantizeError(f"{source} is {about.quantization}, for {about.profile}: not bf16 for {BAGGAGE.name}")
    readings = _readings(cases)
    said_before, before = asyncio.run(_measured(source / "reader", "none", readings))
    reader = into.resolve() / "reader"
    reader.mkdir(parents=True)
    if kind in ("gptq-int8", "gptq-int4"):
        gptq.quantize((source / "reader").resolve(), reader, 8 if kind == "gptq-int8" else 4, _pictures(calibration))
    else:
        bnb.quantize(source / "reader", reader, kind)
    _own_words(source / "reader", reader)
    for part in CARRIED:
        shutil.copytree(source / part, into / part)
    said_after, after = asyncio.run(_measured(reader, kind, readings))
    tasks = retention(cases, said_before, said_after, score)
    report = Report(
        release=f"{about.name[:50]}-{kind}",
        kind=kind,
        bytes_before=_written(source / "reader"),
        bytes_computed=expected(shapes(source / "reader"), kind, gptq.group_of(source / "reader")),
        bytes_written=_written(reader),
        before=before,
        after=after,
        tasks=tasks,
        well=all(task.well for task in tasks),
    )
    (into / (REPORT if report.well else REFUSED)).write_text(report.model_dump_json(indent=2) + "\n")
    if report.well:
        seal(into, Release.model_validate({**about.model_dump(), "name": report.release, "quantization": kind}))
    return report


def _readings(cases: Sequence[Case]) -> list[Reading]:
    return [Reading(_framed(Path(case.picture)), case.question, said(case.json_schema)) for case in cases]


def _pictures(folder: Path | None) -> list[NDArray[np.uint8]]:
    files = sorted(folder.glob("*.png"))[:MOST] if folder else []
    if not files:
        raise QuantizeError("GPTQ needs a folder of PNG pictures to calibrate on")
    return [_framed(file) for file in files]


def _framed(file: Path) -> NDArray[np.uint8]:
    picture = cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)
    if picture is None:
        raise QuantizeError(f"{file} is no picture")
    return framed(picture.astype(np.uint8), *BAGGAGE.reader_frame).pixels


async def _measured(folder: Path, kind: Quantization, readings: Sequence[Reading]) -> tuple[list[str], Speed]:
    """A question that cannot be answered is answered wrongly."""
    _forget_peak()
    reader = await QwenTransformers.load(folder, kind)
    begun = time.monotonic()
    replies = await asyncio.gather(*map(reader.read, readings), return_exceptions=True)
    seconds = time.monotonic() - begun
    await reader.close()
    told: list[str] = []
    for reply in replies:
        if isinstance(reply, BaseException) and not isinstance(reply, EngineRefusedError):
            raise reply
        told.append("" if isinstance(reply, BaseException) else reply.text)
    return told, Speed(questions_per_second=round(len(readings) / seconds, 2), peak_memory=_peak())


def _forget_peak() -> None:
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    else:
        Path("/proc/self/clear_refs").write_text("5")  # the kernel's word for it


def _peak() -> int:
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


def _own_words(source: Path, into: Path) -> None:
    for file in into.iterdir():
        if file.name not in OWN and file.suffix != ".safetensors" and not file.name.endswith(".index.json"):
            file.unlink()
    for file in source.iterdir():
        if file.name not in OWN | {"manifest.json"} and not file.name.endswith((".safetensors", ".index.json")):
            shutil.copyfile(file, into / file.name)


def _written(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*.safetensors"))
