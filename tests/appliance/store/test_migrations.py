"""A store from before rules were texts opens, gets its rulebook, and what it kept still holds."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from sqlite_utils import Database

from appliance.dashboard.people.first import invite_first
from appliance.lookback.replay import replay
from appliance.rulebooks import Rulebooks
from appliance.store import deeds, ledger, migrations, officers, rulebooks
from appliance.store.database import Store
from models.profile import BAGGAGE
from tests.appliance.lookback.books import BEGINNING, Lane


def before_judgement(folder: Path) -> None:
    """A store as the version before had it: two scans, one with a verdict and its row in the ledger."""
    db = sqlite3.connect(folder / "lanewatch.db", isolation_level=None)
    db.row_factory = sqlite3.Row
    migrations.migrations.apply(Database(db), stop_before="m002_judgement")
    assert [row[0] for row in db.execute("SELECT name FROM _sqlite_migrations")] == ["m001_first"]
    for number, context in ((1, '{"consignee":" ACME  Ltd "}'), (2, '{"consignee":7}'), (3, "{}")):
        brought = (
            '{"pictures":[],"missing":[],"declaration":{"state":"absent","items":[],"problem":""},'
            f'"context":{context},"timings_ms":{{}}}}'
        )
        db.execute(
            "INSERT INTO scan (scan_id, revision, slot, content, state, todo, rank, due_at, source, received_at,"
            " rehearsal, brought, risk, action) VALUES (?, 1, ?, ?, 'concluded', 0, 1, 1, 'b', ?, 0, ?, ?, ?)",
            (f"s{number}", str(number), str(number), BEGINNING.isoformat(), brought,
             *(("high", "PHYSICAL_INSPECTION") if number == 1 else (None, None))),
        )  # fmt: skip
    db.execute(
        "INSERT INTO verdict (scan, at, risk, action, document) VALUES"
        " (1, '2026-10-01T08:00:01+00:00', 'high', 'PHYSICAL_INSPECTION', '{\"risk_level\":\"high\"}')"
    )
    db.execute("ALTER TABLE verdict ADD COLUMN circumstances TEXT")  # so that the row is made as it was made then
    ledger.append(db, 1, "2026-10-01T08:00:01+00:00")
    db.execute("ALTER TABLE verdict DROP COLUMN circumstances")
    db.close()


def test_an_older_store_gets_the_default_book_and_keeps_what_it_said(tmp_path: Path) -> None:
    before_judgement(tmp_path)
    with sqlite3.connect(tmp_path / "lanewatch.db") as old:
        (kept,) = old.execute("SELECT seq, verdict, body, previous, hash FROM ledger").fetchall()
    old.close()
    assert '"circumstances"' not in kept[2]
    store = Store.open(tmp_path)
    try:
        held = Rulebooks(store, BAGGAGE.name)
        asyncio.run(held.begin())
        with store.reader() as db:
            assert tuple(db.execute("SELECT * FROM ledger").fetchone()) == kept
            assert ledger.verify(db).broken is None
            (only,) = rulebooks.listing(db)
            assert (only.who, only.name) == ("lanewatch", "customs@1")
            assert [row[0] for row in db.execute("SELECT consignee FROM scan ORDER BY id")] == ["acme ltd", None, None]
            (found,) = replay(db, held.shelf, 1)
            assert found.missing == "it was kept before circumstances were"
        lane = Lane(store)
        scan = lane.receive("new")
        lane.conclude(scan, lane.answer(scan))
        with store.reader() as db:
            assert (ledger.verify(db).broken, ledger.verify(db).rows) == (None, 2)
    finally:
        store.close()


def before_the_desk(folder: Path) -> None:
    """A store as the version before officers had it, with three events, the last of which was thinned out."""
    before_judgement(folder)
    db = sqlite3.connect(folder / "lanewatch.db", isolation_level=None)
    db.row_factory = sqlite3.Row
    migrations.migrations.apply(Database(db), stop_before="m004_desk")
    for kind, verdict in (("received", None), ("verdict", 1), ("received", None)):
        db.execute("INSERT INTO event (at, kind, scan, verdict) VALUES ('2026', ?, 1, ?)", (kind, verdict))
    db.execute("DELETE FROM event WHERE id = 3")
    db.close()


def test_a_store_from_before_officers_keeps_its_events_and_gets_a_setup_code(tmp_path: Path) -> None:
    before_the_desk(tmp_path)
    store = Store.open(tmp_path)
    try:
        asyncio.run(invite_first(store))
        assert (tmp_path / "run" / "setup-code").exists()
        with store.reader() as db:
            kept = [tuple(row) for row in db.execute("SELECT id, kind, scan, verdict, review FROM event")]
            assert kept == [(1, "received", 1, None, None), (2, "verdict", 1, 1, None)]
            assert officers.listing(db) == ()
            assert [deed.what for deed in deeds.listing(db, None, 9)] == ["code made"]
            assert (ledger.verify(db).broken, deeds.verify(db).broken) == (None, None)

        def next_event(db: sqlite3.Connection) -> int | None:
            return db.execute("INSERT INTO event (at, kind, scan) VALUES ('2026', 'received', 1)").lastrowid

        assert asyncio.run(store.write(next_event)) == 4  # no number that a page has seen is given again
    finally:
        store.close()


def test_the_chain_of_deeds_is_asked_about_only_where_it_is_kept(tmp_path: Path) -> None:
    before_the_desk(tmp_path)
    db = sqlite3.connect(tmp_path / "lanewatch.db")
    assert not deeds.are_kept(db)
    db.close()
