"""The record for auditors: deeds picked out, both chains walked on demand, evidence taken and written down."""

from __future__ import annotations

import ast
import hashlib
import io
import re
import sqlite3
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any, get_args

import pytest

from appliance.dashboard import chains
from appliance.scan import Action
from appliance.store import deeds
from appliance.store.deeds import Wanted
from appliance.store.rulebooks import Changed
from tests.appliance.dashboard import rehearsing
from tests.appliance.dashboard.coming_in import WORD, come_in, deeds_of
from tests.appliance.dashboard.desking import bring, word
from tests.appliance.dashboard.office_page import do
from tests.house.tree import ROOT

CHAINS = "/api/v1/record/chains"
EVIDENCE = "/api/v1/record/evidence"


def test_the_record_has_words_for_every_kind_of_deed() -> None:
    """What the code records by name can be picked out, and stands in the reader's language."""
    calls = (node for file in (ROOT / "appliance").rglob("*.py") for node in ast.walk(ast.parse(file.read_bytes())))
    recorded: set[str] = set(get_args(Changed))
    for call in calls:
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "deeds.record":
            what = call.args[3]
            recorded |= {str(what.value)} if isinstance(what, ast.Constant) else set()
    assert {"reviewed", "evidence taken", "threat level switched"} <= recorded
    page = (ROOT / "appliance/dashboard/static/record.js").read_text(encoding="utf-8")
    known = set(re.findall(r'"?([a-z][a-z -]*)"?: \(\) => t\(', page))
    assert recorded - known == set()


@pytest.fixture
def served(serve: Any) -> Any:
    box = serve()
    box.person("Clerk", "auditor", WORD)
    box.person("T. Tan", "officer", WORD)
    return box


def _add(served: Any, *rows: tuple[str, str, str]) -> None:
    def add(db: sqlite3.Connection) -> None:
        for at, who, what in rows:
            deeds.record(db, at, who, what, "x")

    served.store.submit(add).result()


def test_deeds_are_picked_out_by_who_what_and_when(served: Any) -> None:
    _add(
        served,
        ("2020-01-01T10:00:00+00:00", "nguyễn an", "reviewed"),
        ("2020-01-02T10:00:00+00:00", "nguyễn an", "review undone"),
        ("2020-01-03T10:00:00+00:00", "o. ther", "reviewed"),
    )
    clerk = come_in(served, "Clerk")

    def found(**wanted: Any) -> list[tuple[str, str]]:
        told = clerk.get("/api/v1/deeds", params=wanted)
        assert told.status_code == 200, told.text
        return [(deed["who"], deed["what"]) for deed in told.json()["deeds"]]

    assert found(who="NGUYỄN  AN") == [("nguyễn an", "review undone"), ("nguyễn an", "reviewed")]
    assert found(what="reviewed") == [("o. ther", "reviewed"), ("nguyễn an", "reviewed")]
    assert found(who="an", what="reviewed", until="2020-01-02T00:00:00Z") == [("nguyễn an", "reviewed")]
    assert found(since="2020-01-02T10:00:00Z", until="2020-01-03T10:00:00Z") == [("nguyễn an", "review undone")]
    assert found(who="100% _") == []
    assert found(who="T. Tan", what="password set") == [("a test", "password set")]  # whom it is about counts, too
    assert found(who="x' OR 1=1 --") == []
    for bad in ({"since": "yesterday"}, {"until": "2020-01-01T00:00:00"}, {"whom": "x"}):
        assert clerk.get("/api/v1/deeds", params=bad).status_code == 400


def test_a_rare_deed_is_looked_for_piece_by_piece(served: Any) -> None:
    """A page may be empty and not the last; following `next` finds all, and each once."""
    _add(served, *[("2020-01-01T00:00:00+00:00", "many" if number % 10 else "rare", "x") for number in range(100)])
    with served.store.reader() as db:
        top = db.execute("SELECT max(seq) FROM deed").fetchone()[0]
        seen: list[int] = []
        before, asked = None, 0
        while True:
            page = deeds.search(db, Wanted(who="rare"), before, 3, most=7)
            asked += 1
            assert before is None or all(deed.seq < before for deed in page.deeds)
            seen += [deed.seq for deed in page.deeds]
            if page.next is None:
                break
            assert page.next < (before or top + 1)
            before = page.next
    assert len(seen) == len(set(seen)) == 10
    assert asked > 10


def test_both_chains_are_walked_when_an_auditor_asks(served: Any, picture: Any, until: Any) -> None:
    bring(served, picture(), "B-1")
    served.judge(Action.REVIEW)
    clerk = come_in(served, "Clerk")
    assert clerk.get(CHAINS).json() == {"running": False, "began_at": None, "trouble": "", "found": None}
    assert clerk.post(CHAINS).status_code == 202
    found = until(lambda: clerk.get(CHAINS).json()["found"])
    assert found["ok"] is True
    assert found["chains"]["verdicts"]["rows"] == 1
    with served.store.reader() as db:
        assert found["chains"]["deeds"]["last"] == deeds.verify(db).last
    do(served, "UPDATE deed SET body = replace(body, 'officer', 'OFFICER')")
    clerk.post(CHAINS)
    until(lambda: clerk.get(CHAINS).json()["found"]["ok"] is False)
    broken = clerk.get(CHAINS).json()["found"]["chains"]
    assert broken["verdicts"]["broken"] is None
    assert broken["deeds"]["broken"]["problem"] == "its body was changed"


def test_a_walk_sees_one_moment_goes_alone_and_stops_with_the_box(
    served: Any, picture: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What officers say meanwhile is no contradiction; a second wish is the same walk."""
    bring(served, picture(), "B-1")
    served.judge(Action.REVIEW)
    between, go_on = threading.Event(), threading.Event()
    walks: list[Any] = []
    real = chains.ledger.verify

    def slow(db: sqlite3.Connection) -> Any:
        found = real(db)
        walks.append(found)
        between.set()
        assert go_on.wait(300)
        return found

    monkeypatch.setattr(chains.ledger, "verify", slow)
    clerk, tan = come_in(served, "Clerk"), come_in(served)
    assert clerk.post(CHAINS).json()["running"] is True
    assert between.wait(300)
    assert clerk.post(CHAINS).json()["running"] is True
    assert tan.post("/api/v1/reviews", json=word(tan, "B-1")).status_code == 201
    go_on.set()
    found = until(lambda: clerk.get(CHAINS).json()["found"])
    assert found["ok"] is True
    assert len(walks) == 1
    go_on.clear()
    between.clear()
    clerk.post(CHAINS)
    assert between.wait(300)
    threading.Timer(0.5, go_on.set).start()
    served.stop()


def test_evidence_is_the_pack_of_the_terminal_and_who_takes_it_is_written_down(served: Any, tmp_path: Path) -> None:
    """The zip checks itself; nothing of it stays on the box but the deed."""
    rehearsing.bring(served, range(1), prefix="BÀG/1")
    clerk = come_in(served, "Clerk")
    told = clerk.get(EVIDENCE, params={"scan_id": "BÀG/1-000"})
    assert told.status_code == 200, told.text
    assert told.headers["content-type"] == "application/zip"
    digest = hashlib.sha256(told.content).hexdigest()
    assert told.headers["x-lanewatch-zip"] == digest
    assert told.headers["x-lanewatch-wrong"] == "0"
    with zipfile.ZipFile(io.BytesIO(told.content)) as archive:
        archive.extractall(tmp_path / "pack")
    (folder,) = (tmp_path / "pack").iterdir()
    manifest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    assert told.headers["x-lanewatch-manifest"] == manifest
    done = subprocess.run([sys.executable, "check.py"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    (deed,) = deeds_of(served, "evidence taken")
    assert (deed.who, deed.about, deed.detail["zip"]) == ("clerk", "BÀG/1-000 r1", digest)
    assert not list((served.store.root / "run").glob("evidence-*"))
    assert clerk.get(EVIDENCE, params={"scan_id": "none"}).status_code == 404
    assert clerk.get(EVIDENCE, params={"scan_id": "BÀG/1-000", "revision": 2}).status_code == 404
    for bad in ({}, {"scan_id": "x", "revision": 0}, {"scan_id": "x", "more": 1}):
        assert clerk.get(EVIDENCE, params=bad).status_code == 400
    assert len(deeds_of(served, "evidence taken")) == 1


def test_own_sessions_are_seen_and_all_others_ended(served: Any) -> None:
    """Nobody else's; a machine has none."""
    one, two, clerk = come_in(served), come_in(served), come_in(served, "Clerk")
    found = one.get("/api/v1/me/sessions").json()["sessions"]
    assert [each["here"] for each in found] == [False, True]
    assert one.request("DELETE", "/api/v1/me/sessions").json() == {"ended": 1}
    assert two.get("/api/v1/me").status_code == 401
    assert one.get("/api/v1/me").status_code == clerk.get("/api/v1/me").status_code == 200
    assert deeds_of(served, "sessions ended")[0].who == "t. tan"
    with served.client(served.reader) as machine:
        assert machine.get("/api/v1/me/sessions").json() == {"sessions": []}
