"""Who did what about one scan: how it came in, what happened to it, and who put its rules in force.

Takes what the store knows, gives the content of a pack's `actions.json`.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Any, NamedTuple

from appliance.lookback.known import Given, Known
from appliance.store.rulebooks import Activation


def told(known: Known) -> dict[str, Any]:
    """Everything the box knows about deeds, oldest first."""
    return {
        "arrival": {key: known.scan[key] for key in ("source", "slot", "received_at", "scanned_at", "lane")},
        "sightings": list(known.sightings),
        "events": list(known.events),
        "words": list(known.words),
        "rulebooks": [
            {"verdict": number, "in_force": _dumped(word and word.last), "came": _dumped(word and word.came)}
            for number, word in in_force(known)
        ],
    }


class Word(NamedTuple):
    """By whose word rules stood as they did."""

    came: Activation
    """What brought the texts."""
    last: Activation
    """What was done last before the verdict: the same, or another threat level."""


def in_force(known: Known) -> list[tuple[int, Word | None]]:
    """By whose word the rules of each verdict were in force; None where the box kept no such word."""
    return [(number, _of(verdict, known.activations)) for number, verdict in enumerate(known.verdicts, 1)]


def _of(verdict: Given, activations: tuple[Activation, ...]) -> Word | None:
    level = verdict.provenance.get("level", "normal")
    same = [given for given in activations if (given.digest, given.level) == (verdict.rulebook, level)]
    earlier = [given for given in same if given.at <= verdict.at]
    last = next(iter([*earlier, *reversed(same)]), None)  # a clock that was set may put the word after the verdict
    if last is None:
        return None
    till_then = activations[activations.index(last) :]
    return Word([*takewhile(lambda given: given.digest == last.digest, till_then)][-1], last)


def _dumped(activation: Activation | None) -> dict[str, Any] | None:
    return activation._asdict() if activation else None
