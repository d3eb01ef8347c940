"""The bill of a backtest as values: what a candidate would change against the rules in force, and what it costs.

Takes what was found scan by scan, gives the sums and the scans that matter most first.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple, TypeAlias

from appliance.scan import Action
from models.answer import Value

MOST_SHOWN = 500
"""Changed scans told one by one; all are counted."""


class Changed(Value):
    """One scan that another rulebook judges otherwise than the rules in force."""

    scan_id: str
    revision: int
    lane: str | None
    at: str
    then: Action
    """What its verdict asked for."""
    before: Action
    """What the rules in force would ask for now."""
    after: Action
    items: tuple[str, ...]
    rules: tuple[str, ...]
    """What fires by the candidate."""
    why: str
    """What the candidate makes otherwise than the rules in force, in words."""
    lost: bool
    """Something prohibited was seen, and less would be done about it."""
    link: str
    """Where the dashboard shows it."""


class Already(Value):
    """What the rules in force would make otherwise than the verdicts were: no doing of the candidate's."""

    changed: int = 0
    more_inspections: int = 0
    fewer_inspections: int = 0


class Bill(Value):
    """What a candidate would change."""

    rulebook: str
    level: str
    against: str
    """What is in force now."""
    trouble: str = ""
    """Why the candidate is held against the verdicts instead, if so."""
    days: int
    judged: int
    rehearsals: int
    """Practice, which is not judged again: nobody's bag was opened."""
    left_out: dict[str, int]
    """Scans that could not be judged again, by the reason."""
    then: dict[str, int]
    """How many verdicts asked for each action."""
    before: dict[str, int]
    """How many would by the rules in force now."""
    after: dict[str, int]
    """And by the candidate."""
    changed: int
    more_inspections: int
    fewer_inspections: int
    lost_finds: int
    newly_clear: int
    already: Already
    by_lane: dict[str, int]
    by_class: dict[str, int]
    """Changed scans by what was seen in them."""
    shown: tuple[Changed, ...]
    """The first of them: lost finds, then what would be cleared, then the rest; each from old to new."""


Move: TypeAlias = tuple[Action, Action, Action]
"""What a scan was told to be, would be told now, and would be by the candidate."""


class Part(NamedTuple):
    """What one process found in its scans."""

    left_out: Counter[str]
    moves: Counter[Move]
    """How many scans moved so."""
    changed: list[Changed]


class Known(NamedTuple):
    """What is not counted."""

    rulebook: str
    level: str
    against: str
    trouble: str
    days: int
    rehearsals: int


def bill(known: Known, parts: list[Part]) -> Bill:
    """Everything together."""
    changed = sorted((one for part in parts for one in part.changed), key=_rank)
    moves = sum((part.moves for part in parts), Counter[Move]())
    return Bill(
        **known._asdict(),
        judged=moves.total(),
        left_out=sum((part.left_out for part in parts), Counter[str]()),
        then=_at(moves, 0),
        before=_at(moves, 1),
        after=_at(moves, 2),
        changed=len(changed),
        more_inspections=_more(moves, 1, 2),
        fewer_inspections=_more(moves, 2, 1),
        lost_finds=sum(one.lost for one in changed),
        newly_clear=sum(one.after is Action.CLEAR for one in changed),
        already=Already(
            changed=sum(number for move, number in moves.items() if move[0] is not move[1]),
            more_inspections=_more(moves, 0, 1),
            fewer_inspections=_more(moves, 1, 0),
        ),
        by_lane=dict(Counter(one.lane or "no lane" for one in changed).most_common()),
        by_class=dict(Counter(item for one in changed for item in one.items or ("nothing seen",)).most_common()),
        shown=tuple(changed[:MOST_SHOWN]),
    )


def _rank(one: Changed) -> tuple[bool, bool, str, str, int]:
    return not one.lost, one.after is not Action.CLEAR, one.at, one.scan_id, one.revision


def _at(moves: Counter[Move], when: int) -> dict[str, int]:
    """How many of each action at one of the three times."""
    found = Counter[str]()
    for move, number in moves.items():
        found[move[when]] += number
    return found


def _more(moves: Counter[Move], one: int, other: int) -> int:
    """How many bags are opened only at the other of two times."""
    inspect = Action.PHYSICAL_INSPECTION
    return sum(number for move, number in moves.items() if move[other] is inspect and move[one] is not inspect)
