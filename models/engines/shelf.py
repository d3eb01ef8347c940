"""The shelf: the only place that picks an engine by its name.

Takes a name, gives a way to load that engine. An engine's libraries are imported
when it is loaded and never before.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Literal

from models.exam import Known
from models.ports import CannotLoadError, Engine

Backend = Literal["auto", "vllm", "transformers", "canned"]


@dataclass(frozen=True, slots=True)
class Shelved:
    """An engine, verified, loaded, warm and examined, and a question it is known to answer."""

    engine: Engine
    canary: Known


Load = Callable[[], Coroutine[None, None, Shelved]]


def find(backend: Backend, release: str, delay: float = 0.0) -> Load:
    """Find an engine for a release, or raise `CannotLoadError`. `delay` is for made-up answers only."""
    if backend == "canned":
        return lambda: _canned(release, delay)
    wanted = "an engine that can think" if backend == "auto" else f"the {backend} engine"
    raise CannotLoadError(
        f"release {release!r} needs {wanted}, and this version of Lanewatch has none. What it has is "
        "made-up answers for rehearsals: --backend canned, which must be named and is never picked for you"
    )


async def _canned(release: str, delay: float) -> Shelved:
    from models.engines.canned import KNOWN, Canned  # noqa: PLC0415  each engine only when it is wanted

    return Shelved(engine=await Canned.load(release, delay), canary=KNOWN[1])
