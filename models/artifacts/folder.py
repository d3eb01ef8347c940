"""A model's folder, held against its manifest before anything in it is loaded.

Takes the folder; gives the paths of its files once each is there, is what the manifest says to the last bit, and is of
a kind that cannot do anything by being loaded. Raises `ArtifactRefusedError` else. Who vouches for the manifest itself
is the carrier's business, and so is that nobody but the carrier may write there: a library opens the file once more.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from models.answer import Digest, Value
from models.artifacts.graph import check_graph
from models.artifacts.picture import check_picture
from models.artifacts.refusal import ArtifactRefusedError
from models.artifacts.tensors import check_tensors
from models.artifacts.words import check_words, parse

MANIFEST = "manifest.json"
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
"""A file beside the manifest; there are no folders in a folder of ours."""


class Listed(Value):
    """What a file has to be."""

    size: int = Field(gt=0)
    sha256: Digest


class Manifest(Value):
    """The files of a model."""

    files: dict[Name, Listed] = Field(min_length=1, max_length=64)


def checked(folder: Path) -> dict[str, Path]:
    """The files of a model, by name, all of them fit to be loaded."""
    listed = _manifest(folder).files
    strangers = {entry.name for entry in os.scandir(folder)} - listed.keys() - {MANIFEST}
    if strangers:
        raise ArtifactRefusedError(min(strangers), "stands in the folder but not in the manifest")
    for name, expected in listed.items():
        _check(folder / name, expected)
    return {name: folder / name for name in listed}


def listed(folder: Path) -> Manifest:
    """What the manifest of a folder has to say, as it stands now."""
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    return Manifest(
        files={name: Listed(size=len(each), sha256=hashlib.sha256(each).hexdigest()) for name, each in files.items()}
    )


def _manifest(folder: Path) -> Manifest:
    try:
        return Manifest.model_validate(parse(MANIFEST, bytes(_opened(folder / MANIFEST))))
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ArtifactRefusedError(MANIFEST, f"{where}: {first['msg']}") from problem


def _check(path: Path, expected: Listed) -> None:
    check = _check_for(path.name)
    content = memoryview(_opened(path))
    if len(content) != expected.size:
        raise ArtifactRefusedError(path.name, f"has {len(content)} bytes, not {expected.size}")
    if hashlib.sha256(content).hexdigest() != expected.sha256:
        raise ArtifactRefusedError(path.name, "is not the file that the manifest names")
    check(path.name, content)


def _check_for(name: str) -> Callable[[str, memoryview], None]:
    """By the end of its name, which is by what libraries choose how to load it."""
    if name.endswith(".safetensors"):
        return check_tensors
    if name.endswith(".onnx"):
        return check_graph
    if name.endswith(".json"):
        return check_words
    if name.endswith(".png"):
        return check_picture
    if name.endswith((".txt", ".jinja", ".md")):
        return _check_text
    raise ArtifactRefusedError(
        name, "is of a kind that is never loaded: only safetensors, onnx, json, png and text are"
    )


def _check_text(name: str, content: memoryview) -> None:
    try:
        text = bytes(content).decode()
    except UnicodeDecodeError as problem:
        raise ArtifactRefusedError(name, "is no text") from problem
    if "\0" in text:
        raise ArtifactRefusedError(name, "is no text")


def _opened(path: Path) -> mmap.mmap:
    """The bytes of an ordinary file that is where its name says, read only as far as they are looked at."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as problem:
        raise ArtifactRefusedError(path.name, f"cannot be opened: {problem.strerror}") from problem
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ArtifactRefusedError(path.name, "is no ordinary file")
        return mmap.mmap(handle, 0, prot=mmap.PROT_READ)
    except ValueError as problem:
        raise ArtifactRefusedError(path.name, "is empty") from problem
    finally:
        os.close(handle)
