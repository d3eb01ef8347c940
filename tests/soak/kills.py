"""kill -9 anywhere, any process, while scanners write in every style: nothing lost, torn or judged twice.

./dev soak kills                       500 kills, 10,000 files
./dev soak kills --kills 10 --files 200
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

from appliance.store import ledger
from tests.box import PATIENCE, Box
from tests.soak.writers import STYLES, Written, write_all

SECONDS_A_KILL = 1.8
"""About how long a kill and a new start take together."""
WHOLE = 3
"""Daemon, engine, decoder."""
PATIENT = ", deadline_seconds: 100000, incomplete_seconds: 600"
"""No verdict is given only because time ran out: each scan must get its one full verdict."""


def soak(folder: Path, kills: int, files: int, seed: int, *, say: bool = False) -> dict[str, Any]:
    """Run the story and give its figures."""
    dice = random.Random(seed)
    written: list[Written] = []
    started = time.monotonic()
    with Box(folder, source=PATIENT, more="operations: {inbox: 100000}\n") as box:
        box.start(wait=False)
        pause = max(0.001, kills * SECONDS_A_KILL * len(STYLES) / files)  # the files come while the kills do
        writer = threading.Thread(target=write_all, args=(box.scanner, files, seed, written, pause), daemon=True)
        writer.start()
        killed: Counter[str] = Counter()
        while sum(killed.values()) < kills:
            if not box.family():
                box.start(wait=False)
                if dice.random() < 0.8:  # mostly let it come up; sometimes hit it while it starts
                    box.until(lambda: len(box.family()) >= WHOLE, "engine and decoder run")
            time.sleep(dice.expovariate(1 / 0.5))
            killed[_kill_one(box, dice)] += 1
            if say:
                print(f"\r{sum(killed.values())}/{kills} kills, {len(written)}/{files} files", end="", file=sys.stderr)
        writer.join()
        if not box.family():
            box.start(wait=False)
        whole = {item.sha256 for item in written}
        box.until(lambda: _judged(box) >= len(whole), f"{len(whole)} scans judged", patience=300 + files / 10)
        box.until(lambda: not _waiting_results(box), "every verdict has its document")
        box.stop()
        return (
            {"kills": sum(killed.values()), **killed}
            | _account(box, written)
            | {"seconds": round(time.monotonic() - started)}
        )


def _kill_one(box: Box, dice: random.Random) -> str:
    """Kill the daemon mostly, else its engine or its decoder."""
    family = box.family()
    while family:
        victim = family[0] if dice.random() < 0.6 or len(family) == 1 else dice.choice(family[1:])
        with contextlib.suppress(psutil.Error):
            name = "daemon" if victim is family[0] else "engine" if "serve" in victim.cmdline() else "decoder"
            victim.kill()
            if name == "daemon":
                assert box.process is not None
                box.process.wait()
                _end_orphans(family[1:])
            return name
        family = box.family()
    return "nobody: it had ended by itself"


def _end_orphans(children: list[psutil.Process]) -> None:
    """A killed daemon's children end by themselves; a stuck one would be a finding, not a thing to tidy up."""
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert not alive, f"outlived their daemon: {alive}"


def _judged(box: Box) -> int:
    with contextlib.suppress(Exception):
        return box.one("SELECT count(*) FROM scan WHERE superseded_by IS NULL AND action IS NOT NULL AND owed = 0")
    return 0


def _waiting_results(box: Box) -> bool:
    behind = box.one("SELECT (SELECT max(id) FROM event) - (SELECT event FROM cursor WHERE outlet = 'results')")
    return behind != 0


def _account(box: Box, written: list[Written]) -> dict[str, Any]:
    """Hold what was written against what was kept."""
    rows = box.ask("SELECT id, scan_id, state, brought FROM scan")
    kept = Counter(digest for row in rows for p in json.loads(row["brought"])["pictures"] for digest in p["originals"])
    whole = {item.sha256 for item in written}
    full = "SELECT count(*) FROM (SELECT scan FROM verdict WHERE answer IS NOT NULL GROUP BY scan HAVING count(*) > 1)"
    documents = {row["scan_id"] for row in rows}
    shown = sum(1 for path in box.results.glob("[!.]*.json") if json.loads(path.read_bytes()))
    with box.db() as db:
        checked = ledger.verify(db)
    return {
        "files": len(written),
        "contents": len(whole),
        "lost": len(whole - kept.keys()),
        "torn": len(kept.keys() - whole),
        "judged_twice": box.one(full),
        "quarantined": sum(row["state"] == "quarantined" for row in rows),
        "verdicts": box.one("SELECT count(*) FROM verdict"),
        "without_document": len(documents) - shown,
        "ledger": "ok" if checked.broken is None else str(checked.broken),
        "integrity": box.one("PRAGMA integrity_check"),
        "clear_without_answer": box.one("SELECT count(*) FROM verdict WHERE action = 'CLEAR' AND answer IS NULL"),
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=500)
    options.add_argument("--files", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="lanewatch-kills-"))
    figures = soak(folder, chosen.kills, chosen.files, chosen.seed, say=True)
    print(json.dumps(figures, indent=2))
    well = not any(figures[key] for key in ("lost", "torn", "judged_twice", "without_document", "clear_without_answer"))
    well = well and figures["ledger"] == figures["integrity"] == "ok"
    if well:
        shutil.rmtree(folder)
    else:
        print(f"kept for a look: {folder}", file=sys.stderr)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
