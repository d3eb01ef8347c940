"""Adapters that fit their model, and the ways in which one does not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.artifacts.adapter import WEIGHTS, WORDS, fitting, modules_of
from models.ports import AdapterRefusedError
from tests.models.artifacts.making import tensors as packed

TEXT = {
    "hidden_size": 8,
    "intermediate_size": 12,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "num_hidden_layers": 2,
}
MODULES = modules_of({"text_config": TEXT})
QUERY = "base_model.model.model.language_model.layers.1.self_attn.q_proj"
DOWN = "base_model.model.model.language_model.layers.0.mlp.down_proj"
Matrices = dict[str, NDArray[Any]]


def good() -> Matrices:
    """Two matrices changed by a LoRA of rank 2."""
    return {
        f"{QUERY}.lora_A.weight": np.ones((2, 8), np.float32),
        f"{QUERY}.lora_B.weight": np.ones((8, 2), np.float32),
        f"{DOWN}.lora_A.weight": np.ones((2, 12), np.float32),
        f"{DOWN}.lora_B.weight": np.ones((8, 2), np.float32),
    }


def put(folder: Path, matrices: Matrices, kind: str = "F32", **words: object) -> Path:
    header: dict[str, Any] = {}
    body = b""
    for key, matrix in matrices.items():
        end = len(body) + matrix.nbytes
        header[key] = {"dtype": kind, "shape": list(matrix.shape), "data_offsets": [len(body), end]}
        body += matrix.tobytes()
    folder.mkdir(exist_ok=True)
    (folder / WEIGHTS).write_bytes(packed(header, body))
    trained = sorted({key.split(".lora_")[0].removeprefix("base_model.model.") for key in matrices})
    settings = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": trained, "bias": "none"}
    (folder / WORDS).write_text(json.dumps(settings | {"rank_pattern": {}} | words))
    return folder


def renamed(old: str, new: str) -> Matrices:
    return {key.replace(old, new): matrix for key, matrix in good().items()}


def without(end: str) -> Matrices:
    return {key: matrix for key, matrix in good().items() if not key.endswith(end)}


def test_a_fitting_adapter_is_copied_bit_by_bit(tmp_path: Path) -> None:
    """Whatever else lies in its folder stays there."""
    folder = put(tmp_path / "a", good())
    (folder / "training_args.bin").write_bytes(b"a pickle")
    adapter = fitting(folder, MODULES, 8)
    adapter.put(tmp_path / "copy")
    assert {file.name for file in (tmp_path / "copy").iterdir()} == {WORDS, WEIGHTS}
    assert (tmp_path / "copy" / WEIGHTS).read_bytes() == (folder / WEIGHTS).read_bytes()


def test_the_digest_is_of_weights_and_settings(tmp_path: Path) -> None:
    """The same weights at another strength are another adapter."""
    one = fitting(put(tmp_path / "a", good()), MODULES, 8).digest
    assert fitting(put(tmp_path / "b", good()), MODULES, 8).digest == one
    assert fitting(put(tmp_path / "c", good(), lora_alpha=5), MODULES, 8).digest != one
    parts = ((tmp_path / "a" / name).read_bytes() for name in (WORDS, WEIGHTS))
    assert one == hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
    louder = {key: matrix * 2 for key, matrix in good().items()}
    assert fitting(put(tmp_path / "d", louder), MODULES, 8).digest != one


@pytest.mark.parametrize("prefix", ["model.language_model", "language_model.model", "model"])
def test_the_names_of_every_transformers_are_known(tmp_path: Path, prefix: str) -> None:
    """They changed twice, and adapters of all ages are about."""
    fitting(put(tmp_path / "a", renamed("model.language_model", prefix)), MODULES, 8)


def test_half_numbers_are_read(tmp_path: Path) -> None:
    """As bf16 and as f16."""
    for kind in ("BF16", "F16"):
        halves = {key: matrix.astype(np.float16) for key, matrix in good().items()}
        fitting(put(tmp_path / kind, halves, kind), MODULES, 8)


BAD: dict[str, tuple[Matrices, dict[str, object], str]] = {
    "none of its names is the model's": (renamed("layers", "blocks"), {}, "no part of this model"),
    "a layer that the model does not have": (renamed("layers.1", "layers.2"), {}, "no part of this model"),
    "a matrix that the model does not have": (renamed("q_proj", "x_proj"), {}, "no part of this model"),
    "the words' vectors": (renamed(QUERY, "base_model.model.lm_head"), {}, "no part of this model"),
    "an extra tensor": (good() | {"more": np.ones(1, np.float32)}, {}, "no part of this model"),
    "the vision tower": (renamed(QUERY, "base_model.model.visual.blocks.0.attn.qkv"), {}, "vision tower"),
    "the newer name of the vision tower": (renamed("language_model", "visual"), {}, "vision tower"),
    "a smaller model's": (good() | {f"{DOWN}.lora_A.weight": np.ones((2, 6), np.float32)}, {}, r"\[2, 6\]"),
    "another rank than it says": (good(), {"r": 3}, r"needs \[3, 8\]"),
    "half of a pair": (without("down_proj.lora_B.weight"), {}, "only one"),
    "nothing but zeros on one side": ({k: m * ("_A" in k) for k, m in good().items()}, {}, "changes nothing"),
    "zeros below zero": ({k: m * (1 if "_A" in k else np.float32(-0.0)) for k, m in good().items()}, {}, "nothing"),
    "not a number": (good() | {f"{QUERY}.lora_B.weight": np.full((8, 2), np.nan, np.float32)}, {}, "no number"),
    "endless": (good() | {f"{QUERY}.lora_B.weight": np.full((8, 2), -np.inf, np.float32)}, {}, "no number"),
    "no LoRA": (good(), {"peft_type": "IA3"}, "not a LoRA"),
    "too high a rank": (good(), {"r": 9}, "rank from 1 to 8"),
    "a rank that is no number": (good(), {"r": "2"}, "rank from 1 to 8"),
    "whole matrices besides": (good(), {"modules_to_save": ["lm_head"]}, "modules_to_save"),
    "ranks of its own": (good(), {"rank_pattern": {"q_proj": 1}}, "rank_pattern"),
    "a bias": (good(), {"bias": "all"}, "bias"),
    "what nobody here has heard of": (good(), {"use_dora": True, "velo": {"a": 1}}, r"\(use_dora, velo\)"),
    "a strength that is no number": (good(), {"lora_alpha": "4"}, "lora_alpha"),
    "a layer is missing": (good(), {"target_modules": ["q_proj", "down_proj"]}, r"about layers\.0.*q_"),
    "more than was trained": (good(), {"target_modules": ["layers.1.self_attn.q_proj"]}, r"about layers\.0.*down_"),
    "no word of what was trained": (good(), {"target_modules": None}, "disagree"),
    "a matrix by two names": (good() | renamed("model.language_model", "model"), {}, "twice"),
    "code of its own": (good(), {"auto_map": {"x": "y.z"}}, "code of its own"),
}


@pytest.mark.parametrize("why", BAD)
def test_what_does_not_fit_is_refused(tmp_path: Path, why: str) -> None:
    """The reason names the tensor or the setting."""
    matrices, words, says = BAD[why]
    with pytest.raises(AdapterRefusedError, match=says):
        fitting(put(tmp_path / "a", matrices, **words), MODULES, 8)


def test_numbers_of_another_kind_are_refused(tmp_path: Path) -> None:
    """Their bits mean something else."""
    with pytest.raises(AdapterRefusedError, match="I32"):
        fitting(put(tmp_path / "a", good(), "I32"), MODULES, 8)


def test_a_folder_that_lies_is_refused(tmp_path: Path) -> None:
    """Missing files, links, and files that are not what their names say."""
    folder = put(tmp_path / "a", good())
    weights = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(b"\x80\x04 a pickle")
    with pytest.raises(AdapterRefusedError, match="header"):
        fitting(folder, MODULES, 8)
    (folder / WEIGHTS).write_bytes(weights + b"more")
    with pytest.raises(AdapterRefusedError, match="next thing"):
        fitting(folder, MODULES, 8)
    (folder / WEIGHTS).unlink()
    with pytest.raises(AdapterRefusedError, match="cannot be read"):
        fitting(folder, MODULES, 8)
    (tmp_path / "elsewhere").write_bytes(weights)
    (folder / WEIGHTS).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AdapterRefusedError, match="cannot be read"):
        fitting(folder, MODULES, 8)
