"""A disk's tree of names: folders, files and links, as they are and as a power cut would leave them.

Takes the namespace's verbs with paths from its root; gives nodes, or OSError with
the errno a disk would give. A name changed is forgotten at a cut unless its folder
was synced. Knows nothing of FUSE (`mounted.py`); bytes live in `content.py`.
"""

from __future__ import annotations

import errno
import os
import random
import stat
import time
from collections.abc import Iterator

from tests.faults.content import Content


class Node:
    """One file, folder or symbolic link. Its owner, mode and times count as durable at once."""

    def __init__(self, number: int, mode: int, owner: tuple[int, int]) -> None:
        self.number = number
        self.mode = mode
        self.uid, self.gid = owner
        self.links = 0
        self.opened = 0
        self.accessed = self.modified = self.changed = time.time_ns()
        self.content = Content()
        self.target = ""
        self.entries: dict[str, Node] = {}
        self.undo: dict[str, Node | None] = {}  # what the disk holds of the names changed since the last sync

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def size(self) -> int:
        return len(self.content.now)

    def put(self, name: str, node: Node | None) -> None:
        self.undo.setdefault(name, self.entries.get(name))
        if node is None:
            del self.entries[name]
        else:
            self.entries[name] = node
        self.modified = self.changed = time.time_ns()

    def touch(self) -> None:
        self.modified = self.changed = time.time_ns()


class Volume:
    """The whole tree, its room, and its power switch."""

    def __init__(self, owner: tuple[int, int]) -> None:
        self._numbers = 0
        self.limit: int | None = None
        self.used = 0
        self._moves: list[tuple[Node, str]] = []  # both ends of each unsynced rename from one folder to another
        self.root = self._new(stat.S_IFDIR | 0o755, owner)
        self.root.links = 1

    def find(self, path: str) -> Node:
        node = self.root
        for name in path.split("/"):
            if name:
                node = _entry(node, name)
        return node

    def create(self, path: str, mode: int, owner: tuple[int, int]) -> Node:
        """A new file, folder or link, by the type in its mode."""
        folder, name = self._parent(path)
        if name in folder.entries:
            raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))
        node = self._new(mode, owner)
        node.links = 1
        folder.put(name, node)
        return node

    def link(self, source: str, path: str) -> None:
        node = self.find(source)
        folder, name = self._parent(path)
        if name in folder.entries:
            raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))
        node.links += 1
        folder.put(name, node)

    def remove(self, path: str) -> None:
        """Unlink a file or an empty folder; the kernel has already asked for the right one of the two."""
        folder, name = self._parent(path)
        node = _entry(folder, name)
        if node.entries:
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))
        folder.put(name, None)
        self._unlinked(node)

    def rename(self, old: str, new: str, *, replace: bool = True) -> None:
        source, old_name = self._parent(old)
        goal, new_name = self._parent(new)
        node = _entry(source, old_name)
        replaced = goal.entries.get(new_name)
        if replaced is node:
            return
        if replaced is not None and not replace:
            raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))
        if replaced is not None and replaced.entries:
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))
        goal.put(new_name, node)
        source.put(old_name, None)
        node.changed = time.time_ns()
        if source is not goal:
            self._moves += [(source, old_name), (goal, new_name)]
        if replaced is not None:
            self._unlinked(replaced)

    def sync_folder(self, folder: Node) -> None:
        """Its names are on the disk; a rename between two folders arrives whole, as any journal keeps it."""
        folder.undo.clear()
        if any(end is folder for end, _ in self._moves):
            for end, name in self._moves:
                end.undo.pop(name, None)
            self._moves.clear()

    def sync(self) -> None:
        """Everything is on the disk."""
        self._moves.clear()
        for node in self._nodes():
            node.undo.clear()
            node.content.sync()

    def write(self, node: Node, offset: int, data: bytes) -> int:
        """Write what there is room for."""
        growth = offset + len(data) - node.size
        if self.limit is not None and growth > 0:
            fits = len(data) - max(0, growth - max(0, self.limit - self.used))
            if fits <= 0 < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            data = data[:fits]
        before = node.size
        node.content.write(offset, data)
        self.used += node.size - before
        node.touch()
        return len(data)

    def resize(self, node: Node, size: int) -> None:
        growth = size - node.size
        if self.limit is not None and growth > max(0, self.limit - self.used):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        node.content.resize(size)
        self.used += growth
        node.touch()

    def closed(self, node: Node) -> None:
        node.opened -= 1
        self._freed(node)

    def cut(self, seed: int | None) -> dict[str, bool | int]:
        """The power goes. Without a seed all that was not synced is gone; with one, coins decide what a disk kept.

        A first coin lets unsynced names live (new files then are there, but empty), a second
        lets any unsynced page live, each by a coin of its own.
        """
        chance = random.Random(seed)
        keeps_names = seed is not None and chance.random() < 0.5
        torn = seed is not None and chance.random() < 0.5
        lost_names = 0 if keeps_names else self._forget_names()
        lost_files = 0
        for node in self._nodes():
            node.undo.clear()
            node.opened = 0
            lost_files += node.content.cut((lambda: chance.random() < 0.5) if torn else (lambda: False))
        self._moves.clear()
        self._count_again()
        return {"keeps_names": keeps_names, "torn": torn, "lost_names": lost_names, "lost_files": lost_files}

    def _forget_names(self) -> int:
        """Put back the names of the last sync, downwards: what hangs below a forgotten folder is gone with it."""
        forgotten = 0
        waiting = [self.root]
        while waiting:
            folder = waiting.pop()
            for name, node in folder.undo.items():
                forgotten += folder.entries.get(name) is not node
                folder.entries.pop(name, None)
                if node is not None:
                    folder.entries[name] = node
            waiting += [node for node in folder.entries.values() if node.is_folder]
        return forgotten

    def _count_again(self) -> None:
        nodes = list(self._nodes())
        for node in nodes:
            node.links = 0
        self.root.links = 1
        for folder in nodes:
            for node in folder.entries.values():
                node.links += 1
        self.used = sum(node.size for node in nodes)

    def _nodes(self) -> Iterator[Node]:
        """Each node that has a name, once, in the order of their making so that a seed means the same each time."""
        seen: dict[int, Node] = {}
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            if node.number not in seen:
                seen[node.number] = node
                waiting += node.entries.values()
        return (seen[number] for number in sorted(seen))

    def _new(self, mode: int, owner: tuple[int, int]) -> Node:
        self._numbers += 1
        return Node(self._numbers, mode, owner)

    def _parent(self, path: str) -> tuple[Node, str]:
        above, _, name = path.rpartition("/")
        folder = self.find(above)
        if not folder.is_folder:
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        return folder, name

    def _unlinked(self, node: Node) -> None:
        node.links -= 1
        self._freed(node)

    def _freed(self, node: Node) -> None:
        if not node.links and not node.opened:
            self.used -= node.size


def _entry(folder: Node, name: str) -> Node:
    if not folder.is_folder:
        raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if name not in folder.entries:
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
    return folder.entries[name]
