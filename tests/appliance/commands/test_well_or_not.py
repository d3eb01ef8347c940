"""The commands that say whether something is well: 0 when it is, 1 when it is not."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.appliance.commands.conftest import lanewatch
from tests.box import Box


def test_a_whole_ledger_is_well(box: Path) -> None:
    said = lanewatch("ledger", "verify", "-c", box)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("ok: 2 rows, last ")
    told = lanewatch("ledger", "verify", "-c", box, "--json").json()
    assert (told["rows"], told["broken"]) == (2, None)


def test_a_broken_ledger_is_not(box: Path) -> None:
    db = sqlite3.connect(box.parent / "state/lanewatch.db")
    db.execute("UPDATE verdict SET document = replace(document, 'high', 'low') WHERE id = 2")
    db.commit()
    db.close()
    said = lanewatch("ledger", "verify", "-c", box)
    assert said.code == 1
    assert said.out == "BROKEN at row 2: verdict 2 is not the one that was recorded (before it: 1 row)\n"
    assert lanewatch("ledger", "verify", "-c", box, "--json").json()["broken"]["seq"] == 2
    assert lanewatch("doctor", "-c", box).code == 1


def test_a_right_configuration_is_well(config: Path) -> None:
    said = lanewatch("check", "-c", config)
    assert (said.code, said.out, said.err) == (0, f"{config}: ok\n", "")
    assert lanewatch("check", LANEWATCH_CONFIG=str(config)).code == 0


CANNED = "engine: {backend: canned}\n"
KEY = "0" * 40


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sources: []\nsite: {nam: x}\n", ":2:8: site.nam: unknown key (did you mean name?)"),
        (
            f"{CANNED}sources: [{{name: a, kind: folder, path: ./nowhere}}]\n",
            "nowhere is not there; the box would wait for it",
        ),
        (
            CANNED
            + f"sources: [{{name: a, kind: zeromq, bind: 'ipc://x', secret_key_file: no, allowed_keys: ['{KEY}']}}]\n",
            "appliance.yaml:2:52: sources.0.secret_key_file: ",
        ),
        (f"sources: []\nengine: {{backend: canned, socket: /{'x' * 120}}}\n", "too long for a socket"),
        ("sources: []\nengine: {release: /nowhere}\n", ":2:10: engine.release: /nowhere: there is no release.json"),
    ],
)
def test_a_wrong_one_is_not(config: Path, text: str, told: str) -> None:
    config.write_text(text)
    said = lanewatch("check", "-c", config)
    assert (said.code, said.out) == (1, "")
    assert told in said.err
    parsed = lanewatch("check", "-c", config, "--json")
    assert parsed.code == 1
    assert not parsed.json()["ok"]
    assert told in parsed.json()["problems"][0]


def test_the_doctor_says_what_to_do_about_a_box_that_does_not_run(box: Path) -> None:
    said = lanewatch("doctor", "-c", box)
    assert said.code == 1
    lines = dict(line[5:].split(": ", 1) for line in said.out.splitlines())
    assert lines["database"] == "ok"
    assert lines["ledger"] == "2 rows intact"
    assert lines["engine"].endswith("-> start lanewatch-engine, or wait until it has loaded")
    assert "-> start it: lanewatch run" in lines["daemon"]
    parsed = lanewatch("doctor", "-c", box, "--json").json()
    assert not parsed["well"]
    assert {line["what"] for line in parsed["lines"]} == set(lines)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path).start()
    yield box
    box.stop()


def test_a_running_box_tells_how_it_is(running: Box) -> None:
    """Status, doctor and tokens against the real daemon with its engine."""
    said = lanewatch("status", "-c", running.config)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("ready\n")
    assert "0 scans waiting for a verdict" in said.out
    line = r"source belt-1: 0 scans taken since the start, nothing waits, nothing came since the start, last listed "
    assert re.search(line + r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", said.out, re.MULTILINE)
    assert lanewatch("status", "-c", running.config, "--json").json()["ready"]

    lines = {line["what"]: line for line in lanewatch("doctor", "-c", running.config, "--json").json()["lines"]}
    assert lines["daemon"]["well"]
    assert (lines["connections"]["well"], lines["connections"]["found"]) == (True, "none but those listed")
    assert "made-up answers" in lines["engine"]["found"]

    token = lanewatch("tokens", "add", "scanner-1", "--scope", "inspect,read", "-c", running.config)
    assert (token.code, token.err) == (0, "")
    assert token.out.startswith("lw_")
    assert lanewatch("tokens", "add", "scanner-1", "--scope", "read", "-c", running.config).code == 1
    assert lanewatch("tokens", "add", "scanner-2", "--scope", "fly", "-c", running.config).code == 2
    assert lanewatch("tokens", "revoke", "scanner-1", "-c", running.config).code == 0
    assert lanewatch("tokens", "revoke", "scanner-1", "-c", running.config).code == 3
    (kept,) = lanewatch("tokens", "list", "-c", running.config, "--json").json()
    assert (kept["name"], bool(kept["revoked_at"])) == ("scanner-1", True)
    assert "lw_" not in lanewatch("tokens", "list", "-c", running.config).out
