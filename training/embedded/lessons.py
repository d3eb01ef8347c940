"""What the reader is asked about one example, and what it should answer.

Takes what is in a bag, gives questions with their answers in the words of `models.prompt`. A general question comes
with every example; of the others, as many as asked for. The hints are what a detector of middling skill would propose.
"""

from collections import Counter
from dataclasses import dataclass

from models import prompt
from models.profile import BAGGAGE
from models.prompt import ASKED, CLEAN, LEVELS, Kind, Mention
from training.embedded.pool import Seen
from training.synth.shapes import Rng
from training.synth.values import pick

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
class Lesson:
    kind: Kind
    question: str
    answer: str


def lessons_of(seen: tuple[Seen, ...], rng: Rng, others: int) -> list[Lesson]:
    """The general question, and so many others."""
    kinds = rng.choice(list(OTHERS), size=others, p=list(OTHERS.values()))
    return [_general(seen, rng, ()), *(_lesson(kind, seen, rng) for kind in kinds)]


def mention(each: Seen) -> Mention:
    return Mention(item=each.name, location=each.place, occluded=each.level > 1)


def mentions(seen: tuple[Seen, ...]) -> tuple[Mention, ...]:
    return prompt.in_order([mention(each) for each in seen], BAGGAGE)


def _lesson(kind: Kind, seen: tuple[Seen, ...], rng: Rng) -> Lesson:
    if kind == "general":
        return _general(seen, rng, hints(seen, rng))
    if kind == "detailed":
        return Lesson(kind, _asked(kind, rng), prompt.said({"description": described(seen)}))
    about = _about(seen, rng)
    if kind == "specific":
        found = mentions(tuple(each for each in seen if each.name == about))
        given = hints(seen, rng) if rng.random() < 0.5 else ()  # noqa: PLR2004  half each
        return Lesson(kind, _asked(kind, rng, about, given), prompt.say_items(found))
    counts = Counter(each.name for each in seen)
    single = [each for each in seen if counts[each.name] == 1]
    if kind == "presence" or not single:
        return Lesson("presence", _asked("presence", rng, about), prompt.said({"present": about in counts}))
    one = pick(rng, single)
    answer = {"location": one.place} if kind == "location" else {"level": one.level, "concealer": one.concealer}
    return Lesson(kind, _asked(kind, rng, one.name), prompt.said(answer))


def _general(seen: tuple[Seen, ...], rng: Rng, given: tuple[str, ...]) -> Lesson:
    return Lesson("general", _asked("general", rng, hints=given), prompt.say_items(mentions(seen), BAGGAGE))


def _about(seen: tuple[Seen, ...], rng: Rng) -> str:
    """As often something that is there as something that is not."""
    there = sorted({each.name for each in seen})
    absent = [name for name in BAGGAGE.names if name not in there]
    return pick(rng, there if there and rng.random() < 0.5 else absent)  # noqa: PLR2004  half each


def _asked(kind: Kind, rng: Rng, name: str = "", hints: tuple[str, ...] = ()) -> str:
    return prompt.question(kind, name, hints, int(rng.integers(len(ASKED[kind]))))


def hints(seen: tuple[Seen, ...], rng: Rng) -> tuple[str, ...]:
    """What a detector would propose: most of what is there, sometimes something else."""
    proposed = [mention(each) for each in seen if rng.random() >= MISSED[each.level - 1]]
    if rng.random() < INVENTED:
        proposed.append(Mention(item=pick(rng, BAGGAGE.names), location=pick(rng, BAGGAGE.places), occluded=False))
    return tuple(dict.fromkeys(each.hint for each in prompt.in_order(proposed, BAGGAGE)))


def described(seen: tuple[Seen, ...]) -> str:
    """A sentence for each thing."""
    ordered = sorted(seen, key=lambda each: (BAGGAGE.places.index(each.place), each.name, each.level))
    told = [
        f"{each.name.capitalize()} ({each.material}) at the {each.place}, {LEVELS[each.level - 1]}"
        + (f" beneath the {each.concealer}." if each.concealer else ".")
        for each in ordered
    ]
    clean = not any(BAGGAGE.thing(each.name).prohibited for each in seen)
    return " ".join([*told, CLEAN] if clean else told)
