"""The box in one look: what the rooms know is told, what nobody knows is null, and nothing is made up."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import pytest

from appliance.dashboard.administering import fill
from appliance.dashboard.openapi.document import describe
from appliance.health import Health
from appliance.intake.zeromq.tally import FeedCounts
from appliance.operations.disk import Disk
from appliance.rulebooks import Rulebooks
from appliance.settings import Storage
from models.answer import ExamNotPassed, Identity
from models.profile import BAGGAGE
from tests.appliance.dashboard.coming_in import WORD, come_in
from tests.appliance.dashboard.desking import bring


class Feed:
    def counts(self) -> FeedCounts:
        return FeedCounts(accepted=5, refused=2, gaps=1, missing=3)


class Engine:
    alive = False
    identity = Identity(engine="e 1", release="r1", exam=ExamNotPassed(state="none", reason="new"))


class Decoder:
    alive = True


def _real(served: Any) -> None:
    """The health of a real box instead of the quiet one."""
    store = served.store
    served.health = Health(
        "box-1", store, Disk(Storage(root=store.root)), Decoder(), Engine(), None, Rulebooks(store, BAGGAGE.name),
        lambda: (1, 0), {"feed": Feed(), "http": Feed()},
    )  # fmt: skip
    object.__setattr__(served.dashboard._house, "health", served.health)


@pytest.fixture
def served(serve: Any) -> Any:
    box = serve()
    box.person("Root", "administrator", WORD)
    return box


def test_the_box_is_told_as_its_own_health_knows_it(served: Any, picture: Any) -> None:
    """Sources with their last scan, gaps and refusals; engine, rules, disk, store. What nobody knows is null."""
    _real(served)
    bring(served, picture(), "B-1")
    told = come_in(served, "Root").get("/api/v1/box").json()
    assert set(told) == set(
        describe("1")["paths"]["/api/v1/box"]["get"]["responses"]["200"]["content"]["application/json"]["schema"][
            "properties"
        ]
    )
    assert told["state"]["ready"] is False
    assert told["state"]["reasons"] == ["engine: not there"]
    assert told["state"]["waiting"] == 1
    feed = told["sources"]["feed"]
    assert (feed["accepted"], feed["refused"], feed["gaps"], feed["missing"]) == (5, 2, 1, 3)
    assert feed["last_scan"] is None
    assert set(feed) == {field.name for field in dataclasses.fields(FeedCounts)} | {"last_scan"}
    assert told["sources"]["http"]["last_scan"]["scan_id"] == "B-1"
    assert told["engine"]["alive"] is False
    assert (told["engine"]["identity"]["release"], told["engine"]["identity"]["exam"]) == ("r1", "none")
    assert told["disk"]["root"] == str(served.store.root)
    assert 0 < told["disk"]["free_bytes"] < told["disk"]["total_bytes"]
    assert (told["disk"]["warn_free_percent"], told["disk"]["stop_free_percent"]) == (20, 2)
    assert told["store"]["bytes"] > 10_000
    assert told["store"]["checked_at"] == served.store.opened_at
    assert (told["gpus"], told["centre"], told["backup"], told["store"]["chains"]) == ([], None, None, None)


def test_the_quiet_box_of_the_tests_has_the_keys_of_a_real_one(served: Any) -> None:
    quiet = served.health.status()
    _real(served)
    real = served.health.status()
    assert set(quiet) == set(real)
    for part in ("disk", "engine", "rulebook"):
        assert set(quiet[part]) == set(real[part])


def test_what_fills_the_disk_is_counted_file_by_file(served: Any, picture: Any) -> None:
    bring(served, picture(), "B-1")
    (served.store.root / "left-over").write_bytes(b"x" * 50_000)
    told = come_in(served, "Root").get("/api/v1/box/fill").json()
    parts = {part["part"]: part for part in told["parts"]}
    assert parts["originals"]["files"] == parts["clean"]["files"] == 1
    assert parts["originals"]["bytes"] > 0
    assert parts["database"]["bytes"] > 10_000
    assert parts["rest"]["bytes"] >= 50_000


def test_the_disk_is_counted_through_by_one_at_a_time(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second is told so, and the box answers everybody else meanwhile."""
    going, done = threading.Event(), threading.Event()

    def slow(_root: Any) -> list[dict[str, Any]]:
        going.set()
        assert done.wait(300)
        return []

    monkeypatch.setattr(fill, "_count", slow)
    first, second = come_in(served, "Root"), come_in(served, "Root")
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(first.get("/api/v1/box/fill").status_code))
    asking.start()
    assert going.wait(300)
    assert second.get("/api/v1/box/fill").status_code == 503
    assert second.get("/api/v1/box").status_code == 200
    done.set()
    asking.join(300)
    assert answers == [200]
