"""Who did what about one scan: how it came in, what happened to it, and who put its rules in force.

Takes what the store knows, gives the content of a pack's `actions.json`.
"""

from __future__ import annotations

from typing import Any

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
            {"verdict": number, "in_force": activation._asdict() if activation else None}
            for number, activation in in_force(known)
        ],
    }


def in_force(known: Known) -> list[tuple[int, Activation | None]]:
    """By whose word the rules of each verdict were in force; None where the box kept no such word."""
    return [(number, _of(verdict, known.activations)) for number, verdict in enumerate(known.verdicts, 1)]


def _of(verdict: Given, activations: tuple[Activation, ...]) -> Activation | None:
    level = verdict.provenance.get("level", "normal")
    same = [given for given in activations if (given.digest, given.level) == (verdict.rulebook, level)]
    earlier = [given for given in same if given.at <= verdict.at]
    return next(iter([*earlier, *reversed(same)]), None)  # a clock that was set may put the word after the verdict
