"""The box says whether a scan would be judged now, and why not."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from appliance.errors import StoreBrokenError
from appliance.health import Health
from appliance.intake.folder.intake import FolderCounts
from appliance.operations.disk import Disk, Rung
from appliance.results import ResultsFolder
from appliance.rulebooks import Rulebooks
from appliance.settings import Storage
from appliance.store.database import Store
from models.answer import ExamPassed, Identity
from models.profile import BAGGAGE


class Belt:
    def counts(self) -> FolderCounts:
        return FolderCounts(
            present=True, watching=True, listed_at=None, seen=9, waiting=2, ignored=0, refused=1, unreadable=0, taken=7,
            quarantined=1, last_file_at=None, held="", trouble="",
        )  # fmt: skip


class Engine:
    def __init__(self) -> None:
        self.alive = True
        self.identity: Identity | None = Identity(engine="e 1", release="r1", canned=True, exam=ExamPassed(cases=1))


class Decoder:
    alive = True


@dataclass(frozen=True)
class House:
    store: Store
    disk: Disk
    decoder: Decoder
    engine: Engine
    results: ResultsFolder
    health: Health


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    disk, decoder, engine = Disk(Storage(root=store.root)), Decoder(), Engine()
    results = ResultsFolder(tmp_path / "results", store)
    ways_in = {"belt-1": Belt()}
    rulebooks = Rulebooks(store, BAGGAGE.name)
    asyncio.run(rulebooks.begin())
    health = Health("box-1", store, disk, decoder, engine, results, rulebooks, lambda: (3, 2), ways_in)
    return House(store, disk, decoder, engine, results, health)


def test_a_well_box_is_ready(house: House) -> None:
    assert house.health.ready() == ()
    assert house.health.warnings() == ("engine: gives made-up answers, for rehearsal only",)


def test_each_reason_is_told(house: House) -> None:
    house.decoder.alive = house.engine.alive = False
    house.disk.rung, house.disk.free_percent = Rung.STOP, 1.25
    house.store.fail(StoreBrokenError("the database failed", hint="restart"))
    assert house.health.ready() == (
        "store: the database failed (restart)",
        "decoder: not there",
        "engine: not there",
        "disk: 1.2 % free",
    )


def test_what_is_not_well_but_no_reason_to_stop_is_a_warning(house: House) -> None:
    house.engine.identity = None
    house.disk.rung, house.disk.trouble, house.results.trouble = Rung.LOW, "no reserve", "no such folder"
    assert house.health.ready() == ()
    assert house.health.warnings() == ("disk: 100.0 % free", "disk: no reserve", "results: no such folder")


def test_the_status_is_plain_json(house: House) -> None:
    said = json.loads(json.dumps(house.health.status()))
    assert (said["ready"], said["waiting"], said["owed"]) == (True, 3, 2)
    assert said["sources"]["belt-1"].items() >= {"taken": 7, "waiting": 2, "trouble": ""}.items()
    assert said["engine"] == {
        "alive": True,
        "identity": {
            "engine": "e 1", "release": "r1", "adapter": None, "quantization": None, "canned": True,
            "rehearsal": False, "exam": "passed",
        },
    }  # fmt: skip
    assert said["disk"].keys() == {"rung", "free_percent", "warn_free_percent", "stop_free_percent"}
    assert said["version"].keys() == {"site", "app", "rulebook", "level", "release", "engine", "sqlite", "python"}


def test_prometheus_reads_all_of_it(house: House) -> None:
    asyncio.run(house.store.write(lambda db: db.execute("PRAGMA user_version")))
    families = {family.name: family for family in text_string_to_metric_families(house.health.metrics().decode())}
    assert families["lanewatch_ready"].samples[0].value == 1
    assert families["lanewatch_source_taken"].samples[0].labels == {"source": "belt-1"}
    assert (families["lanewatch_source_taken"].type, families["lanewatch_source_pictures"].type) == ("counter", "gauge")
    assert families["lanewatch_info"].samples[0].labels["release"] == "r1"
    assert all(name.startswith("lanewatch_") for name in families)
    assert all(family.documentation for family in families.values())
