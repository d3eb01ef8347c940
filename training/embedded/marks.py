"""What an answer is worth: held against the truth about one scan.

Takes replies and detections, gives marks (won, could be won) by task, and claims: a score, and whether it was right.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from models import prompt
from models.answer import Box
from models.heard import heard
from models.ports import Detection, Reply
from models.profile import BAGGAGE
from models.prompt import Kind, Mention, ReplyError
from models.release import Curve
from training.embedded.metrics import overlap
from training.synth.lessons import Fact

RAW = Curve(slope=1.0, shift=0.0)
"""Leaves scores as they are."""
HIT = 0.5  # overlap from which a box is that of the thing

Mark = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody said that a thing is there."""

    item: str
    score: float
    level: int
    """Of the thing that it was; 0 where there was none."""

    @property
    def right(self) -> bool:
        return self.level > 0

    @property
    def prohibited(self) -> bool:
        return BAGGAGE.thing(self.item).prohibited


def mentioned(kind: Kind, reply: Reply) -> tuple[Mention, ...] | None:
    """The things a reply names; nothing where it is outside the grammar. Other kinds name none."""
    said: tuple[Mention, ...] = ()
    try:
        match kind:
            case "general" | "specific":
                said = prompt.read_items(reply.text, BAGGAGE)
                right = kind == "specific" or isinstance(prompt.read_field(reply.text, "prohibited"), bool)
            case "location":
                right = prompt.read_field(reply.text, "location") in BAGGAGE.places
            case "occlusion":
                right = prompt.read_hidden(reply.text).concealer in {*BAGGAGE.names, *BAGGAGE.concealers, None}
            case "presence":
                right = isinstance(prompt.read_field(reply.text, "present"), bool)
            case _:
                right = isinstance(prompt.read_field(reply.text, "description"), str)
    except ReplyError:
        return None
    return said if right else None


def marks_of(said: Sequence[Mention], facts: Sequence[Fact]) -> dict[str, Mark]:
    """Items and hiding as F1 (twice the right ones, of all said and all true), places of the items that were right."""
    left = list(facts)
    right: list[tuple[Mention, Fact]] = []
    for mention in sorted(said, key=lambda each: -max((_fits(each, fact) for fact in facts), default=0)):
        same = [fact for fact in left if fact.name == mention.item]
        if same:
            best = max(same, key=lambda fact: _fits(mention, fact))
            left.remove(best)
            right.append((mention, best))
    hidden = [(mention.occluded, fact.level > 1) for mention, fact in right]
    return {
        "items": (2 * len(right), len(said) + len(facts)),
        "places": (sum(mention.location == fact.place for mention, fact in right), len(right)),
        "hiding": (2 * sum(one and other for one, other in hidden), sum(one + other for one, other in hidden)),
    }


def _fits(mention: Mention, fact: Fact) -> int:
    if (mention.item, mention.location) != (fact.name, fact.place):
        return 0
    return 1 + (mention.occluded == (fact.level > 1))


def agreement(said: Sequence[Mention], other: Sequence[Mention]) -> Mark:
    """Of what two readers name, how much both name."""
    one, two = (Counter(each.item for each in mentions) for mentions in (said, other))
    return 2 * (one & two).total(), one.total() + two.total()


def claims_of_reader(reply: Reply, facts: Sequence[Fact]) -> list[Claim]:
    """As sure as the model was of the tokens that spell the item."""
    left = list(facts)
    claims: list[Claim] = []
    for each in heard(reply, BAGGAGE, RAW, general=True).named:
        same = [fact for fact in left if fact.name == each.mention.item]
        best = max(same, key=lambda fact: _fits(each.mention, fact), default=None)
        if best is not None:
            left.remove(best)
        claims.append(Claim(each.mention.item, each.confidence, best.level if best else 0))
    return claims


def claims_of_detector(found: Sequence[Detection], facts: Sequence[Fact], boxes: Sequence[Box]) -> list[Claim]:
    """The best scores first; each thing can be found once."""
    left = list(zip(facts, boxes, strict=True))
    claims: list[Claim] = []
    for each in sorted(found, key=lambda detection: -detection.score):
        near = [(overlap(each.box, box), fact, box) for fact, box in left if fact.name == each.item]
        best = max(near, key=lambda one: one[0], default=None)
        if best is not None and best[0] >= HIT:
            left.remove(best[1:])
            claims.append(Claim(each.item, each.score, best[1].level))
        else:
            claims.append(Claim(each.item, each.score, 0))
    return claims
