"""Hold a declaration against what was seen: four columns, and how each line was understood.

Takes a declaration, findings and a taxonomy, gives a `DeclarationMatch`. How a line is understood is
`recognition.py`'s business; what follows from the columns is the rules'.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from appliance.rules.declared.recognition import Part, understand
from appliance.rules.taxonomy import ItemClass, Taxonomy
from appliance.scan import Amount, Declaration, DeclarationMatch, DeclaredItem, MatchedLine
from models.answer import Finding

MOST = 1e9
"""Nobody counts further. It keeps sums finite, and the same in any order."""
FEW = 40
"""Lines that are understood in no time: what more of them mean is kept for a while."""


class Seen(NamedTuple):
    """How many of each class there are at the least: views show the same bag, so the fullest view counts."""

    by_view: tuple[Counter[str], ...]

    def count(self, names: Iterable[str]) -> int:
        wanted = frozenset(names)
        return max((sum(view[name] for name in wanted & view.keys()) for view in self.by_view), default=0)


class Scope(NamedTuple):
    """What the scan could have shown at all."""

    taxonomy: Taxonomy
    says: frozenset[str]
    complete: bool

    def would_show(self, item: ItemClass) -> bool:
        """True when not having seen the class, or any that it stands for, means that it is not there."""
        classes = [self.taxonomy.by_id[name] for name in self.taxonomy.covered.get(item.id, ())] or [item]
        return self.complete and all(one.shows and one.id in self.says for one in classes)


def match(
    declaration: Declaration,
    findings: tuple[Finding, ...],
    taxonomy: Taxonomy,
    says: frozenset[str],
    *,
    complete: bool,
) -> DeclarationMatch:
    """Match every line and every finding.

    `says` is what the model in force can name at all; `complete` is false when the pictures were not fully looked at,
    and then nothing is "not seen".
    """
    seen = _count(findings, taxonomy)
    scope = Scope(taxonomy, says, complete)
    understood = tuple(zip(declaration.items, meant(declaration.items, taxonomy), strict=True))
    allowance = _allowances(understood, taxonomy)
    lines = tuple(_line(item, parts, seen, allowance, scope) for item, parts in understood)
    declared = {name for name in allowance if seen.count((name,))}
    if not all(parts for _, parts in understood):  # a line nobody understands may take back what others say
        declared = {name for name in declared if taxonomy.by_id[name].standing == "allowed"}
    exceeded = {name for name in declared if _exceeded(name, seen, allowance)}
    named = [(finding.item, _class_of(finding, taxonomy)) for finding in findings]
    return DeclarationMatch(
        matched=_once(item for item, name in named if name in declared),
        undeclared=_once(item for item, name in named if name not in declared or name in exceeded),
        not_seen=_once(line.text for line in lines if line.result == "not_seen"),
        not_verifiable=_once(line.text for line in lines if line.result == "not_verifiable"),
        lines=lines,
    )


def meant(lines: tuple[DeclaredItem, ...], taxonomy: Taxonomy) -> tuple[tuple[Part, ...], ...]:
    """Understand a declaration. A long one takes a while, so whoever has the time does it before a match needs it."""
    return _kept(lines, taxonomy) if len(lines) > FEW else _meant(lines, taxonomy)


def _meant(lines: tuple[DeclaredItem, ...], taxonomy: Taxonomy) -> tuple[tuple[Part, ...], ...]:
    return tuple(understand(lines, taxonomy))


_kept = lru_cache(maxsize=8)(_meant)


def declared_items(matched: DeclarationMatch) -> frozenset[str]:
    """The item names of findings that count as declared: matched, and not more of them than declared."""
    return frozenset(matched.matched) - frozenset(matched.undeclared)


def _class_of(finding: Finding, taxonomy: Taxonomy) -> str | None:
    """The class of a finding. A name under a strange category is nothing we know, and nobody can have declared it."""
    item = taxonomy.item(finding.item)
    return item.id if item and item.category == finding.category else None


def _count(findings: tuple[Finding, ...], taxonomy: Taxonomy) -> Seen:
    views: dict[str | None, Counter[str]] = {}
    for finding in findings:
        name = _class_of(finding, taxonomy)
        if name is not None:
            views.setdefault(finding.view, Counter())[name] += 1
    return Seen(tuple(views.values()))


def _allowances(
    understood: tuple[tuple[DeclaredItem, tuple[Part, ...]], ...], taxonomy: Taxonomy
) -> dict[str, float | None]:
    """How many of each class the whole declaration allows for; None where some line leaves it open."""
    numbers: dict[str, list[float | None]] = {}
    for item, parts in understood:
        for part in parts:
            general = taxonomy.covered.get(part.item.id, frozenset())
            for name in (part.item.id, *general):
                numbers.setdefault(name, []).append(None if general else _number(item, part))
    return {
        name: None if None in found else math.fsum(number for number in found if number is not None)
        for name, found in numbers.items()
    }


def _number(item: DeclaredItem, part: Part) -> float | None:
    """How many a line declares at the most. The number in its own field outweighs the one among the words."""
    if not part.comparable:
        return None
    number = item.quantity if item.quantity is not None else part.number
    return None if number is None else min(number, MOST)


def _exceeded(name: str, seen: Seen, allowance: Mapping[str, float | None]) -> bool:
    most = allowance[name]
    return most is not None and seen.count((name,)) > most


def _line(
    item: DeclaredItem, parts: tuple[Part, ...], seen: Seen, allowance: Mapping[str, float | None], scope: Scope
) -> MatchedLine:
    covered = scope.taxonomy.covered
    names = {name for part in parts for name in (part.item.id, *covered.get(part.item.id, ()))}
    count = seen.count(names)
    contents = [part.item for part in parts if part.item.category != "container"] or [part.item for part in parts]
    shown = bool(contents) and all(map(scope.would_show, contents))
    gone = [item for item in contents if scope.would_show(item) and not seen.count(_with(item, covered))]
    if any(part.by.how == "hs" for part in parts):  # one of these, not all of them
        gone = contents if shown and not count else []
    single = parts[0] if len(parts) == 1 else None
    return MatchedLine(
        text=item.text,
        understood=tuple(part.by for part in parts),
        result="not_seen" if gone else "seen" if count else "not_verifiable",
        quantity=item.quantity if item.quantity is not None or not single else single.number,
        seen=count,
        amount=_amount(single, names, seen, allowance, shown=shown) if single else "not_comparable",
    )


def _with(item: ItemClass, covered: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    return (item.id, *covered.get(item.id, ()))


def _amount(part: Part, names: set[str], seen: Seen, allowance: Mapping[str, float | None], *, shown: bool) -> Amount:
    """Hold the number seen, at the least, against what all lines together declare of the class, at the most."""
    most = allowance[part.item.id]
    if most is None or len(names) > 1:
        return "not_comparable"
    count = seen.count(names)
    if count > most:
        return "more_seen"
    if count == most:
        return "fits"
    return "fewer_seen" if shown else "not_comparable"


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
