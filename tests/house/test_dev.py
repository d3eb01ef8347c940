"""The door itself: ./dev, run for real in copies of what it needs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT, verbs

TOOLS = ("cat", "cksum", "dirname", "flock", "grep", "id", "ls", "mkdir", "rm", "sed", "tr")


def dev(root: Path, *words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a ./dev by any POSIX shell."""
    environment = {**os.environ, "PATH": path or os.environ["PATH"]}
    return subprocess.run(
        ["/bin/sh", root / "dev", *words], env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(name="bare")
def bare_copy(tmp_path: Path) -> Path:
    """A copy without an environment, in a folder whose name has a space."""
    root = tmp_path / "a clone"
    shutil.copytree(ROOT / "requirements", root / "requirements")
    for name in ("dev", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    return root


@pytest.fixture(name="tools")
def tools_without_python(tmp_path: Path) -> Path:
    """A search path with the tools of a bare Debian, but no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        if found := shutil.which(tool):
            (folder / tool).symlink_to(found)
    return folder


def test_help_lists_every_verb_the_script_knows() -> None:
    """The usage comes from the script's comments, and no verb is missing from it."""
    script = (ROOT / "dev").read_text()
    asked = dev(ROOT, "--help")
    assert asked.returncode == 0
    assert asked.stderr == ""
    assert all(f"\n  {verb} " in asked.stdout for verb in verbs())
    known = script.split("case $verb in", 1)[1]
    assert [verb for verb in verbs() if verb not in known] == []


@pytest.mark.parametrize("words", [(), ("frobnicate",), ("sync", "everything"), ("bench", "nothing-such")])
def test_wrong_use_is_told_apart_from_failure(words: tuple[str, ...]) -> None:
    """Exit code 2 and a word about what would be right."""
    asked = dev(ROOT, *words)
    assert asked.returncode == 2
    assert asked.stderr


def test_a_machine_without_python_is_told_what_is_missing(bare: Path, tools: Path) -> None:
    """Exit code 3, and the message names the versions that would do."""
    asked = dev(bare, "test", path=str(tools))
    assert asked.returncode == 3
    assert "no Python 3.11 or newer found" in asked.stderr


def test_a_python_that_is_too_old_does_not_count(bare: Path, tools: Path) -> None:
    """A python3 that says it does not suit is passed over."""
    old = tools / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    assert "no Python 3.11 or newer found" in dev(bare, "test", path=str(tools)).stderr


def test_an_environment_copied_from_elsewhere_is_not_trusted(bare: Path, tools: Path) -> None:
    """Its scripts still point at the old folder, so it is made anew (which fails here, for lack of a Python)."""
    stale = bare / ".venv/bin"
    stale.mkdir(parents=True)
    (stale / "python").symlink_to("/bin/true")
    (stale / "activate").write_text('VIRTUAL_ENV="/elsewhere/.venv"\n')
    (bare / ".venv/stamp").write_text("dev 1 2 /elsewhere\n")
    assert dev(bare, "test", path=str(tools)).returncode == 3


def test_the_door_is_plain_posix_shell() -> None:
    """The scripts parse in the shells they name, and can be executed."""
    for script, shell in (("dev", "sh"), (".ci/run", "bash")):
        assert os.access(ROOT / script, os.X_OK)
        subprocess.run([shell, "-n", ROOT / script], check=True)
