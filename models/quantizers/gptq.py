"""Writes a reader in AutoGPTQ's format, in 4 or 8 bits, with GPTQModel.

Takes the folder of a reader in bf16 and framed pictures to calibrate on, which go through the reader's own chat
template. Gives a folder that vLLM and transformers read. The library writes a log where it is run and says what it
does: both go where nobody takes them for an answer.
"""

# torch and transformers do not say their types
# pyright: basic

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from PIL import Image

from models import prompt

GROUPS = (128, 64, 32)
"""Inputs that share a scale: the most that divides every layer."""


def quantize(source: Path, into: Path, bits: int, pictures: Sequence[NDArray]) -> None:
    os.environ.setdefault("GPTQMODEL_CPU_WORKERS", "2")  # the library asks for two and fails with one
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch), contextlib.redirect_stdout(sys.stderr):
        from gptqmodel import GPTQModel, QuantizeConfig  # noqa: PLC0415  it changes torch where it is imported

        wanted = QuantizeConfig(
            bits=bits, group_size=group_of(source), sym=True, desc_act=False, offload_to_disk_path=scratch
        )
        model: Any = GPTQModel.load(str(source), wanted, dtype=torch.bfloat16)
        model.quantize([_conversation(picture) for picture in pictures], batch_size=1)
        model.save(str(into))
    for name in ("config.json", "quantize_config.json"):
        _tidy(into / name)


def _conversation(picture: NDArray) -> list[dict]:
    system, asked = prompt.messages(prompt.question("general"))
    shown, text = asked["content"]
    return [system, asked | {"content": [shown | {"image": Image.fromarray(picture)}, text]}]


def group_of(source: Path) -> int:
    text = json.loads((source / "config.json").read_text())
    text = text.get("text_config", text)
    sides = (text["hidden_size"], text["intermediate_size"])
    return next(group for group in GROUPS if all(side % group == 0 for side in sides))


def _tidy(file: Path) -> None:
    """No folder of this machine goes out with a model."""
    words = json.loads(file.read_text())
    for part in (words, words.get("quantization_config", {})):
        part.get("meta", {}).pop("offload_to_disk_path", None)
    file.write_text(json.dumps(words, indent=2, sort_keys=True) + "\n")
