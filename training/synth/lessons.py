"""What can be asked about a bag, and what should be answered, in the words of `models.prompt`.

Takes what is true of the targets in a bag, gives questions with their answers; the dice pick the wording and the thing.
The hints are what a detector of middling skill would propose. The declaration is never part of a question.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from models import prompt
from models.profile import BAGGAGE
from models.prompt import ASKED, CLEAN, LEVELS, Kind, Mention
from training.synth.shapes import Rng
from training.synth.values import SimulatedItem, pick

MISSED = (0.05, 0.15, 0.4)  # share of things that a detector does not propose, by level
INVENTED = 0.15  # share of hints that hold one thing that is not there
OTHERS: dict[Kind, float] = {
    "general": 0.3,
    "specific": 0.2,
    "location": 0.1,
    "occlusion": 0.15,
    "presence": 0.15,
    "detailed": 0.1,
}


@dataclass(frozen=True, slots=True)
class Fact:
    """What is true of one target, as far as it can be asked about."""

    name: str
    place: str
    level: int
    concealer: str | None
    material: str

    @property
    def mention(self) -> Mention:
        return Mention(item=self.name, location=self.place, occluded=self.level > 1)


@dataclass(frozen=True, slots=True)
class Lesson:
    kind: Kind
    question: str
    answer: str
    about: str = ""


def fact_of(item: SimulatedItem) -> Fact:
    concealer = item.concealer and item.concealer.replace("_", " ")
    return Fact(item.words, item.place, item.level, concealer, item.material)


def lessons_of(facts: Sequence[Fact], rng: Rng, others: int) -> list[Lesson]:
    """The general question, and so many others."""
    kinds = rng.choice(list(OTHERS), size=others, p=list(OTHERS.values()))
    return [lesson("general", facts, rng), *(lesson(kind, facts, rng, hinted=True) for kind in kinds)]


def lesson(kind: Kind, facts: Sequence[Fact], rng: Rng, *, hinted: bool = False) -> Lesson:
    """One question of a kind; of presence, where there is nothing whose place or hiding could be asked for."""
    given: tuple[str, ...] = ()
    about = ""
    if kind not in {"general", "detailed"}:
        about = _about(facts, rng)
    if hinted and (kind == "general" or (kind == "specific" and rng.random() < 0.5)):  # noqa: PLR2004  half each
        given = hints(facts, rng)
    if kind in {"location", "occlusion"}:
        counts = Counter(each.name for each in facts)
        single = [each.name for each in facts if counts[each.name] == 1]
        kind, about = (kind, pick(rng, single)) if single else ("presence", about)
    asked = prompt.question(kind, about, given, int(rng.integers(len(ASKED[kind]))))
    return Lesson(kind, asked, answer(kind, facts, about), about)


def answer(kind: Kind, facts: Sequence[Fact], about: str = "") -> str:
    """What is to be said. Of the place and the hiding of a thing only where exactly one is there."""
    found = [each for each in facts if each.name == about]
    match kind:
        case "general":
            return prompt.say_items(mentions(facts), BAGGAGE)
        case "specific":
            return prompt.say_items(mentions(found))
        case "presence":
            return prompt.said({"present": bool(found)})
        case "detailed":
            return prompt.said({"description": described(facts)})
        case _:
            (one,) = found
    if kind == "location":
        return prompt.said({"location": one.place})
    return prompt.said({"level": one.level, "concealer": one.concealer})


def mentions(facts: Sequence[Fact]) -> tuple[Mention, ...]:
    return prompt.in_order([each.mention for each in facts], BAGGAGE)


def hints(facts: Sequence[Fact], rng: Rng) -> tuple[str, ...]:
    """What a detector would propose: most of what is there, sometimes something else."""
    proposed = [each.mention for each in facts if rng.random() >= MISSED[each.level - 1]]
    if rng.random() < INVENTED:
        proposed.append(Mention(item=pick(rng, BAGGAGE.names), location=pick(rng, BAGGAGE.places), occluded=False))
    return tuple(dict.fromkeys(each.hint for each in prompt.in_order(proposed, BAGGAGE)))


def described(facts: Sequence[Fact]) -> str:
    """A sentence for each thing."""
    ordered = sorted(facts, key=lambda each: (BAGGAGE.places.index(each.place), each.name, each.level))
    told = [
        f"{each.name.capitalize()} ({each.material}) at the {each.place}, {LEVELS[each.level - 1]}"
        + (f" beneath the {each.concealer}." if each.concealer else ".")
        for each in ordered
    ]
    clean = not any(BAGGAGE.thing(each.name).prohibited for each in facts)
    return " ".join([*told, CLEAN] if clean else told)


def _about(facts: Sequence[Fact], rng: Rng) -> str:
    """As often something that is there as something that is not."""
    there = sorted({each.name for each in facts})
    absent = [name for name in BAGGAGE.names if name not in there]
    return pick(rng, there if there and rng.random() < 0.5 else absent)  # noqa: PLR2004  half each
