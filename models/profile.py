"""A domain that can be looked at: what may be seen, where, and through which frames.

Takes nothing, gives frozen values. What a finding means for a bag is the rules' business; how a question is worded is
`prompt.py`'s.
"""

from __future__ import annotations

from pydantic import Field

from models.answer import Value


class Thing(Value):
    """One kind of thing the models can name."""

    name: str
    category: str
    prohibited: bool = False


class Profile(Value):
    """What is looked for, in which order the classes are numbered, and how the pictures are framed."""

    name: str
    things: tuple[Thing, ...] = Field(min_length=1)
    places: tuple[str, ...] = Field(min_length=1)
    concealers: tuple[str, ...]
    """What else may lie over a thing, besides other things."""
    most: int = 16
    """Things in one answer, at most."""
    detector_frame: tuple[int, int]
    """Width and height in pixels, multiples of 32."""
    reader_frame: tuple[int, int]
    """Width and height in pixels, multiples of 28: one token for each 28 by 28."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(thing.name for thing in self.things)

    def thing(self, name: str) -> Thing:
        return next(thing for thing in self.things if thing.name == name)


def _things(category: str, *names: str, prohibited: bool = False) -> tuple[Thing, ...]:
    return tuple(Thing(name=name, category=category, prohibited=prohibited) for name in names)


BAGGAGE = Profile(
    name="x-ray baggage",
    things=(
        *_things(
            "blade",
            "folding knife",
            "straight knife",
            "scissors",
            "utility knife",
            "multi tool knife",
            prohibited=True,
        ),
        *_things("weapon", "handgun", "printed gun", prohibited=True),
        *_things("ammunition", "ammunition", prohibited=True),
        *_things("explosive", "explosive", prohibited=True),
        *_things("flammable", "lighter", "spray can", prohibited=True),
        *_things("tool", "hammer", "pliers", "wrench", "screwdriver"),
        *_things("electronics", "laptop", "tablet", "phone", "powerbank", "battery"),
        *_things("liquid", "bottle"),
    ),
    places=(
        "top-left",
        "top-center",
        "top-right",
        "center-left",
        "center",
        "center-right",
        "bottom-left",
        "bottom-center",
        "bottom-right",
    ),
    concealers=(
        "cosmetics",
        "mug",
        "tin",
        "toiletries",
        "cable",
        "headphones",
        "hair dryer",
        "clothes",
        "shoe",
        "belt",
        "glasses",
        "umbrella",
        "book",
        "coins",
        "keys",
        "food",
        "medicine",
        "toy",
        "powder pack",
        "iron pan",
        "bag",
    ),
    detector_frame=(320, 224),
    reader_frame=(280, 196),
)

PROFILES = {BAGGAGE.name: BAGGAGE}
"""Every domain there is. What a profile can name never changes under its name: verdicts are judged again by it."""


def names_of(profile: str) -> frozenset[str]:
    """What models of a domain can name; nothing, where nobody knows it."""
    known = PROFILES.get(profile)
    return frozenset(known.names) if known else frozenset()
