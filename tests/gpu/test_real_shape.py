"""The real model's shape on a real GPU: every way of quantizing is loaded and answers in its schema."""

from __future__ import annotations

import asyncio
import json
import warnings
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
if not torch.cuda.is_available():
    pytest.skip("there is no GPU here", allow_module_level=True)
with warnings.catch_warnings(action="ignore"):  # what the libraries say of each other while they are imported
    pytest.importorskip("vllm")
    from models import prompt
    from models.engines.qwen_vllm.reader import QwenVllm
    from models.ports import Reading
    from models.profile import BAGGAGE
    from tests.bench.shape import Kind, make


SQUARE = BAGGAGE.model_copy(update={"reader_frame": (448, 448)})


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", ["w4a16", "w8a8", "fp8"])
def test_seven_billion_weights_of_chance_answer_in_their_schema(tmp_path: Path, kind: Kind) -> None:
    """Thirty-two at once, each with a log-probability for every token."""
    schema = json.dumps(prompt.schema("general", SQUARE))
    chance = np.random.default_rng(1)

    async def story() -> None:
        reader = await QwenVllm.load(make(tmp_path / "reader", "7b", kind, 448), SQUARE)
        try:
            seen = [chance.integers(0, 256, (448, 448, 3), np.uint8) for _ in range(32)]
            asked = [reader.read(Reading(picture, prompt.question("general"), schema)) for picture in seen]
            for reply in await asyncio.gather(*asked):
                prompt.read_items(reply.text, SQUARE)
                assert reply.pieces
        finally:
            await reader.close()

    asyncio.run(story())
