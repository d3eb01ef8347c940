"""Try a rulebook before it judges anything real: its own tests, and one thing of every prohibited class.

Takes a rulebook that fits together, gives what does not come out as it must. Every trial goes the whole way through
`judge`, as a scan does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time
from typing import Literal, NamedTuple, Protocol

from appliance.located import Step
from appliance.rules.book import NORMAL, Book, Case, Seen, Site
from appliance.rules.contract import BOOK, SITE, TAXONOMY, Fault, all_rules
from appliance.rules.history import Nothing, Remembered
from appliance.rules.judge import FLOORS, judge
from appliance.rules.judged import Moment
from appliance.rules.standing import Rulebook
from appliance.rules.taxonomy import ItemClass, Taxonomy
from appliance.scan import Declaration, Picture, Risk, Scan, ScanState, Verdict
from appliance.sheet import sheet_from
from models.answer import Answer, Answered, Component, ComponentName, ExamPassed, Finding, Identity, Silent

MOST_DAYS = 10
"""On which a test of a text in force is tried."""
MOST_LISTED = 10
"""Classes that one fault names."""
_ALL = (BOOK, TAXONOMY, SITE)
_DIGEST = "0" * 64
_How = Literal["not declared", "declared"]
_HOWS: tuple[_How, ...] = ("not declared", "declared")
_NAMES: tuple[ComponentName, ...] = ("detector", "vlm")


class Stands(Protocol):
    """Gives the rulebook at a level: with the site's sheet, or the book alone."""

    def __call__(self, level: str, *, alone: bool = False) -> Rulebook: ...


class Result(NamedTuple):
    """How one test of a rulebook came out."""

    name: str
    ok: bool
    action: str
    told: str
    faults: tuple[Fault, ...]


def faults(book: Book, site: Site | None, at: Stands, today: date, new: Collection[int] = _ALL) -> Iterator[Fault]:
    """Everything that comes out otherwise than it must; `new` are the texts that are newly given."""
    uncovered = tuple(_uncovered(at(NORMAL, alone=True), today))
    for number, name, how in uncovered:
        yield Fault(TAXONOMY, ("items", number), f"{name} is prohibited, and no rule fires for one that is {how}")
    if site and site.loosens and not uncovered:
        yield from _loosened(site, at, today)
    for result in results(book, site, at, today, new):
        yield from result.faults


def results(book: Book, site: Site | None, at: Stands, today: date, new: Collection[int] = _ALL) -> tuple[Result, ...]:
    """What comes out of every test. The book's own judge the book alone: a sheet may well change what they expect."""
    names = (NORMAL, *book.levels)
    central = {level: at(level, alone=True) for level in names}
    here = {level: at(level) for level in names} if site else {}
    found: list[Result] = []
    for whose, cases, levels in ((BOOK, book.tests, central), (SITE, site.tests if site else (), here)):
        days = _days(whose, book, site, today, new)
        for number, case in enumerate(cases):
            tried = (_result(whose, ("tests", number), case, levels, day) for day in days)
            first = next(tried)
            found.append(first if first.ok else next((one for one in tried if one.ok), first))
    return tuple(found)


def _days(whose: int, book: Book, site: Site | None, today: date, new: Collection[int]) -> tuple[date, ...]:
    """When the tests of a text may hold: today, and where it is not new, also before something of it had ended."""
    if whose in new:
        return (today,)
    ends = {rule.expires for text, _, rule in all_rules(book, site) if text <= whose and text not in new}
    ends |= {one.until for one in site.loosens} if site and whose == SITE else set()
    return (today, *sorted((day for day in ends if day and day < today), reverse=True)[:MOST_DAYS])


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


def _loosened(site: Site, at: Stands, today: date) -> Iterator[Fault]:
    """What of a sheet leaves prohibited things without any rule: told once, where it stands."""
    central = at(NORMAL, alone=True)
    lost: dict[int, dict[str, None]] = {}
    for number, name, how in _uncovered(at(NORMAL), today):
        covering = _covering(central.taxonomy.items[number], how, central, today)
        cause = next((at for at, one in enumerate(site.loosens) if one.rule in covering), 0)
        lost.setdefault(cause, {})[name] = None
    for number, names in lost.items():
        more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
        told = f"then no rule fires for what is prohibited: {', '.join([*names][:MOST_LISTED])}{more}"
        yield Fault(SITE, ("loosens", number, "rule"), told)


def _uncovered(rulebook: Rulebook, today: date) -> Iterator[tuple[int, str, _How]]:
    """Prohibited classes of which one thing, in plain sight, declared or not, fires no rule."""
    for number, item in enumerate(rulebook.taxonomy.items):
        if item.standing == "prohibited":
            lost: list[_How] = [how for how in _HOWS if not _covering(item, how, rulebook, today)]
            if lost:
                yield number, item.id, lost[0]


def _covering(item: ItemClass, how: _How, rulebook: Rulebook, today: date) -> frozenset[str]:
    """The rules that fire for one thing of a class, and are worth something."""
    declared = {"declared_items": [item.names["en"][0]]} if how == "declared" else {}
    words = tuple(Answered(name=name, milliseconds=1) for name in _NAMES)
    finding = _finding(Seen(item=item.id), rulebook.taxonomy)
    verdict = _judged((finding,), sheet_from(declared).declaration, words, rulebook, today)
    return frozenset(rule.id for rule in verdict.rules_fired if rule.risk is not Risk.LOW) - FLOORS


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
