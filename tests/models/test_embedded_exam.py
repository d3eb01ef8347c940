"""The release that is always there: it passes its exam as it is, and fails it however it is broken."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

import torch

from models.analyst import PairedEngine
from models.answer import Exam, ExamPassed
from models.engines.qwen_transformers.reader import QwenTransformers
from models.engines.yolo import Yolo
from models.exam import cases_of
from models.ports import Detector, Reader
from models.profile import BAGGAGE
from models.release import EMBEDDED, Opened, opened
from tests.house.tree import ROOT
from tests.models.releases import seal_again
from tests.models.saboteurs import DETECTORS, GRAPHS, READERS, WEIGHTS

STACK = "onnxruntime+transformers-none"

recorded_here = pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() != "AVX512", reason="recorded on processors that round otherwise"
)
LESSER = """
import asyncio, torch
from tests.models.test_embedded_exam import EMBEDDED, QwenTransformers, examined, opened

found = opened(EMBEDDED)
reader = asyncio.run(QwenTransformers.load(found.folder / "reader"))
print(torch.backends.cpu.get_cpu_capability(), examined(found, reader).state)
asyncio.run(reader.close())
"""

pytestmark = pytest.mark.skipif(not EMBEDDED.exists(), reason="there is no trained release yet")


@pytest.fixture(scope="module", name="found")
def embedded_release() -> Opened:
    return opened(EMBEDDED)


@pytest.fixture(scope="module", name="reader")
def its_reader(found: Opened) -> Iterator[Reader]:
    """Loaded once."""
    reader = asyncio.run(QwenTransformers.load(found.folder / "reader"))
    yield reader
    asyncio.run(reader.close())


def examined(found: Opened, reader: Reader, detector: Detector | None = None) -> Exam:
    detector = detector or Yolo.load(found, BAGGAGE)
    made = PairedEngine(detector, reader, BAGGAGE, found.about, STACK, cases_of(found, STACK))
    return asyncio.run(made.examine())


@recorded_here
def test_it_passes_its_exam(found: Opened, reader: Reader) -> None:
    assert isinstance(examined(found, reader), ExamPassed)


@recorded_here
def test_it_passes_as_a_lesser_processor_reckons() -> None:
    """With the code that torch has for processors without AVX-512, in a process of its own."""
    lesser = {**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
    done = subprocess.run(
        [sys.executable, "-c", LESSER], cwd=ROOT, env=lesser, capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.split() == ["AVX2", "passed"]


@pytest.mark.parametrize("how", DETECTORS)
def test_with_a_broken_detector_it_fails(found: Opened, reader: Reader, how: str) -> None:
    assert examined(found, reader, DETECTORS[how](Yolo.load(found, BAGGAGE))).state == "failed"


@pytest.mark.parametrize("how", READERS)
def test_with_a_broken_reader_it_fails(found: Opened, reader: Reader, how: str) -> None:
    assert examined(found, READERS[how](reader)).state == "failed"


@pytest.mark.parametrize("how", GRAPHS)
def test_with_a_broken_graph_it_fails(found: Opened, reader: Reader, tmp_path: Path, how: str) -> None:
    broken = shutil.copytree(found.folder, tmp_path / "release")
    GRAPHS[how](broken)
    seal_again(broken)
    assert examined(opened(broken), reader).state == "failed"


@pytest.mark.parametrize("how", WEIGHTS)
def test_with_broken_weights_or_words_it_fails(found: Opened, tmp_path: Path, how: str) -> None:
    broken = shutil.copytree(found.folder, tmp_path / "release")
    WEIGHTS[how](broken)
    seal_again(broken)

    async def story() -> Any:
        reader = await QwenTransformers.load(broken / "reader")
        detector = Yolo.load(opened(broken), BAGGAGE)
        made = PairedEngine(detector, reader, BAGGAGE, found.about, STACK, cases_of(found, STACK))
        try:
            return await made.examine()
        finally:
            await reader.close()

    assert asyncio.run(story()).state == "failed"
