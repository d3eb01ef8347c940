"""The pictures of a question, read for an engine to look at.

Takes a view, gives exactly the bytes its digest names. Decoding them is the
engine's business; that they are clean is the box's.
"""

from __future__ import annotations

import hashlib
import os
import stat

from models.answer import View
from models.ports import EnginePictureError

LARGEST = 256 << 20
"""Bytes. A clean picture of the largest size the box makes is a tenth of this."""


def read(view: View) -> bytes:
    """Read a picture, or raise `EnginePictureError` where it is not the one that was asked about."""
    try:
        content = _content(view.path)
    except (OSError, ValueError) as problem:  # ValueError: a NUL in the path
        reason = getattr(problem, "strerror", None) or str(problem)
        raise EnginePictureError(f"view {view.name}: cannot read {view.path!r}: {reason}") from problem
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != view.sha256:
        raise EnginePictureError(f"view {view.name}: {view.path} has digest {sha256}, not {view.sha256}")
    return content


def _content(path: str) -> bytes:
    """All bytes of an ordinary file; a pipe or device, which might never end, is not opened for long."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    with os.fdopen(file, "rb") as picture:
        what = os.fstat(file)
        if not stat.S_ISREG(what.st_mode):
            raise ValueError("not an ordinary file")
        if what.st_size > LARGEST:
            raise ValueError(f"larger than {LARGEST >> 20} MiB")
        return picture.read(LARGEST)
