"""Many who follow a box's events, and how late each heard of each verdict.

python -m tests.bench.listeners PORT TOKEN ...; says "ready" once all of them listen, and what it heard at the end of
stdin: milliseconds from the moment that a verdict carries, begun before it is on disk, to each listener's socket.
"""

from __future__ import annotations

import contextlib
import json
import select
import sys
import time
from datetime import datetime

from tests.bench.stream import Stream


def main(port: str, *tokens: str) -> None:
    late: list[float] = []
    with contextlib.ExitStack() as stack:
        ears = [stack.enter_context(Stream(int(port), token)) for token in tokens]
        print("ready", flush=True)
        while True:
            if select.select([sys.stdin], [], [], 0)[0]:
                break
            for ear in select.select(ears, [], [], 0.1)[0]:
                now = time.time()
                late += [1e3 * (now - datetime.fromisoformat(one["at"]).timestamp()) for one in ear.verdicts()]
    late.sort()
    shares = {"p50": 0.5, "p95": 0.95, "most": 1.0}
    told = {name: round(late[min(len(late) - 1, int(len(late) * share))], 1) for name, share in shares.items()}
    print(json.dumps({"heard": len(late), **told}))


if __name__ == "__main__":
    main(*sys.argv[1:])
