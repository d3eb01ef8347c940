"""The files of the repository as the rules of the house see them: all but what .gitignore names, git or no git."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("appliance", "models", "provisioning", "training")


@cache
def files() -> tuple[Path, ...]:
    """Every file, in order."""
    return tuple(sorted(_walk(ROOT)))


def texts(*suffixes: str) -> tuple[tuple[Path, str], ...]:
    """Every file that is text, with its content; only those with one of the suffixes, if any are given."""
    chosen = [path for path in files() if not suffixes or path.suffix in suffixes]
    return tuple((path, text) for path in chosen if (text := _text(path)) is not None)


def name(path: Path) -> str:
    """How a file is called from the root."""
    return path.relative_to(ROOT).as_posix()


def usage() -> str:
    """What `./dev --help` says: its own first comment."""
    comment = re.match(r"#!.*\n((?:#.*\n)+)", (ROOT / "dev").read_text())
    assert comment
    return re.sub(r"(?m)^# ?", "", comment[1])


def verbs() -> tuple[str, ...]:
    """The verbs `./dev` offers."""
    return tuple(re.findall(r"(?m)^  ([a-z]+) ", usage()))


def _walk(folder: Path) -> list[Path]:
    found: list[Path] = []
    for path in folder.iterdir():
        if path.name == ".git" or _ignored(path):
            continue
        if path.is_dir() and not path.is_symlink():
            found += _walk(path)
        elif path.is_file():
            found.append(path)
    return found


def _ignored(path: Path) -> bool:
    name_in_root = f"/{path.name}" if path.parent == ROOT else path.name
    return any(fnmatch(path.name, pattern) or fnmatch(name_in_root, pattern) for pattern in _ignore_patterns())


@cache
def _ignore_patterns() -> tuple[str, ...]:
    lines = (ROOT / ".gitignore").read_text().splitlines()
    return tuple(line.rstrip("/") for line in lines if line and not line.startswith("#"))


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return None
