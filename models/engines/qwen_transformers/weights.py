"""A reader's folder into a model, however its weights are kept.

Takes a folder whose files were checked, and the quantization that its release names. Gives a model that is ready to be
asked. Raises `ArtifactRefusedError` where folder and release say different things, or the packing is not for here.
"""

# torch and transformers do not say their types
# pyright: basic

import logging
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from transformers import BitsAndBytesConfig, Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
from transformers.utils.logging import disable_progress_bar

from models.artifacts.refusal import ArtifactRefusedError
from models.artifacts.words import parse
from models.engines.qwen_transformers.gptq import CONFIG, unpacked
from models.release import Quantization

disable_progress_bar()
logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)  # it says the same for every product
UNTOUCHED = ["model.visual", "lm_head"]
"""What is never quantized."""
LATER: dict[Quantization, BitsAndBytesConfig] = {
    "bnb-int8": BitsAndBytesConfig(load_in_8bit=True, llm_int8_skip_modules=UNTOUCHED),
    "bnb-nf4": BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=torch.bfloat16,
        llm_int8_skip_modules=UNTOUCHED,
    ),
}
"""What can be made of plain weights while they are loaded."""


def load(folder: Path, quantization: Quantization, device: str) -> Qwen2_5_VLForConditionalGeneration:
    words = parse(CONFIG, (folder / CONFIG).read_bytes())
    packing = words.get("quantization_config")
    kept = kind_of(packing)
    if kept != quantization and not (kept == "none" and quantization in LATER):
        raise ArtifactRefusedError(CONFIG, f"the weights are kept as {kept!r}, the release says {quantization!r}")
    if packing and kept.startswith("gptq"):
        model: Any = _from_packed(folder, packing)
        return model.to(device).eval()
    wanted: dict[str, Any] = {"quantization_config": LATER[quantization]} if kept != quantization else {}
    return Qwen2_5_VLForConditionalGeneration.from_pretrained(
        folder, dtype=torch.bfloat16, device_map=device, local_files_only=True, use_safetensors=True, **wanted
    ).eval()


def kind_of(packing: dict[str, Any] | None) -> Quantization:
    match packing:
        case None:
            return "none"
        case {"quant_method": "gptq", "bits": 4 | 8 as bits}:
            return "gptq-int4" if bits == 4 else "gptq-int8"  # noqa: PLR2004  bits
        case {"quant_method": "bitsandbytes", "load_in_8bit": True}:
            return "bnb-int8"
        case {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}:
            return "bnb-nf4"
        case _:
            how = packing.get("quant_method")
            raise ArtifactRefusedError(CONFIG, f"weights packed by {how!r} as here are not for transformers: try vllm")


def _from_packed(folder: Path, packing: dict[str, Any]) -> Qwen2_5_VLForConditionalGeneration:
    tensors = {name: each for file in sorted(folder.glob("*.safetensors")) for name, each in load_file(file).items()}
    config: Any = Qwen2_5_VLConfig.from_pretrained(folder, local_files_only=True)
    del config.quantization_config
    return Qwen2_5_VLForConditionalGeneration.from_pretrained(
        None, config=config, state_dict=unpacked(tensors, packing, torch.bfloat16), dtype=torch.bfloat16
    )
