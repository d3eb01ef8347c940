"""How many bytes a reader's weights take, computed from their shapes and the bits of a number.

Takes the safetensors files of a reader in bf16, gives bytes for every kind of weights. What a file has more is its
header.
"""

import json
import re
from math import prod
from pathlib import Path

from models.artifacts.refusal import ArtifactRefusedError
from models.release import Quantization

LINEAR = re.compile(r"^(?!.*visual).*layers\.\d+\.\w+\.\w+_proj\.weight$")
"""What is quantized: the linear layers of the language model."""
GROUP = 128
BLOCK = 64
"""Numbers that share a scale in NF4."""
TABLE = 16
"""Values that four bits stand for in NF4, each written with the layer in four bytes."""


def shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor."""
    found: dict[str, tuple[int, ...]] = {}
    for file in sorted(folder.glob("*.safetensors")):
        with file.open("rb") as content:
            header = json.loads(content.read(int.from_bytes(content.read(8), "little")))
        header.pop("__metadata__", None)
        found |= {name: tuple(tensor["shape"]) for name, tensor in header.items()}
    return found


def expected(tensors: dict[str, tuple[int, ...]], kind: Quantization, group: int = GROUP) -> int:
    """Bytes of all weights."""
    return sum(
        _packed(shape[0], shape[1], kind, group) if LINEAR.match(name) and kind != "none" else 2 * prod(shape)
        for name, shape in tensors.items()
    )


def _packed(outputs: int, inputs: int, kind: Quantization, group: int) -> int:
    match kind:
        case "bnb-int8":
            return outputs * inputs + 4 * outputs + 1
        case "bnb-nf4":
            return outputs * inputs // 2 + 4 * outputs * inputs // BLOCK + 4 * TABLE
        case "gptq-int8" | "gptq-int4":
            bits = 8 if kind == "gptq-int8" else 4
            groups = inputs // group
            scales, zeros, order = 2 * groups * outputs, groups * outputs * bits // 8, 4 * inputs
            return outputs * inputs * bits // 8 + scales + zeros + order
        case _:
            raise ArtifactRefusedError("release.json", f"nothing is known of the size of {kind}")
