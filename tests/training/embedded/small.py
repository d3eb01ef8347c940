"""What tests of learning share: the libraries, a pool of a few scans, and words learnt from it."""

import warnings
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

with warnings.catch_warnings(action="ignore"):  # what the libraries say of each other while they are imported
    import onnx  # noqa: F401
    import ultralytics  # noqa: F401
    from transformers import PreTrainedTokenizerFast, Qwen2_5_VLForConditionalGeneration  # noqa: F401

from models import prompt
from training.embedded import tiny_qwen
from training.embedded.pool import Pool, fill
from training.synth.lessons import lessons_of

SCANS = 8


def pool_in(folder: Path) -> Path:
    fill(folder, 1, SCANS, 3, split="train", scanner="mixed", hands=1)
    return folder


def tokenizer_of(pool: Path) -> PreTrainedTokenizerFast:
    rng = np.random.default_rng(1)
    told = [lesson for number in range(SCANS) for lesson in lessons_of(Pool(pool)[number].seen, rng, 20)]
    roles = [f"system\n{prompt.SYSTEM}", "user\n", "assistant\n"]
    return tiny_qwen.tokenizer_from([*(text for each in told for text in (each.question, each.answer)), *roles])
