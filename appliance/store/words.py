"""The words by which a scan is found, folded: no case, no diacritics, đ as d.

Takes a scan's row, gives its line in the table of full text (FTS5): its name, its consignee, what was declared, what
was found in it and what officers wrote of it. To write that scan by scan would slow the intake, so the table runs a few
scans behind: which ones stands in `behind`, from the transaction on that changed what their words are taken from, and
who searches reads the words of those from their rows. What somebody types is folded the same way and quoted, so that
nothing in it is a command.
"""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

MOST_BEHIND = 32
"""With so many scans behind, all of them are written, in the transaction of the last one."""
MOST_TEXT = 40_000
"""So many characters of a scan are looked through; what declarations hold beyond is not found."""
MOST_ASKED = 200
"""Nobody types more."""
BEGINNING = 2
"""So many letters, at the least, are the beginning of a word."""
MOST_SIGNS = 5_000
"""So many signs are remembered with what they are folded to; nobody writes with more."""
HITS = "SELECT rowid FROM words WHERE words MATCH ? AND rowid NOT IN (SELECT scan FROM behind)"
"""Who holds some words, by the table; what it says of scans that are behind counts for nothing."""
TABLE = "CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'unicode61 remove_diacritics 2', columnsize = 0)"
_LIKE = str.maketrans({"đ": "d", "ð": "d", "ɖ": "d", "ł": "l", "ø": "o", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe"})
"""Letters that are written with a stroke, which no decomposition takes away."""
_PHRASES = re.compile(r'"([^"]*)"|(\S+)')
_ROWS = """
SELECT scan.id, scan_id, brought,
  (SELECT json_extract(document, '$.detected_items') FROM verdict WHERE verdict.scan = scan.id
   ORDER BY verdict.id DESC LIMIT 1) AS found,
  (SELECT json_group_array(json_array(json(marks), note)) FROM review
   WHERE review.scan = scan.id AND undone_at IS NULL) AS said,
  (SELECT json_group_array(json_array(json(found), note)) FROM outcome WHERE outcome.scan = scan.id) AS came
FROM scan"""


class Part(NamedTuple):
    """One word, or several side by side, that must stand in a scan."""

    words: str
    begins: bool
    """Whether its end may be the beginning of a longer word."""


class Asked(NamedTuple):
    """What somebody typed: every part must be there."""

    parts: tuple[Part, ...]

    @property
    def match(self) -> str:
        """As FTS5 is asked."""
        return " AND ".join(f'"{part.words}"{" *" if part.begins else ""}' for part in self.parts)

    def stands_in(self, text: str) -> bool:
        """Whether folded words hold all of it, as FTS5 would say."""
        return all(f" {part.words}{'' if part.begins else ' '}" in f" {text} " for part in self.parts)


def folded(text: str) -> str:
    """Words without case, diacritics and signs, parted by single spaces."""
    return " ".join(text.translate(_FOLDS).split())


def asked(db: sqlite3.Connection, text: str, late: dict[int, str]) -> Asked | None:
    """What somebody typed, next to the words of the scans that are behind; None where nothing of it could be found.

    What stands in double quotes stands so in the scan, and what ends with a star is the beginning of a word. Where no
    scan holds all of the words whole, each may be a beginning: to look for those at once would be slow at a million.
    """
    whole = _asked(text)
    if not whole.parts:
        return None
    if any(map(whole.stands_in, late.values())) or db.execute(f"{HITS} LIMIT 1", (whole.match,)).fetchone():
        return whole
    return _asked(text, beginnings=True)


def _asked(text: str, *, beginnings: bool = False) -> Asked:
    parts: list[Part] = []
    for quoted, single in _PHRASES.findall(text[:MOST_ASKED]):
        if words := folded(quoted or single):
            begins = single and (beginnings or single.endswith("*")) and len(words.rpartition(" ")[2]) >= BEGINNING
            parts.append(Part(words, bool(begins)))
    return Asked(tuple(parts))


def keep(db: sqlite3.Connection, scan: int) -> None:
    """Let a scan be found by what is known of it now."""
    db.execute("INSERT OR IGNORE INTO behind VALUES (?)", (scan,))
    waiting = [row[0] for row in db.execute("SELECT scan FROM behind")]
    if len(waiting) >= MOST_BEHIND:
        for each in waiting:
            _write(db, each)
        db.execute("DELETE FROM behind")


def behind(db: sqlite3.Connection) -> dict[int, str]:
    """The words, as they are now, of all scans for which the table does not have them."""
    return {row["id"]: _text(row) for row in db.execute(f"{_ROWS} WHERE scan.id IN (SELECT scan FROM behind)")}


def _write(db: sqlite3.Connection, scan: int) -> None:
    text = _text(db.execute(f"{_ROWS} WHERE scan.id = ?", (scan,)).fetchone())
    known = db.execute("SELECT text FROM words WHERE rowid = ?", (scan,)).fetchone()
    if known is None:
        db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (scan, text))
    elif known[0] != text:
        db.execute("UPDATE words SET text = ? WHERE rowid = ?", (text, scan))


def begin(db: sqlite3.Connection) -> None:
    """Make the table, with all scans there are."""
    db.execute(TABLE)
    rows = db.cursor()
    rows.row_factory = sqlite3.Row
    found = rows.execute(f"{_ROWS} ORDER BY scan.id")
    db.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", ((row["id"], _text(row)) for row in found))


def _text(row: sqlite3.Row) -> str:
    brought = json.loads(row["brought"])  # not in SQL, which ends a text at its first NUL
    parts = [row["scan_id"], brought.get("context", {}).get("consignee"), *_items(row["found"])]
    for told in (row["said"], row["came"]):
        for things, note in json.loads(told):
            parts += [note, *_items(things)]
    whole = " / ".join(
        part
        for part in [*parts, *(line["text"] for line in brought.get("declaration", {}).get("items", ()))]
        if isinstance(part, str)
    )
    return folded(whole[:MOST_TEXT])


def _items(found: Any) -> Iterator[str]:
    """What things are called, each once."""
    things: Iterable[dict[str, Any]] = json.loads(found) if isinstance(found, str) else found or ()
    return iter(dict.fromkeys(each["item"] for each in things if isinstance(each.get("item"), str)))


class _Folds(dict[int, str]):
    """What each sign is folded to, worked out when it is first met."""

    def __missing__(self, sign: int) -> str:
        if len(self) > MOST_SIGNS:
            self.clear()
        self[sign] = found = "".join(_letters(chr(sign)))
        return found


_FOLDS = _Folds()


def _letters(letter: str) -> Iterator[str]:
    for sign in unicodedata.normalize("NFKD", letter.casefold()).casefold().translate(_LIKE):
        kind = unicodedata.category(sign)
        if kind[0] in "LN":
            yield f" {sign} " if _stands_alone(sign) else sign
        elif kind[0] != "M":
            yield " "


def _stands_alone(sign: str) -> bool:
    """Chinese and Japanese signs are words of their own: nothing parts them where they are written."""
    return "\u2e80" <= sign <= "\u9fff" or "\uf900" <= sign <= "\ufaff" or "\U00020000" <= sign <= "\U0003ffff"
