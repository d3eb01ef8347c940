"""How vLLM is started: what it may load, how much it may take, and what it must not do.

Takes the folder of a checked reader and the frame of its pictures, gives vLLM's engine. The format of the weights is
whatever the folder says: bf16, GPTQ (AutoGPTQ's format) or compressed-tensors. Raises `CannotLoadError` for what vLLM
cannot read, and when it does not start.
"""

# torch and transformers do not say their types
# pyright: basic, reportArgumentType=false, reportOptionalSubscript=false, reportOptionalMemberAccess=false

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vllm.engine.arg_utils import AsyncEngineArgs
from vllm.platforms import current_platform
from vllm.v1.engine.async_llm import AsyncLLM

from models.artifacts.adapter import MATRICES
from models.artifacts.words import parse
from models.engines.qwen_vllm import OWNER
from models.ports import CannotLoadError

CONFIG = "config.json"
READ = ("gptq", "compressed-tensors", "fp8")
"""How weights may be quantized."""
TEXT = 1024  # tokens besides the picture's: the question and the longest answer
FORCES = 4  # adapters with vLLM at once: in force, on trial, and those of questions from before
TOKEN = 28 * 28  # pixels


@dataclass(frozen=True, slots=True)
class Limits:
    """What one step of the model may hold."""

    questions: int
    tokens: int
    memory: float
    """Share of a GPU's memory, weights included; the detector needs some of the rest."""
    rank: int
    """Of an adapter, at most."""


ON_GPU = Limits(questions=64, tokens=8192, memory=0.8, rank=32)
ON_CPU = Limits(questions=16, tokens=2048, memory=0.8, rank=16)


def settings_of(folder: Path) -> dict[str, Any]:
    """The reader's `config.json`, refused where vLLM could not read its weights."""
    settings = parse(CONFIG, (folder / CONFIG).read_bytes())
    if quantized := settings.get("quantization_config"):
        method = quantized.get("quant_method")
        if method == "bitsandbytes":
            raise CannotLoadError(
                f"{folder}: its weights are bitsandbytes', which this vLLM does not read: "
                "serve it with the transformers engine (--backend transformers)"
            )
        if method not in READ:
            raise CannotLoadError(f"{folder}: its weights are {method!r}; vLLM is given only {', '.join(READ)}")
    return settings


def limits() -> Limits:
    return ON_CPU if current_platform.is_cpu() else ON_GPU


def started(folder: Path, frame: tuple[int, int]) -> AsyncLLM:
    """Load and warm up. Takes a while, and ends with processes of vLLM's own beside this one."""
    os.environ[OWNER] = str(os.getpid())
    on_cpu = current_platform.is_cpu()
    if on_cpu:  # the first answer would wait half a minute for a compiler that may not even be there
        os.environ["TORCH_COMPILE_DISABLE"] = "1"
    most = limits()
    arguments = AsyncEngineArgs(
        model=str(folder),
        load_format="safetensors",
        max_model_len=frame[0] * frame[1] // TOKEN + TEXT,
        max_num_seqs=most.questions,
        max_num_batched_tokens=most.tokens,
        gpu_memory_utilization=most.memory,
        enforce_eager=on_cpu,  # elsewhere the graphs are what makes it fast
        limit_mm_per_prompt={"image": 1, "video": 0},
        mm_processor_cache_gb=0,  # no picture comes twice
        enable_prefix_caching=True,  # the fixed words stand before the picture
        enable_lora=True,
        max_lora_rank=most.rank,
        lora_target_modules=list(MATRICES),
        max_loras=FORCES + 1,  # vLLM's build for processors uses the last one where there is none: it stays empty
        structured_outputs_config={"backend": "guidance", "disable_any_whitespace": True},
        worker_extension_cls="models.engines.qwen_vllm.leash.Leash",
        disable_log_stats=True,
        seed=0,
    )
    try:
        return AsyncLLM.from_engine_args(arguments)
    except Exception as problem:  # vLLM names no family of errors for this
        raise CannotLoadError(f"vLLM did not start with {folder}: {problem}") from problem
