"""Hold what was promised against what a box has kept, after whatever happened to it.

Takes a box that has come to rest, the digests it acknowledged and those that
stood in its folders; gives the figures. `wrongs` names those that must be nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from appliance.names import as_file_name
from appliance.store import browse, ledger
from tests.box import Box

NOTHING = (
    "lost",
    "files_lost",
    "pictures_wrong",
    "not_one_verdict",
    "not_one_full_verdict",
    "clear_without_answer",
    "documents_wrong",
)


def wrongs(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures that are not as they have to be."""
    found = {key: figures[key] for key in NOTHING if figures.get(key)}
    return found | {key: figures[key] for key in ("ledger", "integrity") if figures[key] != "ok"}


def at_rest(box: Box) -> bool:
    """Everything taken is judged in full, and every verdict is delivered."""
    with contextlib.suppress(Exception):
        waits = box.one("SELECT count(*) FROM scan WHERE todo = 1 OR state IN ('received', 'inspecting')")
        behind = box.one("SELECT (SELECT max(id) FROM event) - (SELECT event FROM cursor WHERE outlet = 'results')")
        return waits == 0 and behind == 0
    return False


def has_taken(box: Box, digests: Iterable[str]) -> bool:
    """Each of these pictures belongs to a scan."""
    with contextlib.suppress(Exception):
        return set(digests) <= kept(box).keys()
    return False


def kept(box: Box) -> dict[str, int]:
    """Each original picture with the row of its scan."""
    rows = box.ask("SELECT id, brought FROM scan")
    return {
        digest: row["id"]
        for row in rows
        for picture in json.loads(row["brought"])["pictures"]
        for digest in picture["originals"]
    }


def account(box: Box, acknowledged: dict[str, str], files: Iterable[str] = ()) -> dict[str, Any]:
    """All figures of one box."""
    scans = kept(box)
    owed = acknowledged.keys() | set(files)
    with box.db() as db:
        checked = ledger.verify(db)
    return {
        "acknowledged": len(acknowledged),
        "lost": len(acknowledged.keys() - scans.keys()),
        "files": len(set(files)),
        "files_lost": len(set(files) - scans.keys()),
        "scans": box.one("SELECT count(*) FROM scan"),
        "pictures_wrong": sum(not _stands(box, digest) for digest in owed & scans.keys()),
        "quarantined": box.one("SELECT count(*) FROM scan WHERE quarantine IS NOT NULL"),
        "not_one_verdict": _count(box, "count(verdict.id) <> 1"),
        "not_one_full_verdict": _count(box, "count(verdict.answer) <> 1"),
        "clear_without_answer": box.one("SELECT count(*) FROM verdict WHERE action = 'CLEAR' AND answer IS NULL"),
        "documents_wrong": documents_wrong(box),
        "ledger": "ok" if checked.broken is None else str(checked.broken),
        "integrity": box.one("PRAGMA integrity_check"),
        "stray_parts": sum(1 for folder in (box.state, box.results) for _ in folder.rglob(".*.part")),
    }


def documents_wrong(box: Box) -> int:
    """How many scans' newest verdict does not stand whole in the results folder."""
    wrong = 0
    with box.db() as db:
        for (name,) in db.execute("SELECT DISTINCT scan_id FROM scan").fetchall():
            document = box.results / f"{as_file_name(name)}.json"
            with contextlib.suppress(OSError, ValueError):
                wrong -= json.loads(document.read_bytes()) == browse.standing(db, name)
            wrong += 1
    return wrong


def halves(box: Box) -> int:
    """How many documents in the results folder are not whole."""
    found = 0
    for path in box.results.glob("[!.]*.json"):
        try:
            json.loads(path.read_bytes())
        except ValueError:
            found += 1
    return found


def _stands(box: Box, digest: str) -> bool:
    with contextlib.suppress(OSError):
        content = (box.state / "pictures" / digest[:2] / digest).read_bytes()
        return hashlib.sha256(content).hexdigest() == digest
    return False


def _count(box: Box, having: str) -> int:
    return box.one(
        "SELECT count(*) FROM (SELECT scan.id FROM scan LEFT JOIN verdict ON verdict.scan = scan.id"
        f" WHERE quarantine IS NULL GROUP BY scan.id HAVING {having})"
    )
