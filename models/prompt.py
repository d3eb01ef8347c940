"""The one grammar between a picture and its findings: how it is asked, and how it is answered.

Takes a profile, gives the words of a question and the JSON schema of its answer; reads and writes such answers.
Serving and training use this room and no other. A declaration is never part of a question.

Answers are short, because each token costs time: `{"items":["folding knife, center-left, hidden"],"prohibited":true}`.
"""

from __future__ import annotations

import json
from typing import Any, Literal, cast

from pydantic import ValidationError

from models.answer import Value
from models.profile import Profile

Kind = Literal["general", "specific", "location", "occlusion", "presence", "detailed"]
Hiding = Literal["in view", "hidden"]

SYSTEM = "You read X-ray pictures. Answer with JSON only."
"""Stands before the picture, so that it need not be read again for each scan."""
ASKED: dict[Kind, tuple[str, ...]] = {
    "general": ("What is in this scan?", "Name all items of interest.", "What does the bag hold?"),
    "specific": ("Find every {name} in this scan.", "Is any {name} here? Answer with what you find."),
    "location": ("Where in the bag is the {name}?", "In which part of the bag does the {name} lie?"),
    "occlusion": ("Is the {name} concealed?", "How well is the {name} hidden, and by what?"),
    "presence": ("Is there any {name} in this bag?", "Does this scan show any {name}?"),
    "detailed": ("Describe this scan in detail.", "Report all items with material, place and concealment."),
}
"""The first wording is the one that is served; training sees them all."""
HIDINGS: tuple[Hiding, ...] = ("in view", "hidden")
LEVELS = ("plainly visible", "partly hidden", "mostly hidden")
CLEAN = "Nothing prohibited."


class Mention(Value):
    """One thing, where it lies, and whether something hides it."""

    item: str
    location: str
    occluded: bool

    @property
    def hint(self) -> str:
        return f"{self.item}, {self.location}"

    @property
    def coded(self) -> str:
        return f"{self.hint}, {HIDINGS[self.occluded]}"


class Hidden(Value):
    """How well one thing is hidden, from 1 to 3, and by what."""

    level: Literal[1, 2, 3]
    concealer: str | None


class ReplyError(Exception):
    """The model said something outside the grammar. The message says what."""


def question(kind: Kind, name: str = "", hints: tuple[str, ...] = (), wording: int = 0) -> str:
    """The words after the picture. Hints are what the detector proposes."""
    asked = ASKED[kind][wording].format(name=name)
    return f"{asked} Detector: {'; '.join(hints)}." if hints else asked


def messages(asked: str) -> list[dict[str, Any]]:
    """A conversation about one picture, for a chat template."""
    return [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": asked}]},
    ]


def schema(kind: Kind, profile: Profile) -> dict[str, Any]:
    """What an answer may look like, for an engine that enforces it while it decodes."""
    if kind in {"general", "specific"}:
        pattern = f"^({'|'.join(profile.names)}), ({'|'.join(profile.places)}), ({'|'.join(HIDINGS)})$"
        items = {"type": "array", "items": {"type": "string", "pattern": pattern}, "maxItems": profile.most}
        fields: dict[str, Any] = {"items": items}
        if kind == "general":
            fields["prohibited"] = {"type": "boolean"}
    elif kind == "location":
        fields = {"location": {"enum": list(profile.places)}}
    elif kind == "occlusion":
        concealers = [*profile.names, *profile.concealers, None]
        fields = {"level": {"enum": [1, 2, 3]}, "concealer": {"enum": concealers}}
    elif kind == "presence":
        fields = {"present": {"type": "boolean"}}
    else:
        fields = {"description": {"type": "string", "maxLength": 2000}}
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def in_order(mentions: list[Mention], profile: Profile) -> tuple[Mention, ...]:
    """Along the rows of the bag, and by name where several share a place: the order a model is taught."""
    return tuple(sorted(mentions, key=lambda each: (profile.places.index(each.location), each.item, each.occluded)))


def say_items(mentions: tuple[Mention, ...], profile: Profile | None = None) -> str:
    """The answer to a specific question; with a profile, to a general one."""
    answer: dict[str, Any] = {"items": [each.coded for each in mentions]}
    if profile is not None:
        answer["prohibited"] = any(profile.thing(each.item).prohibited for each in mentions)
    return said(answer)


def said(answer: dict[str, Any]) -> str:
    return json.dumps(answer, separators=(",", ":"))


def read_items(reply: str, profile: Profile) -> tuple[Mention, ...]:
    """The things a general or specific answer names."""
    items = _fields(reply).get("items")
    if not isinstance(items, list):
        raise ReplyError(f"no list of items in {reply[:200]!r}")
    return tuple(_mention(each, profile) for each in cast("list[object]", items))


def read_hidden(reply: str) -> Hidden:
    try:
        return Hidden.model_validate(_fields(reply))
    except ValidationError as problem:
        raise ReplyError(f"no level and concealer in {reply[:200]!r}") from problem


def read_field(reply: str, name: Literal["location", "present", "description", "prohibited"]) -> Any:
    """One field of an answer, as it was said."""
    fields = _fields(reply)
    if name not in fields:
        raise ReplyError(f"no {name} in {reply[:200]!r}")
    return fields[name]


def _fields(reply: str) -> dict[str, Any]:
    try:
        fields = json.loads(reply)
    except ValueError as problem:
        raise ReplyError(f"not JSON: {reply[:200]!r}") from problem
    if not isinstance(fields, dict):
        raise ReplyError(f"not a JSON object: {reply[:200]!r}")
    return cast("dict[str, Any]", fields)


def _mention(coded: object, profile: Profile) -> Mention:
    match coded.split(", ") if isinstance(coded, str) else []:
        case [item, location, hiding] if item in profile.names and location in profile.places and hiding in HIDINGS:
            return Mention(item=item, location=location, occluded=hiding == "hidden")
        case _:
            raise ReplyError(f"not an item, a place and in view or hidden: {coded!r}")
