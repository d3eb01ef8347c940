"""What an engine needs to be installed, known without loading any of it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Literal

Backend = Literal["auto", "vllm", "transformers", "canned"]
NEEDED: dict[Backend, tuple[str, ...]] = {
    "auto": ("torch", "transformers", "onnxruntime"),
    "transformers": ("torch", "transformers", "onnxruntime"),
    "vllm": ("torch", "vllm", "onnxruntime"),
    "canned": (),
}


def lack(backend: Backend, find: Callable[[str], object | None] = find_spec) -> str:
    """What is missing here and what to do about it; empty where nothing is."""
    missing = [name for name in NEEDED[backend] if find(name) is None]
    if not missing:
        return ""
    return (
        f"{backend}: needs {' and '.join(missing)}, not installed here: ./dev sync cpu (or gpu). Without them there "
        "are only made-up answers, for rehearsals: canned, which must be named and is never picked for you"
    )
