"""Check an evidence pack of Lanewatch. Needs Python 3.8 or newer and nothing else.

    python3 check.py             the folder that this file lies in
    python3 check.py PACK.zip    a pack as it was written, or another folder

Nothing of the pack is run, changed or unpacked. A line that begins with `ok` was worked out anew and holds, `WRONG`
contradicts the rest, `missing` is not in the pack and the pack says so itself, `note` is good to know. Ends with 0 if
all holds, 1 if something is wrong, 3 if nothing is wrong but pieces are missing, 2 if it was asked wrongly. What that
proves, and what it does not, stands in README.txt.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":  # nothing that lies beside this file is ever run in the place of what it asks for
    sys.path[:] = [place for place in sys.path if place not in ("", sys.path[0])]

import hashlib
import json
import re
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

FORMAT = "lanewatch evidence pack 1"
FOLLOWING = 1000  # after the last ledger row of its scan a pack brings so many more, or all there were
MOST_FILES, MOST_BYTES, MOST_TEXT = 10_000, 1 << 36, 1 << 28  # of files, of bytes in all, of bytes held in memory
TEXT = (".json", ".yaml")
BOUND = ("scan_id", "revision", "content", "source", "rehearsal", "quarantine")
PARTS = ("document", "answer", "circumstances")
"""What a ledger row holds of a scan as it is, and of a verdict by its sha256; the last two parts need not be."""
ALWAYS = {"README.txt", "check.py", "actions.json"}  # held against the manifest alone
KEYS = {
    "scan.json": "action attempts content degraded due_at id lane owed quarantine received_at rehearsal revision"
    " risk scan_id scanned_at slot source state superseded_by supersedes",
    "verdicts.json": "verdicts: action at id provenance risk",
    "ledger.json": "rows exported_at newest: body hash previous seq verdict",
    "pictures.json": "pictures: file kind sha256 view why_not",
    "missing.json": "missing: piece why",
}
"""What a file holds, first its list if it has one, and what each entry of that holds: this and nothing else."""
PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
"""What a file of a pack is called: nothing hidden, nothing that leads out of its folder."""

if TYPE_CHECKING:
    Files = dict[str, tuple[int, Callable[[], IO[bytes]]]]  # by path: the size, and how it is opened


class NoPackError(Exception):
    """Says in words why something cannot be a pack."""


class Report:
    """What was found."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.wrong = self.missing = 0
        self.at = "the pack"  # what is being read

    def say(self, word: str, line: str) -> None:
        self.lines.append(f"{word:8} {line}")

    def need(self, holds: bool, otherwise: str) -> bool:
        """Tell of what does not hold."""
        if not holds:
            self.wrong += 1
            self.say("WRONG", otherwise)
        return holds

    @property
    def code(self) -> int:
        return 1 if self.wrong else 3 if self.missing else 0


def check(place: Path) -> Report:
    """Check a pack: a folder or a zip."""
    report = Report()
    try:
        if place.is_dir():
            _check(_in_folder(place), report)
        else:
            with place.open("rb") as whole, zipfile.ZipFile(whole) as archive:
                _check(_in_zip(archive, whole), report)
    except Exception as why:  # noqa: BLE001 - whatever a pack is made of, the answer is an answer
        known = isinstance(why, (NoPackError, OSError, zipfile.BadZipFile))
        told = str(why) if known else f"{report.at} cannot be read, or is not made as in a pack"
        report.need(False, f"this is no evidence pack, or it was spoilt, and the rest was not checked: {told}")
    return report


def _in_folder(top: Path) -> Files:
    paths = [path for path in top.rglob("*") if path.is_symlink() or not path.is_dir()]
    for path in paths:
        if path.is_symlink() or not path.is_file():
            raise NoPackError(f"{path.name} is a link or a device")
    return {p.relative_to(top).as_posix(): (p.stat().st_size, lambda p=p: p.open("rb")) for p in paths}


def _in_zip(archive: zipfile.ZipFile, whole: IO[bytes]) -> Files:
    """Its files, which must lie end to end from the first byte to the list of them, and that at the very end."""
    entries, place = sorted(archive.infolist(), key=lambda entry: entry.header_offset), 0
    top = entries[0].orig_filename.split("/")[0] + "/"
    found: Files = {}
    for entry in entries:
        path, name = entry.orig_filename, entry.orig_filename[len(top) :]
        if not path.startswith(top):
            raise NoPackError(f"{path!r} does not lie in the one folder of the zip, {top!r}")
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR) or entry.flag_bits & 9:
            raise NoPackError(f"{path!r} is a link, a device, encrypted or of unknown length")
        if name in found:
            raise NoPackError(f"{path!r} is there twice")
        whole.seek(entry.header_offset + 26)  # where the lengths of its name and of what follows that stand
        lengths = whole.read(4)
        if entry.header_offset != place:
            break
        place += 30 + sum(int.from_bytes(part, "little") for part in (lengths[:2], lengths[2:])) + entry.compress_size
        if not (path.endswith("/") and entry.file_size == 0):
            found[name] = (entry.file_size, lambda entry=entry: archive.open(entry))
    whole.seek(-22, 2)
    if place != archive.start_dir or whole.read(4) != b"PK\5\6":
        raise NoPackError("the zip holds something besides its files")
    return found


def _check(files: Files, report: Report) -> None:
    text = sum(size for path, (size, _) in files.items() if path.endswith(TEXT))
    if len(files) > MOST_FILES or text > MOST_TEXT or sum(size for size, _ in files.values()) > MOST_BYTES:
        raise NoPackError("more than any pack has")
    listed = _manifest(files, report)
    content: dict[str, tuple[str, bytes]] = {}
    for path in sorted(set(files) - set(listed)):
        report.need(False, f"{path} is not part of the pack")
    for path, (size, digest) in sorted(listed.items()):
        if report.need(path in files and files[path][0] == size, f"{path} is gone or has another length"):
            content[path] = _read(*files[path], keep=path.endswith(TEXT))
            report.need(content[path][0] == digest, f"{path} was changed")
    if not report.wrong:
        report.say("ok", f"all {len(listed)} files are as manifest.json lists them, and there are no others")
    _Pack(content, report).check()


def _manifest(files: Files, report: Report) -> dict[str, tuple[int, str]]:
    if "manifest.json" not in files:
        raise NoPackError("there is no manifest.json")
    digest, content = _read(*files.pop("manifest.json"), keep=True)
    listed = {entry["path"]: (entry["size"], entry["sha256"]) for entry in json.loads(content.decode("utf-8"))["files"]}
    said = [{"path": path, "size": size, "sha256": sha256} for path, (size, sha256) in listed.items()]
    if spelled({"format": FORMAT, "files": said}) != content or not all(map(PATH.fullmatch, listed)):
        raise NoPackError(f"manifest.json was changed, or is not one of {FORMAT!r}")
    report.say("note", f"manifest.json has the sha256 {digest}: compare it with what was noted at the export")
    return listed


def _read(size: int, opened: Callable[[], IO[bytes]], *, keep: bool) -> tuple[str, bytes]:
    """Read no more than was announced; give its sha256, and the bytes where we go on with them."""
    digest, kept, left = hashlib.sha256(), bytearray(), size + 1
    with opened() as stream:
        while left and (piece := stream.read(min(1 << 20, left))):
            left -= len(piece)
            digest.update(piece)
            kept += piece if keep else b""
    return digest.hexdigest(), bytes(kept)


def spelled(value: Any) -> bytes:
    """The spelling of the JSON files that were made for the pack."""
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def named(brought: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The files of a scan by view, kind and sha256: those that came, and the clean pictures made from them."""
    found: list[tuple[str, str, str]] = []
    for view in brought["pictures"]:
        found += [(view["name"], "original", digest) for digest in view["originals"]]
        found += [(view["name"], "clean", view["sha256"])] if view["sha256"] else []
    return found


def unshown(rows: list[int], newest: int) -> set[str]:
    """The ledger rows after the last one of a scan that are not brought: a later verdict on it can stand there."""
    told = f"ledger rows {rows[-1] + 1} to {newest}, and whether this scan has a later verdict there"
    return {told} if rows[-1] < newest else set()


class _Pack:
    """The files of a pack, held against one another."""

    def __init__(self, content: dict[str, tuple[str, bytes]], report: Report) -> None:
        self.content, self.report, self.need = content, report, report.need
        self.spoken_of = set(ALWAYS)
        self.absent: set[str] = set()
        self.own: list[dict[str, Any]] = []  # the ledger rows of this scan
        self.scan, self.brought = self.json("scan.json"), self.json("brought.json")
        self.verdicts, self.ledger = self.json("verdicts.json")["verdicts"], self.json("ledger.json")

    def text(self, path: str) -> bytes | None:
        self.report.at = path
        self.spoken_of.add(path)
        return self.content[path][1] if path in self.content else None

    def json(self, path: str) -> Any:
        """A file as a value. What the box did not hash letter by letter has one spelling, and nothing more in it."""
        text = self.text(path) or b""
        value = json.loads(text.decode("utf-8"))
        if path in KEYS:
            own, _, each = KEYS[path].partition(":")
            entries = value[own.split()[0]] if each else ()
            if set(value) != set(own.split()) or any(set(entry) != set(each.split()) for entry in entries):
                raise NoPackError(f"{path} holds more or less than a pack's")
            self.need(spelled(value) == text, f"{path} is not spelled as a pack's files are")
        return value

    def check(self) -> None:
        self.check_pictures()
        self.check_chain()
        said: Any = {}
        for number, row in enumerate(self.own, 1):
            said = self.check_verdict(number, self.verdicts[number - 1], row)
        shows = [self.scan[key] for key in ("risk", "action", "degraded")]
        says = [said.get("risk_level"), said.get("recommended_action"), "; ".join(said.get("degraded", ())) or None]
        self.need(shows == says, "scan.json shows something else than the newest verdict says")
        self.absent |= set() if self.verdicts else {"verdict"}
        declared = {piece["piece"]: piece["why"] for piece in self.json("missing.json")["missing"]}
        for piece in sorted(self.absent | set(declared)):
            if self.need(piece in self.absent and piece in declared, f"missing.json tells it otherwise: {piece}"):
                self.report.missing += 1
                self.report.say("missing", f"{piece}: {declared[piece]}")
        for path in sorted((set(self.content) - self.spoken_of) | (ALWAYS - set(self.content))):
            self.need(False, f"{path} is not part of a pack like this, or is gone from it")

    def check_pictures(self) -> None:
        """The files are the bytes that the scan names by their digests."""
        pieces, held = self.json("pictures.json")["pictures"], 0
        said = [(p["view"], p["kind"], p["sha256"]) for p in pieces]
        self.need(said == named(self.brought), "pictures.json names other pictures than brought.json")
        for piece in pieces:
            path, digest = piece["file"], piece["sha256"]
            if path is not None:
                self.spoken_of.add(path)
                held += self.need(self.content.get(path, ("",))[0] == digest, f"{path} is not the picture {digest}")
            elif piece["kind"] == "original":
                self.absent.add(f"original {digest}")
            else:
                self.report.say("note", f"the clean picture {digest} is not here: {piece['why_not']}")
        self.report.say("ok", f"{held} pictures are the bytes that the scan names by their sha256")

    def check_chain(self) -> None:
        """Each ledger row follows the one before it, and no verdict of the scan is left out where rows are shown."""
        rows, newest, wrong = self.ledger["rows"], self.ledger["newest"], self.report.wrong
        there: dict[int, str] = {}
        wanted: set[int] = set()
        last = 0
        for row in rows:
            seq, body, previous = row["seq"], json.loads(row["body"]), row["previous"]
            hashed = sha256(f"{previous}\n{row['body']}".encode())
            self.need(hashed == row["hash"] and body["seq"] == seq, f"ledger row {seq} was changed")
            before = there.get(seq - 1, "0" * 64 if seq == 1 else previous)
            self.need(seq > last and previous == before, f"ledger row {seq} does not follow the row before it")
            there[seq], last = row["hash"], seq
            if (body["scan_id"], body["revision"]) == (self.scan["scan_id"], self.scan["revision"]):
                self.own.append(row)
                wanted = set(range(seq, min(seq + FOLLOWING, newest["seq"]) + 1))
                nth, own = body.get("nth"), len(self.own)
                self.absent |= {f"the number of verdict {own}"} if nth is None else set()
                self.need(nth in (None, own), f"verdicts were left out: verdict {nth} is brought as {own}")
        if [row["verdict"] for row in self.own] != [verdict["id"] for verdict in self.verdicts]:
            raise NoPackError("verdicts.json has not the verdicts that the ledger has on this scan, in their order")
        self.need(wanted <= set(there), f"ledger rows were left out: {sorted(wanted - set(there))}")
        if rows:
            fits = set(newest) == {"seq", "hash"} and there.get(newest["seq"], newest["hash"]) == newest["hash"]
            self.need(fits and last <= newest["seq"], "ledger.json names another newest row than it shows")
            self.absent |= unshown(list(there), newest["seq"])
            if self.report.wrong == wrong:
                self.report.say("ok", f"{len(rows)} ledger rows each follow the one before, where none is missing")
            self.report.say("note", f"the newest row at the export was {newest['seq']}, with the hash {newest['hash']}")

    def check_verdict(self, number: int, verdict: dict[str, Any], row: dict[str, Any]) -> Any:
        """A verdict is what the ledger recorded, and speaks of this scan, its pictures and a rulebook that is here."""
        name, wrong = f"verdict {number}", self.report.wrong
        parts = {part: self.text(f"verdicts/{number}/{part}.json") for part in PARTS}
        document, circumstances = parts["document"] or b"{}", parts["circumstances"]
        recorded = json.loads(row["body"])
        found = {key: self.scan[key] for key in BOUND}
        found.update({part: text if text is None else sha256(text) for part, text in parts.items()})
        found.update({key: verdict[key] for key in ("risk", "action")}, judged_at=verdict["at"])
        found.update(
            {"nth": number} if "nth" in recorded else {},
            seq=row["seq"],
            at=recorded["at"],
            brought=self.content["brought.json"][0],
        )
        if circumstances is None:
            del found["circumstances"]
            self.absent.add(f"circumstances of {name}")
        spelling = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        differs = [key for key in sorted({*found, *recorded}) if found.get(key, "") != recorded.get(key, "")]
        self.need(spelling == row["body"], f"{name} is not what its ledger row recorded: {', '.join(differs)}")
        said = json.loads(document)
        spoken = [said[key] for key in ("scan_id", "risk_level", "recommended_action", "provenance")]
        listed = [self.scan["scan_id"], *(verdict[key] for key in ("risk", "action", "provenance"))]
        self.need(spoken == listed, f"{name} says something else than verdicts.json")
        for kind, key in (("original", "originals"), ("clean", "pictures")):
            came = [f"sha256:{digest}" for _, what, digest in named(self.brought) if what == kind]
            self.need(said["provenance"][key] == came, f"{name} was given on other {key} than this scan's")
        digest = said["provenance"]["rulebook"].rpartition("sha256:")[2]
        self.need(json.loads(circumstances or b"{}").get("rulebook", digest) == digest, f"{name} names two rulebooks")
        self.check_rulebook(name, digest)
        if self.report.wrong == wrong:
            self.report.say("ok", f"{name} ({verdict['at']}, {verdict['action']}) is what the ledger recorded")
        return said

    def check_rulebook(self, name: str, digest: str) -> None:
        """The rules are, letter by letter, those that a verdict names."""
        sealed = self.text(f"rulebooks/{digest}.json")
        if sealed is None:
            self.absent.add(f"rulebook {digest}")
            return
        self.need(sha256(sealed) == digest, f"rulebooks/{digest}.json is not the rulebook of {name}")
        for part, written in json.loads(sealed).items():
            path = f"rulebooks/{digest}/{part}.yaml"
            same = self.text(path) == (None if written is None else written.encode())
            self.need(same, f"{path} is not what the sealed rulebook says")


def main(arguments: list[str]) -> int:
    """Check what is named, or the folder that this file lies in, and tell."""
    place = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    if len(arguments) > 1 or not place.exists():
        lost = "" if arguments[0].startswith("-") else f"{' '.join(arguments)!a} is no file or folder that is here.\n\n"
        sys.stdout.write(lost + (__doc__ or ""))
        return 2
    report = check(place)
    ends = {0: "ALL HOLDS", 1: "WRONG: do not rely on this pack", 3: "NOTHING IS WRONG, BUT PIECES ARE MISSING"}
    for line in [*report.lines, ends[report.code]]:  # escaped: a pack may hold what would move a terminal's cursor
        sys.stdout.write(line.encode("unicode_escape").decode() + "\n")
    return report.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
