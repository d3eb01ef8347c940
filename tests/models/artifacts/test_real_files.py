"""Files that the real libraries write are taken, where these libraries are installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.artifacts.folder import checked
from tests.models.artifacts.making import folder


def test_weights_as_the_library_writes_them(tmp_path: Path) -> None:
    torch: Any = pytest.importorskip("torch")
    save: Any = pytest.importorskip("safetensors.torch").save
    kinds = [torch.float32, torch.bfloat16, torch.int8, torch.int64, torch.bool]
    content = save({str(kind): torch.ones(3, 5, dtype=kind) for kind in kinds}, {"format": "pt"})
    checked(folder(tmp_path / "model", {"model.safetensors": content}))


def test_a_graph_as_the_library_writes_it(tmp_path: Path) -> None:
    onnx: Any = pytest.importorskip("onnx")
    make, kind = onnx.helper, onnx.TensorProto.FLOAT
    add = make.make_node("Add", ["x", "w"], ["y"])
    weights = onnx.numpy_helper.from_array(pytest.importorskip("numpy").ones((2, 3), "float32"), "w")
    values = [make.make_tensor_value_info(name, kind, [2, 3]) for name in "xy"]
    made = make.make_model(make.make_graph([add], "net", values[:1], values[1:], [weights]))
    checked(folder(tmp_path / "model", {"detector.onnx": made.SerializeToString()}))
