"""A decoder for one test: started, used, and ended without a trace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from appliance.intake.decoding.decoder import ChildDecoder
from appliance.ports import DecodedView
from appliance.settings import Operations

T = TypeVar("T")


def with_decoder(work: Callable[[ChildDecoder], Awaitable[T]], **settings: Any) -> T:
    """Run the work with a decoder that is ready, and close it."""

    async def whole() -> T:
        decoder = ChildDecoder(Operations(**settings))
        try:
            await decoder.start()
            return await work(decoder)
        finally:
            await decoder.close()

    return asyncio.run(whole())


def decoded(planes: bytes | dict[str, bytes], palette: str = "standard", **settings: Any) -> tuple[DecodedView, ...]:
    """What one file becomes."""
    given = planes if isinstance(planes, dict) else {"": planes}
    return with_decoder(lambda decoder: decoder.decode(given, palette), **settings)


def pixels(view: DecodedView) -> NDArray[np.uint8]:
    return np.asarray(Image.open(BytesIO(view.png)))


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
