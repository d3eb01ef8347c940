"""Writes a reader's weights as bitsandbytes keeps them, in INT8 or NF4: no calibration, read by transformers only."""

# torch and transformers do not say their types
# pyright: basic

from pathlib import Path

import torch

from models.engines.qwen_transformers import weights
from models.release import Quantization


def quantize(source: Path, into: Path, kind: Quantization) -> None:
    weights.load(source, kind, "cuda" if torch.cuda.is_available() else "cpu").save_pretrained(into)
