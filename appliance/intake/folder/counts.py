"""How it goes at one folder: what status, metrics and warnings are made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FolderCounts:
    """How it goes at one folder."""

    present: bool
    watching: bool
    """False: no events are to be had, only listings. Scans come later, none is lost."""
    listed_at: datetime | None
    """When the folder was last listed whole. Long ago means that it hangs."""
    seen: int
    """Pictures there now."""
    waiting: int
    """Of these, not taken yet."""
    ignored: int
    """Files there now that are no pictures, sidecars or markers."""
    refused: int
    """Links, devices and the like there now."""
    unreadable: int
    """Folders in it that could not be listed."""
    taken: int
    """Scans handed over since the start."""
    quarantined: int
    """Of these, put in quarantine."""
    last_file_at: datetime | None
    """When a scan was last handed over."""
    held: str
    """Why nothing is taken at the moment; empty while all is well."""
    trouble: str
    """One thing that does not work and is tried again; empty while all is well."""
