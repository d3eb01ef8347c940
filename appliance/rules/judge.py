"""Judge an answer by the book.

Takes values, gives a value: no file, clock or database is touched here. What
happens to the verdict afterwards is the store's business.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from appliance.rules import book
from appliance.rules.evidence import CompleteEvidence, Moment, gather
from appliance.rules.outcome import action_of, decide
from appliance.scan import Judged, Provenance, RuleFired, Scan, Verdict
from models.answer import Answer, Answered

RULEBOOK = f"{book.NAME} sha256:{hashlib.sha256(Path(book.__file__).read_bytes()).hexdigest()}"
"""Which rules decided: their name and the digest of their text."""


def judge(scan: Scan, answer: Answer | None, moment: Moment, *, trouble: str = "", final: bool = False) -> Judged:
    """Judge a scan by what the engine said, or by its silence and the reason (`trouble`).

    A verdict without the engine's full word is owed a later one, unless it is
    `final` or asking again cannot help.
    """
    findings = answer.findings if answer else ()
    matched = book.match(scan.declaration, findings)
    fired = book.fire(findings, scan.declaration)
    evidence = gather(scan, answer, trouble, moment)
    outcome = decide(book.risk_of(fired), evidence)
    degraded = () if isinstance(evidence, CompleteEvidence) else evidence
    verdict = Verdict(
        scan_id=scan.scan_id,
        risk_level=outcome.risk,
        recommended_action=action_of(outcome),
        detected_items=findings,
        declaration_match=scan.declaration.state == "given" and not matched.undeclared and not degraded,
        declaration=matched,
        reasoning=_reasoning(fired, degraded),
        rules_fired=fired,
        degraded=degraded,
        processing_time_ms=max(0, round((moment.now - scan.received_at.timestamp()) * 1000)),
        timings_ms=scan.timings_ms | _timings(answer),
        provenance=_provenance(scan, answer, moment),
    )
    return Judged(verdict=verdict, answer=answer, owed=not final and _asking_again_helps(scan, answer))


def _asking_again_helps(scan: Scan, answer: Answer | None) -> bool:
    if scan.quarantine is not None:
        return False
    return answer is None or any(not isinstance(component, Answered) for component in answer.components)


def _reasoning(fired: tuple[RuleFired, ...], degraded: tuple[str, ...]) -> str:
    said = [rule.message for rule in fired]
    if not said and not degraded:
        return "Nothing prohibited was found."
    if degraded:
        said.append(f"An officer must look: {'; '.join(degraded)}.")
    return " ".join(said)


def _timings(answer: Answer | None) -> dict[str, float]:
    words = answer.components if answer else ()
    return {word.name: round(word.milliseconds, 1) for word in words if isinstance(word, Answered)}


def _provenance(scan: Scan, answer: Answer | None, moment: Moment) -> Provenance:
    pictures = tuple(f"sha256:{picture.sha256}" for picture in scan.pictures if picture.sha256)
    originals = tuple(f"sha256:{digest}" for picture in scan.pictures for digest in picture.originals)
    who = answer.identity if answer else None
    return Provenance(
        picture=(pictures or originals or ("none",))[0],
        pictures=pictures,
        originals=originals,
        release=who.release if who else None,
        adapter=who.adapter if who else None,
        quantization=who.quantization if who else None,
        rulebook=RULEBOOK,
        engine=who.engine if who else None,
        app=moment.app,
        revision=scan.revision,
        rehearsal=scan.rehearsal,
    )
