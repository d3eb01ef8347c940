"""The three things a verdict can ask for, as a lattice: CLEAR < REVIEW < PHYSICAL_INSPECTION.

`Clear` carries its evidence. There is no way to spell one without it that a
type checker, or pydantic at run time, lets pass.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from appliance.rules.evidence import CompleteEvidence
from appliance.scan import Action, Risk
from models.answer import Value


class Clear(Value):
    """Nothing was found, and all that was required looked and spoke."""

    risk: Literal[Risk.LOW] = Risk.LOW
    evidence: CompleteEvidence


class Review(Value):
    """An officer must look."""

    risk: Literal[Risk.MEDIUM] = Risk.MEDIUM


class Inspect(Value):
    """The bag must be opened."""

    risk: Literal[Risk.HIGH] = Risk.HIGH


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


def decide(risk: Risk, evidence: CompleteEvidence | tuple[str, ...]) -> Outcome:
    """From the risk the rules found and the evidence there is to what has to be done. Lacking evidence only raises."""
    if risk is Risk.HIGH:
        return Inspect()
    if risk is Risk.MEDIUM or not isinstance(evidence, CompleteEvidence):
        return Review()
    return Clear(evidence=evidence)
