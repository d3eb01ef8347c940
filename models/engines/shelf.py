"""The shelf: the only place that picks an engine by its name.

Takes a name, gives a way to load that engine. An engine's libraries are imported
when it is loaded and never before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from models import release
from models.artifacts.refusal import ArtifactRefusedError
from models.exam import Known, canary_of, cases_of
from models.ports import CannotLoadError, Engine, EngineError, Reader
from models.profile import BAGGAGE

Backend = Literal["auto", "vllm", "transformers", "canned"]


@dataclass(frozen=True, slots=True)
class Shelved:
    """An engine, verified, loaded, warm and examined, and a question it is known to answer."""

    engine: Engine
    canary: Known


Load = Callable[[], Coroutine[None, None, Shelved]]


def find(backend: Backend, name: str, delay: float = 0.0) -> Load:
    """Find an engine for a release, or raise `CannotLoadError`. `delay` is for made-up answers only."""
    if backend == "canned":
        return lambda: _canned(name, delay)
    picked = _pick(backend)
    return lambda: _thinking(picked, name)


def _pick(backend: Literal["auto", "vllm", "transformers"]) -> Literal["vllm", "transformers"]:
    """Auto is vLLM where there is a GPU, and else transformers, which starts in seconds."""
    missing = [name for name in ("torch", "transformers", "onnxruntime") if find_spec(name) is None]
    if missing:
        raise CannotLoadError(
            f"the embedded models need {' and '.join(missing)}, not installed here: ./dev sync cpu (or gpu). Without "
            "them there are only made-up answers, for rehearsals: --backend canned, which is never picked for you"
        )
    if backend != "auto":
        return backend
    import torch  # noqa: PLC0415  it takes seconds, and only this question needs it

    return "vllm" if torch.cuda.is_available() and find_spec("vllm") else "transformers"


async def _thinking(backend: Literal["vllm", "transformers"], name: str) -> Shelved:
    """The detector and the reader of a release, checked to the last bit, loaded and examined."""
    from models.analyst import PairedEngine  # noqa: PLC0415  each engine only when it is wanted
    from models.engines.yolo import Yolo, here  # noqa: PLC0415

    try:
        opened = await asyncio.to_thread(release.opened, release.find(name))
        if opened.about.profile != BAGGAGE.name:
            raise CannotLoadError(
                f"release {name}: made for {opened.about.profile!r}, which this version does not know"
            )
        runtime = "cuda" if backend == "vllm" and "cuda" in here() else "onnxruntime"
        detector = Yolo.load(opened, BAGGAGE, runtime)
        reader = await _reader(backend, opened)
        stack = f"{runtime}+{backend}-{opened.about.quantization}"
        engine = PairedEngine(detector, reader, BAGGAGE, opened.about, stack, cases_of(opened, stack))
        canary = canary_of(opened)
    except (ArtifactRefusedError, EngineError) as problem:
        raise CannotLoadError(f"release {name}: {problem}") from problem
    await engine.examine()
    return Shelved(engine=engine, canary=canary)


async def _reader(backend: Literal["vllm", "transformers"], opened: release.Opened) -> Reader:
    folder = opened.folder / "reader"
    if backend == "vllm":
        from models.engines.qwen_vllm.reader import QwenVllm  # noqa: PLC0415

        return await QwenVllm.load(folder, BAGGAGE)
    from models.engines.qwen_transformers.reader import QwenTransformers  # noqa: PLC0415

    return await QwenTransformers.load(folder, opened.about.quantization)


async def _canned(name: str, delay: float) -> Shelved:
    from models.engines.canned import KNOWN, Canned  # noqa: PLC0415  each engine only when it is wanted

    return Shelved(engine=await Canned.load(name, delay), canary=KNOWN[1])
