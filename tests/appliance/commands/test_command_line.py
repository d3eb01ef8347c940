"""The command line as such: help, versions, exit codes, where things are printed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.__main__ import COMMANDS, GROUPS
from tests.appliance.commands.conftest import lanewatch
from tests.box import ROOT

PATHS = [path for path, *_ in COMMANDS]
FILES_FIRST = ("rules check", "rules test", "rules activate")
"""Commands that read the file they are given before they ask where the box is."""


@pytest.mark.parametrize("path", ["", *GROUPS, *PATHS, "--version"])
def test_every_command_has_a_help_with_an_example(path: str) -> None:
    said = lanewatch(*path.split(), "-h")
    assert (said.code, said.err) == (0, "")
    assert re.search(rf"^Example: lanewatch {path}", said.out, re.MULTILINE)


def test_help_has_a_long_name_too() -> None:
    assert lanewatch("scans", "list", "--help") == lanewatch("scans", "list", "-h")


def test_the_examples_of_help_are_commands_that_exist() -> None:
    """An example is given to the command it stands under, which takes it up to what it then lacks on this machine."""
    for path, _, _, example in COMMANDS:
        if path in ("run", "demo"):
            continue
        words = [word for word in shlex.split(example.split(" > ")[0]) if word not in ("--config", "appliance.yaml")]
        said = lanewatch(*path.split(), *words, LANEWATCH_CONFIG="/nowhere/appliance.yaml")
        assert said.code == 3, (path, said)
        lacks = words[0] if path in FILES_FIRST else "/nowhere/appliance.yaml"
        assert f"{lacks}: No such file" in said.out + said.err, (path, said)


@pytest.mark.parametrize(
    ("program", "among", "loaded"),
    [
        (
            "from appliance.__main__ import build; build()(['--help'], result_action='return_value')",
            ("appliance.", "pydantic", "litestar"),
            ["appliance.__main__"],
        ),
        ("import appliance.daemon", ("torch", "transformers", "pandas", "pyarrow", "onnxruntime"), []),
    ],
    ids=["help is quick: rooms load when a command runs", "the daemon brings no library of the models along"],
)
def test_no_more_is_loaded_than_is_needed(program: str, among: tuple[str, ...], loaded: list[str]) -> None:
    script = f"{program}; import sys; print(sorted(m for m in sys.modules if m.startswith({among})), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == str(loaded)


def test_the_versions_are_told() -> None:
    said = lanewatch("--version")
    assert [line.split()[0] for line in said.out.splitlines()] == [
        "lanewatch",
        "rulebook",
        "release",
        "sqlite",
        "driver",
    ]
    assert (said.code, said.err) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("bogus",),
        ("scans", "bogus"),
        ("status", "--bogus"),
        ("scans", "list", "--action", "MAYBE"),
        ("scans", "list", "--limit", "0"),
        ("scans", "show"),
        ("tokens", "add", "x"),
        ("scans", "export", "--since", "x"),
        ("demo", "--exit"),
        ("demo", "--scans", "0", "--exit"),
        ("demo", "--scans", "-1"),
        ("demo", "--every", "-1"),
        ("demo", "--every", "nan"),
        ("demo", "--bind", "here"),
        ("demo", "--bind", "127.0.0.1:99999"),
        ("demo", "--bind", "203.0.113.1:8080"),
        ("demo", "--folder", "/proc/x"),
        ("demo", "--folder", "/dev/null"),
    ],
)
def test_wrong_usage_is_two(arguments: tuple[str, ...]) -> None:
    said = lanewatch(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err
    assert "Traceback" not in said.err


READING = {
    "status": (),
    "doctor": (),
    "check": (),
    "scans list": (),
    "scans show": ("x",),
    "ledger verify": (),
    "tokens list": (),
    "officers list": (),
    "replay": ("x",),
    "rules diff": ("x", "y"),
    "rules list": (),
    "rules understand": ("x",),
}
OTHERS = {
    "run": (),
    "scans export": (),
    "officers add": ("x", "--role", "officer"),
    "officers disable": ("x",),
    "officers reset": ("x",),
    "officers enter": ("x",),
    "tokens add": ("x", "--scope", "read"),
    "tokens revoke": ("x",),
    "rules show": ("x", "--into", "/nowhere"),
    "rules backtest": ("x",),
    "rules activate": ("--without-site", "--why", "x"),
    "rules rollback": ("--why", "x"),
    "rules level": ("raised", "--why", "x"),
}
ALONE = ("demo", "rules check", "rules test")
"""What runs without any configuration: on a desk far from any box."""


def test_every_command_but_a_few_reads_a_configuration() -> None:
    assert {*READING, *OTHERS, *ALONE} == set(PATHS)


@pytest.mark.parametrize("path", [*READING, *OTHERS])
def test_a_configuration_that_is_missing_is_three(path: str, tmp_path: Path) -> None:
    words = (*READING[path], "--json") if path in READING else OTHERS[path]
    said = lanewatch(*path.split(), *words, "-c", tmp_path / "nowhere.yaml")
    assert (said.code, said.out) == (3, "")
    assert said.err.splitlines() == [
        f"lanewatch: {tmp_path}/nowhere.yaml: No such file or directory (give the configuration with --config FILE)"
    ]


@pytest.mark.parametrize("path", [*READING, *OTHERS])
def test_a_configuration_that_is_wrong_is_one_where_it_is_asked_about_else_three(path: str, config: Path) -> None:
    config.write_text("sources: []\nsite: {nam: x}\n")
    said = lanewatch(*path.split(), *(READING | OTHERS)[path], "-c", config)
    assert said.code == (1 if path in ("check", "doctor") else 3)
    assert ":2:8: site.nam: unknown key (did you mean name?)" in said.out + said.err
    assert "Traceback" not in said.err


def test_a_folder_nobody_may_write_to_is_three_and_no_traceback(box: Path) -> None:
    for words in (("--format", "yolo", "--into", "/proc/x"), ("--pictures", "/proc/x")):
        said = lanewatch("scans", "export", *words, "-c", box)
        assert said.code == 3
        assert said.err.startswith("lanewatch: /proc/x: No such file or directory")


@pytest.mark.parametrize("program", ["models", "training"])
def test_the_other_programs_have_help_and_version_too(program: str) -> None:
    def said(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", program, *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    for flag in ("-h", "--help"):
        assert said(flag).returncode == 0
        assert re.search(rf"^Example: lanewatch-{program} \w+ --", said(flag).stdout, re.MULTILINE)
        assert "Exit codes: 0 done" in said(flag).stdout
    assert re.fullmatch(r"lanewatch \d+\.\d+\S*\n", said("--version").stdout)
    assert said("bogus").returncode == 2


def test_a_store_or_daemon_that_is_missing_is_three(config: Path) -> None:
    for words in (
        ("scans", "list"),
        ("scans", "show", "x"),
        ("scans", "export"),
        ("ledger", "verify"),
        ("replay", "x"),
        ("rules", "list"),
    ):
        said = lanewatch(*words, "-c", config)
        assert (said.code, said.out) == (3, "")
        assert "there is no store yet (start it: lanewatch run" in said.err
    for words in (
        ("status",),
        ("tokens", "list"),
        ("tokens", "add", "x", "--scope", "read"),
        ("tokens", "revoke", "x"),
        ("officers", "list"),
        ("officers", "add", "x", "--role", "officer"),
        ("officers", "disable", "x"),
        ("officers", "reset", "x"),
        ("officers", "enter", "x"),
        ("rules", "activate", "--without-site", "--why", "x"),
        ("rules", "rollback", "--why", "x"),
        ("rules", "level", "raised", "--why", "x"),
    ):
        said = lanewatch(*words, "-c", config)
        assert (said.code, said.out) == (3, "")
        assert "control.sock: No such file or directory (start it: lanewatch run" in said.err


def test_a_store_that_is_no_store_is_three_and_no_traceback(config: Path) -> None:
    (config.parent / "state").mkdir()
    (config.parent / "state/lanewatch.db").write_bytes(b"not a database" * 100)
    said = lanewatch("scans", "list", "-c", config)
    assert (said.code, said.out) == (3, "")
    assert "file is not a database" in said.err
    assert "Traceback" not in said.err


def test_a_reader_that_goes_away_early_is_no_error(box: Path) -> None:
    command = f"'{sys.executable}' -m appliance scans export -c '{box}' | head -c 5; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_command_colours_what_no_terminal_reads(box: Path) -> None:
    for words in (("scans", "list"), ("check",), ("ledger", "verify"), ("-h",)):
        said = lanewatch(*words, *(() if words == ("-h",) else ("-c", box)), NO_COLOR="1")
        assert "\x1b" not in said.out + said.err
