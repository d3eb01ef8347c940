"""What a pack says of itself in plain words, for whoever has to judge without knowing the box.

Takes what the store knows and what is missing, gives the text of `README.txt`.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from appliance.lookback.actions import Word, in_force
from appliance.lookback.known import Given, Known
from appliance.names import escape
from appliance.store.rulebooks import Activation

WHERE = """
scan.json        the scan as it is stored: what it is called, where and when it came in, what became of it
brought.json     what came with the pictures, letter by letter: views, declaration, context, views that were missing
pictures.json    which file is which view; "original" is the bytes as they came from the scanner
originals/       those files
clean/           pictures made from them, which the models looked at; the box keeps them only while it has room
verdicts.json    all verdicts on this scan, oldest first, with everything that had a part in each ("provenance")
verdicts/N/      the Nth verdict: document.json is what the box said, answer.json what the models said before any rule
                 was applied, circumstances.json what the box knew at that moment
rulebooks/       the rules each verdict followed: the sealed file, whose sha256 the verdict names, and its texts
actions.json     how the scan came in, what happened to it when, what officers said of it and of its search, each with
                 the rows of the chain of deeds that hold its sha256, and who put the rules in force and why
ledger.json      the rows of the ledger of verdicts: those of this scan, and those that follow each
missing.json     what should be here and is not, and why
check.py         the program that checks all of this
manifest.json    the size and the sha256 of every file
"""

CHECK = """
Any computer with Python 3.8 or newer, without a network:

    python3 check.py              in this folder
    python3 check.py PACK.zip     for the zip

It prints what it worked out anew and ends with ALL HOLDS, WRONG, or NOTHING IS WRONG, BUT PIECES ARE MISSING. Whoever
does not trust the check.py in this pack takes the one of another pack or of the product: it is one readable file.
"""

PROVES = """
Every verdict of the box is one row of a ledger. A row holds the sha256 of the verdict, of the models' answer, of what
the box knew and of what came with the scan, and it holds the hash of the row before it. So, if the check holds:

  - The verdicts, answers, declaration and context here are, letter by letter, those whose sha256 the rows hold.
  - The pictures are the very bytes that were judged, and the rules are the very texts that were followed.
  - No verdict on this scan was changed, exchanged, added, removed or moved later, as long as at least one of the
    hashes in ledger.json (after the row in question, with no missing rows between) is also known from elsewhere: from
    another pack, another person's note, or the centre. Compare it: that is the strongest proof.
  - There are no other verdicts on this scan up to the export: each row says the how manieth of its scan it is. Where
    rows that follow are not all in this pack, they are named under "What is missing": nothing ties what is before them
    to the newest row, and a later verdict can stand there.

It does not prove:

  - That nobody made the whole ledger anew from some row on, or cut off its newest rows: the chain has no secret key.
    Only a hash that somebody else kept shows that.
  - Anything in actions.json and in this README.txt, and in scan.json anything but its name, revision, content, source,
    rehearsal, quarantine, risk, action and degraded; nor why something is missing. That is what the box has stored,
    and no hash in the ledger covers it.
  - That a clean picture that is not here was not there at the export: the box itself makes room so.
  - That this pack was not written anew as a whole. Who noted the sha256 of manifest.json at the export can tell.
  - That the clock of the box was right, or that the verdict was.
"""

PERSONS = """
The context of a scan (in brought.json) may speak of a person, and so may the declaration, names of files, and the names
of officers and supervisors in actions.json. They are part of the evidence. ledger.json also holds rows of other scans,
because a chain cannot be shown without its links: how each is called, from which source it came, its risk and the
action asked for; neither pictures nor declarations. Give this pack to nobody who may not see all that.
"""

NOBODY = "Nothing is on record: nobody has answered this scan at the box."


def text(known: Known, missing: dict[str, str], at: str) -> str:
    """The whole text."""
    scan = known.scan
    told = [f"Received {scan['received_at']} from {scan['source']}"]
    told += [f"Lane {escape(scan['lane'])}"] if scan["lane"] else []
    told += ["A REHEARSAL: practice, never a traveller's"] if scan["rehearsal"] else []
    told += [f"In quarantine: {escape(scan['quarantine'])}"] if scan["quarantine"] else []
    replaced = scan["superseded_by"]
    told += [f"Later replaced by {escape(replaced['scan_id'])}, revision {replaced['revision']}"] if replaced else []
    said = zip(known.verdicts, in_force(known), strict=True)
    parts = (
        (f"Evidence: scan {escape(scan['scan_id'])}, revision {scan['revision']}", "\n".join([*told, f"Pack: {at}"])),
        ("What the box said", "\n\n".join(_verdict(verdict, *word) for verdict, word in said) or "Nothing yet."),
        ("What officers did", "\n\n".join(map(_word, known.words)) or NOBODY),
        ("What is missing", "\n".join(_missing(missing)) or "Nothing."),
        ("Where is what", WHERE),
        ("How to check it", CHECK),
        ("What the check proves, and what not", PROVES),
        ("Persons", PERSONS),
    )
    return "\n".join(f"{title}\n{'=' * len(title)}\n\n{content.strip()}\n" for title, content in parts)


def _verdict(verdict: Given, number: int, word: Word | None) -> str:
    said = verdict.said
    lines = [
        f"{number}. {verdict.at}: {verdict.action}, risk {verdict.risk}",
        *_wrapped(said.get("reasoning")),
        *(f"   not at its best: {escape(str(reason))}" for reason in said.get("degraded") or ()),
        *(f"   central rules not followed: {escape(str(loose))}" for loose in said.get("loosened") or ()),
        *_made_by(verdict.provenance),
        f"   rules: {escape(str(verdict.provenance.get('rulebook')))}",
    ]
    if word:
        lines.append(f"   in force since {_by(word.came)}")
        lines += [f"   at threat level {word.last.level} since {_by(word.last)}"] if word.last != word.came else []
    return "\n".join(lines)


def _by(word: Activation) -> str:
    stood = f", answered for by {escape(word.supervisor)}" if word.supervisor else ""
    return f"{word.at} by {escape(word.who)}{stood}: {escape(word.why)}"


def _word(word: dict[str, Any]) -> str:
    row = word["row"]
    lines = [f"{row['at']}: {escape(row['who'])}, {word['what']}: {row['kind'].replace('_', ' ')}"]
    lines += [f"   taken back at {row['undone_at']}"] if row.get("undone_at") else []
    lines += [line for told in (row["note"], *_things(row)) for line in _wrapped(told)]
    return "\n".join(lines)


def _things(row: dict[str, Any]) -> Iterator[str]:
    for mark in json.loads(row.get("marks") or "[]"):
        yield f"marked in view {mark['view']}: {mark['item'] or 'not named'}, {mark['box'] or 'no box'}"
    for found in json.loads(row.get("found") or "[]"):
        yield f"found: {found['item']}, {found['quantity'] or 'not counted'}"


def _wrapped(reasoning: Any) -> list[str]:
    return textwrap.wrap(escape(str(reasoning)), 110, initial_indent="   ", subsequent_indent="   ")


def _made_by(provenance: dict[str, Any]) -> Iterator[str]:
    parts = ("release", "adapter", "quantization", "engine", "app")
    yield "   by: " + ", ".join(f"{part} {escape(str(provenance.get(part) or 'none'))}" for part in parts)


def _missing(missing: dict[str, str]) -> list[str]:
    return [f"- {piece}: {escape(why)}" for piece, why in sorted(missing.items())]
