"""What the commands share: the configuration, a look into the store, the running daemon, and how they print."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import unicodedata
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from appliance.errors import ConfigError, LanewatchError

if TYPE_CHECKING:
    import sqlite3

DEFAULT_CONFIG = Path("/etc/lanewatch/appliance.yaml")

Config = Annotated[Path, Parameter(name=["--config", "-c"], env_var="LANEWATCH_CONFIG", help="The configuration file.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON for programs.")]


class UnreachableError(LanewatchError):
    """Something a command needs is not there. The command ends with 3."""


class UsageError(LanewatchError):
    """The command was given what it cannot take. It ends with 2."""


def exit_code(problem: LanewatchError | OSError) -> int:
    """What a command ends with that this stopped. The table stands in README.md."""
    if isinstance(problem, UsageError):
        return 2
    return 3 if isinstance(problem, UnreachableError | ConfigError | OSError) else 1


def explained(problem: LanewatchError | OSError) -> str:
    """One line for the person at the terminal."""
    if isinstance(problem, LanewatchError) or not problem.filename:
        return str(problem)
    return f"{problem.filename}: {problem.strerror}"


@contextlib.contextmanager
def reading(config: Path) -> Generator[sqlite3.Connection]:
    """Open the store to read, whether the daemon runs or not."""
    import sqlite3
    from urllib.parse import quote

    from appliance.config import read_settings

    path = read_settings(config).storage.root / "lanewatch.db"
    if not path.exists():
        raise UnreachableError(f"{path}: there is no store yet", hint=f"start it: lanewatch run --config {config}")
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            yield connection
    except sqlite3.Error as problem:
        raise UnreachableError(
            f"{path}: {problem}", hint="run this as the user the box runs as; if it stays: lanewatch doctor"
        ) from problem


def ask_daemon(config: Path, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Speak with the running daemon through its control socket."""
    from http import HTTPStatus

    from appliance.commands import control
    from appliance.config import read_settings

    door = read_settings(config).storage.root / "run" / "control.sock"
    try:
        status, parsed = control.ask(door, method, path, body)
    except PermissionError as problem:
        raise UnreachableError(f"{door}: {problem.strerror}", hint="run this as the user the box runs as") from problem
    except (OSError, ValueError) as problem:
        raise UnreachableError(
            f"{door}: {getattr(problem, 'strerror', None) or problem}",
            hint=f"start it: lanewatch run --config {config}",
        ) from problem
    if status >= HTTPStatus.BAD_REQUEST:
        told = str(parsed.get("detail") or parsed.get("title") or HTTPStatus(status).phrase)
        kinds = {
            HTTPStatus.BAD_REQUEST: UsageError,
            HTTPStatus.UNPROCESSABLE_ENTITY: UsageError,
            HTTPStatus.NOT_FOUND: UnreachableError,
        }
        raise kinds.get(HTTPStatus(status), LanewatchError)(told, hint=str(parsed.get("hint") or ""))
    return parsed


def printable(text: str) -> str:
    """Text that came from outside, without what could move a terminal's cursor or clear its screen."""
    return "".join("?" if unicodedata.category(character) in ("Cc", "Cs") else character for character in text)


def show_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def show_table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """A table for people; plain lines with tabs where nobody watches."""
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            print("\t".join(printable(cell) for cell in row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console(no_color="NO_COLOR" in os.environ).print(table)
