"""`lanewatch check`: is the configuration right, and does it fit this machine?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from appliance.commands.common import DEFAULT_CONFIG, Config, Json, show_json

if TYPE_CHECKING:
    from appliance.config import Placed


def check(*, config: Config = DEFAULT_CONFIG, json: Json = False) -> int:
    """Check the configuration without starting anything; what is wrong comes as file:line:column."""
    from appliance.config import read_placed
    from appliance.errors import ConfigError, ConfigMissingError

    try:
        problems = list(_unfit(read_placed(config)))
    except ConfigMissingError:
        raise
    except ConfigError as problem:
        problems = str(problem).splitlines()
    if json:
        show_json({"config": str(config), "ok": not problems, "problems": problems})
    elif problems:
        print("\n".join(problems), file=sys.stderr)
    else:
        print(f"{config}: ok")
    return 1 if problems else 0


def _unfit(placed: Placed) -> Iterator[str]:
    """What the configuration names but this machine or this version does not have."""
    from appliance.dashboard.tls import context_of
    from appliance.errors import LanewatchError
    from appliance.intake.zeromq.auth import read_secret_key
    from appliance.kinds import LONGEST_SOCKET
    from appliance.settings import FolderSource, ZeromqSource
    from models.needs import lack
    from models.release import ABOUT, find

    settings, tell = placed
    for key, path in (
        (("engine", "socket"), settings.engine.socket),
        (("storage", "root"), settings.storage.root / "run" / "control.sock"),
    ):
        if len(bytes(path)) > LONGEST_SOCKET:
            yield tell(key, f"{path} is longer than {LONGEST_SOCKET} bytes, too long for a socket")
    if trouble := lack(settings.engine.backend):
        yield tell(("engine", "backend"), f"{trouble}; every scan would be REVIEW")
    if settings.engine.backend != "canned" and not (find(settings.engine.release) / ABOUT).is_file():
        yield tell(("engine", "release"), f"{settings.engine.release}: there is no {ABOUT} in this folder")
    try:
        context_of(settings.dashboard)
    except LanewatchError as problem:
        yield tell(("dashboard", "certificate"), str(problem))
    for number, source in enumerate(settings.sources):
        if isinstance(source, FolderSource) and not source.path.is_dir():
            yield tell(("sources", number, "path"), f"{source.path} is not there; the box would wait for it")
        if isinstance(source, ZeromqSource) and source.secret_key_file:
            try:
                read_secret_key(source.secret_key_file)
            except (LanewatchError, OSError) as problem:
                yield tell(("sources", number, "secret_key_file"), str(problem))
