"""Teaches a YOLO26-nano to find things, from weights that know nothing, and writes it as ONNX.

Takes a pool, gives a graph: a framed picture in, at most 100 boxes with score and class out. Ultralytics gives the
architecture and its loss; the loop is ours, so that it reads the same pool as the reader and goes on where it stopped.
"""

# torch and transformers do not say their types
# pyright: basic

import copy
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from ultralytics.nn.tasks import DetectionModel

from models.profile import BAGGAGE
from training.embedded.pool import Pool
from training.embedded.run import Run, ahead, pace
from training.embedded.turn import displayed, tossed

ARCHITECTURE = "yolo26n.yaml"
GAINS = SimpleNamespace(box=7.5, cls=0.5, dfl=1.5)  # ultralytics' own
STEEPEST = 10.0
WORTHWHILE = 256  # numbers in a tensor, to be stored as halves
DECAY = 5e-4
MOST = 100  # boxes in one picture
MEMORY = 0.999  # of the running mean of the weights, which is what is written


@dataclass(frozen=True, slots=True)
class Plan:
    """One run, written down."""

    pool: Path
    into: Path
    steps: int
    seed: int = 1
    batch: int = 16
    rate: float = 2e-3
    turns: int = 100  # how often the balance of the two heads moves


def teach(plan: Plan) -> DetectionModel:
    plan.into.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)
    model = empty(plan.turns)
    mean = copy.deepcopy(model).requires_grad_(False)
    descent = torch.optim.AdamW(_groups(model), lr=plan.rate, betas=(0.9, 0.999))
    run = Run(plan.into, plan.steps, plan.batch, model=model, mean=mean, descent=descent)
    criterion: Any = model.init_criterion()
    pool = Pool(plan.pool)

    def lesson(step: int) -> dict[str, Tensor]:
        return batch_of(pool, np.random.default_rng((plan.seed, step)), plan.batch)

    model.train()
    for step, batch in enumerate(ahead(lesson, run.start, plan.steps), run.start):
        while criterion.updates < plan.turns * step // plan.steps:
            criterion.update()
        for group in descent.param_groups:
            group["lr"] = plan.rate * pace(step, plan.steps)
        loss = loss_of(model, criterion, batch)
        descent.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), STEEPEST)
        descent.step()
        _remember(mean, model, step)
        run.done(step, loss=loss.item())
    return mean


def empty(turns: int = 100) -> DetectionModel:
    model: Any = DetectionModel(ARCHITECTURE, nc=len(BAGGAGE.names), verbose=False)
    model.args = SimpleNamespace(**vars(GAINS), epochs=turns)
    return model.to(memory_format=torch.channels_last)


def loss_of(model: nn.Module, criterion: Any, batch: dict[str, Tensor]) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        said = model(batch["img"])
    plain = {
        head: {
            name: [each.float() for each in value] if isinstance(value, list) else value.float()
            for name, value in parts.items()
        }
        for head, parts in said.items()
    }
    return criterion(plain, batch)[0].sum() / len(batch["img"])


def batch_of(pool: Pool, rng: np.random.Generator, many: int) -> dict[str, Tensor]:
    looks, owners, classes, boxes = [], [], [], []
    for number, index in enumerate(rng.integers(len(pool), size=many)):
        example = tossed(pool[int(index)], rng)
        looks.append(displayed(example.detector, rng))
        for each in example.seen:
            left, top, right, bottom = each.box
            owners.append(number)
            classes.append(BAGGAGE.names.index(each.name))
            boxes.append(((left + right) / 2, (top + bottom) / 2, right - left, bottom - top))
    return {
        "img": light_of(np.stack(looks)),
        "batch_idx": torch.tensor(owners, dtype=torch.float32),
        "cls": torch.tensor(classes, dtype=torch.float32),
        "bboxes": torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
    }


def light_of(pictures: np.ndarray) -> Tensor:
    """From 0 to 1, colours first."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(255).contiguous(memory_format=torch.channels_last)


def write(model: nn.Module, file: Path) -> None:
    """As ONNX: any number of framed pictures from 0 to 1 in, their boxes in pixels with score and class out.

    Weights lie in the file as halves and are made whole when it is loaded: what is reckoned with is of full length.
    """
    width, height = BAGGAGE.detector_frame
    with warnings.catch_warnings():
        # The other exporter, which the first one praises, does not know this head; its shapes are known to be fixed.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.filterwarnings("ignore", "Converting a tensor|torch.tensor results|Iterating over a tensor")
        torch.onnx.export(
            ready(model),
            (torch.zeros(2, 3, height, width),),
            file,
            input_names=["pictures"],
            output_names=["found"],
            dynamic_axes={"pictures": {0: "many"}, "found": {0: "many"}},
            opset_version=18,
            dynamo=False,
        )
    _halve(file)


def ready(model: nn.Module) -> nn.Module:
    """As it is written: one box for each thing, and no sorting out afterwards."""
    made: Any = copy.deepcopy(model).float().eval()
    made.model[-1].end2end = True
    made = made.fuse(verbose=False)
    head = made.model[-1]
    head.export, head.format, head.max_det = True, "onnx", MOST
    return made


def _halve(file: Path) -> None:
    graph = onnx.load(file)
    casts = []
    for tensor in graph.graph.initializer:
        numbers = onnx.numpy_helper.to_array(tensor)
        if numbers.dtype != np.float32 or numbers.size < WORTHWHILE:
            continue
        name, half = tensor.name, f"{tensor.name}.half"
        tensor.CopyFrom(onnx.numpy_helper.from_array(numbers.astype(np.float16), half))
        casts.append(onnx.helper.make_node("Cast", [half], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.graph.node]
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)
    onnx.checker.check_model(graph)
    onnx.save(graph, file)


def _groups(model: nn.Module) -> list[dict[str, Any]]:
    heavy = [each for each in model.parameters() if each.ndim > 1]
    light = [each for each in model.parameters() if each.ndim <= 1]
    return [{"params": heavy, "weight_decay": DECAY}, {"params": light, "weight_decay": 0.0}]


def _remember(mean: nn.Module, model: nn.Module, step: int) -> None:
    share = MEMORY * (1 - np.exp(-(step + 1) / 300))
    with torch.no_grad():
        for kept, now in zip(mean.state_dict().values(), model.state_dict().values(), strict=True):
            if kept.dtype.is_floating_point:
                kept.lerp_(now, 1 - share)
