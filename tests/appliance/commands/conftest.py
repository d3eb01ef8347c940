"""A real store with a few scans in it, its configuration, and the command line run as its users run it."""

from __future__ import annotations

import asyncio
import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from appliance.rules.judged import Moment
from appliance.scan import Arrival, Scan
from appliance.store import scans
from appliance.store.database import Store
from models.answer import Answer, Answered, ExamPassed, Finding, Identity
from tests.appliance.commands.mother import Mother
from tests.conftest import claim
from tests.judging import judge

CONFIG = """
site: {name: lane-3}
storage: {root: ./state}
sources:
  - {name: belt-1, kind: folder, path: ./scanner}
engine: {socket: ./state/run/engine.sock, backend: canned}
results: {path: ./results}
dashboard: {bind: "127.0.0.1:0"}
"""


class Said(NamedTuple):
    """What a command gave."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@functools.cache
def mother() -> Mother:
    return Mother()


def lanewatch(*arguments: object, **environment: str) -> Said:
    """Run a command in a process of its own, which has its imports from its mother."""
    words = [str(argument) for argument in arguments]
    try:
        return Said(*mother().run(words, os.environ | {"COLUMNS": "200"} | environment))
    except BaseException:  # the next command is not to hear what this one did not wait for
        mother().close()
        mother.cache_clear()
        raise


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration; nothing of what it names is there yet but the scanner's folder."""
    (tmp_path / "scanner").mkdir()
    path = tmp_path / "appliance.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def box(config: Path, arrival: Callable[..., Arrival]) -> Path:
    """A box that has judged two scans, one with a find that has a dangerous name, and waits with a third."""
    store = Store.open(config.parent / "state")
    for name in ("quiet", "=loud", "waiting"):
        asyncio.run(store.write(lambda db, name=name: scans.receive(db, arrival(name))))
    taken = asyncio.run(store.write(lambda db: claim(db, 2)))
    for scan in taken:
        asyncio.run(store.write(lambda db, scan=scan: _conclude(db, scan)))
    store.close()
    return config


def _conclude(db: Any, scan: Scan) -> None:
    knife = Finding(
        item="=knife", category="blade", confidence=0.9, location="center", occluded=False,
        box=(0.25, 0.25, 0.75, 0.5), view="view", seen_by=("detector", "vlm"),
    )  # fmt: skip
    answer = Answer(
        question=f"{scan.scan_id}#{scan.revision}",
        pictures=tuple(picture.sha256 for picture in scan.pictures if picture.sha256),
        findings=(knife,) if scan.scan_id == "=loud" else (),
        components=(Answered(name="detector", milliseconds=1), Answered(name="vlm", milliseconds=1)),
        identity=Identity(engine="e", release="r", exam=ExamPassed(cases=1)),
    )
    judged = judge(scan, answer, Moment(now=0, room_on_disk=True, release="r", app="test"))
    scans.conclude(db, scan, lambda _: judged.model_copy(update={"owed": False}), "2026-01-01T00:00:00+00:00")
