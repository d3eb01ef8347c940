"""Read what is asked for in an address, strictly: unknown names, twins and wrong values are refused by name."""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from urllib.parse import parse_qsl

from appliance.dashboard.house import Asked
from appliance.dashboard.problems import Problem
from appliance.scan import Action, Risk, ScanState
from appliance.store.browse import Query
from appliance.store.words import MOST_ASKED

MAX_ID = 2**63 - 1
"""The largest row number there can be."""
FILTERS = ("q", "action", "risk", "state", "source", "lane", "since", "until", "degraded")


def parameters(request: Asked, known: tuple[str, ...]) -> dict[str, str]:
    """The parameters of an address by name."""
    raw = request.scope["query_string"].decode("latin-1")
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError as problem:
        raise Problem(400, f"the query in the address cannot be read: {problem}") from problem
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
            raise Problem(400, f"unknown parameter {name[:100]!r}", hint=hint, parameter=name[:100])
        if name in found:
            raise Problem(400, f"the parameter {name!r} stands twice", parameter=name)
        found[name] = value
    return found


def number(given: dict[str, str], name: str, low: int, high: int) -> int | None:
    """A whole number, or None if it was not given."""
    text = given.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(high)) and low <= int(text) <= high):
        raise Problem(400, f"{name}: not a whole number from {low} to {high}", parameter=name)
    return int(text)


def query(given: dict[str, str]) -> Query:
    """The filters of a list of scans."""
    return Query(
        q=_words(given),
        action=one_of(given, "action", tuple(Action)),
        risk=one_of(given, "risk", tuple(Risk)),
        state=one_of(given, "state", tuple(ScanState)),
        source=given.get("source"),
        lane=given.get("lane"),
        since=moment(given, "since"),
        until=moment(given, "until"),
        degraded=None if (word := one_of(given, "degraded", ("true", "false"))) is None else word == "true",
    )


def moment_of(given: dict[str, str], name: str) -> datetime | None:
    """A moment, or None if it was not given."""
    text = moment(given, name)
    return datetime.fromisoformat(text) if text else None


def _words(given: dict[str, str]) -> str | None:
    text = given.get("q", "").strip()
    if len(text) > MOST_ASKED:
        raise Problem(400, f"q: longer than {MOST_ASKED} characters", parameter="q")
    return text or None


def one_of(given: dict[str, str], name: str, words: tuple[str, ...]) -> str | None:
    """One of these words, or None if none was given."""
    word = given.get(name)
    if word is not None and word not in words:
        raise Problem(400, f"{name}: {word[:100]!r} is none of {', '.join(words)}", parameter=name)
    return word


def moment(given: dict[str, str], name: str) -> str | None:
    """A time as the store spells it, or None if none was given."""
    text = given.get(name)
    if text is None:
        return None
    try:
        return _moment(text)
    except (ValueError, OverflowError) as problem:
        raise Problem(400, f"{name}: not a time with a zone, such as 2026-11-20T08:15:00Z", parameter=name) from problem


def _moment(text: str) -> str:
    """The time as the store spells it. A plus sign that came unencoded is a space by now."""
    moment = datetime.fromisoformat(text.replace(" ", "+"))
    if moment.tzinfo is None:
        raise ValueError("without a zone")
    return moment.astimezone(UTC).isoformat()
