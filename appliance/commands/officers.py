"""`lanewatch officers`: who may sit at the desk. Spoken through the running daemon, which alone writes."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from cyclopts import Parameter

from appliance.commands.common import DEFAULT_CONFIG, Config, Json, ask_daemon, show_json, show_table
from appliance.commands.telling import when

Role = Annotated[
    Literal["officer", "supervisor", "administrator", "auditor"], Parameter(help="What they may do; see docs/desk.md.")
]


def add(name: str, /, *, role: Role, config: Config = DEFAULT_CONFIG) -> None:
    """Let somebody in and print the code by which they choose a password, this once; it lasts a day."""
    print(ask_daemon(config, "POST", "/control/officers", {"name": name, "role": role})["code"])


def list_(*, config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """List everybody, never their secrets."""
    found = ask_daemon(config, "GET", "/control/officers")["officers"]
    if json:
        show_json(found)
        return
    rows = [(o["shown"], o["role"], _standing(o), when(o["made_at"]), o["made_by"]) for o in found]
    show_table(("name", "role", "", "added", "by"), rows)


def disable(name: str, /, *, config: Config = DEFAULT_CONFIG) -> None:
    """Shut the door to somebody, at once."""
    ask_daemon(config, "DELETE", f"/control/officers/{quote(name, safe='')}")
    print(f"{name}: disabled")


def reset(name: str, /, *, config: Config = DEFAULT_CONFIG) -> None:
    """Print a code by which somebody chooses a new password; the old one and their sessions end now."""
    print(ask_daemon(config, "POST", f"/control/officers/{quote(name, safe='')}/code", {"purpose": "password"})["code"])


def enter(name: str, /, *, config: Config = DEFAULT_CONFIG) -> None:
    """Print a code that lets somebody in once without a password; it lasts ten minutes."""
    print(ask_daemon(config, "POST", f"/control/officers/{quote(name, safe='')}/code", {"purpose": "enter"})["code"])


def _standing(officer: dict[str, Any]) -> str:
    if officer["disabled_at"]:
        return f"disabled {when(officer['disabled_at'])}"
    return "" if officer["has_password"] else "no password yet"
