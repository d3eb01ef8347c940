"""What all tests share: a real store in a temporary folder, and small scans to put into it."""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from PIL import Image

from appliance.scan import Arrival, Declaration, Picture, Scan, Sheet
from appliance.store import scans
from appliance.store.database import Store

settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that no process is still at one of them while the others have nothing left to do."""
    items.sort(key=lambda item: "journeys" not in item.path.parts)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where every package was to be installed (`.ci/run` says so), a test that misses one has failed."""
    report = yield
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
    if report.skipped and "apt-get install" in reason and os.environ.get("LANEWATCH_TEST_PACKAGES") == "installed":
        report.outcome = "failed"
        report.longrepr = reason
    return report


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A real store, closed again."""
    opened = Store.open(tmp_path / "state")
    yield opened
    opened.close()


@pytest.fixture
def arrival() -> Callable[..., Arrival]:
    """Make the arrival of a scan; its picture's digest follows from its name unless given."""

    def make(name: str = "scan-1", **changes: Any) -> Arrival:
        digest = hashlib.sha256(changes.pop("picture", name).encode()).hexdigest()
        clean = hashlib.sha256(f"clean {digest}".encode()).hexdigest()
        picture = Picture(name="view", originals=(digest,), size=10, sha256=clean, width=8, height=8)
        values: dict[str, Any] = {
            "source": "belt-1",
            "slot": f"belt-1:{name}",
            "name": name,
            "sheet": Sheet(declaration=Declaration()),
            "pictures": (picture,),
            "deadline_seconds": 30.0,
            "received_at": datetime.now(UTC),
        }
        return Arrival(**(values | changes))

    return make


def claim(db: sqlite3.Connection, limit: int) -> tuple[Scan, ...]:
    """Take the next scans, as the loop does."""
    line = scans.next_in_line(db, limit)
    for scan in line:
        scans.claim(db, scan.id)
    return tuple(scan.model_copy(update={"attempts": scan.attempts + 1}) for scan in line)


def png(colour: tuple[int, ...] = (200, 120, 40), size: tuple[int, int] = (32, 24)) -> bytes:
    """A small real picture."""
    out = io.BytesIO()
    Image.new("RGB", size, tuple(colour)).save(out, "PNG")
    return out.getvalue()
