"""The settings of where scans come from: folders, ZeroMQ and DICOM. A part of `settings.py`."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from appliance.kinds import Bind, CurveKey, ElementPath, Endpoint, Extension, Name, Place, Section, SheetField, Title
from appliance.located import MisfitError


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
