"""Write one scan out as evidence: a folder, and the same folder as one zip.

Takes what the store knows (`known.py`) and the folders of pictures and rulebooks, gives files that `checker.py` can
hold against one another anywhere. What is gone or damaged is named in the pack; it never keeps the rest from being
written. Nothing stands under the pack's name before all of it is on the disk.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

from appliance.durable import durable_write, make_folder, show_new, sync_file, sync_folder
from appliance.errors import StoreError
from appliance.lookback import actions, checker, readme
from appliance.lookback.known import Given, Known
from appliance.names import as_file_name
from appliance.rules import texts
from appliance.rules.texts import Texts
from appliance.store.pictures import Pictures
from appliance.store.rulebooks import Shelf

LONGEST = 100
"""Bytes of a scan's name in a pack's: the folder still fits where paths may be short."""
MAGIC = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"II*\x00": ".tif", b"MM\x00*": ".tif"}
"""What files begin with. It only helps whoever opens them by a click."""


class Written(NamedTuple):
    """A pack that stands in its place."""

    folder: Path
    archive: Path
    manifest: str
    """The sha256 of manifest.json: whoever notes it can tell later that nothing of the pack was exchanged."""
    missing: tuple[str, ...]
    wrong: tuple[str, ...]
    """What contradicts in the store itself."""


def name_of(scan_id: str, revision: int) -> str:
    """How the pack of a scan is called, whatever the scan is called."""
    shown = re.sub(r'[<>:"|?*]', "_", as_file_name(scan_id))  # which some systems allow in no name
    whole = shown.encode()
    if len(whole) > LONGEST:
        shown = f"{whole[:LONGEST].decode(errors='ignore')}~{hashlib.sha256(scan_id.encode()).hexdigest()[:16]}"
    return f"evidence-{shown}-r{revision}"


def write(known: Known, root: Path, into: Path, at: str) -> Written:
    """Write the pack of a scan into a folder. What stands there already is never touched."""
    name = name_of(known.scan["scan_id"], known.scan["revision"])
    folder, archive = into / name, into / f"{name}.zip"
    for path in (folder, archive):
        if os.path.lexists(path):
            raise FileExistsError(
                errno.EEXIST, "stands there already: move it away or choose another --into", str(path)
            )
    make_folder(into)
    beside = into / f".{secrets.token_hex(8)}.part"
    try:
        missing, manifest = _Writing(beside / name).write(known, root, at)
        report = checker.check(beside / name)
        _zip(beside / name, beside / archive.name)
        show_new(beside / name, folder)
        show_new(beside / archive.name, archive)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    wrong = tuple(line for line in report.lines if line.startswith("WRONG"))
    return Written(folder, archive, manifest, missing, wrong)


def _zip(folder: Path, archive: Path) -> None:
    """The same files, by name, all of one age and as they are: the same pack is the same zip on every machine."""
    with zipfile.ZipFile(archive, "w") as out:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o100640 << 16
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, out.open(entry, "w") as target:
                shutil.copyfileobj(source, target)
    archive.chmod(0o640)  # declarations are not for everybody
    sync_file(archive)


class _Writing:
    """A pack on its way."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[dict[str, Any]] = []
        self._missing: dict[str, str] = {}

    def write(self, known: Known, root: Path, at: str) -> tuple[tuple[str, ...], str]:
        self._add("scan.json", checker.spelled(known.scan))
        self._add("brought.json", known.brought.encode())
        self._pictures(known, root)
        for number, verdict in enumerate(known.verdicts, 1):
            self._verdict(number, verdict)
        if not known.verdicts:
            self._missing["verdict"] = "the scan has no verdict yet, so the ledger says nothing of it"
        self._unshown(known)
        self._rulebooks(known, Shelf(root / "rulebooks"))
        self._add("verdicts.json", checker.spelled({"verdicts": [_listed(verdict) for verdict in known.verdicts]}))
        self._add("ledger.json", checker.spelled({"exported_at": at, "newest": known.newest, "rows": known.rows}))
        self._add("actions.json", checker.spelled(actions.told(known)))
        missing = [{"piece": piece, "why": why} for piece, why in sorted(self._missing.items())]
        self._add("missing.json", checker.spelled({"missing": missing}))
        self._add("check.py", Path(checker.__file__).read_bytes())
        self._add("README.txt", readme.text(known, self._missing, at).encode())
        files = sorted(self._files, key=lambda file: file["path"])
        manifest = checker.spelled({"format": checker.FORMAT, "files": files})
        self._add("manifest.json", manifest)
        for folder in sorted({path.parent for path in self._folder.rglob("*")}):
            sync_folder(folder)
        return tuple(f"{piece}: {why}" for piece, why in sorted(self._missing.items())), _sha256(manifest)

    def _add(self, path: str, content: bytes) -> None:
        place = self._folder / path
        place.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        durable_write(place, content, sync_name=False)
        self._files.append({"path": path, "size": len(content), "sha256": _sha256(content)})

    def _pictures(self, known: Known, root: Path) -> None:
        shelves = {"original": Pictures(root / "pictures"), "clean": Pictures(root / "clean")}
        listed: list[dict[str, Any]] = []
        for number, (view, kind, digest) in enumerate(checker.named(json.loads(known.brought)), 1):
            file, why = None, None
            try:
                content = shelves[kind].read(digest)
            except StoreError as problem:
                why = problem.message.rpartition(": ")[2]
                if kind == "original":
                    self._missing[f"original {digest}"] = f"view {view}: {why}"
            else:
                file = f"{'originals' if kind == 'original' else kind}/{number:02}{_suffix(content)}"
                self._add(file, content)
            listed.append({"view": view, "kind": kind, "sha256": digest, "file": file, "why_not": why})
        self._add("pictures.json", checker.spelled({"pictures": listed}))

    def _verdict(self, number: int, verdict: Given) -> None:
        for part in checker.PARTS:
            text = getattr(verdict, part)
            if text is not None:
                self._add(f"verdicts/{number}/{part}.json", text.encode())
        if verdict.circumstances is None:
            self._missing[f"circumstances of verdict {number}"] = "it was given before the box kept them"

    def _unshown(self, known: Known) -> None:
        own = {verdict.id for verdict in known.verdicts}
        with contextlib.suppress(KeyError, TypeError, ValueError):  # made unreadable, which the checker tells
            counted = [json.loads(row["body"]).get("nth") for row in known.rows if row["verdict"] in own]
            for number, nth in enumerate(counted, 1):
                if nth is None:
                    self._missing[f"the number of verdict {number}"] = "it was recorded before verdicts were counted"
            if known.rows and known.newest:
                for piece in checker.unshown([row["seq"] for row in known.rows], known.newest["seq"]):
                    self._missing[piece] = f"a pack brings {checker.FOLLOWING} rows after its scan's last"

    def _rulebooks(self, known: Known, shelf: Shelf) -> None:
        for digest in dict.fromkeys(verdict.rulebook for verdict in known.verdicts):
            try:
                content = _read(shelf, digest)
            except StoreError as problem:
                self._missing[f"rulebook {digest}"] = problem.message.rpartition(": ")[2]
                continue
            self._add(f"rulebooks/{digest}.json", content.sealed)
            for part, written in content.model_dump().items():
                if written is not None:
                    self._add(f"rulebooks/{digest}/{part}.yaml", written.encode())


def _read(shelf: Shelf, digest: str) -> Texts:
    """From the shelf; where another book stood in, it may be the one that came with the box."""
    try:
        return shelf.read(digest)
    except StoreError:
        if (standing := texts.default()).digest != digest:
            raise
        return standing


def _listed(verdict: Given) -> dict[str, Any]:
    told = verdict._asdict()
    return {key: told[key] for key in ("id", "at", "risk", "action")} | {"provenance": verdict.provenance}


def _suffix(content: bytes) -> str:
    if content[128:132] == b"DICM":
        return ".dcm"
    return next((suffix for magic, suffix in MAGIC.items() if content.startswith(magic)), ".bin")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
