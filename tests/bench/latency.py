"""How long a scan takes from the scanner's rename until its verdict is seen, less what the engine took.

    ./dev bench latency [--rounds 5]

Seen as a document in the results folder, and as an event by whoever follows the desk; one scan at a time, as a 448
pixel colour PNG and JPEG. Against a plain watchdog script and the kernel's own word in the same run.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

from tests.bench.inotify import PATIENCE, Watch
from tests.bench.stream import Stream
from tests.box import ROOT, Box
from training.synth.simulator import simulate
from training.synth.write import Format
from training.synth.write import pictures as written

SCANS = 60
KINDS: dict[Format, str] = {"png": ".png", "jpeg": ".jpg"}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="lanewatch-bench-") as place:
        print(json.dumps(latency(Path(place), chosen.rounds), indent=2))
    return 0


def latency(place: Path, rounds: int) -> dict[str, Any]:
    """The figures for each kind of file."""
    with Box(place / "box") as box, plain_script(place / "plain") as (folder, results):
        box.start()
        with Stream(box.port, box.token(("read",))) as stream:
            return {kind: _kind(box, stream, folder, results, kind, rounds) for kind in KINDS}


def picture(number: int, kind: Format = "png", *, size: int = 448) -> bytes:
    """A simulated scan's picture."""
    return next(content for _, content in written(simulate(7, number, size=size), kind))


def _kind(box: Box, stream: Stream, folder: Path, results: Path, kind: Format, rounds: int) -> dict[str, Any]:
    pictures = [picture(number, kind) for number in range(SCANS)]
    documents: list[float] = []
    desk: list[float] = []
    plain: list[float] = []
    bare: list[float] = []
    for turn in range(rounds):
        for number, content in enumerate(pictures):
            marked = content + f"{turn} {number}".encode()  # each scan's bytes are its own
            name = f"{kind}{turn}-{number}"
            document, event = _ours(box, stream, name, KINDS[kind], marked)
            documents.append(document)
            desk.append(event)
            plain.append(_until_named(folder, results, f"{name}{KINDS[kind]}", f"{name}.json", marked))
            bare.append(_until_named(folder.parent, folder.parent, f"x{KINDS[kind]}", f"x{KINDS[kind]}", marked))
    return {
        "scans": len(documents),
        "document_ms_p50": ms(documents, 50),
        "document_ms_p95": ms(documents, 95),
        "desk_ms_p50": ms(desk, 50),
        "desk_ms_p95": ms(desk, 95),
        "plain_watchdog_script_ms_p50": ms(plain, 50),
        "plain_watchdog_script_ms_p95": ms(plain, 95),
        "raw_inotify_ms_p50": ms(bare, 50),
        "document_against_plain_script_p50": round(ms(documents, 50) / ms(plain, 50), 2),
    }


def _ours(box: Box, stream: Stream, name: str, ending: str, content: bytes) -> tuple[float, float]:
    """Rename a picture into place and wait for its document and for its event; both less the engine's time."""
    part = box.scanner / f"{name}{ending}.part"
    part.write_bytes(content)
    document = event = 0.0
    with Watch(box.results) as watch:
        started = time.perf_counter()
        part.rename(box.scanner / f"{name}{ending}")
        while not (document and event):
            heard, _, _ = select.select([watch, stream], [], [], PATIENCE)
            now = time.perf_counter() - started
            if not heard:
                raise TimeoutError(f"{name}: document after {document} s, event after {event} s, then nothing")
            if watch in heard and f"{name}.json" in watch.names():
                document = now
            if stream in heard and name in stream.heard():
                event = now
    engine = json.loads((box.results / f"{name}.json").read_bytes())["timings_ms"]["engine"] / 1000
    return document - engine, event - engine


def _until_named(folder: Path, results: Path, name: str, awaited: str, content: bytes) -> float:
    """Rename a picture into place and wait until a name is moved into another folder, or the same."""
    part = folder / f"{name}.part"
    part.write_bytes(content)
    with Watch(results) as watch:
        started = time.perf_counter()
        part.rename(folder / name)
        watch.until(awaited)
        return time.perf_counter() - started


@contextlib.contextmanager
def plain_script(place: Path) -> Generator[tuple[Path, Path]]:
    """The yardstick, with its two folders."""
    folder, results = place / "scanner", place / "results"
    folder.mkdir(parents=True)
    results.mkdir()
    command = [sys.executable, "-m", "tests.bench.plain", str(folder), str(results), str(place / "plain.db")]
    script = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert script.stdout is not None
    script.stdout.readline()
    try:
        yield folder, results
    finally:
        script.kill()
        script.wait()


def ms(times: list[float], percent: int) -> float:
    """A percentile, in milliseconds."""
    return round(1000 * sorted(times)[min(len(times) - 1, len(times) * percent // 100)], 3)


if __name__ == "__main__":
    sys.exit(main())
