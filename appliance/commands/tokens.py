"""`lanewatch tokens`: let machines in, and out again. Spoken through the running daemon, which alone writes."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from cyclopts import Parameter

from appliance.commands.common import DEFAULT_CONFIG, Config, Json, ask_daemon, show_json, show_table
from appliance.commands.telling import when


def add(
    name: str,
    /,
    *,
    scope: Annotated[str, Parameter(help="inspect, read, or both with a comma.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Make a token and print it, this once."""
    scopes = [part.strip() for part in scope.split(",") if part.strip()]
    print(ask_daemon(config, "POST", "/control/tokens", {"name": name, "scopes": scopes})["token"])


def list_(*, config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """List the tokens, never their secrets."""
    found = ask_daemon(config, "GET", "/control/tokens")["tokens"]
    if json:
        show_json(found)
        return
    rows = [
        (t["name"], ",".join(t["scopes"]), when(t["made_at"]), when(t["revoked_at"]) if t["revoked_at"] else "in use")
        for t in found
    ]
    show_table(("name", "scopes", "made", "revoked"), rows)


def revoke(name: str, /, *, config: Config = DEFAULT_CONFIG) -> None:
    """End a token for good."""
    ask_daemon(config, "DELETE", f"/control/tokens/{quote(name, safe='')}")
    print(f"{name}: revoked")
