"""Every verdict reaches the results folder, whatever happens to the folder, the box or the power."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from appliance import results
from appliance.results import OUTLET, ResultsFolder
from appliance.rules.judged import Moment
from appliance.scan import Arrival, Scan
from appliance.store import events, reviews, scans
from appliance.store.database import Store
from tests.conftest import claim
from tests.faults.forgetful import ForgetfulDisk, why_not
from tests.judging import judge
from tests.waiting import until

Make = Callable[..., Arrival]
AT = "2026-01-01T00:00:00+00:00"


def conclude(db: sqlite3.Connection, scan: Scan) -> None:
    found = judge(scan, None, Moment(now=0, room_on_disk=True, release="r1", app="test"), trouble="engine unavailable")
    scans.conclude(db, scan, lambda _: found.model_copy(update={"owed": False}), AT)


async def receive(store: Store, *arrivals: Arrival) -> tuple[Scan, ...]:
    for arrival in arrivals:
        await store.write(lambda db, arrival=arrival: scans.receive(db, arrival))
    return await store.write(lambda db: claim(db, len(arrivals)))


def during(folder: ResultsFolder, story: Callable[[], Awaitable[None]]) -> None:
    """Live through a story while the outlet runs."""

    async def whole() -> None:
        outlet = asyncio.create_task(folder.run())
        try:
            told = asyncio.ensure_future(story())
            await asyncio.wait({outlet, told}, return_when=asyncio.FIRST_COMPLETED)
            if outlet.done():
                outlet.result()
            await told
        finally:
            outlet.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await outlet

    asyncio.run(whole())


def documents(folder: Path) -> dict[str, Any]:
    return {path.stem: json.loads(path.read_bytes()) for path in folder.glob("*.json")}


def cursor(store: Store) -> int:
    with store.reader() as db:
        return events.cursor(db, OUTLET)


def last(store: Store) -> int:
    with store.reader() as db:
        return events.last_id(db)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "PAUSE", 0.05)


def test_each_verdict_becomes_a_file(store: Store, arrival: Make, tmp_path: Path) -> None:
    folder = ResultsFolder(tmp_path / "out" / "results", store)

    async def story() -> None:
        for scan in await receive(store, *(arrival(f"s{number}") for number in range(20))):
            await store.write(lambda db, scan=scan: conclude(db, scan))
        await until(lambda: cursor(store) == last(store))

    during(folder, story)
    found = documents(tmp_path / "out" / "results")
    assert sorted(found) == sorted(f"s{number}" for number in range(20))
    assert {document["recommended_action"] for document in found.values()} == {"REVIEW"}
    assert (folder.written, folder.trouble) == (20, "")


def test_the_newest_revision_stands_even_if_an_older_one_is_judged_later(
    store: Store, arrival: Make, tmp_path: Path
) -> None:
    async def story() -> None:
        (old,) = await receive(store, arrival(picture="old"))
        (new,) = await receive(store, arrival(picture="new"))
        for scan in (new, old):
            await store.write(lambda db, scan=scan: conclude(db, scan))
            await until(lambda: cursor(store) == last(store))
            assert documents(tmp_path / "out")["scan-1"]["provenance"]["revision"] == 2

    during(ResultsFolder(tmp_path / "out", store), story)


def test_a_restart_goes_on_where_it_was(store: Store, arrival: Make, tmp_path: Path) -> None:
    """What was taken away meanwhile is not put there again."""

    async def one(name: str) -> None:
        (scan,) = await receive(store, arrival(name))
        await store.write(lambda db: conclude(db, scan))
        await until(lambda: cursor(store) == last(store))

    during(ResultsFolder(tmp_path / "out", store), lambda: one("first"))
    (tmp_path / "out" / "first.json").unlink()
    during(ResultsFolder(tmp_path / "out", store), lambda: one("second"))
    assert sorted(documents(tmp_path / "out")) == ["second"]


def test_a_folder_that_cannot_be_written_to_is_tried_again_and_nothing_is_lost(
    store: Store, arrival: Make, tmp_path: Path
) -> None:
    obstacle = tmp_path / "share"
    obstacle.write_text("a file stands where the share should be")
    folder = ResultsFolder(obstacle / "results", store)

    async def story() -> None:
        for scan in await receive(store, arrival("a"), arrival("b")):
            await store.write(lambda db, scan=scan: conclude(db, scan))
        await until(lambda: bool(folder.trouble))
        assert cursor(store) == 0
        obstacle.unlink()
        await until(lambda: not folder.trouble and cursor(store) == last(store))

    during(folder, story)
    assert sorted(documents(obstacle / "results")) == ["a", "b"]


def test_a_document_that_cannot_be_written_holds_up_no_other(store: Store, arrival: Make, tmp_path: Path) -> None:
    """A folder stands at its name: the others are written, it is told, a restart remembers it, and it comes at last."""
    out = tmp_path / "out"
    (out / "b.json" / "something").mkdir(parents=True)
    folder = ResultsFolder(out, store)

    async def blocked() -> None:
        for scan in await receive(store, *map(arrival, "abc")):
            await store.write(lambda db, scan=scan: conclude(db, scan))
        await until(lambda: {path.name for path in out.iterdir() if path.is_file()} == {"a.json", "c.json"})
        await until(lambda: "b.json" in folder.trouble)
        (scan,) = await receive(store, arrival("d"))
        await store.write(lambda db: conclude(db, scan))
        await until((out / "d.json").exists)
        assert cursor(store) < last(store)

    async def freed() -> None:
        (out / "b.json" / "something").rmdir()
        (out / "b.json").rmdir()
        await until(lambda: cursor(store) == last(store))

    during(folder, blocked)
    during(ResultsFolder(out, store), freed)
    assert sorted(documents(out)) == list("abcd")


@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_a_power_cut_never_takes_what_the_cursor_has_passed(store: Store, arrival: Make, tmp_path: Path) -> None:
    """The cursor moves only once the files are durable, and no file is ever there in part."""
    with ForgetfulDisk() as disk:
        out = disk.path / "results"

        async def story() -> None:
            for turn in range(6):
                taken = await receive(store, *(arrival(f"s{turn}-{number}") for number in range(10)))
                for scan in taken:
                    await store.write(lambda db, scan=scan: conclude(db, scan))
                disk.cut(turn if turn % 2 else None)
                passed = cursor(store)
                disk.mend()
                with store.reader() as db:
                    told = [event for event in events.after(db, 0, 10_000) if event.kind == "verdict"]
                assert {event.scan_id for event in told if event.id <= passed} <= set(documents(out))

            await until(lambda: cursor(store) == last(store))

        during(ResultsFolder(out, store), story)
        assert len(documents(out)) == 60


def test_what_officers_say_is_no_business_of_the_folder(store: Store, arrival: Make, tmp_path: Path) -> None:
    """Their words pass by: no document is written again for one, and the next verdict is."""
    folder = ResultsFolder(tmp_path / "results", store)
    word = {"key": "review-1", "scan_id": "a", "revision": 1, "verdict": 1, "kind": "false_alarm"}

    async def story() -> None:
        (scan,) = await receive(store, arrival("a"))
        await store.write(lambda db: conclude(db, scan))
        await until(lambda: "a" in documents(tmp_path / "results"))
        (tmp_path / "results" / "a.json").unlink()
        said = reviews.Word.model_validate(word)
        kept = await store.write(lambda db: reviews.add(db, said, "t. tan", datetime.now(UTC)))
        assert isinstance(kept, reviews.Kept)
        (other,) = await receive(store, arrival("b"))
        await store.write(lambda db: conclude(db, other))
        await until(lambda: cursor(store) == last(store))

    during(folder, story)
    assert list(documents(tmp_path / "results")) == ["b"]
