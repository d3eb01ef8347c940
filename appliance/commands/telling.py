"""Say how things are in sentences for a person: numbers with their nouns, one form of time, a line for each source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any


def count(number: int, noun: str, more: str = "") -> str:
    """1 scan, 2 scans; `more` where the plural is another word."""
    return f"{number} {noun if number == 1 else more or f'{noun}s'}"


def when(moment: str | datetime) -> str:
    """A time as every command shows it: UTC, to the second."""
    known = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return known.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rulebook_line(found: Mapping[str, Any]) -> str:
    """By what the box judges; a raised threat level is said loudly."""
    level = found["level"] if found["level"] == "normal" else str(found["level"]).upper()
    return f"rulebook {found['name']} sha256:{found['digest'][:12]}, threat level {level}"


def source_lines(name: str, counts: Mapping[str, Any]) -> Iterator[str]:
    """How it goes at one source: first what was taken and what waits, then whatever keeps it from going well."""
    if "listed_at" in counts:
        yield f"source {name}: {', '.join(_folder(counts))}"
        if counts["held"]:
            yield f"  ! nothing is taken: {counts['held']}"
        if counts["trouble"]:
            yield f"  ! tried again: {counts['trouble']}"
        if left := tuple(_left(counts)):
            yield f"  - left where they are: {', '.join(left)}"
        return
    yield f"source {name}: {', '.join(_door(counts))}"


def _folder(counts: Mapping[str, Any]) -> Iterator[str]:
    quarantined = f", {counts['quarantined']} of them quarantined" if counts["quarantined"] else ""
    yield f"{count(counts['taken'], 'scan')} taken since the start{quarantined}"
    yield f"{count(counts['waiting'], 'picture')} waiting" if counts["waiting"] else "nothing waits"
    yield _since(counts["last_file_at"])
    if counts["listed_at"]:
        yield f"last listed {when(counts['listed_at'])}"


def _since(last: str | None) -> str:
    return f"nothing came since {when(last)}" if last else "nothing came since the start"


def _left(counts: Mapping[str, Any]) -> Iterator[str]:
    if counts["ignored"]:
        yield f"{count(counts['ignored'], 'file')} of other kinds"
    if counts["refused"]:
        yield f"{count(counts['refused'], 'link or device', 'links or devices')}"
    if counts["unreadable"]:
        yield f"{count(counts['unreadable'], 'folder')} that cannot be listed"


def _door(counts: Mapping[str, Any]) -> Iterator[str]:
    again = f", {counts['repeated']} of them sent before" if counts["repeated"] else ""
    yield f"{count(counts['accepted'], 'scan')} accepted since the start{again}"
    yield _since(counts["accepted_at"])
    for key, noun, more, words in (
        ("in_hand", "message", "", "being worked on"),
        ("connections", "connection", "", "open"),
        ("refused", "message", "", "refused"),
        ("too_fast", "of those", "of those", "too fast"),
        ("failed", "of those", "of those", "for want of room or a fault of ours"),
        ("strangers", "stranger", "", "not let in"),
        ("undelivered", "reply", "replies", "not delivered"),
        ("missing", "message", "", "missing by the senders' numbers"),
        ("reopened", "time", "", "reopened because the memory was full"),
    ):
        if counts.get(key):
            yield f"{count(counts[key], noun, more)} {words}"
