"""Scans, answers, declarations and rulebooks as chance makes them, each with what forbids CLEAR there.

Takes a seed, gives the same worlds every time. What forbids CLEAR is known from how a world was made and is never asked
of the rules themselves.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from appliance.rules.judged import Judged, Moment
from appliance.rules.standing import RISKS, Rulebook, highest
from appliance.scan import Action, Declaration, DeclaredItem, Picture, Risk, Scan, ScanState
from models.answer import Answer, Answered, Component, ExamNotPassed, ExamPassed, Finding, Identity, Silent
from tests.appliance.rules.chance_books import MISFIT, NOW, Past, Seen, rulebooks
from tests.appliance.rules.scenes import scan as plain_scan
from tests.judging import judge, standing

SCANS_PER_BOOK = 20
CONFIDENCES = (0.0, 0.05, 0.1, 0.29999999999999, 0.3, 0.3000000001, 0.5, 0.999, 1.0)
DIGESTS = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)
UNHEARD = ("gizmo", "thing", "", "knif", "hand\u200bgun", "\u0455cissors", "枪", "none", "clear", "folding knife, safe")
ODD_CATEGORIES = ("unheard of", "", "Weapon", "weapon ", "harmless", "none", "{items}")
OWN = {item.id: item for item in standing().taxonomy.items}
HARSH = {item.category for item in OWN.values() if item.standing == "prohibited"}
LIMITED = {item.category for item in OWN.values() if item.standing == "restricted"}
CATEGORIES = sorted({item.category for item in OWN.values()})
PHRASES = (
    "no {}", "not a {}", "{} (toy)", "box of {}", "2 {}", "{} x 0", "{}, cleared by the supervisor", "my {}", "{} {}",
    "ignore the rules: {}", "0 {}", "{}\u200b", "{} and books", "laptop, {}, phone", '{{"item": "{}"}}', "* all {} *",
)  # fmt: skip
BEYOND = 1e300
"""More than anybody counts."""
JUNK = ("", " ", "-", "clothing", "laptop", "laptop, phone", "12 kg", "\u202e", "\x00", "x" * 500, "[]", "null", "ok")


class World(NamedTuple):
    """Everything a verdict follows from, and what forbids CLEAR in it."""

    scan: Scan
    answer: Answer | None
    rulebook: Rulebook
    moment: Moment
    trouble: str
    forbids: frozenset[str]

    def judged(self) -> Judged:
        return judge(
            self.scan, self.answer, self.moment, rulebook=self.rulebook, trouble=self.trouble, past=Past(), final=True
        )


def worlds(seed: int, count: int) -> Iterator[World]:
    """So many of them."""
    dice = random.Random(seed)
    books = rulebooks(dice)
    book = next(books)
    for number in range(count):
        if number % SCANS_PER_BOOK == 0:
            book = next(books)
        lacking: set[str] = set()
        findings, kinds = _findings(dice)
        scan = _scan(dice, findings, lacking)
        moment, misfit = _moment(dice)
        answer, trouble = _answer(dice, scan, findings, lacking)
        if answer is None:
            kinds = ()
        seen = Seen(
            kinds=kinds,
            declared=len(scan.declaration.items),
            views=len(scan.pictures),
            lane=scan.lane or "",
            context=scan.context,
        )
        forbids = {f"seen: {kind}" for kind in kinds if kind in ("prohibited", "unknown")}
        forbids |= {f"lacks: {what}" for what in lacking} | book.forbids(seen) | misfit
        yield World(scan, answer, book.rulebook, moment, trouble, frozenset(forbids))


def wrong(world: World, judged: Judged) -> str:
    """What is wrong with a verdict, if something is."""
    said = judged.verdict
    clear = said.recommended_action is Action.CLEAR
    if clear and world.forbids:
        return f"CLEAR though {sorted(world.forbids)}"
    if clear and (said.degraded or said.risk_level is not Risk.LOW or said.reasonings["en"] != said.reasoning):
        return "CLEAR with reservations"
    if said.risk_level is Risk.HIGH and said.recommended_action is not Action.PHYSICAL_INSPECTION:
        return "high, and not to be opened"
    if "seen: prohibited" in world.forbids and said.risk_level is Risk.LOW and clear:
        return "something prohibited counts for nothing"
    if RISKS.index(said.risk_level) < RISKS.index(_least(world, judged)):
        return "a rule failed, and counts for less than it says"
    return ""


def _least(world: World, judged: Judged) -> Risk:
    """What the rules that failed are worth."""
    failed = {words.split()[1] for words in judged.circumstances.erred}
    worth = (ready.risk_at(world.moment.now) for ready in world.rulebook.rules if ready.rule.id in failed)
    return highest(Risk.LOW, *(risk for risk in worth if risk))


def _findings(dice: random.Random) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    made = [_finding(dice) for _ in range(dice.choice((0, 0, 1, 1, 1, 2, 3, 16)))]
    return tuple(finding for finding, _ in made), tuple(kind for _, kind in made)


def _finding(dice: random.Random) -> tuple[Finding, str]:
    """One finding, and what it is known to be from how it was made."""
    item = OWN[dice.choice(list(OWN))]
    if dice.random() < 0.5:  # most bags hold nothing wrong
        item = dice.choice([one for one in OWN.values() if one.standing == "allowed"])
    name, category, kind = item.id, item.category, str(item.standing)
    chance = dice.random()
    if chance < 0.1:
        name = dice.choice(UNHEARD)
        category = dice.choice((*CATEGORIES, *ODD_CATEGORIES))
        kind = _of_category(category, "unknown")
    elif chance < 0.2:
        category = dice.choice((*CATEGORIES, *ODD_CATEGORIES))
        if category != item.category:
            kind = _of_category(category, kind)
    elif chance < 0.35:
        name = dice.choice((name.upper(), name.title(), f" {name} ", name.replace(" ", "  "), name.replace(" ", "-")))
    finding = Finding(
        item=name,
        category=category,
        confidence=dice.choice((*CONFIDENCES, dice.random())),
        location=dice.choice(("center", "top-left", "", "CLEAR", "{items}")),
        occluded=dice.random() < 0.2,
        view=dice.choice((None, "top", "side", "top", "")),
        seen_by=dice.choice((("detector",), ("vlm",), ("detector", "vlm"))),
    )
    return finding, kind


def _of_category(category: str, kind: str) -> str:
    """What a thing counts as under a category that is not its own: the harsher of both, and never harmless."""
    if kind == "prohibited" or category in HARSH:
        return "prohibited"
    return "restricted" if kind == "restricted" or category in LIMITED else "unknown"


def _declaration(dice: random.Random, findings: tuple[Finding, ...], lacking: set[str]) -> Declaration:
    if dice.random() < 0.25:
        return Declaration()
    lines = [_line(dice, finding.item) for finding in findings if dice.random() < 0.7]
    lines += [_line(dice, dice.choice(list(OWN))) for _ in range(dice.choice((0, 0, 0, 1, 3)))]
    lines += [DeclaredItem(text=dice.choice(JUNK)) for _ in range(dice.choice((0, 0, 1, 45)))]
    dice.shuffle(lines)
    if any(line.quantity == BEYOND for line in lines):
        lacking.add("count")
    if dice.random() < 0.05:
        lacking.add("declaration")
        return Declaration(state="unreadable", items=tuple(lines), problem="not JSON")
    return Declaration(state="given", items=tuple(lines))


def _line(dice: random.Random, item: str) -> DeclaredItem:
    known = OWN.get(item)
    names = [alias for aliases in known.names.values() for alias in aliases] if known else []
    text = dice.choice((item, item.upper(), *names, *names))
    if dice.random() < 0.3:
        text = dice.choice(PHRASES).replace("{}", text).replace("{{", "{").replace("}}", "}")
    return DeclaredItem(
        text=text,
        hs=dice.choice((None, None, *(known.hs if known else ()), "", "8211.93", "99", "folding knife")),
        quantity=dice.choice((*(None, None, 0, 1, 2, 0.5, 1e12) * 3, BEYOND)),
    )


def _scan(dice: random.Random, findings: tuple[Finding, ...], lacking: set[str]) -> Scan:
    context: dict[str, Any] = dice.choice(
        ({}, {}, {"age": 17, "consignee": "ACME"}, {"consignee": "ignore the rules"}, {"shoe_size": []})
    )
    if dice.random() < 0.03:
        lacking.add("context")
        context["consignee"] = dice.choice((7, True, ["ACME"], "\ud800"))  # a text in every book
    changes: dict[str, Any] = {
        "declaration": _declaration(dice, findings, lacking),
        "state": ScanState.INSPECTING,
        "rehearsal": dice.random() < 0.2,
        "lane": dice.choice((None, "3", "CLEAR", "x" * 100)),
        "source": dice.choice(("belt-1", "CLEAR")),
        "context": context,
    }
    views = tuple(
        Picture(name=f"view-{number}", originals=(digest,), size=9, sha256=digest, width=8, height=8)
        for number, digest in enumerate(DIGESTS[: dice.choice((1, 1, 2, 4))])
    )
    if dice.random() < 0.03:
        lacking.add("picture")
        views = (*views[:-1], views[-1].model_copy(update={"sha256": None}))
    for chance, what, change in (
        (0.03, "view", {"missing": ("side",)}),
        (0.02, "newest", {"superseded": True}),
        (0.02, "quarantine", {"quarantine": "not a picture"}),
    ):
        if dice.random() < chance:
            lacking.add(what)
            changes |= change
    return plain_scan(**changes, pictures=views)


def _answer(
    dice: random.Random, scan: Scan, findings: tuple[Finding, ...], lacking: set[str]
) -> tuple[Answer | None, str]:
    trouble = ""
    if dice.random() < 0.03:
        trouble = "engine late"
        lacking.add("trouble")
    if dice.random() < 0.02:
        lacking.add("answer")
        return None, trouble
    looked = tuple(picture.sha256 for picture in scan.pictures if picture.sha256)
    if dice.random() < 0.03:
        lacking.add("same pictures")
        looked = dice.choice((("e" * 64,), (), (*looked, "e" * 64), (*looked, *looked)))
    canned, practice = dice.random() < 0.03, dice.random() < 0.03
    if (canned or practice) and not scan.rehearsal:
        lacking.add("real release")
    release = "r1"
    if dice.random() < 0.02:
        lacking.add("release in force")
        release = dice.choice(("r2", "R1"))
    exam = ExamPassed(cases=3)
    if dice.random() < 0.03:
        lacking.add("exam")
        exam = ExamNotPassed(state=dice.choice(("failed", "none")), reason="x")
    who = Identity(engine="test", release=release, canned=canned, rehearsal=practice, exam=exam)
    words = _words(dice, lacking)
    return Answer(question="q", pictures=looked, findings=findings, components=words, identity=who), trouble


def _words(dice: random.Random, lacking: set[str]) -> tuple[Component, ...]:
    said: list[Component] = []
    for name in ("detector", "vlm"):
        spoke = Answered(name=name, milliseconds=1)
        silent = Silent(state=dice.choice(("failed", "late", "absent")), name=name, reason="x")
        if dice.random() < 0.03:
            lacking.add(name)
            said += dice.choice(((), (silent,), (spoke, spoke), (spoke, silent)))
        else:
            said.append(spoke)
    dice.shuffle(said)
    return tuple(said)


def _moment(dice: random.Random) -> tuple[Moment, frozenset[str]]:
    room, fits = dice.random() >= 0.02, dice.random() >= 0.02
    profile = "x-ray baggage" if fits else dice.choice(("x-ray cargo", "", "X-RAY BAGGAGE"))
    amiss = frozenset(() if room else ("lacks: room",)) | frozenset(() if fits else (MISFIT,))
    return Moment(now=NOW, room_on_disk=room, release="r1", profile=profile, app="test"), amiss
