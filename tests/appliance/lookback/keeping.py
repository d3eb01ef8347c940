"""A real store with scans whose verdicts were written by hand: what is tested is what becomes of them."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from appliance.lookback import known, pack
from appliance.lookback.pack import Written
from appliance.rules.judged import Circumstances, Judged, Moment
from appliance.rules.texts import Texts
from appliance.scan import (
    Action,
    Arrival,
    Declaration,
    DeclarationMatch,
    Picture,
    Provenance,
    Risk,
    Scan,
    Sheet,
    Verdict,
)
from appliance.store import rulebooks, scans, sightings
from appliance.store.database import Store
from appliance.store.pictures import Pictures
from models.answer import Answer, Answered, ExamPassed, Identity
from tests.conftest import claim, png

AT = "2026-11-20T08:15:00+00:00"
BOOK = Texts(book="name: customs\nversion: 1\n# für später\n", taxonomy="items: []\n", site="thresholds: {}\n")


class Kept(NamedTuple):
    """A closed store."""

    root: Path

    def database(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.root / "lanewatch.db", isolation_level=None)
        db.row_factory = sqlite3.Row
        return db

    def change(self, *statements: str) -> None:
        db = self.database()
        for statement in statements:
            db.execute(statement)
        db.close()

    def record(self, scan_id: str, revision: int | None = None) -> known.Known:
        db = self.database()
        found = known.read(db, scan_id, revision)
        db.close()
        assert found
        return found

    def pack(self, scan_id: str, into: Path, revision: int | None = None) -> Written:
        return pack.write(self.record(scan_id, revision), self.root, into, AT)


def picture(root: Path, view: str, *colours: tuple[int, int, int]) -> Picture:
    """One view that came as so many files, with its clean picture."""
    if not (root / "clean/ff").exists():
        Pictures(root / "pictures").prepare()
        Pictures(root / "clean").prepare()
    originals = tuple(Pictures(root / "pictures").keep(png(colour), sync=False) for colour in colours)
    clean = Pictures(root / "clean").keep(png(colours[0], (8, 8)), sync=False)
    return Picture(name=view, originals=originals, size=9, sha256=clean, width=8, height=8)


def keep(root: Path, arrivals: list[Arrival], verdicts: int = 2) -> Kept:
    """A store that has taken and judged all of these so many times, in turn."""
    store = Store.open(root)
    rulebooks.Shelf(root / "rulebooks").keep(BOOK)

    def fill(db: sqlite3.Connection) -> None:
        rulebooks.activate(
            db, at="2026-01-01T00:00:00+00:00", who="Lê Thị Hoa", why="order 12/2026", origin="site",
            supervisor=None, digest=BOOK.digest, name="customs@1", level="normal",
        )  # fmt: skip
        for arrival in arrivals:
            taken = scans.receive(db, arrival)
            look = sightings.Look(9, 1, 2, 3)
            sightings.record(
                db, arrival.source, [(f"{taken.id}-\udcff.png".encode("utf-8", "surrogateescape"), look)], taken.id
            )
        taken = claim(db, len(arrivals))
        for _ in range(verdicts):
            for scan in taken:
                scans.conclude(db, scan, judged, AT)

    asyncio.run(store.write(fill))
    store.close()
    return Kept(root)


def judged(scan: Scan) -> Judged:
    """A verdict of the shape that judging gives."""
    digests = tuple(picture.sha256 for picture in scan.pictures if picture.sha256)
    who = Identity(engine="e", release="r", exam=ExamPassed(cases=1))
    answer = Answer(
        question=f"{scan.scan_id}#{scan.revision}", pictures=digests, findings=(),
        components=(Answered(name="detector", milliseconds=1),), identity=who,
    )  # fmt: skip
    moment = Moment(now=0, room_on_disk=True, release="r", app="test")
    verdict = Verdict(
        scan_id=scan.scan_id,
        risk_level=Risk.MEDIUM,
        recommended_action=Action.REVIEW,
        detected_items=(),
        declaration_match=False,
        declaration=DeclarationMatch(),
        reasoning="Vật này có vẻ được che giấu.\x1b[2J",
        rules_fired=(),
        degraded=("the engine was late",),
        processing_time_ms=1,
        timings_ms={},
        provenance=Provenance(
            picture=f"sha256:{(digests or scan.pictures[0].originals)[0]}",
            pictures=tuple(f"sha256:{digest}" for digest in digests),
            originals=tuple(f"sha256:{digest}" for picture in scan.pictures for digest in picture.originals),
            release="r", adapter=None, quantization=None, rulebook=f"customs@1 sha256:{BOOK.digest}",
            engine="e", app="test", revision=scan.revision, rehearsal=scan.rehearsal,
        ),
    )  # fmt: skip
    circumstances = Circumstances(
        moment=moment, rulebook=BOOK.digest, level="normal", trouble="", final=False, superseded=scan.superseded
    )
    return Judged(verdict=verdict, answer=answer, owed=True, circumstances=circumstances)


def arrival(root: Path, name: str, **changes: Any) -> Arrival:
    """A scan on its way in, with a picture of its own colour."""
    colour = hashlib.sha256(name.encode()).digest()
    values: dict[str, Any] = {
        "source": "belt-1",
        "slot": f"belt-1:{name}",
        "name": name,
        "pictures": (picture(root, "view", (colour[0], colour[1], colour[2])),),
        "deadline_seconds": 30.0,
        "received_at": datetime.now(UTC),
    }
    return Arrival(**(values | changes))


def three(root: Path, **changes: Any) -> list[Arrival]:
    """Three scans; the first has two views, one of them of two files."""
    sheet = Sheet(lane="L3", declaration=Declaration(state="absent"), context={"age": 54, "note": "người"})
    views = (picture(root, "top", (1, 2, 3), (4, 5, 6)), picture(root, "side", (7, 8, 9)))
    first = {"pictures": views, "sheet": sheet, "missing": ("bottom",)} | changes
    return [arrival(root, "one", **first), arrival(root, "two"), arrival(root, "three")]
