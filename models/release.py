"""A release: what a folder of models says of itself.

Takes a folder, gives its parts, each of them held against its manifest. The layout:

    release.json        what is here, and the digest of every part's manifest
    detector/           one graph (ONNX)
    reader/             a vision-language model as transformers and vLLM load it
    exam/               pictures with known answers
    adapter/            optional: an adapter for the reader

Every part has a `manifest.json` with the digests of its files, so one line of `release.json` vouches for all of it;
who vouches for that line is the carrier's business. The release that is always there is `EMBEDDED`.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, ValidationError

from models.answer import Digest, Value
from models.artifacts.folder import MANIFEST, checked, listed
from models.artifacts.refusal import ArtifactRefusedError
from models.artifacts.words import parse

ABOUT = "release.json"
EMBEDDED = Path(__file__).parent / "zoo" / "embedded"
LARGEST = 1 << 16  # bytes of release.json
EDGE = 1e-6  # a raw score is taken to be at least so far from 0 and 1
FARTHEST = 50.0  # log-odds
Quantization = Literal["none", "bnb-int8", "bnb-nf4", "gptq-int8", "gptq-int4", "w8a8", "w4a16", "fp8"]
Part = Literal["detector", "reader", "exam", "adapter"]


class Curve(Value):
    """Turns a raw score into a share of being right: a logistic function of its log-odds."""

    slope: float = Field(gt=0)
    shift: float

    def share(self, raw: float) -> float:
        """Of a hundred with this raw score, the share that is there."""
        near = min(max(raw, EDGE), 1 - EDGE)
        odds = self.slope * math.log(near / (1 - near)) + self.shift
        return 1 / (1 + math.exp(-min(max(odds, -FARTHEST), FARTHEST)))


class Release(Value):
    """What `release.json` says."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    profile: str
    quantization: Quantization = "none"
    rehearsal: bool = False
    """It knows simulated scans only, and may clear no other."""
    parts: dict[Part, Digest]
    """The sha256 of each part's manifest."""
    detector: Curve
    reader: Curve
    proposes: float = Field(ge=0, le=1)
    """From this calibrated score on, what the detector alone sees is a finding."""
    names: float = Field(default=0.5, ge=0, le=1)
    """From this calibrated confidence on, what the reader alone sees is one; a prohibited thing always is."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A release on this disk, every file of it checked."""

    about: Release
    digest: str
    folder: Path
    parts: dict[Part, dict[str, Path]]


def find(name: str) -> Path:
    """`embedded`, or the folder of another one."""
    return EMBEDDED if name == "embedded" else Path(name)


def profile_of(name: str) -> str:
    """The domain a release says it is of; nothing, where it says none that can be read. Its parts are not checked."""
    try:
        return Release.model_validate(parse(ABOUT, (find(name) / ABOUT).read_bytes()[: LARGEST + 1])).profile
    except (OSError, ValidationError, ArtifactRefusedError):
        return ""


def opened(folder: Path) -> Opened:
    """Check all of a release, or raise `ArtifactRefusedError`."""
    try:
        content = (folder / ABOUT).read_bytes()[: LARGEST + 1]
    except OSError as problem:
        raise ArtifactRefusedError(ABOUT, f"cannot be opened: {problem.strerror}") from problem
    if len(content) > LARGEST:
        raise ArtifactRefusedError(ABOUT, f"has more than {LARGEST} bytes")
    try:
        about = Release.model_validate(parse(ABOUT, content))
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        raise ArtifactRefusedError(ABOUT, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from problem
    parts: dict[Part, dict[str, Path]] = {}
    for part, digest in about.parts.items():
        parts[part] = checked(folder / part)
        if hashlib.sha256((folder / part / MANIFEST).read_bytes()).hexdigest() != digest:
            raise ArtifactRefusedError(f"{part}/{MANIFEST}", "is not the one that the release names")
    for needed in ("detector", "reader", "exam"):
        if needed not in parts:
            raise ArtifactRefusedError(ABOUT, f"names no {needed}")
    return Opened(about, hashlib.sha256(content).hexdigest(), folder, parts)


def seal(folder: Path, about: Release) -> Release:
    """Make a release of a folder: write every part's manifest, and what the release says of itself."""
    parts: dict[Part, Digest] = {}
    for part in get_args(Part):
        if (folder / part).is_dir():
            content = f"{listed(folder / part).model_dump_json(indent=2)}\n".encode()
            (folder / part / MANIFEST).write_bytes(content)
            parts[part] = hashlib.sha256(content).hexdigest()
    sealed = about.model_copy(update={"parts": parts})
    (folder / ABOUT).write_text(f"{sealed.model_dump_json(indent=2)}\n")
    return sealed
