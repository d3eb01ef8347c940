"""A detector that knows a few pictures by heart, as a real graph: what it once saw it finds, and little else.

One linear layer over a coarse picture, solved for and not trained; it takes and gives what the large graph does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.frame import framed
from models.profile import BAGGAGE

if TYPE_CHECKING:
    from models.ports import Pixels

SLOTS, COLUMNS = 8, 6
CELL = 16
Row = tuple[float, float, float, float, float, str]
"""Left, top, right, bottom in the frame's pixels, score, name."""


def write(file: Path, lessons: Sequence[tuple[Pixels, Sequence[Row]]]) -> None:
    """A graph that has these rows to say of these pictures."""
    looks = np.stack([_coarse(framed(picture, *BAGGAGE.detector_frame).pixels) for picture, _ in lessons])
    wanted = np.stack([_wanted(rows) for _, rows in lessons])
    ones = np.concatenate([looks, np.ones((len(looks), 1))], axis=1)
    weights = np.linalg.lstsq(ones, wanted, rcond=None)[0].astype(np.float32)
    write_graph(file, weights[:-1], weights[-1])


def write_graph(file: Path, weights: np.ndarray, bias: np.ndarray, tail: float = 0.0) -> None:
    """`tail` is added to every number that comes out."""
    from onnx import TensorProto, helper, numpy_helper, save  # noqa: PLC0415  where it is installed

    def constant(name: str, value: np.ndarray) -> TensorProto:
        return numpy_helper.from_array(value, name)

    width, height = BAGGAGE.detector_frame
    nodes = [
        helper.make_node("AveragePool", ["pictures"], ["coarse"], kernel_shape=[CELL, CELL], strides=[CELL, CELL]),
        helper.make_node("Flatten", ["coarse"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weights", "bias"], ["said"]),
        helper.make_node("Reshape", ["said", "shape"], ["rows"]),
        helper.make_node("Split", ["rows", "parts"], ["boxes", "odds", "kinds"], axis=2),
        helper.make_node("Sigmoid", ["odds"], ["scores"]),
        helper.make_node("Clip", ["kinds", "zero", "last"], ["kind"]),
        helper.make_node("Round", ["kind"], ["class"]),
        helper.make_node("Clip", ["boxes", "least", "most"], ["inside"]),
        helper.make_node("Concat", ["inside", "scores", "class"], ["all"], axis=2),
        helper.make_node("Add", ["all", "tail"], ["found"]),
    ]
    single = np.float32
    constants = [
        constant("weights", weights),
        constant("bias", bias),
        constant("shape", np.array([-1, SLOTS, COLUMNS])),
        constant("parts", np.array([4, 1, 1])),
        constant("zero", np.array(0, single)),
        constant("last", np.array(len(BAGGAGE.things) - 1, single)),
        constant("least", np.array(-100, single)),
        constant("most", np.array(1000, single)),
        constant("tail", np.array(tail, single)),
    ]
    taken = helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["many", 3, height, width])
    given = helper.make_tensor_value_info("found", TensorProto.FLOAT, ["many", SLOTS, COLUMNS])
    graph = helper.make_graph(nodes, "by heart", [taken], [given], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    save(model, file)


def _coarse(frame: Pixels) -> np.ndarray:
    """What the graph makes of a frame before it thinks."""
    light = frame.astype(np.float64).transpose(2, 0, 1) / 255
    colours, height, width = light.shape
    return light.reshape(colours, height // CELL, CELL, width // CELL, CELL).mean(axis=(2, 4)).ravel()


def _wanted(rows: Sequence[Row]) -> np.ndarray:
    wanted = np.tile(np.array([10.0, 10.0, 20.0, 20.0, -8.0, 0.0]), (SLOTS, 1))
    for slot, (*box, score, name) in enumerate(rows):
        wanted[slot] = (*box, np.log(score / (1 - score)), BAGGAGE.names.index(name))
    return wanted.ravel()
