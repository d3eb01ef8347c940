"""What is installed: named once, pinned, with digests, the same everywhere."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.house.tree import ROOT

SETS = ("appliance", "cpu", "dev", "gpu", "quantize", "uv")
PINNED = re.compile(r"(?m)^([a-z0-9-]+)==([^ ]+)(?: ; (.+?))? \\$")


def asked(set_name: str) -> set[str]:
    """The names a set asks for itself, without those of the sets it builds on."""
    lines = (ROOT / f"requirements/{set_name}.in").read_text().splitlines()
    return {_bare(line) for line in lines if line and line[0] not in "#-"}


def asked_in_all(set_name: str) -> set[str]:
    """The names a set asks for, with those of the sets it builds on."""
    below = re.findall(r"(?m)^-r ([a-z]+)\.in$", (ROOT / f"requirements/{set_name}.in").read_text())
    return asked(set_name).union(*map(asked_in_all, below))


def pins(set_name: str) -> dict[str, set[str]]:
    """The versions a set installs, by name."""
    found: dict[str, set[str]] = {}
    for package, version, _ in PINNED.findall((ROOT / f"requirements/{set_name}.txt").read_text()):
        found.setdefault(package, set()).add(version)
    return found


@pytest.mark.parametrize("set_name", SETS)
def test_everything_is_pinned_with_its_digests(set_name: str) -> None:
    """Each requirement is an exact version with at least one digest, and no index is named."""
    text = (ROOT / f"requirements/{set_name}.txt").read_text()
    entries = [entry for entry in re.split(r"(?m)^(?=[^\s#])", text) if entry and not entry.startswith("#")]
    assert [entry for entry in entries if not PINNED.match(entry) or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("set_name", SETS)
def test_what_is_asked_for_is_locked(set_name: str) -> None:
    """Every name of the .in file stands in the .txt file; otherwise run ./dev lock."""
    assert asked_in_all(set_name) - pins(set_name).keys() == set()


@pytest.mark.parametrize("set_name", ["cpu", "dev", "gpu"])
def test_sets_agree_on_versions(set_name: str) -> None:
    """What is in the appliance's set has one of the same versions in every set that runs beside it."""
    small, large = pins("appliance"), pins(set_name)
    assert {package for package in small.keys() & large.keys() if not large[package] <= small[package]} == set()


def test_the_project_asks_for_what_the_sets_ask_for() -> None:
    """pyproject.toml and requirements/*.in name the same packages for the daemon and for development."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {_bare(line) for line in project["dependencies"]} == asked("appliance")
    assert {_bare(line) for line in project["optional-dependencies"]["dev"]} == asked("dev")
    engines = {name for extra in ("vlm", "yolo", "train") for name in project["optional-dependencies"][extra]}
    assert {_bare(line) for line in engines} - asked("dev") == asked("engines") | asked("gpu")


def _bare(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert match
    return re.sub(r"[_.-]+", "-", match[0]).lower()
