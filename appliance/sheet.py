"""Read what came with the pictures: a sidecar file, a message header, a request body.

Takes JSON bytes or an object, gives a `Sheet`. What cannot be read never holds
back its picture: the declaration then says `unreadable`, which no verdict
ignores.
"""

from __future__ import annotations

import difflib
import itertools
import json
import math
import unicodedata
from datetime import UTC
from typing import Any, cast

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from appliance.scan import Declaration, DeclaredItem, Sheet, canonical

MAX_BYTES = 1_000_000
"""A sheet larger than this is not read."""
MAX_ITEMS = 2_000
MAX_DEPTH = 20
MAX_CONTEXT_BYTES = 20_000
"""A larger context is left out, which its declaration says."""
MAX_DIGITS = 100
"""No whole number of more digits is meant as a number."""

FIELDS = ("scan_id", "lane", "scanned_at", "declared_items", "declaration", "context")
LIKENESS = 0.84
"""Above this, two names are one with a slip in it: declaredItem, declarations, ScanID; not scanner_id."""
MOST_UNKNOWN = 50
"""Unknown fields beyond these are not compared with ours: it takes time."""
LONGEST_FIELD = 50
NO_SLIPS = frozenset({"plane"})
"""What looks like one of ours and is a field of a picture."""

_when: TypeAdapter[AwareDatetime] = TypeAdapter(AwareDatetime)


def read_sheet(raw: bytes) -> Sheet:
    """Read a sheet from JSON bytes; whatever is wrong with it ends up in its declaration, never as an error."""
    try:
        return sheet_from(parse_object(raw))
    except ValueError as problem:
        return unreadable(str(problem))


def unreadable(problem: str) -> Sheet:
    """A sheet of which nothing can be used."""
    return Sheet(declaration=Declaration(state="unreadable", problem=_shown(problem)))


def parse_object(raw: bytes, *, limit: int = MAX_BYTES) -> dict[str, Any]:
    """Parse JSON strictly into an object, or raise ValueError saying what is wrong and where."""
    if len(raw) > limit:
        raise ValueError(f"larger than {limit} bytes")
    try:
        parsed: object = json.loads(
            raw.decode("utf-8-sig"),
            parse_constant=_no_constant,
            parse_int=_whole,
            parse_float=_finite,
            object_pairs_hook=_no_twins,
        )
    except UnicodeDecodeError as problem:
        raise ValueError(f"not UTF-8 at byte {problem.start}") from problem
    except RecursionError as problem:
        raise ValueError("nested too deep") from problem
    except json.JSONDecodeError as problem:
        raise ValueError(f"not JSON: {problem.msg} at line {problem.lineno} column {problem.colno}") from problem
    if not isinstance(parsed, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - one family of errors for one caller
    if _depth(cast("object", parsed)) > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    return cast("dict[str, Any]", parsed)


def sheet_from(fields: dict[str, Any]) -> Sheet:
    """Take the fields we know from an object; wrong ones are named, unknown ones left unless they look misspelt."""
    problems = _misspelt(fields)
    scan_id = _text(fields, "scan_id", 200, problems)
    lane = _text(fields, "lane", 100, problems)
    scanned_at = _moment(fields, problems)
    declaration = _declaration(fields, problems)
    context = _context(fields, problems)
    if problems:
        declaration = Declaration(state="unreadable", items=declaration.items, problem=_shown("; ".join(problems)))
    return Sheet(scan_id=scan_id, lane=lane, scanned_at=scanned_at, declaration=declaration, context=context)


def _misspelt(fields: dict[str, Any]) -> list[str]:
    """Fields that were most likely meant as one of ours that is not there: read as nothing, they would be lost."""
    absent = {_bare(name): name for name in FIELDS if fields.get(name) is None}
    problems: list[str] = []
    unknown = (name for name in fields if name not in FIELDS and name not in NO_SLIPS and len(name) <= LONGEST_FIELD)
    for given in itertools.islice(unknown, MOST_UNKNOWN):
        close = difflib.get_close_matches(_bare(given), absent, n=1, cutoff=LIKENESS)
        if close:
            problems.append(f"{given}: no such field (did you mean {absent[close[0]]}?)")
    return problems


def _bare(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _text(fields: dict[str, Any], key: str, limit: int, problems: list[str]) -> str | None:
    value = fields.get(key)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        value = str(value)
    if not isinstance(value, str) or not value.strip() or len(value) > limit:
        problems.append(f"{key}: not a text of 1 to {limit} characters")
        return None
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        problems.append(f"{key}: control or surrogate characters")
        return None
    return value


def _moment(fields: dict[str, Any], problems: list[str]) -> AwareDatetime | None:
    value = fields.get("scanned_at")
    if value is None:
        return None
    try:
        return _when.validate_python(value if isinstance(value, str) else None).astimezone(UTC)
    except (ValidationError, OverflowError):  # a zone can push the year 1 or 9999 out of the calendar
        problems.append("scanned_at: not a time with a zone, such as 2026-11-20T08:15:00Z")
        return None


def _declaration(fields: dict[str, Any], problems: list[str]) -> Declaration:
    if fields.get("declared_items") is None and fields.get("declaration") is None:
        return Declaration()
    lines: list[DeclaredItem] = []
    for key in ("declared_items", "declaration"):
        given = fields.get(key)
        if given is None:
            continue
        if not isinstance(given, list):
            problems.append(f"{key}: not a list")
            continue
        entries = cast("list[object]", given)
        if len(entries) > MAX_ITEMS:
            problems.append(f"{key}: more than {MAX_ITEMS} items")
            entries = entries[:MAX_ITEMS]
        for number, entry in enumerate(entries):
            try:
                lines.append(DeclaredItem(text=entry) if isinstance(entry, str) else DeclaredItem.model_validate(entry))
            except ValidationError:
                problems.append(f"{key}.{number}: not a text or an object with text, hs, quantity")
    return Declaration(state="given", items=tuple(lines))


def _context(fields: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    value = fields.get("context")
    if value is None:
        return {}
    if not isinstance(value, dict):
        problems.append("context: not an object")
        return {}
    try:
        size = len(canonical(cast("object", value)))
    except UnicodeEncodeError:
        problems.append("context: surrogate characters")
        return {}
    if size > MAX_CONTEXT_BYTES:
        problems.append(f"context: larger than {MAX_CONTEXT_BYTES} bytes")
        return {}
    return cast("dict[str, Any]", value)


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is too large")
    return number


def _shown(problem: str) -> str:
    """A problem as it can be kept and shown, whatever was quoted in it."""
    return problem[:500].encode(errors="backslashreplace").decode()


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _depth(value: object) -> int:
    deepest, level = 0, [value]
    while level and deepest <= MAX_DEPTH:
        deepest += 1
        level = [child for node in level for child in _children(node)]
    return deepest


def _children(node: object) -> list[object]:
    if isinstance(node, dict):
        return list(cast("dict[str, object]", node).values())
    return cast("list[object]", node) if isinstance(node, list) else []
