"""Judge an answer by the rulebook.

Takes values, gives a value: no file, clock or database is touched here; what the past says is asked of `History` and
remembered. What happens to the verdict afterwards is the store's business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from appliance.rules import reasons
from appliance.rules.declared.matching import declared_items, match
from appliance.rules.evidence import MOST_TOLD, CompleteEvidence, Looked, SoundRules, gather
from appliance.rules.facts import MOST_NUMBER, DeclarationFacts, Facts, Item, Line, ScanFacts, read_context
from appliance.rules.history import History, Remembered
from appliance.rules.judged import Circumstances, Judged, Moment
from appliance.rules.language.expression import Failed, Sight
from appliance.rules.outcome import Harmless, action_of, decide
from appliance.rules.standing import Rulebook, highest, strongest
from appliance.scan import Action, DeclarationMatch, Provenance, Risk, RuleFired, Scan, Verdict
from models.answer import Answer, Answered, Finding
from models.profile import names_of

PROHIBITED, UNKNOWN = "floor-prohibited", "floor-unknown"
FLOORS = frozenset({PROHIBITED, UNKNOWN})
"""What stands among the rules that fired though it is no rule: no book can be without it."""


class Fired(NamedTuple):
    """What the rules said together."""

    rules: tuple[RuleFired, ...]
    risk: Risk
    """The most any of them is worth, also one that could not be judged: nobody knows that it would have said no."""
    action: Action
    """The most any of them asks for by itself, likewise."""
    amiss: tuple[str, ...]
    """Rules that could not be judged, and why."""


def judge(
    scan: Scan,
    answer: Answer | None,
    rulebook: Rulebook,
    moment: Moment,
    history: History,
    *,
    trouble: str = "",
    final: bool = False,
) -> Judged:
    """Judge a scan by what the engine said, or by its silence and the reason (`trouble`).

    A verdict without the engine's full word is owed a later one, unless it is
    `final` or asking again cannot help.
    """
    past = history if isinstance(history, Remembered) else Remembered(history)
    findings = answer.findings if answer else ()
    gathered = gather(scan, answer, trouble, moment)
    complete = isinstance(gathered.looked, Looked)
    matched = match(scan.declaration, findings, rulebook.taxonomy, names_of(moment.profile), complete=complete)
    context, odd = read_context(rulebook.language.context, scan.context)
    facts = _facts(scan, findings, matched, gathered.lacking, context, rulebook)
    fired = _fire(rulebook.language.look(facts, past, frozenset(odd)), rulebook, moment.now)
    amiss = (
        *rulebook.misfits,
        *_strange(rulebook, moment),
        *_ended(rulebook, moment.now),
        *odd.values(),
        *_uncounted(matched),
        *fired.amiss,
    )
    evidence = gathered.with_rules(amiss or SoundRules(rulebook=rulebook.digest))
    degraded = () if isinstance(evidence, CompleteEvidence) else evidence
    told = (*fired.rules, *_floors(facts.items, fired.rules, rulebook))
    floors = _floors_of_evidence(gathered.lacking, amiss, rulebook)
    risk = highest(fired.risk, *(rule.risk for rule in told), *floors)
    asked = strongest(rulebook.actions.of(risk), fired.action)
    outcome = decide(risk, asked, evidence, _harmless(facts.items))
    reasonings = reasons.paragraphs(told, degraded, action_of(outcome))
    verdict = Verdict(
        scan_id=scan.scan_id,
        risk_level=outcome.risk,
        recommended_action=action_of(outcome),
        detected_items=findings,
        declaration_match=_matches(scan, matched) and not degraded,
        declaration=matched,
        reasoning=reasonings["en"],
        reasonings=reasonings,
        rules_fired=told,
        degraded=degraded,
        loosened=rulebook.loosened_at(moment.now),
        processing_time_ms=max(0, round((moment.now - scan.received_at.timestamp()) * 1000)),
        timings_ms=scan.timings_ms | _timings(answer),
        provenance=_provenance(scan, answer, rulebook, moment),
    )
    circumstances = Circumstances(
        moment=moment,
        rulebook=rulebook.digest,
        level=rulebook.level,
        trouble=trouble,
        final=final,
        superseded=scan.superseded,
        misfits=rulebook.misfits,
        erred=fired.amiss,
        history=past.answers,
    )
    owed = not final and _asking_again_helps(scan, answer)
    return Judged(verdict=verdict, answer=answer, owed=owed, circumstances=circumstances)


def _facts(
    scan: Scan,
    findings: tuple[Finding, ...],
    matched: DeclarationMatch,
    lacking: tuple[str, ...],
    context: dict[str, bool | int | float | str],
    rulebook: Rulebook,
) -> Facts:
    """What the rules see."""
    # what can only be read in part may have lost the line that takes a thing back: it lowers nothing
    declared = declared_items(matched) if scan.declaration.state == "given" else frozenset[str]()
    return Facts(
        items=_counted(tuple(_item(finding, declared, rulebook) for finding in findings)),
        declared=tuple(Line.of(line, rulebook.taxonomy) for line in matched.lines),
        declaration=DeclarationFacts(
            state=scan.declaration.state,
            matches=_matches(scan, matched),
            matched=_classes(matched.matched, rulebook),
            undeclared=_classes(matched.undeclared, rulebook),
            not_seen=matched.not_seen,
            not_verifiable=matched.not_verifiable,
        ),
        scan=ScanFacts(
            lane=scan.lane or "",
            source=scan.source,
            views=len(scan.pictures),
            missing=scan.missing,
            rehearsal=scan.rehearsal,
        ),
        degraded=lacking,
        context=context,
    )


def _uncounted(matched: DeclarationMatch) -> Iterator[str]:
    """Declared quantities that no rule sees as they are."""
    beyond = [str(number) for number, line in enumerate(matched.lines, 1) if (line.quantity or 0) > MOST_NUMBER]
    if beyond:
        yield f"declared beyond all counting: line {', '.join(beyond[:MOST_TOLD])}"


def _counted(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Mark what shows only once more: of each class, what is not in the view that shows most of it."""
    shown = Counter((item.item, item.standing, item.view) for item in items)
    fullest: dict[tuple[str, str], str] = {}
    for (name, standing, view), number in shown.items():
        if number > shown[name, standing, fullest.setdefault((name, standing), view)]:
            fullest[name, standing] = view
    return tuple(
        item if fullest[item.item, item.standing] == item.view else item.model_copy(update={"again": True})
        for item in items
    )


def _classes(names: tuple[str, ...], rulebook: Rulebook) -> tuple[str, ...]:
    """The classes that findings are of, however a model spells them."""
    known = ((name, rulebook.taxonomy.item(name)) for name in names)
    return tuple(dict.fromkeys(item.id if item else name for name, item in known))


def _item(finding: Finding, declared: frozenset[str], rulebook: Rulebook) -> Item:
    standing = rulebook.taxonomy.standing_of(finding.item, finding.category)
    known = rulebook.taxonomy.item(finding.item)
    name = known.id if known else finding.item  # so that a rule on "handgun" also fires for "Handgun"
    return Item(
        item=name,
        category=finding.category,
        standing=standing,
        prohibited=standing == "prohibited",
        restricted=standing == "restricted",
        known=standing != "unknown",
        confidence=finding.confidence,
        sure=rulebook.sure(name, finding.category, finding.confidence),
        concealed=finding.occluded,
        declared=finding.item in declared,
        again=False,
        location=finding.location,
        view=finding.view or "",
        seen_by=finding.seen_by,
    )


def _fire(sight: Sight, rulebook: Rulebook, now: float) -> Fired:
    """All rules that have something to say, in the order of the book.

    One that could not be judged is not told as fired; yet the scan counts for no less than if it had.
    """
    fired: list[RuleFired] = []
    least, action, amiss = Risk.LOW, Action.CLEAR, list[str]()
    for ready in rulebook.rules:
        risk = ready.risk_at(now)
        if risk is None:
            continue
        said = sight.judge(ready.when)
        if said is False:
            continue
        least, action = highest(least, risk), strongest(action, ready.rule.action or Action.CLEAR)
        if isinstance(said, Failed):
            amiss.append(f"rule {ready.rule.id} could not be judged: {said.words}")
            continue
        about = sight.texts(ready.about) if ready.about else ()
        if isinstance(about, Failed):
            amiss.append(f"rule {ready.rule.id} cannot say what it is about: {about.words}")
            about = ("?",)
        fired.append(reasons.told(ready.rule, risk, about, rulebook.taxonomy))
    return Fired(tuple(fired), least, action, tuple(amiss))


def _floors(items: tuple[Item, ...], fired: tuple[RuleFired, ...], rulebook: Rulebook) -> Iterator[RuleFired]:
    """What no book can be without, where no rule has said as much."""
    loud = highest(Risk.LOW, *(rule.risk for rule in fired))
    prohibited = [item.item for item in items if item.prohibited]
    unknown = [item.item for item in items if not item.known]
    if prohibited and highest(loud, rulebook.floors.prohibited) is not loud:
        yield reasons.said(PROHIBITED, rulebook.floors.prohibited, reasons.PROHIBITED, prohibited, rulebook.taxonomy)
    if unknown:
        yield reasons.said(UNKNOWN, rulebook.floors.unknown, reasons.UNKNOWN, unknown, rulebook.taxonomy)


def _floors_of_evidence(lacking: tuple[str, ...], amiss: tuple[str, ...], rulebook: Rulebook) -> Iterator[Risk]:
    if lacking:
        yield rulebook.floors.incomplete
    if amiss:
        yield rulebook.floors.erring_rule


def _harmless(items: tuple[Item, ...]) -> Harmless | None:
    if any(item.prohibited or not item.known for item in items):
        return None
    return Harmless(items=tuple(item.item for item in items))


def _strange(rulebook: Rulebook, moment: Moment) -> Iterator[str]:
    """A release that looks at another world: what its silence means is not known here."""
    if rulebook.taxonomy.profile != moment.profile:
        yield f"the rulebook is of {rulebook.taxonomy.profile!r}, and the release in force of {moment.profile!r}"


def _ended(rulebook: Rulebook, now: float) -> Iterator[str]:
    if now >= rulebook.until:
        yield f"rulebook {rulebook.name} ended on {datetime.fromtimestamp(rulebook.until - 1, UTC).date().isoformat()}"


def _matches(scan: Scan, matched: DeclarationMatch) -> bool:
    return scan.declaration.state == "given" and not matched.undeclared and not matched.not_seen


def _asking_again_helps(scan: Scan, answer: Answer | None) -> bool:
    if scan.quarantine is not None:
        return False
    return answer is None or any(not isinstance(component, Answered) for component in answer.components)


def _timings(answer: Answer | None) -> dict[str, float]:
    words = answer.components if answer else ()
    return {word.name: round(word.milliseconds, 1) for word in words if isinstance(word, Answered)}


def _provenance(scan: Scan, answer: Answer | None, rulebook: Rulebook, moment: Moment) -> Provenance:
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
        rulebook=rulebook.label,
        level=rulebook.level,
        engine=who.engine if who else None,
        app=moment.app,
        revision=scan.revision,
        rehearsal=scan.rehearsal,
    )
