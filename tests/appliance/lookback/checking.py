"""What a pack consists of, and how the checker is asked about one."""

from __future__ import annotations

from pathlib import Path

from appliance.lookback import checker
from tests.appliance.lookback.keeping import BOOK

FILES = (
    "README.txt", "actions.json", "brought.json", "check.py", "clean/03.png", "clean/05.png", "ledger.json",
    "manifest.json", "missing.json", "originals/01.png", "originals/02.png", "originals/04.png", "pictures.json",
    f"rulebooks/{BOOK.digest}.json", f"rulebooks/{BOOK.digest}/book.yaml", f"rulebooks/{BOOK.digest}/site.yaml",
    f"rulebooks/{BOOK.digest}/taxonomy.yaml", "scan.json", "verdicts.json",
    *(f"verdicts/{number}/{part}.json" for number in (1, 2) for part in checker.PARTS),
)  # fmt: skip


def wrong(place: Path) -> list[str]:
    report = checker.check(place)
    assert report.code == (1 if report.wrong else 0)
    return [line for line in report.lines if line.startswith("WRONG")]
