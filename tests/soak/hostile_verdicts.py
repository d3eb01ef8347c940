"""Hold what a box said of each file against what a decoder alone says of the bytes the box has kept.

Takes a box that has ended and what was dropped before it; gives what became of the
files by kind, and a line for each that is not as it must be.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter

from appliance.errors import UnreadableError
from appliance.intake.decoding.decoder import ChildDecoder
from appliance.settings import Operations
from tests.box import Box
from tests.faults.samples import good_files
from tests.soak.hostile_belt import BAD, GOOD, LEFT, Dropped

CHECKED = ("png-8", "png-16")
"""Formats with checksums: what is damaged is either refused or the same picture as before."""

Word = tuple[str, ...] | str
"""The digests of the pictures in a file, or why there are none."""
ROWS = """
SELECT scan.*, count(verdict.id) AS verdicts, count(verdict.answer) AS answers
FROM scan LEFT JOIN verdict ON verdict.scan = scan.id GROUP BY scan.id
"""


async def compared(box: Box, sent: list[Dropped], side: int, limits: Operations) -> tuple[Counter[str], list[str]]:
    """What became of the files, and what should not have become of them. The limits are those of the box."""
    rows = {row["scan_id"]: row for row in box.ask(ROWS)}
    decoder = ChildDecoder(limits)
    outcomes: Counter[str] = Counter()
    surprises: list[str] = []
    try:
        pictures = {kind: await _word(decoder, content) for kind, content in good_files(side, side).items()}
        for one in sent:
            row = rows.pop(one.scan_id, None)
            outcomes[f"{one.fate}, {one.kind.partition('-')[0]}: {row['state'] if row else 'not taken'}"] += 1
            if one.fate == LEFT:
                trouble = "taken" if row else ""
            elif row is None:
                trouble = "lost"
            else:
                trouble = _wrong(one, row, await _expected(box, decoder, one, pictures), pictures)
            surprises += [f"{one.file} ({one.kind}, {one.fate}): {trouble}"] if trouble else []
    finally:
        await decoder.close()
    return outcomes, [*surprises, *(f"{name}: nobody sent it" for name in rows)]


async def _expected(box: Box, decoder: ChildDecoder, one: Dropped, pictures: dict[str, Word]) -> Word:
    """Bombs and hogs are known to be bad; of good ones it is known what is in them."""
    if one.fate == BAD:
        return ""
    if one.fate == GOOD:
        return pictures[one.kind]
    return await _word(decoder, (box.state / "pictures" / one.sha256[:2] / one.sha256).read_bytes())


async def _word(decoder: ChildDecoder, content: bytes) -> Word:
    try:
        return tuple(hashlib.sha256(view.png).hexdigest() for view in await decoder.decode({"": content}, "standard"))
    except UnreadableError as problem:
        return problem.message


def _wrong(one: Dropped, row: sqlite3.Row, expected: Word, pictures: dict[str, Word]) -> str:
    """Say what is wrong with what the box made of a file, if something is."""
    brought = json.loads(row["brought"])["pictures"]
    if {digest for picture in brought for digest in picture["originals"]} != {one.sha256}:
        return "has the bytes of another file"
    if row["verdicts"] != 1:
        return f"{row['verdicts']} verdicts"
    said = f"{row['state']}, {row['action']}, {row['answers']} answers, {row['quarantine']!r}"
    if isinstance(expected, str):
        return "" if _refused(row, expected) else f"{said}; its decoder says {expected!r}"
    if (row["state"], row["answers"], row["quarantine"]) != ("concluded", 1, None):
        return f"{said}; its decoder says it is whole"
    seen = tuple(picture["sha256"] for picture in brought)
    damaged = one.kind in CHECKED and seen != pictures[one.kind]
    return "judged by another picture than its own" if damaged or seen != expected else ""


def _refused(row: sqlite3.Row, reason: str) -> bool:
    """Quarantined for this reason, for an officer to see, and never shown to an engine."""
    told = (row["quarantine"] or "").removeprefix("view: ")
    return (
        (row["state"], row["action"], row["answers"]) == ("quarantined", "REVIEW", 0) and bool(told) and reason in told
    )
