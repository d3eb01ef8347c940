"""What `lanewatch --version` says."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from appliance.commands.common import DEFAULT_CONFIG


def about() -> None:
    """Say our version and those of what a verdict depends on."""
    from appliance.health import version
    from appliance.rules.judge import RULEBOOK

    print(f"lanewatch {version()}")
    print(f"rulebook {RULEBOOK}")
    print(f"release {_release()}")
    print(f"sqlite {sqlite3.sqlite_version}")
    print(f"driver {_driver()}")


def _release() -> str:
    """The release this box is configured for, or the one it would have without a configuration."""
    from appliance.config import read_settings
    from appliance.errors import ConfigError
    from appliance.settings import EngineSettings

    try:
        return read_settings(Path(os.environ.get("LANEWATCH_CONFIG") or DEFAULT_CONFIG)).engine.release
    except ConfigError:
        return EngineSettings().release


def _driver() -> str:
    import pynvml  # pyright: ignore[reportMissingTypeStubs] - it ships none

    try:
        pynvml.nvmlInit()
        return str(pynvml.nvmlSystemGetDriverVersion())
    except pynvml.NVMLError:
        return "none"
