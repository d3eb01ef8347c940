"""Read the configuration of one box: one YAML file, and the environment's word over it.

Takes the file and the environment (`LANEWATCH_SECTION__KEY`, secrets also by
`..._FILE`), gives `Settings`. What there is to be set is said in `settings.py`.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

from appliance.errors import ConfigError, ConfigMissingError
from appliance.located import Document, Step, point_at, read_model
from appliance.settings import Settings

PREFIX = "LANEWATCH_"
"""What every override in the environment begins with."""


class Placed(NamedTuple):
    """Settings, and where each of them stands."""

    settings: Settings
    tell: Callable[[tuple[Step, ...], str], str]
    """A sentence about a key, with the key's place and name before it."""


def read_settings(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the file and apply the environment's overrides; relative paths count from the file's folder."""
    return read_placed(path, environment).settings


def read_placed(path: Path, environment: Mapping[str, str] | None = None) -> Placed:
    """The same, for whoever has to say more about it."""
    document = Document(_text(path), str(path))
    content = document.plain()
    if not isinstance(content, dict):
        raise ConfigError(f"{path}:1:1: not a mapping", hint="start with `site:` and `sources:`")
    settled = cast("dict[str, Any]", content)
    elsewhere = _override(settled, os.environ if environment is None else environment)
    settings = read_model(document, Settings, settled, elsewhere=elsewhere, context=path.resolve().parent)

    def tell(at: tuple[Step, ...], words: str) -> str:
        return f"{point_at(document, at, elsewhere)[0]}: {'.'.join(str(step) for step in at)}: {words}"

    return Placed(settings, tell)


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as problem:
        hint = "give the configuration with --config FILE"
        raise ConfigMissingError(f"{path}: {problem.strerror}", hint=hint) from problem
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        before = raw[: problem.start]
        line, column = before.count(b"\n") + 1, problem.start - before.rfind(b"\n")
        raise ConfigError(f"{path}:{line}:{column}: not UTF-8", hint="save it as text in UTF-8") from problem


def _override(content: dict[str, Any], environment: Mapping[str, str]) -> dict[tuple[Step, ...], str]:
    """LANEWATCH_DASHBOARD__BIND=... replaces dashboard.bind; gives what was replaced, and by which variable."""
    replaced: dict[tuple[Step, ...], str] = {}
    for name, given in sorted(environment.items()):
        section, double, key = name.removeprefix(PREFIX).lower().partition("__")
        if not name.startswith(PREFIX) or not double or not given:
            continue
        if section not in Settings.model_fields or section == "sources":
            known = ", ".join(known for known in Settings.model_fields if known != "sources")
            raise ConfigError(f"{name}: no such section", hint=f"known: {known}")
        part: Any = content.setdefault(section, {})
        if not isinstance(part, dict):
            raise ConfigError(f"{name}: {section} is not a mapping in the file")
        key, value = _value(name, section, key, given)
        cast("dict[str, Any]", part)[key] = value
        replaced[section, key] = name
    return replaced


def _value(name: str, section: str, key: str, given: str) -> tuple[str, Any]:
    """The key that is meant and its value: as text, or what JSON says where it is a list, a mapping or null."""
    if key.endswith("_file") and key not in _keys(section):
        key = key.removesuffix("_file")
        try:
            given = Path(given).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise ConfigError(f"{name}: {given}: {getattr(problem, 'strerror', None) or 'not UTF-8'}") from problem
    if given == "null" or given.startswith(("[", "{")):
        with contextlib.suppress(ValueError):  # an address such as [::1]:80 begins like a list
            return key, json.loads(given)
    return key, given


def _keys(section: str) -> set[str]:
    model: Any = Settings.model_fields[section].annotation
    return set(model.model_fields)
