"""Questions about a scan with their answers: short coded JSON, prose only where it is asked for.

General, specific, location, occlusion and detailed. The declaration is never part of a question. Yes-no questions are
made in pairs by `sft.py`, because as many must be answered no as yes.
"""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from training.synth.shapes import Rng
from training.synth.things.catalogue import TARGETS
from training.synth.values import SimulatedItem, SimulatedScan, pick

QuestionKind = Literal["general", "specific", "location", "occlusion", "detailed", "vqa"]
CLEAN = "Nothing prohibited."
ASKED: dict[QuestionKind, tuple[str, ...]] = {
    "general": (
        "What is in this scan?",
        "Name all items of interest in this X-ray picture.",
        "What does the bag hold?",
    ),
    "specific": ("Find every {name} in this scan.", "Is any {name} here? Answer with what you find."),
    "location": ("Where in the bag is the {name}?", "In which part of the bag does the {name} lie?"),
    "occlusion": ("Is the {name} concealed?", "How well is the {name} hidden, and by what?"),
    "detailed": ("Describe this scan in detail.", "Report all items with material, place and concealment."),
    "vqa": ("Is there any {name} in this bag? Answer yes or no.", "Does this scan show any {name}? Answer yes or no."),
}
HIDING = ("plainly visible", "partly hidden", "mostly hidden")


@dataclass(frozen=True, slots=True)
class Asked:
    kind: QuestionKind
    question: str
    answer: str


def asked_of(scan: SimulatedScan, rng: Rng) -> list[Asked]:
    """General, specific and detailed for every scan; place and concealment of one thing that has no double."""
    found = scan.targets
    about = pick(rng, found).name if found and rng.random() < 0.5 else pick(rng, TARGETS)  # noqa: PLR2004  half each
    named = [item for item in found if item.name == about]
    asked = [
        Asked("general", worded("general", "", rng), _coded(_general(found))),
        Asked("specific", worded("specific", about, rng), _coded({"items": [_brief(item) for item in named]})),
        Asked("detailed", worded("detailed", "", rng), _coded(_detailed(found))),
    ]
    counts = Counter(item.name for item in found)
    single = [item for item in found if counts[item.name] == 1]
    if single:
        item = pick(rng, single)
        asked.append(Asked("location", worded("location", item.name, rng), _coded({"location": item.place})))
        item = pick(rng, single)
        asked.append(Asked("occlusion", worded("occlusion", item.name, rng), _coded(_hiding(item))))
    return asked


def worded(kind: QuestionKind, name: str, rng: Rng) -> str:
    return pick(rng, ASKED[kind]).format(name=name.replace("_", " "))


def _general(found: tuple[SimulatedItem, ...]) -> dict[str, Any]:
    prohibited = any(item.threat for item in found)
    answer: dict[str, Any] = {"items": [_brief(item) for item in found], "prohibited": prohibited}
    return answer if prohibited else {**answer, "note": CLEAN}


def _detailed(found: tuple[SimulatedItem, ...]) -> dict[str, Any]:
    items = [{**_brief(item), "material": item.material, **_hiding(item)} for item in found]
    return {**_general(found), "items": items, "description": " ".join(_sentences(found))}


def _brief(item: SimulatedItem) -> dict[str, Any]:
    return {"item": item.words, "category": item.category, "location": item.place, "occluded": item.level > 1}


def _hiding(item: SimulatedItem) -> dict[str, Any]:
    return {
        "occluded": item.level > 1,
        "level": item.level,
        "concealer": item.concealer and item.concealer.replace("_", " "),
    }


def _sentences(found: tuple[SimulatedItem, ...]) -> list[str]:
    told = [
        f"{item.words.capitalize()} ({item.material}) at the {item.place.replace('-', ' ')}, {HIDING[item.level - 1]}"
        + (f" beneath the {item.concealer.replace('_', ' ')}." if item.concealer else ".")
        for item in found
    ]
    return told if any(item.threat for item in found) else [*told, CLEAN]


def _coded(answer: dict[str, Any]) -> str:
    return json.dumps(answer, separators=(",", ":"))
