"""How fast the reader of a box with a GPU is, in the shape of the real model with weights of chance.

    ./dev bench gpu [--shape 7b] [--kind w4a16|w8a8|fp8|bf16] [--side 448] [--rounds 5] [--folder KEEP_IT_HERE]
    ./dev bench gpu --shape tiny --kind w4a16      without a GPU: that the command runs, and nothing more

Goals on an H200, 7B: one scan with an answer of 40 tokens within 140 ms, with a coded one (12 tokens) within 60 ms; 44
scans/s with 8 in flight and 85 with 32. Answers have exactly that many tokens, since weights of chance find no end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
from vllm import SamplingParams
from vllm.sampling_params import RequestOutputKind

from models import prompt
from models.engines.qwen_vllm.start import started
from tests.bench.shape import FORMS, make

BATCHES = (1, 8, 32)
ANSWERS = {"coded": 12, "prose": 40}
TURNS = 4  # batches' worth of scans in a round


async def bench(folder: Path, side: int, rounds: int) -> dict[str, Any]:
    """The figures: milliseconds for one, scans per second for more."""
    begun = time.monotonic()
    llm = await asyncio.to_thread(started, folder, (side, side))
    figures: dict[str, Any] = {"seconds to load": round(time.monotonic() - begun, 1)}
    chance, names = np.random.default_rng(1), count()
    words = llm.renderer.get_tokenizer().apply_chat_template(
        prompt.messages(prompt.question("general")), tokenize=False, add_generation_prompt=True
    )

    async def ask(tokens: int) -> None:
        how = SamplingParams(
            temperature=0.0,
            min_tokens=tokens,
            max_tokens=tokens,
            ignore_eos=True,
            detokenize=False,
            output_kind=RequestOutputKind.FINAL_ONLY,
        )
        seen = chance.integers(0, 256, (side, side, 3), np.uint8)
        asked = {"prompt": words, "multi_modal_data": {"image": seen}}
        async for output in llm.generate(asked, how, f"scan-{next(names)}"):
            assert len(output.outputs[0].token_ids) == tokens

    async def several(tokens: int, in_flight: int) -> float:
        """Seconds for a scan."""
        waiting = iter(range(in_flight * TURNS))

        async def hand() -> None:
            for _ in waiting:
                await ask(tokens)

        started_at = time.perf_counter()
        await asyncio.gather(*(hand() for _ in range(in_flight)))
        return (time.perf_counter() - started_at) / (in_flight * TURNS)

    try:
        for answer, tokens in ANSWERS.items():
            for in_flight in BATCHES:
                await several(tokens, in_flight)  # warms up
                middle = statistics.median([await several(tokens, in_flight) for _ in range(rounds)])
                figures[f"{answer}, {in_flight} in flight, scans/s"] = round(1 / middle, 2)
                if in_flight == 1:
                    figures[f"{answer}, one at a time, ms"] = round(1000 * middle, 1)
        figures["GB"] = _memory()
    finally:
        llm.shutdown()
    return figures


def _memory() -> float:
    """On the GPU, or without one in the processes."""
    if torch.cuda.is_available():
        free, whole = torch.cuda.mem_get_info()
        return round((whole - free) / 1e9, 1)
    mine = psutil.Process()
    return round(sum(each.memory_info().rss for each in (mine, *mine.children(recursive=True))) / 1e9, 1)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shape", choices=("tiny", "7b"), default="7b")
    options.add_argument("--kind", choices=("bf16", *FORMS), default="w4a16")
    options.add_argument("--side", type=int, default=448)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--folder", type=Path)
    chosen = options.parse_args()
    on = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    if on is None and chosen.shape != "tiny":
        sys.stderr.write("bench gpu: there is no GPU here; --shape tiny shows that the command runs\n")
        return 3
    with tempfile.TemporaryDirectory(prefix="lanewatch-bench-") as place:
        folder = chosen.folder or Path(place) / "reader"
        if not folder.exists():
            make(folder, chosen.shape, chosen.kind, chosen.side)
        figures = asyncio.run(bench(folder, chosen.side, chosen.rounds))
    about = {
        "on": on or "no GPU: these figures say nothing about a box",
        "at": datetime.now(UTC).date(),
    }
    print(json.dumps(about | vars(chosen) | figures, indent=2, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main())
