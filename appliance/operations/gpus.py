"""The box's GPUs, as their driver tells of them.

Takes nothing, gives a value for each card; none where no driver answers.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from typing import Any, NamedTuple, TypeVar

import pynvml  # pyright: ignore[reportMissingTypeStubs] - it ships none

T = TypeVar("T")
NVML: Any = pynvml


class Gpu(NamedTuple):
    """One card; None for what it does not tell."""

    name: str
    memory_bytes: int | None
    memory_used_bytes: int | None
    celsius: int | None
    busy_percent: int | None


def look() -> tuple[Gpu, ...]:
    """Every card at this moment."""
    with _driver() as there:
        handles = [NVML.nvmlDeviceGetHandleByIndex(n) for n in range(NVML.nvmlDeviceGetCount())] if there else []
        return tuple(map(_card, handles))


def driver() -> str | None:
    """The version of the driver; None where none answers."""
    with _driver() as there:
        return str(NVML.nvmlSystemGetDriverVersion()) if there else None


@contextlib.contextmanager
def _driver() -> Generator[bool]:
    """Talk to the driver, if one answers."""
    try:
        NVML.nvmlInit()
    except NVML.NVMLError:
        yield False
        return
    try:
        yield True
    finally:
        NVML.nvmlShutdown()


def _card(handle: Any) -> Gpu:
    memory = _told(lambda: NVML.nvmlDeviceGetMemoryInfo(handle))
    return Gpu(
        name=_told(lambda: str(NVML.nvmlDeviceGetName(handle))) or "unknown",
        memory_bytes=memory.total if memory else None,
        memory_used_bytes=memory.used if memory else None,
        celsius=_told(lambda: NVML.nvmlDeviceGetTemperature(handle, NVML.NVML_TEMPERATURE_GPU)),
        busy_percent=_told(lambda: NVML.nvmlDeviceGetUtilizationRates(handle).gpu),
    )


def _told(ask: Callable[[], T]) -> T | None:
    """What a card says; not every card knows everything."""
    try:
        return ask()
    except NVML.NVMLError:
        return None
