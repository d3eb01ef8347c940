"""What the way through the engine's socket costs, and what it gains to ask for many scans at once.

    ./dev bench engine [--backend vllm|transformers] [--reader FOLDER] [--questions 48] [--rounds 5]

The engine here is a reader alone, without detector and rules. Three ways in turn, with pictures that nobody has seen:
`direct` feeds the library itself with decoded pictures, `served` asks from another process through the socket, and the
engine reads, checks, decodes and frames each picture, `one` does that one scan at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from models import pictures, prompt
from models.answer import Answer, Answered, ExamNotPassed, Identity, Question
from models.desk import Desk
from models.frame import framed
from models.ports import Early, Reader, Reading, unheard
from models.profile import BAGGAGE
from tests.models.engines.reader_of_chance import GENERAL, make_reader, picture

IN_FLIGHT = 16
ALONE = 8  # scans a round, one at a time
READERS = {
    "vllm": ("models.engines.qwen_vllm.reader", "QwenVllm"),
    "transformers": ("models.engines.qwen_transformers", "QwenTransformers"),
}


class Bare:
    """The least engine: a reader that is asked one question about one view."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.identity = Identity(engine="bench", release="none", exam=ExamNotPassed(state="none", reason="a bench"))

    async def answer(self, question: Question, within: float, early: Early = unheard) -> Answer:  # noqa: ARG002
        begun = time.perf_counter()
        seen = await asyncio.to_thread(_look, question)
        looked = time.perf_counter()
        await self.reader.read(seen)
        return Answer(
            question=question.id,
            pictures=tuple(view.sha256 for view in question.views),
            components=(
                Answered(name="detector", milliseconds=(looked - begun) * 1000),
                Answered(name="vlm", milliseconds=(time.perf_counter() - looked) * 1000),
            ),
            identity=self.identity,
        )


def _look(question: Question) -> Reading:
    pixels = cv2.imdecode(np.frombuffer(pictures.read(question.views[0]), np.uint8), cv2.IMREAD_COLOR_RGB)
    return Reading(framed(pixels, *BAGGAGE.reader_frame).pixels, prompt.question("general"), GENERAL)


async def bench(place: Path, backend: str, folder: Path | None, questions: int, rounds: int) -> dict[str, Any]:
    """The figures, as medians of rounds."""
    module, name = READERS[backend]
    load = getattr(importlib.import_module(module), name).load
    reader: Reader = await load(folder or make_reader(place / "reader"), BAGGAGE)
    (place / "scans").mkdir()
    step = questions + ALONE
    for number in range(1, 1 + (rounds + 1) * step):
        path = place / "scans" / f"{number:06}.png"
        cv2.imwrite(str(path), picture(number)[:, :, ::-1])
    async with AsyncExitStack() as stack:
        stack.push_async_callback(reader.close)
        desk = stack.enter_context(Desk(place / "engine.sock"))
        desk.open(Bare(reader))
        receiving = asyncio.create_task(desk.receive())
        stack.callback(receiving.cancel)
        box = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.bench.asker",
            str(place / "engine.sock"),
            str(place / "scans"),
            stdin=-1,
            stdout=-1,
        )
        stack.push_async_callback(box.wait)
        stack.callback(box.stdin.close)
        await box.stdout.readline()

        async def served(in_flight: int, first: int, last: int) -> float:
            box.stdin.write(f"{in_flight} {first} {last}\n".encode())
            return float(await box.stdout.readline())

        times: dict[str, list[float]] = {"direct": [], "served": [], "one": []}
        for turn in range(rounds + 1):
            first = turn * step
            unseen = [_reading(-number) for number in range(first, first + questions)]
            each = {
                "direct": await _direct(reader, unseen) / questions,
                "served": await served(IN_FLIGHT, first, first + questions) / questions,
                "one": await served(1, first + questions, first + step) / ALONE,
            }
            if turn:  # the first one only warms up
                for way, seconds in each.items():
                    times[way].append(seconds)
    per_second = {way: round(1 / statistics.median(seconds), 2) for way, seconds in times.items()}
    return {
        "backend": backend,
        "cores": os.cpu_count(),
        "scans per second": per_second,
        "served / direct": round(per_second["served"] / per_second["direct"], 3),
        "16 in flight / one at a time": round(per_second["served"] / per_second["one"], 2),
    }


def _reading(seed: int) -> Reading:
    return Reading(picture(1_000_000 - seed), prompt.question("general"), GENERAL)


async def _direct(reader: Reader, readings: list[Reading]) -> float:
    """Through the library's own door where we know it, else through the reader's."""
    ask = _raw(reader) if hasattr(reader, "_llm") else reader.read
    waiting = iter(readings)

    async def hand() -> None:
        for each in waiting:
            await ask(each)

    begun = time.perf_counter()
    await asyncio.gather(*(hand() for _ in range(IN_FLIGHT)))
    return time.perf_counter() - begun


def _raw(reader: Any) -> Any:
    from vllm import SamplingParams  # noqa: PLC0415  the other engine does without it
    from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams  # noqa: PLC0415

    llm, names = reader._llm, iter(range(10**9))
    words = llm.renderer.get_tokenizer().apply_chat_template(
        prompt.messages(prompt.question("general")), tokenize=False, add_generation_prompt=True
    )

    async def ask(reading: Reading) -> None:
        how = SamplingParams(
            temperature=0.0,
            max_tokens=512,
            logprobs=0,
            structured_outputs=StructuredOutputsParams(json=reading.schema),
            output_kind=RequestOutputKind.FINAL_ONLY,
        )
        asked = {"prompt": words, "multi_modal_data": {"image": reading.picture}}
        async for _ in llm.generate(asked, how, f"raw-{next(names)}-{time.monotonic_ns()}"):
            pass

    return ask


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--backend", choices=READERS, default="vllm")
    options.add_argument(
        "--reader", type=Path, help="a reader's folder; without one, a small one with weights of chance"
    )
    options.add_argument("--questions", type=int, default=48)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="lanewatch-bench-") as place:
        figures = asyncio.run(bench(Path(place), chosen.backend, chosen.reader, chosen.questions, chosen.rounds))
    print(json.dumps(figures, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
