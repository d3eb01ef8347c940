"""A backtest's bill for people to read: as text for a terminal, and as one page that needs nothing else.

Takes a bill, gives words. Every word that came from outside is escaped.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from html import escape

from appliance.lookback.bill import Bill, Changed
from appliance.scan import Action

TOP = 10
"""Lanes and classes told one by one in text."""

_MOVING = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Characters that begin a line, move a cursor or turn the writing round."""
_STYLE = (
    ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
    "body{max-width:64rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0}"
    "th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8886}"
    "th,td.number{overflow-wrap:normal}th:last-child,td:last-child{padding-right:0}td.number{text-align:right;font-variant-numeric:tabular-nums}.lost{font-weight:bold}"
    "@media(max-width:48rem){.scans th{display:none}.scans tr{display:block;border-bottom:1px solid #888}"
    ".scans td{display:block;border:0;padding:0}.scans td::before{content:attr(data-is)}}"
)
_SCANS = ("Scan", "Lane", "In force", "Candidate", "Seen", "Why")


def text(bill: Bill) -> str:
    """The bill for a terminal."""
    lines = [_flat(sentence) for _, sentence in sentences(bill)]
    lines += ["", "action                 then  in force  candidate"]
    lines += [f"{action:20}{then:7}{before:10}{after:11}" for action, then, before, after in _actions(bill)]
    for title, counts in (("changed by lane", bill.by_lane), ("changed by what was seen", bill.by_class)):
        if counts:
            lines += ["", f"{title}:", *(f"  {number:7}  {_flat(name)}" for name, number in [*counts.items()][:TOP])]
            lines += [f"  and {len(counts) - TOP} more"] if len(counts) > TOP else []
    if bill.shown:
        lines += ["", "scans that change" + (f", {len(bill.shown)} of {bill.changed}" if _cut(bill) else "") + ":"]
        lines += [f"  {_line(one)}" for one in bill.shown]
        lines += ["", "To open one: lanewatch scans show ID, or in a browser, as the first of them:"]
        lines += [f"  {_flat(bill.shown[0].link)}"]
    return "\n".join(lines)


def page(bill: Bill) -> str:
    """The bill as a page."""
    body = "".join(f"<p{' class=lost' if loud else ''}>{escape(sentence)}</p>" for loud, sentence in sentences(bill))
    actions = "".join(_row(*row) for row in _actions(bill))
    cut = f"<p>The first {len(bill.shown)} of {bill.changed}.</p>" if _cut(bill) else ""
    head = "".join(f"<th>{name}" for name in _SCANS)
    scans = (
        f"<h2>Scans that change</h2>{cut}<table class=scans><tr>{head}</tr>{''.join(map(_changed, bill.shown))}</table>"
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Backtest of {escape(bill.rulebook[:60])}</title>"
        f"<style>{_STYLE}</style><h1>What these rules would change</h1>"
        f"{body}<h2>Actions</h2><table><tr><th>Action<th>Then<th>In force<th>Candidate</tr>{actions}</table>"
        f"{_counts('Changed by lane', bill.by_lane)}{_counts('Changed by what was seen', bill.by_class)}"
        f"{scans if bill.shown else ''}</html>\n"
    )


def sentences(bill: Bill) -> Iterator[tuple[bool, str]]:
    """The bill in words, each with whether it is alarming."""
    yield False, f"By {bill.rulebook}, threat level {bill.level}:"
    yield False, f"{bill.judged} scans of the last {bill.days} days were judged again; {bill.changed} change."
    if bill.trouble:
        yield True, f"They are held against the verdicts they got then: {bill.trouble}."
    else:
        yield False, f"They are held against what is in force now: {bill.against}."
    yield False, f"{bill.more_inspections} more bags would be opened, {bill.fewer_inspections} fewer."
    yield bill.newly_clear > 0, f"{bill.newly_clear} would be cleared that an officer had to look at."
    finds = f"{bill.lost_finds} lost {'find' if bill.lost_finds == 1 else 'finds'}"
    yield bill.lost_finds > 0, f"{finds}, where something prohibited was seen and would get less attention."
    if bill.already.changed:
        told = f"{bill.already.more_inspections} more opened, {bill.already.fewer_inspections} fewer"
        by = "would come out otherwise than they did by the rules in force already"
        yield False, f"Not counted above: {bill.already.changed} {by}, {told}."
    if bill.rehearsals:
        yield False, f"{bill.rehearsals} rehearsals are left out: nobody's bag was opened."
    for reason, number in bill.left_out.items():
        yield True, f"{number} could not be judged again: {reason}."


def _actions(bill: Bill) -> Iterator[tuple[str, int, int, int]]:
    for action in Action:
        yield action, bill.then.get(action, 0), bill.before.get(action, 0), bill.after.get(action, 0)


def _cut(bill: Bill) -> bool:
    return len(bill.shown) < bill.changed


def _line(one: Changed) -> str:
    seen = ", ".join(one.items) or "nothing seen"
    named = one.scan_id if one.revision == 1 else f"{one.scan_id} (revision {one.revision})"
    return _flat(f"{named}  {_before(one)} -> {one.after}  {seen}: {one.why}{'  LOST' if one.lost else ''}")


def _before(one: Changed) -> str:
    return one.before if one.then is one.before else f"{one.before} ({one.then} then)"


def _flat(text: str) -> str:
    """On one line, whatever stands in a name."""
    return "".join("?" if unicodedata.category(character) in _MOVING else character for character in text)


def _row(name: str, *numbers: int) -> str:
    return f"<tr><td>{escape(name)}" + "".join(f'<td class="number">{number}' for number in numbers) + "</tr>"


def _counts(title: str, counts: Mapping[str, int]) -> str:
    if not counts:
        return ""
    return f"<h2>{title}</h2><table>{''.join(_row(name, number) for name, number in counts.items())}</table>"


def _changed(one: Changed) -> str:
    cells = (one.lane or "-", _before(one), one.after, ", ".join(one.items) or "nothing", one.why)
    row = "".join(f'<td data-is="{name}: ">{escape(cell)}' for name, cell in zip(_SCANS[1:], cells, strict=True))
    open_tag = f"<tr{' class=lost' if one.lost else ''}>"
    return f'{open_tag}<td><a href="{escape(one.link)}">{escape(one.scan_id)}</a>{row}</tr>'
