"""The commands that say whether something is well: 0 when it is, 1 when it is not."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.store import deeds
from tests.appliance.commands.conftest import CONFIG, lanewatch
from tests.box import Box


def test_a_whole_ledger_is_well(box: Path) -> None:
    said = lanewatch("ledger", "verify", "-c", box)
    assert (said.code, said.err) == (0, "")
    verdicts, people = said.out.splitlines()
    assert verdicts.startswith("verdicts: ok: 2 rows, last ")
    assert people.startswith("deeds: ok: 0 rows, last ")
    told = lanewatch("ledger", "verify", "-c", box, "--json").json()
    assert told["ok"] is True
    assert {name: (chain["rows"], chain["broken"]) for name, chain in told["chains"].items()} == {
        "verdicts": (2, None),
        "deeds": (0, None),
    }


def test_a_broken_ledger_is_not(box: Path) -> None:
    db = sqlite3.connect(box.parent / "state/lanewatch.db")
    db.execute("UPDATE verdict SET document = replace(document, 'high', 'low') WHERE id = 2")
    db.commit()
    db.close()
    said = lanewatch("ledger", "verify", "-c", box)
    assert said.code == 1
    verdicts, people = said.out.splitlines()
    assert verdicts == "verdicts: BROKEN at row 2: verdict 2 is not the one that was recorded (before it: 1 row)"
    assert people.startswith("deeds: ok")
    told = lanewatch("ledger", "verify", "-c", box, "--json").json()
    assert (told["ok"], told["chains"]["verdicts"]["broken"]["seq"]) == (False, 2)
    assert lanewatch("doctor", "-c", box).code == 1


def test_it_is_said_which_chain_is_broken(box: Path) -> None:
    """What people did has a chain of its own, and one that is gone is broken too."""
    db = sqlite3.connect(box.parent / "state/lanewatch.db")
    db.row_factory = sqlite3.Row
    for what in ("signed in", "signed out"):
        deeds.record(db, "2026-01-01T00:00:00+00:00", "t. tan", what)
    db.execute("UPDATE deed SET body = replace(body, 't. tan', 'a. lim') WHERE seq = 1")
    db.commit()
    said = lanewatch("ledger", "verify", "-c", box)
    verdicts, people = said.out.splitlines()
    assert said.code == 1
    assert verdicts.startswith("verdicts: ok: 2 rows")
    assert people == "deeds: BROKEN at row 1: its body was changed (before it: 0 rows)"
    doctor = lanewatch("doctor", "-c", box)
    assert doctor.code == 1
    assert "row 1 its body was changed" in doctor.out
    db.execute("DROP TABLE deed")
    db.commit()
    db.close()
    assert lanewatch("ledger", "verify", "-c", box).code == 3


def test_a_certificate_that_will_not_do_is_told_with_its_place(config: Path) -> None:
    """Before the box is started: both or none, readable, and one another's."""
    for lines, words in (
        ("certificate: a.pem", ": dashboard.certificate: certificate needs key"),
        ("certificate: a.pem, key: a.key", "a.pem: No such file or directory (the user the box runs as must be able"),
        ('bind: "unix:web.sock"', ": dashboard.bind: "),
    ):
        bind = "" if "bind" in lines else ', bind: "127.0.0.1:0"'
        config.write_text(CONFIG.replace('dashboard: {bind: "127.0.0.1:0"}', f"dashboard: {{{lines}{bind}}}"))
        said = lanewatch("check", "-c", config)
        assert said.code == 1
        assert re.search(r"appliance\.yaml:\d+:\d+: dashboard\.", said.err), said.err
        assert words in said.err, said.err


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
