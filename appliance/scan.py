"""A scan and everything that is said about it, as values.

From an `Arrival` (what a way in brings) over a `Scan` (what the store keeps) to
a `Verdict` (what the box says). No file, clock or database is touched here.
"""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from models.answer import Digest, Finding, Share, Value


class ScanState(StrEnum):
    """Where a scan stands on its way."""

    RECEIVED = "received"
    INSPECTING = "inspecting"
    CONCLUDED = "concluded"
    QUARANTINED = "quarantined"


class Risk(StrEnum):
    """How much a scan worries us."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Action(StrEnum):
    """What an officer is asked to do. The order of the members is the lattice, the last one outweighs."""

    CLEAR = "CLEAR"
    REVIEW = "REVIEW"
    PHYSICAL_INSPECTION = "PHYSICAL_INSPECTION"


class DeclaredItem(Value):
    """One line of a declaration."""

    text: str = Field(max_length=500)
    hs: str | None = Field(default=None, max_length=20)
    quantity: float | None = Field(default=None, ge=0, allow_inf_nan=False)


class Declaration(Value):
    """What was declared, or that it could not be read, or that none came."""

    state: Literal["given", "absent", "unreadable"] = "absent"
    items: tuple[DeclaredItem, ...] = ()
    problem: str = ""


class Picture(Value):
    """One view of a scan: the bytes as they came, and the clean picture made from them."""

    name: str
    """The view's name: top, side, page-2; "view" where there is only one."""
    originals: tuple[Digest, ...] = Field(min_length=1)
    """Digests of the files as they came: one, or high and low energy where they come as two planes."""
    palette: str = "standard"
    """How two planes were coloured."""
    size: int = Field(ge=0)
    sha256: Digest | None = None
    """Digest of the re-encoded picture; None when the original cannot be decoded."""
    width: int = 0
    height: int = 0


class Sheet(Value):
    """What came with the pictures: a sidecar, a message header, a request body."""

    scan_id: str | None = Field(default=None, min_length=1, max_length=200)
    lane: str | None = Field(default=None, max_length=100)
    scanned_at: AwareDatetime | None = None
    declaration: Declaration = Declaration()
    context: dict[str, Any] = Field(default_factory=dict)


class Arrival(Value):
    """One scan as a way in hands it over: pictures already stored and decoded, nothing judged."""

    source: str
    slot: str
    """The place in its source that this scan fills: a path, or the sender's scan_id. New content there supersedes."""
    name: str
    """The scan_id wanted: the sender's own, or one made from the file's name."""
    sheet: Sheet = Sheet()
    pictures: tuple[Picture, ...]
    missing: tuple[str, ...] = ()
    """Views that were expected and did not come in time."""
    quarantine: str | None = None
    """Why the scan cannot be judged by a machine, if it cannot."""
    rehearsal: bool = False
    deadline_seconds: float = Field(gt=0)
    received_at: AwareDatetime
    timings_ms: dict[str, float] = Field(default_factory=dict)

    def content_key(self) -> str:
        """One digest for everything that was brought: the same bytes and words twice are one scan."""
        brought = {
            "pictures": [[p.name, *p.originals] for p in self.pictures],
            "sheet": self.sheet.model_dump(mode="json"),
            "missing": list(self.missing),
            "rehearsal": self.rehearsal,
        }
        return hashlib.sha256(canonical(brought)).hexdigest()


class Scan(Value):
    """One scan as the store keeps it."""

    id: int
    scan_id: str
    revision: int
    state: ScanState
    source: str
    lane: str | None
    scanned_at: AwareDatetime | None
    received_at: AwareDatetime
    due_at: float
    """Unix seconds: when an officer must have an answer, whatever it is."""
    attempts: int
    """How often an engine was asked about it."""
    superseded: bool
    """True once something newer came in its place."""
    owed: bool
    """True while its verdict was given without the engine's full word, which is still to come."""
    pictures: tuple[Picture, ...]
    missing: tuple[str, ...]
    declaration: Declaration
    context: dict[str, Any]
    rehearsal: bool
    quarantine: str | None
    timings_ms: dict[str, float]


Language = Literal["en", "ms", "vi"]
"""The languages officers read. English is the one every text has."""
LANGUAGES: tuple[Language, ...] = ("en", "ms", "vi")


class RuleFired(Value):
    """One rule that had something to say."""

    id: str
    risk: Risk
    message: str
    messages: dict[Language, str] = Field(default_factory=dict)
    """The same in every language of the box."""


class Understood(Value):
    """What a declared line was taken to mean, and by which words."""

    item: str
    """The class of the taxonomy."""
    how: Literal["exact", "alike", "hs"]
    alias: str
    """The name in the taxonomy that it was recognised by, or the HS heading."""
    language: Language | None
    score: Share
    """How alike the words are: 1 for exact and for HS."""


Result = Literal["seen", "not_seen", "not_verifiable"]
"""What became of a declared line."""
Amount = Literal["fits", "more_seen", "fewer_seen", "not_comparable"]
"""How many were seen, at the least, held against how many were declared, at the most."""


class MatchedLine(Value):
    """One declared line held against what was seen."""

    text: str
    understood: tuple[Understood, ...] = ()
    """Empty when nobody knows what the line means; several for "suitcase of clothes"."""
    result: Result
    quantity: float | None = None
    seen: int = 0
    """How many were seen at once: in the view that shows most of them."""
    amount: Amount = "not_comparable"


class DeclarationMatch(Value):
    """Declared against found, in four columns. What a scan cannot show is never called "not seen"."""

    matched: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()
    not_seen: tuple[str, ...] = ()
    not_verifiable: tuple[str, ...] = ()
    lines: tuple[MatchedLine, ...] = ()
    """Every declared line with what it was understood as."""


class Provenance(Value):
    """Everything that had a part in a verdict, by digest or version."""

    picture: str
    pictures: tuple[str, ...]
    originals: tuple[str, ...]
    release: str | None
    adapter: str | None
    quantization: str | None
    rulebook: str
    """Its name, version and digest."""
    level: str = "normal"
    """The threat level its rules stood at."""
    engine: str | None
    app: str
    revision: int
    rehearsal: bool
    """True for practice: never a traveller's."""


class Verdict(Value):
    """The verdict document, the same on every way out. The first seven fields are a contract with existing clients."""

    scan_id: str
    risk_level: Risk
    recommended_action: Action
    detected_items: tuple[Finding, ...]
    declaration_match: bool
    declaration: DeclarationMatch
    reasoning: str
    reasonings: dict[Language, str] = Field(default_factory=dict)
    """The same in every language of the box."""
    rules_fired: tuple[RuleFired, ...]
    degraded: tuple[str, ...]
    loosened: tuple[str, ...] = ()
    """What of the central rules this site does not follow at present."""
    processing_time_ms: int
    timings_ms: dict[str, float]
    provenance: Provenance


def canonical(value: object) -> bytes:
    """The one spelling of a value as JSON bytes, for digests and the ledger."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
