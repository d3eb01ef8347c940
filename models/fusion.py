"""What two pairs of eyes saw in one picture, put together: fusion raises, it never lowers.

Takes what the detector proposes and what the reader names, gives findings. Whatever one of them saw stays; what both
saw at the same or a neighbouring place of the bag is one finding with the higher confidence of the two. Pure values:
no model, no file and no clock is touched here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from models.answer import Box, Finding, Value
from models.heard import Named
from models.ports import Detection
from models.profile import Profile
from models.release import Release

SUPPORTS = 0.1
"""From this calibrated score on, a proposal too weak to stand alone joins what the reader names at its place."""
ACROSS = 3
"""Places in one row of a bag; the rows stand one after the other in a profile's places."""

One = TypeVar("One")
Other = TypeVar("Other")


class Proposed(Value):
    """What the detector saw, and in which part of the bag that is."""

    detection: Detection
    place: str


class Pairs(NamedTuple):
    """Which of two lists belong together, by their numbers, and which stand alone."""

    both: list[tuple[int, int]]
    first: list[int]
    second: list[int]


def place_of(box: Box, bag: Box, profile: Profile) -> str:
    """The part of the bag in which a box's middle lies."""
    across, down = (_third((box[i] + box[i + 2]) / 2, bag[i], bag[i + 2]) for i in (0, 1))
    return profile.places[down * ACROSS + across]


def apart(one: str, other: str, profile: Profile) -> int:
    """How many steps two places lie apart; neighbours, also over a corner, one."""
    (down, across), (below, beside) = (divmod(profile.places.index(place), ACROSS) for place in (one, other))
    return max(abs(down - below), abs(across - beside))


def unconfirmed(proposed: Sequence[Proposed], named: Sequence[Named], profile: Profile, about: Release) -> list[str]:
    """The prohibited things that deserve a second look: proposed, but not named at about their place."""
    strong = [each for each in proposed if each.detection.score >= about.proposes]
    alone = _paired(strong, named, profile).first
    items = (strong[number].detection.item for number in alone)
    return list(dict.fromkeys(item for item in items if profile.thing(item).prohibited))


def more(named: Sequence[Named], again: Sequence[Named], profile: Profile) -> tuple[Named, ...]:
    """What was named at the first or at a second look; a thing named at both counts once, as it was surest."""
    places = [each.mention.location for each in named], [each.mention.location for each in again]
    pairs = _pairs(
        named,
        again,
        lambda one, other: one.mention.item == other.mention.item,
        lambda one, other: apart(places[0][one], places[1][other], profile),
    )
    kept = list(named)
    for one, other in pairs.both:
        kept[one] = max(named[one], again[other], key=lambda each: each.confidence)
    return (*kept, *(again[number] for number in pairs.second))


def fuse(
    view: str, proposed: Sequence[Proposed], named: Sequence[Named], profile: Profile, about: Release
) -> tuple[Finding, ...]:
    """The findings of one picture: prohibited things first, then the surest."""
    strong = [each for each in proposed if each.detection.score >= about.proposes]
    weak = [each for each in proposed if SUPPORTS <= each.detection.score < about.proposes]
    sure = _paired(strong, named, profile)
    left = [named[number] for number in sure.second]
    helped = _paired(weak, left, profile)
    found = [_both(strong[one].detection, named[other], view, profile) for one, other in sure.both]
    found += [_both(weak[one].detection, left[other], view, profile) for one, other in helped.both]
    found += [_detected(strong[number], view, profile) for number in sure.first]
    found += [
        _read(left[number], view, profile)
        for number in helped.second
        if profile.thing(left[number].mention.item).prohibited or left[number].confidence >= about.names
    ]
    return tuple(sorted(found, key=lambda each: (not profile.thing(each.item).prohibited, -each.confidence, each.item)))


def side_by_side(
    view: str, proposed: Sequence[Proposed], named: Sequence[Named], profile: Profile, about: Release
) -> tuple[Finding, ...]:
    """What each of the two says for itself: for an exam, where neither may stand in for the other."""
    strong = [each for each in proposed if each.detection.score >= about.proposes]
    return (*(_detected(each, view, profile) for each in strong), *(_read(each, view, profile) for each in named))


def _both(detection: Detection, named: Named, view: str, profile: Profile) -> Finding:
    finding = _read(named, view, profile)
    higher = max(detection.score, named.confidence)
    return finding.model_copy(update={"confidence": higher, "box": detection.box, "seen_by": ("detector", "vlm")})


def _detected(proposed: Proposed, view: str, profile: Profile) -> Finding:
    detection = proposed.detection
    return Finding(
        item=detection.item,
        category=profile.thing(detection.item).category,
        confidence=detection.score,
        location=proposed.place,
        occluded=False,
        box=detection.box,
        view=view,
        seen_by=("detector",),
    )


def _read(named: Named, view: str, profile: Profile) -> Finding:
    return Finding(
        item=named.mention.item,
        category=profile.thing(named.mention.item).category,
        confidence=named.confidence,
        location=named.mention.location,
        occluded=named.mention.occluded,
        view=view,
        seen_by=("vlm",),
    )


def _paired(proposed: Sequence[Proposed], named: Sequence[Named], profile: Profile) -> Pairs:
    return _pairs(
        proposed,
        named,
        lambda one, other: one.detection.item == other.mention.item,
        lambda one, other: apart(proposed[one].place, named[other].mention.location, profile),
    )


def _pairs(
    first: Sequence[One], second: Sequence[Other], alike: Callable[[One, Other], bool], far: Callable[[int, int], int]
) -> Pairs:
    """The nearest first; each belongs to at most one other."""
    near = sorted(
        (steps, one, other)
        for one, this in enumerate(first)
        for other, that in enumerate(second)
        if alike(this, that) and (steps := far(one, other)) <= 1
    )
    both: list[tuple[int, int]] = []
    ones, others = set(range(len(first))), set(range(len(second)))
    for _, one, other in near:
        if one in ones and other in others:
            both.append((one, other))
            ones.discard(one)
            others.discard(other)
    return Pairs(both, sorted(ones), sorted(others))


def _third(middle: float, start: float, end: float) -> int:
    return min(ACROSS - 1, max(0, int(ACROSS * (middle - start) / max(end - start, 1e-9))))
