"""A release is written with fewer bits, measured against the one it came from, and sealed only if it kept enough."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from safetensors.torch import load_file

from models import prompt
from models.artifacts.refusal import ArtifactRefusedError
from models.engines.qwen_transformers import weights
from models.profile import BAGGAGE
from models.quantize import quantize
from models.quantizers.size import LINEAR
from models.release import Curve, Quantization, Release, opened, seal
from models.retention import Case, cases_of, retention
from tests.models.artifacts import making
from tests.models.engines.toy_reader import taught

SLACK = 32_000
"""Bytes of a header."""


@pytest.fixture(scope="module")
def release(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole release around the toy reader."""
    folder = tmp_path_factory.mktemp("releases") / "r1"
    shutil.copytree(toy, folder / "reader")
    for part, name, content in (("detector", "detector.onnx", making.model()), ("exam", "exam.json", b"{}")):
        (folder / part).mkdir()
        (folder / part / name).write_bytes(content)
    curve = Curve(slope=1, shift=0)
    seal(folder, Release(name="r1", profile=BAGGAGE.name, parts={}, detector=curve, reader=curve, proposes=0.5))
    assert opened(folder).about.quantization == "none"
    return folder


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy's lessons as a file of questions, with their pictures."""
    folder = tmp_path_factory.mktemp("questions")
    lines: list[str] = []
    for number, each in enumerate(taught()):
        cv2.imwrite(str(folder / f"{number}.png"), np.ascontiguousarray(each.picture[..., ::-1]))
        case = {"task": each.kind, "picture": f"{number}.png", "question": each.question, "answer": each.answer}
        lines.append(json.dumps(case | {"schema": prompt.schema(each.kind, BAGGAGE)}))
    (folder / "cases.jsonl").write_text("\n".join(lines))
    return folder


def all_right(_case: Case, _said: str) -> float:
    return 1.0


def all_wrong(_case: Case, _said: str) -> float:
    return 0.0


def is_untouched(before: Path, after: Path) -> None:
    """Vision tower and words, bit for bit."""
    old, new = (
        weights.load(folder, kind, "cpu").state_dict() for folder, kind in ((before, "none"), (after, _kind(after)))
    )
    kept = [name for name in old if "visual" in name or "embed" in name or "lm_head" in name]
    assert len(kept) > 20
    for name in kept:
        assert torch.equal(old[name], new[name]), name
    assert sum(bool(LINEAR.match(name)) for name in old) == 14


def _kind(folder: Path) -> Quantization:
    return weights.kind_of(json.loads((folder / "config.json").read_text()).get("quantization_config"))


@pytest.mark.parametrize("kind", ["bnb-int8", "bnb-nf4"])
def test_what_keeps_enough_becomes_a_release(
    release: Path, questions: Path, tmp_path: Path, kind: Quantization
) -> None:
    """Sealed, named, its size that of its bits, its vision tower untouched."""
    report = quantize(release, tmp_path / "r2", kind, None, cases_of(questions / "cases.jsonl"), all_right)
    assert report.well
    assert 0 <= report.bytes_written - report.bytes_computed <= SLACK
    assert report.bytes_written < report.bytes_before
    made = opened(tmp_path / "r2")
    assert (made.about.quantization, made.about.name) == (kind, f"r1-{kind}")
    is_untouched(release / "reader", tmp_path / "r2" / "reader")


def test_what_keeps_too_little_is_written_off_with_its_figures(release: Path, questions: Path, tmp_path: Path) -> None:
    """No release, but its figures."""
    report = quantize(release, tmp_path / "r2", "bnb-nf4", None, cases_of(questions / "cases.jsonl"), all_wrong)
    assert not report.well
    assert not json.loads((tmp_path / "r2" / "refused.json").read_text())["well"]
    with pytest.raises(ArtifactRefusedError):
        opened(tmp_path / "r2")


@pytest.mark.parametrize("kind", ["gptq-int8", "gptq-int4"])
def test_the_command_writes_the_format_of_autogptq(
    release: Path, questions: Path, tmp_path: Path, kind: Quantization
) -> None:
    """With the real quantizer; the exit code follows the gate, and the weights stand near those they came from."""
    into = tmp_path / "r2"
    command = [sys.executable, "-m", "models", "quantize", "--from", release, "--to", into, "--kind", kind]
    command += ["--cases", questions / "cases.jsonl", "--calibration", questions]
    done = subprocess.run(
        [str(word) for word in command], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    report = json.loads(done.stdout)
    assert done.returncode == (0 if report["well"] else 1), done.stderr[-2000:]
    assert (into / "release.json").exists() == report["well"]
    assert 0 <= report["bytes_written"] - report["bytes_computed"] <= SLACK
    settings = json.loads((into / "reader" / "config.json").read_text())["quantization_config"]
    assert (settings["bits"], settings["sym"], settings["desc_act"]) == (8 if kind == "gptq-int8" else 4, True, False)
    assert settings["group_size"] == 128
    assert os.fspath(tmp_path) not in (into / "reader" / "config.json").read_text()
    is_untouched(release / "reader", into / "reader")
    packed = load_file(into / "reader" / "model.safetensors")
    assert sum(name.endswith(".qweight") for name in packed) == 14
    old = weights.load(release / "reader", "none", "cpu").state_dict()
    new = weights.load(into / "reader", kind, "cpu").state_dict()
    for name in filter(LINEAR.match, old):
        away = (new[name].float() - old[name].float()).norm() / old[name].float().norm()
        assert away < (0.02 if kind == "gptq-int8" else 0.25), name


def test_each_task_is_held_to_the_floor_by_itself() -> None:
    """A good task does not make up for a bad one, and what was never known is not kept."""
    tasks = ["a"] * 100 + ["b"] * 100 + ["c"] * 4
    cases = [Case(task=task, picture="", question="", answer="1", schema={}) for task in tasks]
    before = ["1"] * 200 + ["0"] * 4
    after = ["1"] * 100 + ["1"] * 90 + ["0"] * 10 + ["1"] * 4
    good, bad, unknown = retention(cases, before, after)
    assert (good.kept, good.at_least, good.well) == (1.0, 1.0, True)
    assert (bad.kept, bad.well, unknown.kept, unknown.well) == (0.9, False, 0.0, False)
    assert 0.8 < bad.at_least < 0.9
