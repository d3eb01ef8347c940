"""Be told at once when something in a folder is finished.

The events of the operating system, turned into paths; nothing is read or
decided here. Events may be lost, come late or never (network shares, full
queues, no watches left): whoever listens must list the folder as well.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from watchdog.events import FileClosedEvent, FileCreatedEvent, FileMovedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers.inotify import InotifyObserver

MOST_HINTS = 16_384
"""More hints than this are not kept; the next listing finds what they meant."""


class Hints(FileSystemEventHandler):
    """Collects paths until somebody takes them. Called on the observer's thread, so it only notes and wakes."""

    def __init__(self, wake: Callable[[], object]) -> None:
        self.prefix = b"/"
        self._wake = wake
        self._lock = threading.Lock()
        self._paths: dict[bytes, bool] = {}
        self._overflowed = False

    def on_any_event(self, event: FileSystemEvent) -> None:
        moved = isinstance(event, FileMovedEvent)
        finished = moved or isinstance(event, FileClosedEvent)
        path = os.fsencode(event.dest_path if moved else event.src_path)
        if not path.startswith(self.prefix):
            return  # moved out of the folder
        self.note(path[len(self.prefix) :], finished=finished)

    def note(self, path: bytes, *, finished: bool) -> None:
        """Keep a hint; whether its writer is done with the file is part of it."""
        with self._lock:
            first = not self._paths and not self._overflowed
            if len(self._paths) < MOST_HINTS or path in self._paths:
                self._paths[path] = self._paths.get(path, False) or finished
            else:
                self._overflowed = True
        if first:
            self._wake()

    def take(self) -> tuple[dict[bytes, bool], bool]:
        """Give all hints since the last time, and whether some were dropped."""
        with self._lock:
            paths, overflowed = self._paths, self._overflowed
            self._paths, self._overflowed = {}, False
        return paths, overflowed


class Watch:
    """The watch on one folder, set up again when the folder is another one. Its calls block: use a thread."""

    def __init__(self, root: bytes, hints: Hints) -> None:
        self._root = root
        self._hints = hints
        self._observer: InotifyObserver | None = None
        self._identity: tuple[int, int] | None = None
        self._lock = threading.Lock()
        self._closed = False

    @property
    def alive(self) -> bool:
        observer = self._observer
        return observer is not None and observer.is_alive() and all(e.is_alive() for e in observer.emitters)

    def ensure(self, identity: tuple[int, int]) -> bool:
        """Watch the folder with this identity; True if that has just begun. Without watches to be had, go without."""
        with self._lock:
            if self._closed or (self.alive and self._identity == identity):
                return False
            self._stop()
            self._start(identity)
            return self.alive

    def close(self) -> None:
        """Watch no more, not even if somebody is just about to begin."""
        with self._lock:
            self._closed = True
            self._stop()

    def _start(self, identity: tuple[int, int]) -> None:
        real = os.path.realpath(self._root)
        self._hints.prefix = real.rstrip(b"/") + b"/"
        wanted: list[type[FileSystemEvent]] = [FileMovedEvent, FileClosedEvent, FileCreatedEvent]
        try:
            observer = InotifyObserver(generate_full_events=True)  # a rename from outside is told as one, too
            self._observer, self._identity = observer, identity
            observer.schedule(self._hints, os.fsdecode(real), recursive=True, event_filter=wanted)
            observer.start()
        except OSError:  # no instance or watch left, or the folder went again: the listing does it alone
            self._stop()

    def _stop(self) -> None:
        observer, self._observer, self._identity = self._observer, None, None
        if observer is None:
            return
        observer.stop()
        if observer.is_alive():
            observer.join()
