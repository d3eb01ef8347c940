"""The words by which a scan is found: kept beside it, in the transaction that changes what they are taken from.

Takes a scan's row, gives its line in the table of full text (FTS5): its name, its consignee, what was declared, what
was found in it and what officers wrote of it, all folded: no case, no diacritics, đ as d. What somebody types is
folded the same way and quoted, so that nothing in it is a command.
"""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

MOST_TEXT = 40_000
"""So many characters of a scan are looked through; what declarations hold beyond is not found."""
MOST_ASKED = 200
"""Nobody types more."""
BEGINNING = 2
"""So many letters, at the least, are the beginning of a word."""
TABLE = "CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'unicode61 remove_diacritics 2', columnsize = 0)"
_LIKE = str.maketrans({"đ": "d", "ð": "d", "ɖ": "d", "ł": "l", "ø": "o", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe"})
"""Letters that are written with a stroke, which no decomposition takes away."""
_PHRASES = re.compile(r'"([^"]*)"|(\S+)')
_ROWS = """
SELECT scan.id, scan_id, brought ->> '$.context.consignee' AS consignee,
  (SELECT group_concat(value ->> '$.text', ' ') FROM json_each(brought, '$.declaration.items')) AS declared,
  (SELECT json_extract(document, '$.detected_items') FROM verdict WHERE verdict.scan = scan.id
   ORDER BY verdict.id DESC LIMIT 1) AS found,
  (SELECT json_group_array(json_array(json(marks), note)) FROM review
   WHERE review.scan = scan.id AND undone_at IS NULL) AS said,
  (SELECT json_group_array(json_array(json(found), note)) FROM outcome WHERE outcome.scan = scan.id) AS came
FROM scan"""


def folded(text: str) -> str:
    """Words without case, diacritics and signs, parted by single spaces."""
    return " ".join("".join(_letters(text)).split())


def asked(db: sqlite3.Connection, text: str) -> str | None:
    """What somebody typed, as FTS5 is asked: every word must be there; None where nothing of it could be.

    What stands in double quotes stands so in the scan, and what ends with a star is the beginning of a word. Where no
    scan holds all of the words whole, each may be a beginning: to look for those at once would be slow at a million.
    """
    whole = _match(text)
    if whole is None or db.execute("SELECT 1 FROM words WHERE words MATCH ? LIMIT 1", (whole,)).fetchone():
        return whole
    return _match(text, beginnings=True)


def _match(text: str, *, beginnings: bool = False) -> str | None:
    parts: list[str] = []
    for quoted, single in _PHRASES.findall(text[:MOST_ASKED]):
        if words := folded(quoted or single):
            begins = single and (beginnings or single.endswith("*")) and len(words.rpartition(" ")[2]) >= BEGINNING
            parts.append(f'"{words}"{" *" if begins else ""}')
    return " AND ".join(parts) or None


def keep(db: sqlite3.Connection, scan: int) -> None:
    """Let a scan be found by what is known of it now."""
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
    parts = [row["scan_id"], row["consignee"], *_items(row["found"])]
    for told in (row["said"], row["came"]):
        for things, note in json.loads(told):
            parts += [note, *_items(things)]
    whole = " / ".join(part for part in [*parts, row["declared"]] if isinstance(part, str))
    return folded(whole[:MOST_TEXT])


def _items(found: Any) -> Iterator[str]:
    """What things are called, each once."""
    things: Iterable[dict[str, Any]] = json.loads(found) if isinstance(found, str) else found or ()
    return iter(dict.fromkeys(each["item"] for each in things if isinstance(each.get("item"), str)))


def _letters(text: str) -> Iterator[str]:
    for sign in unicodedata.normalize("NFKD", text.casefold()).casefold().translate(_LIKE):
        kind = unicodedata.category(sign)
        if kind[0] in "LN":
            yield f" {sign} " if _stands_alone(sign) else sign
        elif kind[0] != "M":
            yield " "


def _stands_alone(sign: str) -> bool:
    """Chinese and Japanese signs are words of their own: nothing parts them where they are written."""
    return "\u2e80" <= sign <= "\u9fff" or "\uf900" <= sign <= "\ufaff" or "\U00020000" <= sign <= "\U0003ffff"
