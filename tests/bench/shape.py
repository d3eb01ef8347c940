"""Qwen2.5-VL in the shape of the real one, with weights of chance: as fast and as large, and knows nothing.

Takes a shape and a way of quantizing, gives a folder as vLLM loads it. Written layer by layer, so that seven billion
weights never lie in memory together. Its tokenizer is the tiny one's; the table of words is as large as the real one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import Qwen2_5_VLForConditionalGeneration

from models import prompt
from models.artifacts.adapter import MATRICES
from models.profile import BAGGAGE
from training.embedded import tiny_qwen

Kind = Literal["bf16", "w4a16", "w8a8", "fp8"]
Shape = Literal["tiny", "7b"]
SPREAD = 0.02
GROUP = 128
SHARD = 2 << 30  # bytes
TEXT: dict[str, Any] = {
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "vocab_size": 152064,
    "max_position_embeddings": 128000,
    "tie_word_embeddings": False,
}
VISION: dict[str, Any] = {
    "depth": 32,
    "hidden_size": 1280,
    "intermediate_size": 3420,
    "num_heads": 16,
    "out_hidden_size": 3584,
    "fullatt_block_indexes": [7, 15, 23, 31],
    "window_size": 112,
}
SECTIONS = [16, 24, 24]  # of the places' turning, in pairs of a head's 128 numbers
_EIGHT = {"num_bits": 8, "symmetric": True}
FORMS: dict[Kind, tuple[str, dict[str, Any], dict[str, Any] | None]] = {
    "w4a16": (
        "pack-quantized",
        {"num_bits": 4, "type": "int", "symmetric": True, "strategy": "group", "group_size": GROUP},
        None,
    ),
    "w8a8": (
        "int-quantized",
        {**_EIGHT, "type": "int", "strategy": "channel"},
        {**_EIGHT, "type": "int", "strategy": "token", "dynamic": True},
    ),
    "fp8": (
        "float-quantized",
        {**_EIGHT, "type": "float", "strategy": "channel"},
        {**_EIGHT, "type": "float", "strategy": "token", "dynamic": True},
    ),
}


def make(folder: Path, shape: Shape, kind: Kind, side: int) -> Path:
    """A folder for pictures of so many pixels along each side."""
    texts = [asked.format(name=name) for kinds in prompt.ASKED.values() for asked in kinds for name in BAGGAGE.names]
    tokenizer = tiny_qwen.tokenizer_from(
        [*texts, *(f"{name}, {place}" for name in BAGGAGE.names for place in BAGGAGE.places)]
    )
    with torch.device("meta"):
        model = tiny_qwen.empty(tokenizer)
        if shape == "7b":
            config = model.config
            for part, sizes in ((config.text_config, TEXT), (config.vision_config, VISION)):
                for name, size in sizes.items():
                    setattr(part, name, size)
            config.text_config.rope_parameters["mrope_section"] = SECTIONS
            config.text_config.layer_types = ["full_attention"] * TEXT["num_hidden_layers"]
            config.tie_word_embeddings = False
            model = Qwen2_5_VLForConditionalGeneration(config)
    model.config.dtype = torch.bfloat16
    folder.mkdir(parents=True)
    processor = tiny_qwen.processor_of(tokenizer)
    processor.image_processor.size = {"shortest_edge": 28 * 28, "longest_edge": side * side}
    processor.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    settings = model.config.to_dict() | {"architectures": ["Qwen2_5_VLForConditionalGeneration"], "dtype": "bfloat16"}
    if kind != "bf16":
        settings["quantization_config"] = _quantization(kind)
    (folder / "config.json").write_text(json.dumps(settings, default=str))
    _write(folder, _weights(model, kind))
    return folder


def _quantization(kind: Kind) -> dict[str, Any]:
    form, weights, activations = FORMS[kind]
    group = {"targets": ["Linear"], "weights": weights | {"dynamic": False}, "input_activations": activations}
    return {
        "quant_method": "compressed-tensors",
        "format": form,
        "quantization_status": "compressed",
        "ignore": ["lm_head", "re:.*visual.*"],
        "config_groups": {"group_0": group},
    }


def _weights(model: Qwen2_5_VLForConditionalGeneration, kind: Kind) -> Iterator[tuple[str, Tensor]]:
    torch.manual_seed(1)
    tied = model.config.tie_word_embeddings
    for name, tensor in model.state_dict().items():
        if tied and name == "lm_head.weight":
            continue
        place = name.removesuffix(".weight")
        if kind != "bf16" and "language_model.layers" in name and place != name and place.endswith(MATRICES):
            yield from _quantized(place, tensor.shape[0], tensor.shape[1], kind)
        elif "norm" in name.split(".")[-2] or "ln_q" in name:
            yield name, torch.ones(tensor.shape, dtype=torch.bfloat16)
        else:
            yield name, (torch.randn(tensor.shape) * SPREAD).to(torch.bfloat16)


def _quantized(place: str, out: int, into: int, kind: Kind) -> Iterator[tuple[str, Tensor]]:
    if kind == "w4a16":
        yield f"{place}.weight_packed", torch.randint(-(2**31), 2**31 - 1, (out, into // 8), dtype=torch.int32)
        yield f"{place}.weight_scale", torch.full((out, into // GROUP), SPREAD / 4.6, dtype=torch.bfloat16)
        yield f"{place}.weight_shape", torch.tensor([out, into])
    elif kind == "w8a8":
        yield f"{place}.weight", torch.randint(-127, 128, (out, into), dtype=torch.int8)
        yield f"{place}.weight_scale", torch.full((out, 1), SPREAD / 73)
    else:
        yield f"{place}.weight", torch.randn(out, into).to(torch.float8_e4m3fn)
        yield f"{place}.weight_scale", torch.full((out, 1), SPREAD)


def _write(folder: Path, weights: Iterator[tuple[str, Tensor]]) -> None:
    where: dict[str, str] = {}
    shard: dict[str, Tensor] = {}
    size = total = number = 0

    def put() -> None:
        nonlocal shard, size, number
        number += 1
        save_file(shard, folder / f"model-{number:05}.safetensors", metadata={"format": "pt"})
        where.update(dict.fromkeys(shard, f"model-{number:05}.safetensors"))
        shard, size = {}, 0

    for name, tensor in weights:
        shard[name] = tensor
        size += tensor.nbytes
        total += tensor.nbytes
        if size >= SHARD:
            put()
    if shard:
        put()
    index = {"metadata": {"total_size": total}, "weight_map": where}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
