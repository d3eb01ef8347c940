"""The settings of one box, as frozen values: every key with its default, its limits and its meaning.

The texts under the keys are the manual: `docs/configuration.md` and the JSON
Schema are made from them. How a file becomes these values is `config.py`'s.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from appliance.kinds import UNIX, Name, Place, Section, WebBind, inside, same_door
from appliance.located import MisfitError
from appliance.settings_sources import DicomSource, FolderSource, Source, ZeromqSource

__all__ = [
    "Dashboard",
    "DicomSource",
    "EngineSettings",
    "FolderSource",
    "Operations",
    "Results",
    "Settings",
    "Site",
    "Source",
    "Storage",
    "ZeromqSource",
]


class Site(Section):
    """Who this box is."""

    name: Name = "lanewatch"
    """How this box is called in verdicts, parcels and alerts."""


class Storage(Section):
    """Where everything is kept, and how much room is left."""

    root: Place = Path("/var/lib/lanewatch")
    """The one folder for all state. A local disk, never a network share."""
    reserve_megabytes: PositiveInt = 256
    """A file of this size is kept, and given up when the disk is nearly full, so that verdicts can still be written."""
    warn_free_percent: float = Field(default=20, gt=0, lt=100)
    """Below this much free space `status` warns."""
    stop_free_percent: float = Field(default=2, gt=0, lt=100)
    """Below this, sources are left in place, the reserve is given up and every verdict is at least REVIEW."""

    @model_validator(mode="after")
    def _ladder_goes_down(self) -> Storage:
        if self.warn_free_percent <= self.stop_free_percent:
            raise MisfitError("must be larger than stop_free_percent", ("warn_free_percent",), ("stop_free_percent",))
        return self


class EngineSettings(Section):
    """The process that looks at the pictures."""

    socket: Place = Path("/run/lanewatch/engine.sock")
    """Where the engine process listens."""
    release: str = "embedded"
    """Which release of the models it loads: `embedded`, or the folder of one."""
    backend: Literal["auto", "vllm", "transformers", "canned"] = "auto"
    """What runs it. `canned` makes answers up, for rehearsals only; `auto` is vLLM with a GPU, else transformers."""
    in_flight: PositiveInt = 16
    """How many scans are with the engine at once."""
    attempts: PositiveInt = 3
    """After so many tries at one scan the officer decides without the engine."""


class Dashboard(Section):
    """The web pages and the HTTP interface."""

    bind: WebBind = "127.0.0.1:8080"
    """HOST:PORT where it listens, or unix:/PATH behind a proxy that speaks TLS."""
    certificate: Place | None = None
    """The site's certificate for this box, PEM, its authority's after it. With it the door speaks https."""
    key: Place | None = None
    """The certificate's key, PEM, not encrypted."""
    max_megabytes: PositiveFloat = 64.0
    """A request body larger than this is refused."""
    deadline_seconds: PositiveFloat = 30.0
    """How long POST /api/v1/inspect waits before it answers 504 with the scan's address."""
    idle_minutes: PositiveFloat = 30.0
    """Who does nothing at the desk for so long signs in again. A live queue alone is nothing done."""
    shift_hours: PositiveFloat = 12.0
    """And everybody after so long."""

    @model_validator(mode="after")
    def _certificate_has_its_key(self) -> Dashboard:
        if (self.certificate is None) != (self.key is None):
            missing, given = ("key", "certificate") if self.certificate else ("certificate", "key")
            raise MisfitError(f"{given} needs {missing}", (given,))
        if self.certificate and self.bind.startswith(UNIX):
            raise MisfitError("behind a proxy it is the proxy that has the certificate", ("certificate",), ("bind",))
        return self


class Results(Section):
    """The folder for verdict documents."""

    path: Place | None = None
    """Where verdict documents are put, one <scan_id>.json each; none means nowhere."""


class Operations(Section):
    """Limits within which untrusted files are read."""

    decoders: PositiveInt = 2
    """How many files are decoded at once."""
    decode_seconds: PositiveFloat = 10.0
    """A file that takes longer than this is quarantined."""
    decode_megabytes: PositiveInt = 1024
    """The memory one file may need."""
    max_megapixels: PositiveFloat = 64.0
    """A picture larger than this is quarantined."""
    max_side: PositiveInt = 1792
    """The clean picture's longer side at the most; larger ones are made smaller once."""
    inbox: PositiveInt = 2000
    """More unjudged scans than this and sources are left waiting."""


class Settings(Section):
    """Everything that can be set."""

    site: Site = Site()
    """Who this box is."""
    storage: Storage = Storage()
    """Where everything is kept, and how much room is left."""
    sources: tuple[Source, ...]
    """Where scans come from: the one thing without a default."""
    engine: EngineSettings = EngineSettings()
    """The process that looks at the pictures."""
    dashboard: Dashboard = Dashboard()
    """The web pages and the HTTP interface."""
    results: Results = Results()
    """The folder for verdict documents."""
    operations: Operations = Operations()
    """Limits within which untrusted files are read."""

    @model_validator(mode="after")
    def _names_differ(self) -> Settings:
        for (first, one), (second, other) in combinations(enumerate(self.sources), 2):
            if one.name == other.name:
                raise MisfitError(
                    f"two sources are called {one.name!r}", ("sources", second, "name"), ("sources", first, "name")
                )
        return self

    @model_validator(mode="after")
    def _doors_differ(self) -> Settings:
        listening = [(number, source) for number, source in enumerate(self.sources) if source.kind != "folder"]
        doors: list[tuple[tuple[int | str, ...], str]] = [
            (("dashboard", "bind"), self.dashboard.bind),
            (("engine", "socket"), f"{UNIX}{self.engine.socket}"),
            (("storage", "root"), f"{UNIX}{self.storage.root / 'run' / 'control.sock'}"),
            *((("sources", number, "bind"), source.bind) for number, source in listening if source.bind),
        ]
        for (first, one), (second, other) in combinations(doors, 2):
            if same_door(one, other):
                raise MisfitError(f"{other} is listened at already, as {one}", second, first)
        return self

    @model_validator(mode="after")
    def _folders_differ(self) -> Settings:
        """Nothing is taken by two sources, and nothing the box writes is taken for a scan."""
        folders = [(n, source) for n, source in enumerate(self.sources) if isinstance(source, FolderSource)]
        for (first, one), (second, other) in combinations(folders, 2):
            if inside(one.path, other.path) or inside(other.path, one.path):
                raise MisfitError(
                    f"the sources {one.name!r} and {other.name!r} must not share a folder: both would take its scans",
                    ("sources", second, "path"),
                    ("sources", first, "path"),
                )
        written: list[tuple[tuple[int | str, ...], Path | None]] = [
            (("storage", "root"), self.storage.root),
            (("results", "path"), self.results.path),
            *((("sources", number, "archive"), source.archive) for number, source in folders),
        ]
        for at, path in written:
            for number, source in folders:
                if path and (inside(path, source.path) or (at[0] == "storage" and inside(source.path, path))):
                    told = f"{path} and the source {source.name!r} at {source.path} must not share a folder"
                    raise MisfitError(told, at, ("sources", number, "path"))
        return self
