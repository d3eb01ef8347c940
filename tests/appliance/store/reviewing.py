"""A store with scans that wait for officers, for tests of what officers say."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from appliance.rules.judged import Judged
from appliance.scan import Action, Arrival, DeclarationMatch, Provenance, Risk, Scan, Verdict
from appliance.store import reviews, scans
from appliance.store.database import Store
from appliance.store.reviews import Word
from models.answer import Answer, Finding
from tests.judging import CIRCUMSTANCES

T = TypeVar("T")
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
RISKS = {Action.CLEAR: Risk.LOW, Action.REVIEW: Risk.MEDIUM, Action.PHYSICAL_INSPECTION: Risk.HIGH}


class Desk:
    """Scans come, are judged, and are answered."""

    def __init__(self, store: Store, arrival: Callable[..., Arrival]) -> None:
        self.store, self.arrival = store, arrival

    def do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return self.store.submit(work).result()

    def bring(self, name: str, action: Action | None = Action.REVIEW, **more: Any) -> Scan:
        how = {key: more.pop(key) for key in ("risk", "answer", "items", "at") if key in more}
        made = self.arrival(name, **more)
        receipt = self.do(lambda db: scans.receive(db, made))
        scan = self.do(lambda db: scans.find(db, receipt.scan_id, receipt.revision))
        assert scan is not None
        if action:
            self.judge(scan, action, **how)
        return scan

    def judge(
        self,
        scan: Scan,
        action: Action = Action.REVIEW,
        risk: Risk | None = None,
        answer: Answer | None = None,
        items: tuple[str, ...] = (),
        at: datetime = NOW,
    ) -> int:
        """Give one more verdict on a scan."""
        verdict = Verdict(
            scan_id=scan.scan_id, risk_level=risk or RISKS[action], recommended_action=action,
            detected_items=tuple(
                Finding(item=item, category="x", confidence=0.5, location="x", occluded=False, seen_by=("vlm",))
                for item in items
            ),
            declaration_match=True, declaration=DeclarationMatch(), reasoning="told by a test", rules_fired=(),
            degraded=(), processing_time_ms=1, timings_ms={},
            provenance=Provenance(
                picture="", pictures=(), originals=(), release=None, adapter=None, quantization=None, rulebook="test",
                engine=None, app="0.1.0", revision=scan.revision, rehearsal=scan.rehearsal,
            ),
        )  # fmt: skip
        judged = Judged(verdict=verdict, answer=answer, owed=False, circumstances=CIRCUMSTANCES)
        return self.do(lambda db: scans.conclude(db, scan, lambda _: judged, at.isoformat()))

    def word(self, scan: Scan, **more: Any) -> Word:
        given = {"key": str(uuid.uuid4()), "scan_id": scan.scan_id, "revision": scan.revision, "kind": "agree"}
        newest = "SELECT max(id) FROM verdict WHERE scan = ?"
        verdict = self.do(lambda db: db.execute(newest, (scan.id,)).fetchone()[0])
        return Word.model_validate({**given, "verdict": verdict, **more})

    def say(self, scan: Scan, who: str = "t. tan", at: datetime = NOW, *, overrides: bool = False, **more: Any) -> Any:
        word = self.word(scan, **more)
        return self.do(lambda db: reviews.add(db, word, who, at, overrides=overrides))
