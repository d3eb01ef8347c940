"""The default book in its simplest honest form: weapons, blades, explosives and ammunition.

Takes findings and a declaration, gives the rules that fired. The rulebook as a
file, with its language and its versions, comes in this module's place.
"""

from __future__ import annotations

from appliance.scan import Declaration, DeclarationMatch, Risk, RuleFired
from models.answer import Finding

PROHIBITED = frozenset({"weapon", "blade", "explosive", "ammunition"})
"""Every class of these categories is prohibited, not only knives."""
RESTRICTED = frozenset({"flammable"})
"""Lighters and spray cans: an officer decides."""
HARMLESS = frozenset({"tool", "electronics", "liquid", "clothing", "document", "food", "container", "other"})
"""Categories that by themselves worry nobody. A category in none of these sets is unknown, and never harmless."""
NAME = "default@1"
"""What a verdict calls this book, before its digest."""

_ORDER = (Risk.LOW, Risk.MEDIUM, Risk.HIGH)


def match(declaration: Declaration, findings: tuple[Finding, ...]) -> DeclarationMatch:
    """Hold found against declared by exact name. What was declared but not named is not verifiable, not "not seen"."""
    declared = {_fold(item.text): item.text for item in declaration.items}
    found = {_fold(finding.item): finding.item for finding in findings}
    return DeclarationMatch(
        matched=tuple(name for key, name in found.items() if key in declared),
        undeclared=tuple(name for key, name in found.items() if key not in declared),
        not_verifiable=tuple(text for key, text in declared.items() if key not in found),
    )


def fire(findings: tuple[Finding, ...], declaration: Declaration) -> tuple[RuleFired, ...]:
    """All rules that have something to say, in the order of the book. A prohibited finding always fires one."""
    words = {_fold(item.text) for item in declaration.items}
    prohibited = [finding for finding in findings if finding.category in PROHIBITED]
    undeclared = [finding for finding in prohibited if _fold(finding.item) not in words]
    concealed = [finding for finding in prohibited if finding.occluded]
    declared = [finding for finding in prohibited if _fold(finding.item) in words]
    restricted = [finding for finding in findings if finding.category in RESTRICTED]
    unknown = [finding for finding in findings if finding.category not in PROHIBITED | RESTRICTED | HARMLESS]
    fired = (
        _rule("undeclared-prohibited", Risk.HIGH, undeclared, "Detected {} not declared."),
        _rule("concealed-prohibited", Risk.HIGH, concealed, "Item appears concealed: {}."),
        _rule(
            "several-prohibited", Risk.HIGH, prohibited if len(prohibited) > 1 else [], "Several prohibited items: {}."
        ),
        _rule("declared-prohibited", Risk.MEDIUM, declared, "Declared, but prohibited: {}."),
        _rule("restricted", Risk.MEDIUM, restricted, "Restricted: {}."),
        _rule("unknown-category", Risk.MEDIUM, unknown, "Of a kind the rules do not know: {}."),
    )
    return tuple(rule for rule in fired if rule)


def risk_of(fired: tuple[RuleFired, ...]) -> Risk:
    """The highest risk any rule found."""
    return max((rule.risk for rule in fired), key=_ORDER.index, default=Risk.LOW)


def _rule(name: str, risk: Risk, findings: list[Finding], message: str) -> RuleFired | None:
    if not findings:
        return None
    items = ", ".join(dict.fromkeys(finding.item for finding in findings))
    return RuleFired(id=name, risk=risk, message=message.format(items))


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())
