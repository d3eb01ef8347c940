"""What `lanewatch --version` says."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from appliance.commands.common import DEFAULT_CONFIG
from appliance.settings import EngineSettings, Settings


def about() -> None:
    """Say our version and those of what a verdict depends on."""
    from appliance.health import version
    from appliance.operations import gpus

    settings = _settings()
    print(f"lanewatch {version()}")
    print(f"rulebook {_rulebook(settings)}")
    print(f"release {settings.engine.release if settings else EngineSettings().release}")
    print(f"sqlite {sqlite3.sqlite_version}")
    print(f"driver {gpus.driver() or 'none'}")


def _settings() -> Settings | None:
    """Of the box that is configured here, if one is."""
    from appliance.config import read_settings
    from appliance.errors import ConfigError

    try:
        return read_settings(Path(os.environ.get("LANEWATCH_CONFIG") or DEFAULT_CONFIG))
    except ConfigError:
        return None


def _rulebook(settings: Settings | None) -> str:
    """The one in force, or the one a box begins with."""
    from appliance.rules import texts
    from appliance.store.rulebooks import in_force

    with contextlib.suppress(sqlite3.Error):
        path = settings.storage.root / "lanewatch.db" if settings else Path()
        if path.is_file():
            with contextlib.closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as db:
                db.row_factory = sqlite3.Row
                if now := in_force(db):
                    return f"{now.name} sha256:{now.digest}, level {now.level}"
    return f"{texts.DEFAULT} sha256:{texts.default().digest}"
