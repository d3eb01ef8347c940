"""`lanewatch check`: is the configuration right, and does it fit this machine?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from appliance.commands.common import DEFAULT_CONFIG, Config, Json, show_json

if TYPE_CHECKING:
    from appliance.settings import Settings


def check(*, config: Config = DEFAULT_CONFIG, json: Json = False) -> int:
    """Check the configuration without starting anything; errors come as file:line:column."""
    from appliance.config import read_settings
    from appliance.errors import ConfigError

    try:
        problems = list(_unfit(read_settings(config)))
    except ConfigError as problem:
        problems = str(problem).splitlines()
    if json:
        show_json({"config": str(config), "ok": not problems, "problems": problems})
    elif problems:
        print("\n".join(problems), file=sys.stderr)
    else:
        print(f"{config}: ok")
    return 1 if problems else 0


def _unfit(settings: Settings) -> Iterator[str]:
    """What the configuration names but this machine does not have."""
    from appliance.errors import LanewatchError
    from appliance.intake.zeromq.auth import read_secret_key
    from appliance.kinds import LONGEST_SOCKET
    from appliance.settings import FolderSource, ZeromqSource

    for key, path in (
        ("engine.socket", settings.engine.socket),
        ("storage.root", settings.storage.root / "run" / "control.sock"),
    ):
        if len(bytes(path)) > LONGEST_SOCKET:
            yield f"{key}: {path} is longer than {LONGEST_SOCKET} bytes, too long for a socket"
    for source in settings.sources:
        if isinstance(source, FolderSource) and not source.path.is_dir():
            yield f"sources: {source.name}: {source.path} is not there; the box would wait for it"
        if isinstance(source, ZeromqSource) and source.secret_key_file:
            try:
                read_secret_key(source.secret_key_file)
            except (LanewatchError, OSError) as problem:
                yield f"sources: {source.name}: {problem}"
