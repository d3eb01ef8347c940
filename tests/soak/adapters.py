"""Adapters changed under load, at length: no question lost, none answered by another adapter than it began with.

./dev soak adapters                  200 changes, 8 questions in flight
./dev soak adapters --changes 20 --in-flight 4
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from models.engines.qwen_vllm.reader import QwenVllm
from models.profile import BAGGAGE
from tests.models.engines.changes import change_under_load
from tests.models.engines.reader_of_chance import make_adapter, make_reader


async def soak(place: Path, reader: Path | None, changes: int, in_flight: int) -> dict[str, Any]:
    """Run the story and give its figures."""
    folder = reader or make_reader(place / "reader")
    adapters = [None, *(make_adapter(place / f"adapter-{number}", folder, number) for number in range(3))]
    loaded = await QwenVllm.load(folder, BAGGAGE)
    begun = time.monotonic()
    try:
        tally = await change_under_load(loaded, adapters, pictures=4, changes=changes, in_flight=in_flight)
    finally:
        await loaded.close()
    return vars(tally) | {"dropped": tally.asked - tally.answered, "seconds": round(time.monotonic() - begun)}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "--reader", type=Path, help="a reader's folder; without one, a small one with weights of chance"
    )
    options.add_argument("--changes", type=int, default=200)
    options.add_argument("--in-flight", type=int, default=8)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="lanewatch-soak-") as place:
        figures = asyncio.run(soak(Path(place), chosen.reader, chosen.changes, chosen.in_flight))
    print(json.dumps(figures, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
