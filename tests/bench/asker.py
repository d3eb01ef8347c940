"""The box's side of `./dev bench engine`, as a process of its own: asks an engine about pictures and takes the time.

python -m tests.bench.asker SOCKET FOLDER; then on each line of stdin: how many in flight, first picture, end.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import time
from pathlib import Path

from models.answer import Question, View
from models.client import EngineClient
from tests.waiting import GENEROUS, until


def question(path: Path, width: int, height: int) -> Question:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    view = View(name="top", path=str(path), sha256=sha256, width=width, height=height)
    return Question(id=path.stem, views=(view,))


async def ask(client: EngineClient, questions: list[Question], in_flight: int) -> float:
    """Seconds until all are answered."""
    waiting = iter(questions)

    async def hand() -> None:
        for each in waiting:
            await client.answer(each, GENEROUS * 10)

    begun = time.perf_counter()
    await asyncio.gather(*(hand() for _ in range(in_flight)))
    return time.perf_counter() - begun


async def main(socket: str, folder: str) -> None:
    questions = [question(path, 280, 196) for path in sorted(Path(folder).iterdir())]
    client = EngineClient(Path(socket))
    running = asyncio.create_task(client.run())
    await until(lambda: client.alive)
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        in_flight, first, last = map(int, line.split())
        print(await ask(client, questions[first:last], in_flight), flush=True)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
