"""The detector: a YOLO graph in the ONNX form, run by ONNX Runtime on whatever it has on this machine.

Takes an opened release and a profile, gives a `Detector`: whole pictures in; framed, batched and run; boxes as shares
of the whole picture and calibrated scores out. Only a checked ONNX file is ever loaded. An output that no sound graph
gives (not a number, a score above one, a class that there is not) is an error and never an empty list.
"""

# onnxruntime does not say its types
# pyright: basic

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, get_args

import cv2
import numpy as np
import onnxruntime as ort

from models.answer import Box
from models.artifacts.refusal import ArtifactRefusedError
from models.frame import Framed, framed
from models.ports import Detection, EngineRefusedError, EngineUnavailableError
from models.profile import Profile
from models.release import Curve, Opened

if TYPE_CHECKING:
    from models.ports import Pixels

Runtime = Literal["onnxruntime", "openvino", "cuda", "tensorrt"]
"""Where the graph runs. Part of a stack's name, because each of them rounds in its own way."""
PROVIDERS: dict[Runtime, str] = {
    "onnxruntime": "CPUExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
}
AT_ONCE = 16
"""Pictures in one run of the graph: more need more memory and are no faster."""
LEAST = 0.01
"""Raw scores below this say nothing."""
COLUMNS = 6
"""Of one thing: left, top, right, bottom in the frame's pixels, score, class."""


def here() -> tuple[Runtime, ...]:
    """What this machine's ONNX Runtime can run a graph on."""
    available = ort.get_available_providers()
    return tuple(name for name in get_args(Runtime) if PROVIDERS[name] in available)


class Yolo:
    """A `Detector`. Calls may come from any thread."""

    def __init__(self, file: Path, profile: Profile, curve: Curve, runtime: Runtime = "onnxruntime") -> None:
        self._profile = profile
        self._curve = curve
        self._session = _session(file, runtime)
        self._check()

    @classmethod
    def load(cls, release: Opened, profile: Profile, runtime: Runtime = "onnxruntime") -> Self:
        """The detector of a release. Raises `ArtifactRefusedError` or `EngineError`."""
        graphs = [path for name, path in release.parts["detector"].items() if name.endswith(".onnx")]
        if len(graphs) != 1:
            raise ArtifactRefusedError("detector", f"holds {len(graphs)} graphs, not one")
        return cls(graphs[0], profile, release.about.detector, runtime)

    def detect(self, pictures: Sequence[Pixels]) -> list[tuple[Detection, ...]]:
        found: list[tuple[Detection, ...]] = []
        for start in range(0, len(pictures), AT_ONCE):
            found += self._detect(pictures[start : start + AT_ONCE])
        return found

    def _detect(self, pictures: Sequence[Pixels]) -> list[tuple[Detection, ...]]:
        try:
            frames = [framed(picture, *self._profile.detector_frame) for picture in pictures]
        except cv2.error as problem:
            raise EngineRefusedError(f"the detector cannot frame a picture: {problem}") from problem
        light = np.stack([frame.pixels for frame in frames]).transpose(0, 3, 1, 2).astype(np.float32) / 255
        try:
            (said,) = self._session.run(None, {self._session.get_inputs()[0].name: np.ascontiguousarray(light)})
        except Exception as problem:  # the runtime has no common error
            raise EngineRefusedError(f"the detector broke: {problem}") from problem
        rows = np.asarray(said)
        if rows.ndim != 3 or rows.shape[0] != len(frames) or rows.shape[2] != COLUMNS:  # noqa: PLR2004  pictures, things, columns
            raise EngineRefusedError(f"the detector answered in the shape {rows.shape}")
        return [self._sorted(one, frame) for one, frame in zip(rows, frames, strict=True)]

    def _sorted(self, rows: np.ndarray, frame: Framed) -> tuple[Detection, ...]:
        """The rows about one picture, the likeliest first."""
        _check_rows(rows, self._profile)
        likely = rows[rows[:, 4] >= LEAST]
        return tuple(
            Detection(
                item=self._profile.names[int(row[5])],
                score=self._curve.share(float(row[4])),
                box=_box(row, frame, self._profile),
            )
            for row in likely[np.argsort(-likely[:, 4], kind="stable")]
        )

    def _check(self) -> None:
        """Say at once if the graph is not one of ours."""
        taken, given = self._session.get_inputs(), self._session.get_outputs()
        width, height = self._profile.detector_frame
        if len(taken) != 1 or taken[0].type != "tensor(float)" or taken[0].shape[1:] != [3, height, width]:
            raise EngineRefusedError(
                f"the detector does not take pictures of {width} x {height} but {[each.shape for each in taken]}"
            )
        if len(given) != 1:
            raise EngineRefusedError(f"the detector gives {len(given)} things, not one")


def _session(file: Path, runtime: Runtime) -> ort.InferenceSession:
    if runtime not in here():
        raise EngineUnavailableError(f"this machine has no {runtime} to run the detector on, only {', '.join(here())}")
    options = ort.SessionOptions()
    options.intra_op_num_threads = len(os.sched_getaffinity(0))
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # the reader needs the cores too
    wanted = [PROVIDERS[runtime]]
    if runtime == "tensorrt":
        wanted.append(PROVIDERS["cuda"])  # for what TensorRT leaves over
    if runtime != "onnxruntime":
        wanted.append(PROVIDERS["onnxruntime"])
    try:
        session = ort.InferenceSession(file, options, providers=wanted)
    except Exception as problem:  # the runtime has no common error
        raise EngineUnavailableError(f"the detector cannot be loaded: {problem}") from problem
    if session.get_providers()[0] != wanted[0]:
        raise EngineUnavailableError(f"the detector was to run on {runtime}, which could not be started")
    return session


def _check_rows(rows: np.ndarray, profile: Profile) -> None:
    if not np.isfinite(rows).all():
        raise EngineRefusedError("the detector answered with what is not a number")
    score, kind = rows[:, 4], rows[:, 5]
    if (score < 0).any() or (score > 1).any():
        raise EngineRefusedError(f"the detector answered with scores from {score.min():g} to {score.max():g}")
    if (kind != np.round(kind)).any() or (kind < 0).any() or (kind >= len(profile.things)).any():
        raise EngineRefusedError("the detector answered with a class that there is not")
    sides = np.array(profile.detector_frame * 2)
    boxes = rows[score >= LEAST, :4]
    if (boxes < -sides).any() or (boxes > 2 * sides).any():
        raise EngineRefusedError("the detector answered with a box far outside of the picture")


def _box(row: np.ndarray, frame: Framed, profile: Profile) -> Box:
    """Edges that cross, as those of a thing hardly seen may, are put in order."""
    width, height = profile.detector_frame
    left, right = sorted(float(min(max(edge, 0.0), width)) for edge in (row[0], row[2]))
    top, bottom = sorted(float(min(max(edge, 0.0), height)) for edge in (row[1], row[3]))
    return frame.in_picture(left, top, right, bottom)
