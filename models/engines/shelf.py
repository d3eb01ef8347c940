"""The shelf: the only place that picks an engine by its name.

Takes a name, gives a way to load that engine. An engine's libraries are imported
when it is loaded and never before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Literal

from models import release
from models.artifacts.refusal import ArtifactRefusedError
from models.exam import Known, canary_of, cases_of
from models.needs import Backend, lack
from models.ports import CannotLoadError, Detector, Engine, EngineError, Reader
from models.profile import BAGGAGE


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
    if trouble := lack(backend):
        raise CannotLoadError(trouble)
    return lambda: _thinking(backend, name)


async def _thinking(backend: Literal["auto", "vllm", "transformers"], name: str) -> Shelved:
    """The detector and the reader of a release, checked to the last bit, loaded and examined."""
    try:
        opened = await asyncio.to_thread(_opened, name)
        load, stack, detector = await asyncio.to_thread(_taken, backend, opened)
        from models.analyst import PairedEngine  # noqa: PLC0415  each engine only when it is wanted

        engine = PairedEngine(detector, await load(), BAGGAGE, opened.about, stack, cases_of(opened, stack))
        canary = canary_of(opened)
    except (ArtifactRefusedError, EngineError) as problem:
        raise CannotLoadError(f"release {name}: {problem}") from problem
    await engine.examine()
    return Shelved(engine=engine, canary=canary)


def _opened(name: str) -> release.Opened:
    opened = release.opened(release.find(name))
    if opened.about.profile != BAGGAGE.name:
        raise CannotLoadError(f"release {name}: made for {opened.about.profile!r}, which this version does not know")
    return opened


def _taken(
    backend: Literal["auto", "vllm", "transformers"], opened: release.Opened
) -> tuple[Callable[[], Coroutine[None, None, Reader]], str, Detector]:
    """How to load the reader, the stack's name, and the detector. Imports for seconds, so never in the event loop.

    Auto is vLLM where there is a GPU, and else transformers, which starts in seconds.
    """
    import torch  # noqa: PLC0415  each engine only when it is wanted

    from models.engines.yolo import Yolo, here  # noqa: PLC0415

    folder, quantization = opened.folder / "reader", opened.about.quantization
    card = torch.cuda.is_available()
    if backend == "vllm" or (backend == "auto" and card and not lack("vllm")):
        from models.engines.qwen_vllm.reader import QwenVllm  # noqa: PLC0415

        kind, load = "vllm", partial(QwenVllm.load, folder, BAGGAGE)
    else:
        from models.engines.qwen_transformers.reader import QwenTransformers  # noqa: PLC0415

        kind, load = "transformers", partial(QwenTransformers.load, folder, quantization)
    runtime = "cuda" if card and "cuda" in here() else "onnxruntime"
    return load, f"{runtime}+{kind}-{quantization}", Yolo.load(opened, BAGGAGE, runtime)


async def _canned(name: str, delay: float) -> Shelved:
    from models.engines.canned import KNOWN, Canned  # noqa: PLC0415  each engine only when it is wanted

    return Shelved(engine=await Canned.load(name, delay), canary=KNOWN[1])
