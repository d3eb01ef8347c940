"""A backtest's bill for people to read: as text for a terminal, and as one page that needs nothing else.

Takes a bill, gives words. Every word that came from outside is escaped.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from html import escape
from urllib.parse import quote

from appliance.lookback.backtest import Bill, Changed
from appliance.scan import Action

TOP = 10
"""Lanes and classes told one by one in text."""

_MOVING = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Characters that begin a line, move a cursor or turn the writing round."""
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "table{border-collapse:collapse;margin:1rem 0}"
    "th,td{text-align:left;padding:.25rem .75rem;border-bottom:1px solid #8886}"
    "td.number{text-align:right;font-variant-numeric:tabular-nums}.lost{font-weight:bold}"
)


def text(bill: Bill) -> str:
    """The bill for a terminal."""
    lines = [_flat(sentence) for _, sentence in sentences(bill)]
    lines += ["", "action                before    after"]
    lines += [f"{action:20}{bill.before.get(action, 0):8}{bill.after.get(action, 0):9}" for action in Action]
    for title, counts in (("changed by lane", bill.by_lane), ("changed by what was seen", bill.by_class)):
        if counts:
            lines += ["", f"{title}:", *(f"  {number:7}  {_flat(name)}" for name, number in [*counts.items()][:TOP])]
            lines += [f"  and {len(counts) - TOP} more"] if len(counts) > TOP else []
    if bill.shown:
        lines += ["", "scans that change" + (f", {len(bill.shown)} of {bill.changed}" if _cut(bill) else "") + ":"]
        lines += [f"  {_line(one)}" for one in bill.shown]
    return "\n".join(lines)


def page(bill: Bill, address: str) -> str:
    """The bill as a page; `address` is where the box's scans are found."""
    body = "".join(f"<p{' class=lost' if loud else ''}>{escape(sentence)}</p>" for loud, sentence in sentences(bill))
    actions = "".join(_row(action, bill.before.get(action, 0), bill.after.get(action, 0)) for action in Action)
    changed = "".join(_changed(one, address) for one in bill.shown)
    cut = f"<p>The first {len(bill.shown)} of {bill.changed}.</p>" if _cut(bill) else ""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Backtest of {escape(bill.rulebook[:60])}</title>"
        f"<style>{_STYLE}</style><h1>What these rules would have changed</h1>"
        f"{body}<h2>Actions</h2><table><tr><th>Action<th>Before<th>After</tr>{actions}</table>"
        f"{_counts('Changed by lane', bill.by_lane)}{_counts('Changed by what was seen', bill.by_class)}"
        f"<h2>Scans that change</h2>{cut}<table><tr><th>Scan<th>Lane<th>Before<th>After<th>Seen<th>Why</tr>"
        f"{changed}</table></html>\n"
    )


def sentences(bill: Bill) -> Iterator[tuple[bool, str]]:
    """The bill in words, each with whether it is alarming."""
    yield False, f"By {bill.rulebook}, threat level {bill.level}:"
    yield False, f"{bill.judged} scans of the last {bill.days} days were judged again; {bill.changed} change."
    yield False, f"{bill.more_inspections} more bags would be opened, {bill.fewer_inspections} fewer."
    if bill.newly_clear:
        yield True, f"{bill.newly_clear} would be cleared that an officer had to look at."
    if bill.lost_finds:
        yield True, f"{bill.lost_finds} in which something prohibited was seen would get less attention."
    for reason, number in bill.left_out.items():
        yield True, f"{number} could not be judged again: {reason}."


def _cut(bill: Bill) -> bool:
    return len(bill.shown) < bill.changed


def _line(one: Changed) -> str:
    seen = ", ".join(one.items) or "nothing seen"
    lost = "  LOST" if one.lost else ""
    return _flat(f"{one.scan_id}  {one.before} -> {one.after}  {seen}: {one.why}{lost}")


def _flat(text: str) -> str:
    """On one line, whatever stands in a name."""
    return "".join("?" if unicodedata.category(character) in _MOVING else character for character in text)


def _row(name: str, *numbers: int) -> str:
    return f"<tr><td>{escape(name)}" + "".join(f'<td class="number">{number}' for number in numbers) + "</tr>"


def _counts(title: str, counts: Mapping[str, int]) -> str:
    if not counts:
        return ""
    return f"<h2>{title}</h2><table>{''.join(_row(name, number) for name, number in counts.items())}</table>"


def _changed(one: Changed, address: str) -> str:
    link = f"{address}/api/v1/scans/{quote(one.scan_id, safe='')}?revision={one.revision}"
    cells = (one.lane or "-", one.before, one.after, ", ".join(one.items) or "nothing", one.why)
    row = "".join(f"<td>{escape(cell)}" for cell in cells)
    return f'<tr{" class=lost" if one.lost else ""}><td><a href="{escape(link)}">{escape(one.scan_id)}</a>{row}</tr>'
