"""kill -9 of the whole box after each acknowledged review: none is missing, none is there twice.

./dev soak clicks              200 kills
./dev soak clicks --kills 10
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import httpx2

from appliance.commands.common import ask_daemon
from appliance.store import reviews
from tests.box import Box
from tests.conftest import png

PATIENT = ", deadline_seconds: 1"
KINDS = ("agree", "false_alarm", "missed", "wrong_item", "cannot_tell")


def soak(folder: Path, kills: int, *, say: bool = False) -> dict[str, Any]:
    """Answer scans, pull the plug at each acknowledgement, and give the figures."""
    started = time.monotonic()
    acknowledged: dict[str, str] = {}
    undone: set[str] = set()
    repeated = 0
    with Box(folder, source=PATIENT) as box:
        page = _sign_in(box.start(with_engine=False))
        for number in range(kills):
            box.drop(f"scan-{number:04}.png", png((number % 256, 90, 30 + number // 256)))
        box.until(lambda: len(_waiting(page)) >= min(kills, 200), "the scans wait for an officer")
        for number in range(kills):
            scan = _waiting(page)[0]
            word = {
                "key": str(uuid.uuid4()), "scan_id": scan["scan_id"], "revision": scan["revision"],
                "verdict": scan["verdict_id"], "kind": KINDS[number % len(KINDS)], "marks": [], "note": f"no. {number}",
            }  # fmt: skip
            answer = page.post("/api/v1/reviews", json=word)
            assert answer.status_code == 201, answer.text
            if number % 10 == 9:
                assert page.post(f"/api/v1/reviews/{word['key']}/undo").status_code == 200
                undone.add(word["key"])
            box.kill()
            acknowledged[word["key"]] = word["note"]
            box.start(with_engine=False)
            again = page.post("/api/v1/reviews", json=word)  # the page never heard the answer, and asks again
            repeated += (again.status_code, again.json()["id"]) == (200, answer.json()["id"])
            if say:
                print(f"\r{number + 1}/{kills} kills", end="", file=sys.stderr)
        page.close()
        kept = {row["key"]: row for row in box.ask("SELECT * FROM review")}
        with box.db() as db:
            checked = reviews.verify(db)
        box.stop()
    missing = [key for key, note in acknowledged.items() if key not in kept or kept[key]["note"] != note]
    return {
        "kills": kills,
        "acknowledged": len(acknowledged),
        "missing": len(missing),
        "more than acknowledged": len(kept) - len(acknowledged),
        "undone": len(undone),
        "undone, and not so on record": sum(kept[key]["undone_at"] is None for key in undone if key in kept),
        "the same click again, the same review": repeated,
        "chain": "broken" if checked.broken else "whole",
        "seconds": round(time.monotonic() - started),
    }


def _sign_in(box: Box) -> httpx2.Client:
    """An officer at a browser that stays open while the box falls and comes back."""
    code = ask_daemon(box.config, "POST", "/control/officers", {"name": "T. Tan", "role": "officer"})["code"]
    page = httpx2.Client(base_url=f"http://127.0.0.1:{box.port}", timeout=300, trust_env=False)
    page.headers["Sec-Fetch-Site"] = "same-origin"
    told = page.post("/api/v1/session/code", json={"code": code, "password": f"long enough {uuid.uuid4()}"})
    assert told.status_code == 201, told.text
    words = (value.partition(";")[0] for key, value in told.headers.multi_items() if key.lower() == "set-cookie")
    page.headers["Cookie"] = "; ".join(words)
    page.headers["X-Lanewatch-Proof"] = told.json()["proof"]
    return page


def _waiting(page: httpx2.Client) -> list[dict[str, Any]]:
    return page.get("/api/v1/queue?limit=200").json()["scans"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = soak(Path(folder), asked.kills, say=True)
    print(json.dumps(told, indent=2))
    return int(bool(told["missing"] or told["more than acknowledged"] or told["undone, and not so on record"]))


if __name__ == "__main__":
    sys.exit(main())
