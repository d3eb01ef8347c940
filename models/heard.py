"""What a reader's reply says, and how sure it was of each thing.

Takes a reply, gives the things that it names. How sure: the probability of the tokens that spell the thing's name,
made honest by the release's curve. A reply outside the grammar raises `ReplyError`; one that contradicts itself, or
is so full that something may be missing, says so beside its things.
"""

from __future__ import annotations

import json
import math

from models.answer import Share, Value
from models.ports import Reply
from models.profile import Profile
from models.prompt import Mention, ReplyError, read_field, read_items
from models.release import Curve


class Named(Value):
    """One thing that the reader named."""

    mention: Mention
    confidence: Share


class Heard(Value):
    """What one reply said of one picture, and why it cannot be relied on, if so."""

    named: tuple[Named, ...] = ()
    trouble: str | None = None


def heard(reply: Reply, profile: Profile, curve: Curve, *, general: bool) -> Heard:
    """Read a reply to a general or to a specific question."""
    try:
        mentions = read_items(reply.text, profile)
        named = _with_confidence(mentions, reply, curve)
        trouble = _contradiction(reply, mentions, profile) if general else None
    except ReplyError as problem:
        return Heard(trouble=str(problem))
    if len(mentions) >= profile.most:
        trouble = f"it named {len(mentions)} things, as many as an answer holds: there may be more"
    return Heard(named=named, trouble=trouble)


def _contradiction(reply: Reply, mentions: tuple[Mention, ...], profile: Profile) -> str | None:
    said = read_field(reply.text, "prohibited")
    if not isinstance(said, bool):
        return f"it said {said!r} where yes or no was asked"
    if said == any(profile.thing(each.item).prohibited for each in mentions):
        return None
    return f"it said prohibited: {said} of {[each.item for each in mentions]}"


def _with_confidence(mentions: tuple[Mention, ...], reply: Reply, curve: Curve) -> tuple[Named, ...]:
    if "".join(piece.text for piece in reply.pieces)[: len(reply.text)] != reply.text:
        raise ReplyError("its pieces are not its text")
    named: list[Named] = []
    place = 0
    for each in mentions:
        spelled = json.dumps(each.coded)
        start = reply.text.find(spelled, place)
        if start < 0:
            raise ReplyError(f"it spells {each.coded!r} in another way")
        place = start + len(spelled)
        sure = _probability(reply, start + 1, start + 1 + len(each.item))
        named.append(Named(mention=each, confidence=curve.share(sure)))
    return tuple(named)


def _probability(reply: Reply, start: int, end: int) -> float:
    """Of all the pieces that reach into a stretch of the text, one after the other."""
    total, place = 0.0, 0
    for piece in reply.pieces:
        if place < end and place + len(piece.text) > start:
            total += piece.logprob
        place += len(piece.text)
    if math.isnan(total) or total > len(reply.pieces) * 1e-3:
        raise ReplyError(f"its probabilities are none: {total}")
    return math.exp(min(total, 0.0))
