"""The settings of one box, as frozen values: every key with its default, its limits and its meaning.

The texts under the keys are the manual: `docs/configuration.md` and the JSON
Schema are made from them. How a file becomes these values is `config.py`'s.
"""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from appliance.kinds import (
    UNIX,
    Bind,
    CurveKey,
    ElementPath,
    Endpoint,
    Extension,
    Name,
    Place,
    Section,
    SheetField,
    Title,
    WebBind,
    inside,
    same_door,
)
from appliance.located import MisfitError


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


class _Source(Section):
    """What all sources share."""

    name: Name
    """How it is called in every scan it brings, in figures and in the journal. No two have the same."""
    lane: str | None = None
    """The lane all its scans belong to, unless a sidecar names another."""
    deadline_seconds: PositiveFloat = 30.0
    """How long an officer may wait for a verdict. What is not judged by then is REVIEW."""
    max_megabytes: PositiveFloat = 64.0
    """A file larger than this is not read; it goes to quarantine."""
    palette: Literal["standard", "grey"] = "standard"
    """How two energy planes become a picture."""
    rehearsal: bool = False
    """True for practice scans: marked everywhere, and made-up answers count for them."""


class FolderSource(_Source):
    """A folder a scanner writes into."""

    kind: Literal["folder"] = "folder"
    """Scanner software that writes files."""
    path: Place
    """The folder."""
    settle_seconds: float = Field(default=1.0, ge=0)
    """A file unchanged for this long is finished. A rename into place or a done-marker wins. 0 trusts every look."""
    incomplete_seconds: PositiveFloat = 60.0
    """A file that stays unchanged this long without its structural end goes to quarantine as cut off."""
    sidecar_wait_seconds: float = Field(default=0.0, ge=0)
    """How long a settled picture waits for its sidecar. One that comes later makes a new revision."""
    done_suffix: str | None = None
    """A vendor's marker: with ".done", scan-1.png is finished once scan-1.png.done or scan-1.done stands beside it."""
    extensions: tuple[Extension, ...] = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dcm", ".dcs", ".dicos")
    """Other files are left alone."""
    sidecar_xml: dict[SheetField, ElementPath] = Field(default_factory=dict)
    """Where an XML sidecar says what: {scan_id: Bag.Id, declaration: Bag.Goods.Item, declaration.text: Name}."""
    views: str | None = None
    """A pattern on the file's stem with the named groups `scan`, `view` and, where planes come as files, `plane`."""
    expected_views: PositiveInt = 1
    """How many views make a whole scan."""
    views_wait_seconds: PositiveFloat = 10.0
    """How long the first view waits for the others. Then the scan is judged without, which is said in the verdict."""
    rescan_seconds: PositiveFloat = 2.0
    """How often the folder is listed whole, whatever the events said."""
    after: Literal["leave", "archive", "delete"] = "leave"
    """What happens to the source files once the verdict is stored."""
    archive: Place | None = None
    """Where `after: archive` moves them, by scan_id."""

    @field_validator("views")
    @classmethod
    def _pattern_holds(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            groups = set(re.compile(value).groupindex)
        except re.error as problem:
            raise ValueError(f"not a regular expression: {problem}") from problem
        if not {"scan", "view"} <= groups | ({"view"} if "plane" in groups else set()):
            raise ValueError("needs the named groups (?P<scan>...) and (?P<view>...) or (?P<plane>...)")
        return value

    @model_validator(mode="after")
    def _hangs_together(self) -> FolderSource:
        if self.after == "archive" and self.archive is None:
            raise MisfitError("archive needs archive: FOLDER", ("after",))
        if self.expected_views > 1 and self.views is None:
            raise MisfitError("more than one view needs views: PATTERN", ("expected_views",))
        if "declaration" not in self.sidecar_xml and any(key.startswith("declaration.") for key in self.sidecar_xml):
            raise MisfitError("declaration.* is counted from declaration, which is not mapped", ("sidecar_xml",))
        return self


class ZeromqSource(_Source):
    """Scanner software that sends over ZeroMQ."""

    kind: Literal["zeromq"] = "zeromq"
    """Scanner software that sends over ZeroMQ."""
    mode: Literal["router", "pull", "subscribe"] = "router"
    """router acknowledges each scan; pull and subscribe are for software that can only push or publish."""
    bind: Endpoint | None = None
    """Where we listen, such as tcp://127.0.0.1:5599."""
    connect: Endpoint | None = None
    """Whom we connect to instead, in the modes pull and subscribe."""
    topic: str = ""
    """Which messages to subscribe to."""
    curve: bool = True
    """Encrypted and authenticated. May be off on loopback and ipc only."""
    secret_key_file: Place | None = None
    """Our CURVE secret key, 40 characters of Z85."""
    server_key: CurveKey | None = None
    """The publisher's public key where we connect."""
    allowed_keys: tuple[CurveKey, ...] = ()
    """The public keys of the scanners that may send, 40 characters of Z85 each."""
    messages_per_second: PositiveFloat = 200.0
    """Above this rate one client is refused."""

    @model_validator(mode="after")
    def _has_one_end(self) -> ZeromqSource:
        if (self.bind is None) == (self.connect is None):
            raise ValueError("give either bind or connect")
        if self.connect and self.mode == "router":
            raise MisfitError("mode router needs bind", ("mode",), ("connect",))
        address = self.bind or self.connect or ""
        near = address.startswith(("ipc://", "tcp://127.", "tcp://[::1]", "tcp://localhost"))
        if not self.curve and not near:
            raise MisfitError("false is accepted on loopback and ipc only", ("curve",))
        if self.curve and self.bind and not (self.secret_key_file and self.allowed_keys):
            raise MisfitError("curve needs secret_key_file and allowed_keys", ("curve",))
        if self.curve and self.connect and not (self.secret_key_file and self.server_key):
            raise MisfitError("curve needs secret_key_file and server_key", ("curve",))
        return self


class DicomSource(_Source):
    """A DICOM or DICOS sender."""

    kind: Literal["dicom"] = "dicom"
    """A DICOM or DICOS sender."""
    bind: Bind = "127.0.0.1:11112"
    """HOST:PORT where it listens."""
    called_titles: tuple[Title, ...] = Field(default=("LANEWATCH",), min_length=1)
    """The application entity titles we answer to."""
    calling_titles: tuple[Title, ...] = ()
    """Who may send; empty means anyone who knows a called title."""


Source = Annotated[FolderSource | ZeromqSource | DicomSource, Field(discriminator="kind")]


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
