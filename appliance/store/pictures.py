"""The pictures, each under the digest of its bytes: pictures/<first two>/<sha256>.

Takes bytes, gives their digest. The same bytes are kept once. What stands under
a name is whole or is not there.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import NamedTuple

from appliance.durable import Draft, make_folder, sync_file, sync_folder
from appliance.errors import StoreBrokenError, StoreError, StoreFullError


class Sketch(NamedTuple):
    """Content that is written and has no name yet; or that stood there already, and then there is no draft."""

    sha256: str
    sync: bool
    draft: Draft | None


class Pictures:
    """A folder of contents."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prepare(self) -> None:
        """Make all 256 subfolders, their names durable, so that no scan has to wait for one."""
        make_folder(self.folder)
        for number in range(256):
            (self.folder / f"{number:02x}").mkdir(mode=0o750, exist_ok=True)
        sync_folder(self.folder)

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def keep(self, content: bytes, *, sync: bool = True) -> str:
        """Keep content and give its digest; with sync it is there for good when this returns."""
        return self.show(self.draft(content, sync=sync))

    def draft(self, content: bytes, *, sync: bool = True) -> Sketch:
        """Write content without keeping it yet."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        with _told(path):
            return Sketch(sha256, sync, None if _holds(path, content) else Draft(path, content, sync=sync))

    def show(self, sketch: Sketch) -> str:
        """Keep what was drafted, for good where it was asked for, and give its digest."""
        path = self.path(sketch.sha256)
        with _told(path):
            if sketch.draft:
                sketch.draft.show()
            elif sketch.sync:
                sync_file(path)
        return sketch.sha256

    def draft_all(self, contents: Iterable[bytes]) -> list[Sketch]:
        """Draft all of them or none."""
        sketches: list[Sketch] = []
        try:
            for content in contents:
                sketches.append(self.draft(content))  # noqa: PERF401 - what was drafted before a failure is dropped
        except BaseException:
            self.drop_all(sketches)
            raise
        return sketches

    def drop_all(self, sketches: Iterable[Sketch]) -> None:
        """Forget what was drafted and not shown."""
        for sketch in sketches:
            with _told(self.path(sketch.sha256)):
                if sketch.draft:
                    sketch.draft.drop()

    def read(self, sha256: str) -> bytes:
        """Read content back; raises if it is gone or no longer what it was."""
        try:
            content = self.path(sha256).read_bytes()
        except OSError as problem:
            raise StoreError(f"picture {sha256}: {problem.strerror}") from problem
        if hashlib.sha256(content).hexdigest() != sha256:
            raise StoreError(f"picture {sha256}: its bytes have changed", hint="put a copy of your own in its place")
        return content


@contextlib.contextmanager
def _told(path: Path) -> Generator[None]:
    """Tell what the disk says in the words of the store."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFullError(
                "the disk is full: no room for a picture", hint=f"free some space under {path.parents[1]}"
            ) from problem
        raise StoreBrokenError(f"{path}: {problem.strerror}", hint="look at the disk; then restart") from problem


def _holds(path: Path, content: bytes) -> bool:
    """Tell whether the content stands there already. What a cut left half-written is written again."""
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False
