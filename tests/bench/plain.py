"""What one would write in an afternoon: a watchdog handler that decodes, inserts and writes a result. The yardstick.

python -m tests.bench.plain FOLDER RESULTS DATABASE
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from pathlib import Path

from PIL import Image
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer


class Handler(FileSystemEventHandler):
    def __init__(self, results: Path, database: Path) -> None:
        self.results = results
        self.db = sqlite3.connect(database, check_same_thread=False)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.execute("CREATE TABLE IF NOT EXISTS scan (name TEXT, at REAL)")

    def on_moved(self, event: FileSystemEvent) -> None:
        path = Path(str(event.dest_path))
        with Image.open(path) as picture:
            picture.load()
        self.db.execute("INSERT INTO scan VALUES (?, ?)", (path.stem, time.time()))
        self.db.commit()
        beside = self.results / f".{path.stem}.part"
        beside.write_text(json.dumps({"scan_id": path.stem}))
        beside.rename(self.results / f"{path.stem}.json")


def main(folder: str, results: str, database: str) -> None:
    observer = Observer()
    observer.schedule(Handler(Path(results), Path(database)), folder)
    observer.start()
    print("ready", flush=True)
    observer.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
