"""The three things a verdict can ask for, as a lattice: CLEAR < REVIEW < PHYSICAL_INSPECTION.

`Clear` carries its evidence. There is no way to spell one without it that a
type checker, or pydantic at run time, lets pass.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from appliance.rules.evidence import CompleteEvidence
from appliance.scan import Action, Risk
from models.answer import Value


class Harmless(Value):
    """Nothing that was seen is prohibited, and nothing is unknown to the taxonomy."""

    items: tuple[str, ...]


class Clear(Value):
    """Nothing was found, and all that was required looked and spoke."""

    risk: Literal[Risk.LOW] = Risk.LOW
    evidence: CompleteEvidence
    harmless: Harmless


class Review(Value):
    """An officer must look."""

    risk: Risk


class Inspect(Value):
    """The bag must be opened."""

    risk: Risk


Outcome: TypeAlias = Clear | Review | Inspect


def action_of(outcome: Outcome) -> Action:
    """The one place where an action is named."""
    match outcome:
        case Clear():
            return Action.CLEAR
        case Review():
            return Action.REVIEW
        case Inspect():
            return Action.PHYSICAL_INSPECTION


def decide(
    risk: Risk, asked: Action, evidence: CompleteEvidence | tuple[str, ...], harmless: Harmless | None
) -> Outcome:
    """From the risk, the action the rules ask for and the evidence there is to what has to be done.

    Lacking evidence only raises.
    """
    if asked is Action.PHYSICAL_INSPECTION or risk is Risk.HIGH:
        return Inspect(risk=risk)
    if isinstance(evidence, CompleteEvidence) and harmless is not None:
        return Clear(evidence=evidence, harmless=harmless) if (asked, risk) == _NOTHING else Review(risk=risk)
    return Review(risk=Risk.MEDIUM)


_NOTHING = (Action.CLEAR, Risk.LOW)
