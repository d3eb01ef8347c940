"""An adapter for a reader, held against the model it is for before any library loads it.

Takes its folder and the model's settings; gives a private copy of its two files, all of it fit to be loaded, under a
digest of both. Raises `AdapterRefusedError` else. Libraries pass over what they do not know and take a matrix that is
too small for a part of a larger one; so every setting, name and shape must be one that is known here. Adapters change
the language part only: the vision tower is read by nobody's adapter, and one that needs it has to be merged.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from models.artifacts.refusal import ArtifactRefusedError
from models.artifacts.tensors import check_tensors
from models.artifacts.words import check_words, parse
from models.ports import AdapterRefusedError

WORDS, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
LARGEST = 1 << 30  # bytes
KEY = re.compile(
    r"base_model\.model\.(?:model\.language_model|language_model\.model|model)"
    r"\.(layers\.\d+\.[a-z_]+\.[a-z_]+)\.(lora_[AB])\.weight"
)
MATRICES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
VISION = ("visual", "vision")
KNOWN = frozenset({"peft_type", "r", "lora_alpha", "use_rslora", "target_modules"})
HARMLESS = frozenset(
    {"auto_mapping", "base_model_name_or_path", "inference_mode", "init_lora_weights", "lora_dropout", "peft_version"}
    | {"revision", "task_type"}
)
"""What may be set but means nothing to an adapter that is finished."""
USUAL = {"bias": "none", "megatron_core": "megatron.core", "qalora_group_size": 16}
"""What PEFT writes where nothing was asked for, if it is more than nothing."""
_ENDLESS = {"F32": (np.uint32, 0x7F800000), "F16": (np.uint16, 0x7C00), "BF16": (np.uint16, 0x7F80)}
"""The bits that are all set in what is no number, by kind of number."""

Modules = dict[str, tuple[int, int]]
"""The matrices of a language model by name, with what goes in and what comes out."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter that fits."""

    digest: str
    """Of its weights and of the settings that say how strongly they count."""
    weights: bytes
    words: bytes

    def put(self, folder: Path) -> None:
        """Write it where nobody else writes."""
        folder.mkdir(mode=0o700)
        (folder / WORDS).write_bytes(self.words)
        (folder / WEIGHTS).write_bytes(self.weights)


def modules_of(settings: dict[str, Any]) -> Modules:
    """The matrices that an adapter may change, from the `config.json` of a Qwen2.5-VL."""
    text = settings.get("text_config", settings)
    hidden, inner = text["hidden_size"], text["intermediate_size"]
    head = text.get("head_dim") or hidden // text["num_attention_heads"]
    queries, keys = head * text["num_attention_heads"], head * text["num_key_value_heads"]
    layer: Modules = {
        "self_attn.q_proj": (hidden, queries),
        "self_attn.k_proj": (hidden, keys),
        "self_attn.v_proj": (hidden, keys),
        "self_attn.o_proj": (queries, hidden),
        "mlp.gate_proj": (hidden, inner),
        "mlp.up_proj": (hidden, inner),
        "mlp.down_proj": (inner, hidden),
    }
    return {
        f"layers.{number}.{name}": shape for number in range(text["num_hidden_layers"]) for name, shape in layer.items()
    }


def fitting(folder: Path, modules: Modules, highest_rank: int) -> Adapter:
    """Read an adapter once and check all of what was read."""
    words, weights = _content(folder / WORDS), _content(folder / WEIGHTS)
    try:
        check_words(WORDS, memoryview(words))
        check_tensors(WEIGHTS, memoryview(weights))
        settings = parse(WORDS, words)
    except ArtifactRefusedError as problem:
        raise AdapterRefusedError(str(problem)) from problem
    changed = _compare(weights, modules, _rank(settings, highest_rank))
    if either := changed ^ _asked_for(settings.get("target_modules"), modules, changed):
        raise AdapterRefusedError(f"settings and tensors disagree about {min(either)}")
    parts = (hashlib.sha256(part).digest() for part in (words, weights))
    return Adapter(hashlib.sha256(b"".join(parts)).hexdigest(), weights, words)


def _content(path: Path) -> bytes:
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as problem:
        raise AdapterRefusedError(f"{path.name}: cannot be read: {problem.strerror}") from problem
    if len(content) > LARGEST:
        raise AdapterRefusedError(f"{path.name}: larger than {LARGEST >> 20} MiB")
    return content


def _rank(words: dict[str, Any], highest: int) -> int:
    rank = words.get("r")
    if words.get("peft_type") != "LORA" or not isinstance(rank, int) or not 0 < rank <= highest:
        raise AdapterRefusedError(f"{WORDS}: not a LoRA of a rank from 1 to {highest}")
    if not isinstance(words.get("lora_alpha"), int | float):
        raise AdapterRefusedError(f"{WORDS}: lora_alpha is no number")
    others = {key for key, value in words.items() if value and value != USUAL.get(key)} - KNOWN - HARMLESS
    if others:
        raise AdapterRefusedError(f"{WORDS}: more than a plain LoRA ({', '.join(sorted(others))}): merge it instead")
    return rank


def _asked_for(targets: Any, modules: Modules, changed: set[str]) -> set[str]:
    """What was trained, as the settings say. A pattern is believed, for to run it might take for ever."""
    if isinstance(targets, str):
        return changed
    named = cast("list[Any]", targets) if isinstance(targets, list) else []
    ends = tuple(f".{name}" for name in named)
    return {name for name in modules if f".{name}".endswith(ends) or any(end.endswith(f".{name}") for end in ends)}


def _compare(weights: bytes, modules: Modules, rank: int) -> set[str]:
    """Every tensor belongs to a matrix of the model and is as large as it needs; together they do something.

    Gives the names of these matrices.
    """
    length = int.from_bytes(weights[:8], "little")
    tensors = parse(WEIGHTS, weights[8 : 8 + length])
    tensors.pop("__metadata__", None)
    moving: dict[str, dict[str, bool]] = {}
    for key, tensor in tensors.items():
        name, side = _place(key, modules)
        into, out = modules[name]
        shape = [rank, into] if side == "lora_A" else [out, rank]
        if tensor["shape"] != shape:
            raise AdapterRefusedError(f"{key} has the shape {tensor['shape']}, and the model needs {shape}")
        if side in moving.setdefault(name, {}):
            raise AdapterRefusedError(f"{key} stands there twice, by an older name too")
        begin, end = (8 + length + offset for offset in tensor["data_offsets"])
        moving[name][side] = _moves(key, tensor["dtype"], weights[begin:end])
    if half := sorted(name for name, sides in moving.items() if len(sides) == 1):
        raise AdapterRefusedError(f"{half[0]} has only one of its two matrices")
    if not any(all(sides.values()) for sides in moving.values()):
        raise AdapterRefusedError("it changes nothing: all of its products are zero")
    return set(moving)


def _place(key: str, modules: Modules) -> tuple[str, str]:
    if any(word in key for word in VISION):
        raise AdapterRefusedError(f"{key} belongs to the vision tower: merge this adapter into the model instead")
    place = KEY.fullmatch(key)
    if place is None or place[1] not in modules:
        raise AdapterRefusedError(f"{key} is no part of this model")
    return place[1], place[2]


def _moves(key: str, kind: str, numbers: bytes) -> bool:
    """Is any of these numbers not zero? All of them must be numbers."""
    if kind not in _ENDLESS:
        raise AdapterRefusedError(f"{key} is of {kind}; F32, F16 or BF16 are read")
    size, endless = _ENDLESS[kind]
    bits = np.frombuffer(numbers, size)
    if bool(((bits & endless) == endless).any()):
        raise AdapterRefusedError(f"{key} holds what is no number")
    return bool((bits << 1).any())  # all but the sign
