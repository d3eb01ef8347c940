"""What programs meet at the mount point of a `ForgetfulDisk`: a `Volume` behind FUSE.

Takes FUSE's requests, one at a time; gives what the volume says, EIO while the disk
is dead, or the error of an armed fault. Handles from before a cut stay dead, because
a mend is a new mount. The process it lives in is `served.py`.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import mfusepy  # pyright: ignore[reportMissingTypeStubs]

from tests.faults.fault import Fault
from tests.faults.volume import Node, Volume

BLOCK = 4096
NOMINAL_SIZE = 1 << 36  # what a disk without a limit says it has
RENAME_NOREPLACE = 1
UTIME_NOW, UTIME_OMIT = (1 << 30) - 1, (1 << 30) - 2

P = ParamSpec("P")
R = TypeVar("R")


def _request(verb: Callable[Concatenate[Mounted, P], R]) -> Callable[Concatenate[Mounted, P], R]:
    """One at a time, and none on a dead disk."""

    @wraps(verb)
    def admitted(self: Mounted, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.gate:
            if self.dead:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return verb(self, *args, **kwargs)

    return admitted


class Mounted:
    """The requests. Whoever holds `gate` may change `volume`, `dead` and `faults` between two of them."""

    use_ns = True
    flag_nopath = flag_nullpath_ok = True  # a request on an open file carries its handle only

    def __init__(self) -> None:
        self.gate = threading.RLock()
        self.volume = Volume((os.getuid(), os.getgid()))
        self.dead = False
        self.leaving = False
        self.ready = threading.Event()
        self.faults: list[Fault] = []
        self.calls: Counter[str] = Counter()
        self._handles: dict[int, Node] = {}
        self._next_handle = 1

    def power_on(self) -> None:
        """Before each mount: no handle lives on."""
        with self.gate:
            self._handles.clear()
            self.dead = self.leaving = False
            self.ready.clear()

    def init_with_config(self, _connection: Any, _config: Any) -> None:
        self.ready.set()

    def statfs(self, _path: str) -> dict[str, int]:
        if self.leaving:
            mfusepy.fuse_exit()
        return self._room()

    @_request
    def _room(self) -> dict[str, int]:
        total = self.volume.limit or NOMINAL_SIZE
        free = max(0, total - self.volume.used) // BLOCK
        return {
            "f_bsize": BLOCK,
            "f_frsize": BLOCK,
            "f_blocks": total // BLOCK,
            "f_bfree": free,
            "f_bavail": free,
            "f_files": 1 << 20,
            "f_ffree": 1 << 19,
            "f_namemax": 255,
        }

    @_request
    def getattr(self, path: str | None, fh: int | None = None) -> dict[str, Any]:
        node = self._node(path, fh)
        return {
            "st_mode": node.mode,
            "st_ino": node.number,
            "st_nlink": 2 if node.is_folder else node.links,
            "st_uid": node.uid,
            "st_gid": node.gid,
            "st_size": node.size,
            "st_blocks": -(-node.size // 512),
            "st_blksize": BLOCK,
            "st_atime": node.accessed,
            "st_mtime": node.modified,
            "st_ctime": node.changed,
        }

    @_request
    def create(self, path: str, mode: int, _flags: int) -> int:
        self._count("create")
        node = self.volume.create(path, stat.S_IFREG | stat.S_IMODE(mode), _owner())
        return self._open(node)

    @_request
    def open(self, path: str, flags: int) -> int:
        self._count("open")
        node = self.volume.find(path)
        if flags & os.O_TRUNC:
            self._count("truncate")
            self.volume.resize(node, 0)
        return self._open(node)

    @_request
    def read(self, path: str | None, size: int, offset: int, fh: int) -> bytes:
        self._count("read")
        return bytes(self._node(path, fh).content.now[offset : offset + size])

    @_request
    def write(self, path: str | None, data: bytes, offset: int, fh: int) -> int:
        self._count("write")
        return self.volume.write(self._node(path, fh), offset, data)

    @_request
    def truncate(self, path: str | None, length: int, fh: int | None = None) -> None:
        self._count("truncate")
        self.volume.resize(self._node(path, fh), length)

    @_request
    def fallocate(self, path: str | None, mode: int, offset: int, size: int, fh: int) -> None:
        if mode:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        self._count("write")
        node = self._node(path, fh)
        self.volume.resize(node, max(node.size, offset + size))

    @_request
    def fsync(self, path: str | None, _datasync: int, fh: int) -> None:
        content = self._node(path, fh).content
        try:
            self._count("fsync")
        except OSError:
            content.forsake()
            raise
        content.sync()

    @_request
    def release(self, _path: str | None, fh: int) -> None:
        self.volume.closed(self._handles.pop(fh))

    @_request
    def opendir(self, path: str) -> int:
        return self._open(self.volume.find(path))

    @_request
    def readdir(self, path: str | None, fh: int) -> list[tuple[str, dict[str, int], int]]:
        entries = self._node(path, fh).entries.items()
        listed = [(name, {"st_mode": node.mode, "st_ino": node.number}, 0) for name, node in entries]
        return [(".", {"st_mode": stat.S_IFDIR}, 0), ("..", {"st_mode": stat.S_IFDIR}, 0), *listed]

    @_request
    def fsyncdir(self, path: str | None, _datasync: int, fh: int) -> None:
        self._count("fsyncdir")
        self.volume.sync_folder(self._node(path, fh))

    @_request
    def releasedir(self, _path: str | None, fh: int) -> None:
        self.volume.closed(self._handles.pop(fh))

    @_request
    def mknod(self, path: str, mode: int, _dev: int) -> None:
        self._count("create")
        self.volume.create(path, mode, _owner())

    @_request
    def mkdir(self, path: str, mode: int) -> None:
        self._count("mkdir")
        self.volume.create(path, stat.S_IFDIR | stat.S_IMODE(mode), _owner())

    @_request
    def symlink(self, target: str, source: str) -> None:
        self._count("create")
        self.volume.create(target, stat.S_IFLNK | 0o777, _owner()).target = source

    @_request
    def readlink(self, path: str) -> str:
        return self.volume.find(path).target

    @_request
    def link(self, target: str, source: str) -> None:
        self._count("create")
        self.volume.link(source, target)

    @_request
    def unlink(self, path: str) -> None:
        self._count("unlink")
        self.volume.remove(path)

    @_request
    def rmdir(self, path: str) -> None:
        self._count("unlink")
        self.volume.remove(path)

    @_request
    def rename(self, old: str, new: str, flags: int = 0) -> None:
        self._count("rename")
        if flags not in {0, RENAME_NOREPLACE}:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self.volume.rename(old, new, replace=not flags)

    @_request
    def chmod(self, path: str | None, mode: int) -> None:
        node = self._node(path)
        node.mode = stat.S_IFMT(node.mode) | stat.S_IMODE(mode)
        node.changed = time.time_ns()

    @_request
    def chown(self, path: str | None, uid: int, gid: int) -> None:
        node = self._node(path)
        node.uid = node.uid if uid < 0 else uid
        node.gid = node.gid if gid < 0 else gid
        node.changed = time.time_ns()

    @_request
    def utimens(self, path: str | None, times: tuple[int, int] | None = None) -> None:
        node = self._node(path)
        now = time.time_ns()
        accessed, modified = times or (UTIME_NOW, UTIME_NOW)
        node.accessed = _moment(accessed, node.accessed, now)
        node.modified = _moment(modified, node.modified, now)
        node.changed = now

    def _count(self, op: str) -> None:
        self.calls[op] += 1
        for fault in self.faults:
            fault.meet(op)

    def _open(self, node: Node) -> int:
        handle = self._next_handle
        self._next_handle += 1
        self._handles[handle] = node
        node.opened += 1
        return handle

    def _node(self, path: str | None, fh: int | None = None) -> Node:
        if fh:
            return self._handles[fh]
        if path is None:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        return self.volume.find(path)


def _owner() -> tuple[int, int]:
    uid, gid, _pid = mfusepy.fuse_get_context()
    return uid, gid


def _moment(asked: int, kept: int, now: int) -> int:
    if asked == UTIME_OMIT:
        return kept
    return now if asked == UTIME_NOW else asked


class Mount(mfusepy.FUSE):
    """mfusepy's bridge, but for the two requests in which it drops half of what libfuse 3 says."""

    def __init__(self, disk: Mounted, mount_point: str, **options: Any) -> None:
        self._disk = disk
        # Returns when it is unmounted.
        super().__init__(disk, mount_point, **options)  # pyright: ignore[reportUnknownMemberType]

    def truncate_fuse_3(self, path: bytes | None, length: int, fip: Any) -> int:
        return self.ftruncate(path, length, fip)

    def rename_fuse_3(self, old: bytes, new: bytes, flags: int) -> int:
        self._disk.rename(os.fsdecode(old), os.fsdecode(new), flags)
        return 0
