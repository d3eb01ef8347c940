"""What a file holds now, and what the disk would hold of it after a power cut.

Takes writes, truncations and syncs; gives the bytes of now and, at a cut, falls
back to the bytes of the last sync. Kept as the present content plus an undo page
for each page changed since then, so a sync costs nothing. Names are another's
business (`volume.py`).
"""

from __future__ import annotations

from collections.abc import Callable

PAGE = 4096


def _never() -> bool:
    return False


class Content:
    """The bytes of one file, seen by programs and seen by the disk."""

    def __init__(self) -> None:
        self.now = bytearray()
        self._undo: dict[int, bytes] = {}
        self._kept_size = 0
        self._lowest = 0  # the smallest size since the last sync
        self._forsaken: set[int] = set()

    def write(self, offset: int, data: bytes) -> None:
        end = offset + len(data)
        if offset > len(self.now):
            self.resize(offset)
        self._remember(offset, end)
        if self._forsaken:
            self._forsaken.difference_update(range(offset // PAGE, _pages(end)))
        self.now[offset:end] = data

    def resize(self, size: int) -> None:
        if size < len(self.now):
            self._remember(size, len(self.now))
            del self.now[size:]
            self._lowest = min(self._lowest, size)
            self._forsaken.intersection_update(range(_pages(size)))
        else:
            self.now.extend(bytes(size - len(self.now)))

    def sync(self) -> None:
        """What is here now is on the disk, but for pages that an earlier failed sync gave up."""
        self._undo = {page: self._undo[page] for page in self._forsaken}
        self._kept_size = self._lowest = len(self.now)

    def forsake(self) -> None:
        """A sync failed: as on Linux, its pages count as clean, and no later sync writes them unless they change."""
        for page in range(self._kept_size // PAGE, _pages(len(self.now))):
            self._undo.setdefault(page, bytes(self.now[page * PAGE : self._kept_size]))
        self._forsaken = set(self._undo)

    @property
    def unsynced(self) -> bool:
        return bool(self._undo) or len(self.now) != self._kept_size

    def cut(self, coin: Callable[[], bool] = _never) -> bool:
        """The power goes: back to the last sync, but for pages that the coin spares; True if bytes were lost."""
        if not self.unsynced:
            return False
        before = self.now
        after = self._on_disk()
        ceiling = len(before)
        if self._lowest < self._kept_size:
            # A truncation reaches the disk as a whole or not at all; without it, nothing written behind it can.
            if coin():
                del after[self._lowest :]
            else:
                ceiling = self._lowest
        for page in sorted({*self._undo, *range(self._kept_size // PAGE, _pages(len(before)))}):
            start, end = page * PAGE, min(page * PAGE + PAGE, ceiling)
            if start < end and coin():
                after.extend(bytes(max(0, start - len(after))))
                after[start:end] = before[start:end]
        self.now = after
        self._undo, self._forsaken = {}, set()
        self._kept_size = self._lowest = len(after)
        return after != before

    def _on_disk(self) -> bytearray:
        kept = self.now[: self._kept_size]
        kept.extend(bytes(self._kept_size - len(kept)))
        for page, old in self._undo.items():
            start = page * PAGE
            room = min(PAGE, self._kept_size - start)
            if room > 0:
                kept[start : start + room] = old.ljust(room, b"\0")
        return kept

    def _remember(self, start: int, end: int) -> None:
        """Keep what the disk holds of the pages about to change; behind the synced size it holds nothing."""
        for page in range(start // PAGE, _pages(min(end, self._kept_size))):
            if page not in self._undo:
                self._undo[page] = bytes(self.now[page * PAGE : min(page * PAGE + PAGE, self._kept_size)])


def _pages(size: int) -> int:
    return -(-size // PAGE)
