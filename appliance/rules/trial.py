"""Try a rulebook before it judges anything real: its own tests, and one thing of every prohibited class.

Takes a rulebook that fits together, gives what does not come out as it must. Every trial goes the whole way through
`judge`, as a scan does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from appliance.located import Step
from appliance.rules.book import NORMAL, Book, Case, Seen, Site
from appliance.rules.contract import BOOK, SITE, TAXONOMY, Fault
from appliance.rules.history import Nothing, Remembered
from appliance.rules.judge import FLOORS, judge
from appliance.rules.judged import Moment
from appliance.rules.standing import Rulebook
from appliance.rules.taxonomy import Taxonomy
from appliance.scan import Declaration, Picture, Risk, Scan, ScanState, Verdict
from appliance.sheet import sheet_from
from models.answer import Answer, Answered, Component, ComponentName, ExamPassed, Finding, Identity, Silent

_DIGEST = "0" * 64
_NAMES: tuple[ComponentName, ...] = ("detector", "vlm")


class Result(NamedTuple):
    """How one test of a rulebook came out."""

    name: str
    ok: bool
    action: str
    told: str
    faults: tuple[Fault, ...]


def faults(book: Book, site: Site | None, at: Callable[..., Rulebook], today: date) -> Iterator[Fault]:
    """Everything that comes out otherwise than it must."""
    yield from _uncovered(at(NORMAL), today)
    for result in results(book, site, at, today):
        yield from result.faults


def results(book: Book, site: Site | None, at: Callable[..., Rulebook], today: date) -> tuple[Result, ...]:
    """What comes out of every test. The central book's are judged without the site's sheet, which may change them."""
    cases = [(BOOK, number, case) for number, case in enumerate(book.tests)]
    cases += [(SITE, number, case) for number, case in enumerate(site.tests if site else ())]
    levels = {
        whose: {level: at(level, sited=whose == SITE) for level in (NORMAL, *book.levels)}
        for whose in dict.fromkeys(whose for whose, _, _ in cases)
    }
    return tuple(_result(whose, ("tests", number), case, levels[whose], today) for whose, number, case in cases)


def _result(whose: int, path: tuple[Step, ...], case: Case, levels: dict[str, Rulebook], today: date) -> Result:
    if case.level not in levels:
        fault = Fault(whose, (*path, "level"), f"{case.name}: there is no level {case.level}")
        return Result(case.name, ok=False, action="-", told=fault.words, faults=(fault,))
    verdict = run(case, levels[case.level], today)
    wrong = tuple(Fault(whose, (*path, "expect", key), f"{case.name}: {words}") for key, words in _wrong(case, verdict))
    return Result(case.name, not wrong, verdict.recommended_action, _fired(verdict), wrong)


def run(case: Case, rulebook: Rulebook, today: date) -> Verdict:
    """Judge what a test describes."""
    findings = tuple(_finding(seen, rulebook.taxonomy) for seen in case.seen)
    sheet = sheet_from({"declared_items": list(case.declared)} if case.declared is not None else {})
    words: tuple[Component, ...] = tuple(
        Silent(state="absent", name=name, reason="as the test says")
        if name == case.silent
        else Answered(name=name, milliseconds=1)
        for name in _NAMES
    )
    return _judged(findings, sheet.declaration, words, rulebook, case.on or today, case)


def _wrong(case: Case, verdict: Verdict) -> Iterator[tuple[str, str]]:
    expect = case.expect
    if expect.risk is not None and verdict.risk_level is not expect.risk:
        yield "risk", f"the risk is {verdict.risk_level}: {_fired(verdict)}"
    if expect.action is not None and verdict.recommended_action is not expect.action:
        yield "action", f"the action is {verdict.recommended_action}: {_fired(verdict)}"
    fired = {rule.id for rule in verdict.rules_fired} - FLOORS
    if expect.rules is not None and set(expect.rules) != fired:
        yield "rules", _fired(verdict)


def _fired(verdict: Verdict) -> str:
    rules = ", ".join(rule.id for rule in verdict.rules_fired) or "none"
    lacking = f"; {'; '.join(verdict.degraded)}" if verdict.degraded else ""
    return f"rules that fired: {rules}{lacking}"


def _uncovered(rulebook: Rulebook, today: date) -> Iterator[Fault]:
    """Prohibited classes of which one thing, in plain sight, declared or not, fires no rule."""
    for number, item in enumerate(rulebook.taxonomy.items):
        if item.standing != "prohibited":
            continue
        finding = _finding(Seen(item=item.id), rulebook.taxonomy)
        for declared in (None, (item.names["en"][0],)):
            declaration = sheet_from({"declared_items": list(declared)} if declared else {}).declaration
            words = tuple(Answered(name=name, milliseconds=1) for name in _NAMES)
            verdict = _judged((finding,), declaration, words, rulebook, today)
            if not any(rule.risk is not Risk.LOW and rule.id not in FLOORS for rule in verdict.rules_fired):
                how = "declared" if declared else "not declared"
                yield Fault(
                    TAXONOMY, ("items", number), f"{item.id} is prohibited, and no rule fires for one that is {how}"
                )
                break


def _finding(seen: Seen, taxonomy: Taxonomy) -> Finding:
    known = taxonomy.item(seen.item)
    return Finding(
        item=seen.item,
        category=seen.category or (known.category if known else "unknown"),
        confidence=seen.confidence,
        location=seen.location,
        occluded=seen.concealed,
        view=seen.view,
        seen_by=seen.seen_by,
    )


def _judged(
    findings: tuple[Finding, ...],
    declaration: Declaration,
    words: tuple[Component, ...],
    rulebook: Rulebook,
    day: date,
    case: Case | None = None,
) -> Verdict:
    noon = datetime.combine(day, time(12), UTC)
    scan = Scan(
        id=0,
        scan_id="a test of the rulebook",
        revision=1,
        state=ScanState.INSPECTING,
        source="a test",
        lane=case.lane if case else None,
        scanned_at=None,
        received_at=noon,
        due_at=noon.timestamp(),
        attempts=1,
        superseded=False,
        owed=False,
        pictures=(Picture(name="top", originals=(_DIGEST,), size=1, sha256=_DIGEST, width=1, height=1),),
        missing=(),
        declaration=declaration,
        context=dict(case.context) if case else {},
        rehearsal=False,
        quarantine=None,
        timings_ms={},
    )
    who = Identity(engine="a test", release="a test", exam=ExamPassed(cases=1))
    answer = Answer(question="a test", pictures=(_DIGEST,), findings=findings, components=words, identity=who)
    moment = Moment(
        now=noon.timestamp(), room_on_disk=True, release="a test", profile=rulebook.taxonomy.profile, app="a test"
    )
    return judge(scan, answer, rulebook, moment, Remembered(Nothing(), case.history if case else {})).verdict
