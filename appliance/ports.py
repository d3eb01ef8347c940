"""The doors of the appliance: what its rooms promise one another without knowing one another."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from appliance.scan import Picture, Sheet
from models.answer import Digest


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """One file of a scan as it came, still untrusted."""

    view: str
    content: bytes = field(repr=False)
    plane: str | None = None
    """"high" or "low" where a scanner writes its two energies as two files; else None."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One scan as it stands at a way in, before anything was kept."""

    source: str
    slot: str
    name: str
    files: tuple[DeliveredFile, ...]
    sheet: Sheet
    received_at: datetime
    deadline_seconds: float
    missing: tuple[str, ...] = ()
    rehearsal: bool = False
    palette: str = "standard"
    accept_incomplete: bool = True
    """False where the file may still be growing: `IncompleteError` is then raised and nothing is kept."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a sender may rely on once it has this: the scan is on disk for good."""

    id: int
    scan_id: str
    revision: int
    fresh: bool
    """False when the same scan had been received before."""
    quarantine: str | None
    digests: tuple[Digest, ...]


class Reception(Protocol):
    """Where every way in hands over its scans, and where their clean pictures are had.

    Gives a receipt only after the scan is durable. Raises `StoreFullError` while
    there is no room, `IncompleteError` as told in `Delivery`, `StoreError` else.
    """

    async def receive(self, delivery: Delivery) -> Receipt: ...

    async def clean(self, picture: Picture) -> bytes:
        """The clean picture of a view. Raises `StoreError` or `UnreadableError` where it cannot be had."""
        ...


@dataclass(frozen=True, slots=True)
class DecodedView:
    """One clean picture made from untrusted bytes."""

    suffix: str
    """"" for the only picture of a file, else "page-2" and so on."""
    png: bytes = field(repr=False)
    width: int
    height: int


class Decoder(Protocol):
    """Turns untrusted bytes into clean pictures at no risk to this process.

    Raises `IncompleteError` where the bytes end too early, `UnreadableError` where
    they are no picture we accept. One call costs one file, whatever is in it.
    """

    async def decode(self, planes: dict[str, bytes], palette: str) -> tuple[DecodedView, ...]: ...
