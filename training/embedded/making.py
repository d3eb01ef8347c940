"""From nothing to a sealed release: the pool, the two models, what their scores mean, an exam and a card.

Takes a recipe and a folder. Each stage leaves its work in the folder and is not done again; what was stopped goes on
where it stopped. Detector and reader need not wait for each other: two commands may make one each.
"""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import cv2
import torch

from models.analyst import PairedEngine
from models.engines.qwen_transformers.reader import QwenTransformers
from models.engines.yolo import Yolo
from models.profile import BAGGAGE
from models.release import Release, opened, seal
from training.embedded import detector, pool, reader
from training.embedded.card import card
from training.embedded.exam import write_exam
from training.embedded.figures import Calibration, calibrated, figures
from training.embedded.look import Looked, keep, kept, look
from training.embedded.marks import RAW
from training.embedded.plain import PlainReader
from training.embedded.recipe import Recipe, Scans

Stage = Literal["pool", "detector", "reader", "release"]
STACK = "onnxruntime+transformers-none"
"""What answers the known pictures when they are recorded."""


def make(recipe: Recipe, into: Path, stages: tuple[Stage, ...]) -> None:
    cores = len(os.sched_getaffinity(0))
    torch.set_num_threads(cores)
    cv2.setNumThreads(1)
    into.mkdir(parents=True, exist_ok=True)
    works: dict[Stage, Callable[[Recipe, Path], None]] = {
        "pool": _pool,
        "detector": _detector,
        "reader": _reader,
        "release": _release,
    }
    for number, stage in enumerate(stages, 1):
        sys.stderr.write(f"{number} of {len(stages)}: {stage}\n")
        works[stage](recipe, into)


def _pool(recipe: Recipe, into: Path) -> None:
    hands = len(os.sched_getaffinity(0))
    size = recipe.pool
    pool.fill(into / "pool", size.chunks, size.scans, size.seed, split="train", scanner="mixed", hands=hands)


def _detector(recipe: Recipe, into: Path) -> None:
    plan = detector.Plan(into / "pool", into / "detector", **recipe.detector.model_dump())
    learnt = detector.teach(plan)
    detector.write(learnt, into / "detector" / "detector.onnx")


def _reader(recipe: Recipe, into: Path) -> None:
    reader.teach(reader.Plan(into / "pool", into / "reader", **recipe.reader.model_dump()))


def _release(recipe: Recipe, into: Path) -> None:
    folder = into / "release"
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("detector", "exam"):
        (folder / part).mkdir(parents=True)
    shutil.copy2(into / "detector" / "detector.onnx", folder / "detector")
    shutil.copytree(into / "reader" / "model", folder / "reader")
    by = calibrated(_looked(recipe.validation, folder, into / "validation.json"))
    told = figures(_looked(recipe.test, folder, into / "test.json"), by)
    about = _about(recipe, by)
    asyncio.run(_exam(recipe, folder, about))
    told["bytes"] = {part.name: _size(part) for part in sorted(folder.iterdir())}
    seal(folder, about)
    opened(folder)
    (into / "figures.json").write_text(f"{json.dumps(told, indent=1)}\n")
    (into / "card.md").write_text(card(told))
    sys.stderr.write(f"sealed in {folder}; figures in {into / 'card.md'}\n")


def _looked(scans: Scans, folder: Path, file: Path) -> Looked:
    """What was seen before, unless the models have changed since."""
    made = max(path.stat().st_mtime for path in folder.rglob("*") if path.is_file())
    if file.exists() and file.stat().st_mtime > made:
        return kept(file)
    seen = look(Yolo(folder / "detector" / "detector.onnx", BAGGAGE, RAW), PlainReader(folder / "reader"), scans)
    keep(seen, file)
    return seen


def _about(recipe: Recipe, by: Calibration) -> Release:
    return Release(
        name=recipe.name,
        profile=BAGGAGE.name,
        rehearsal=True,
        parts={},
        detector=by.detector,
        reader=by.reader,
        proposes=by.proposes,
    )


async def _exam(recipe: Recipe, folder: Path, about: Release) -> None:
    graph = Yolo(folder / "detector" / "detector.onnx", BAGGAGE, about.detector)
    engine: Any = PairedEngine(graph, await QwenTransformers.load(folder / "reader"), BAGGAGE, about, STACK, ())
    try:
        await write_exam(engine, STACK, folder / "exam", recipe.exam)
    finally:
        await engine.close()


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())
