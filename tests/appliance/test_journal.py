"""The journal takes any words, and says them to machines and to people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from appliance.journal import journal, open_journal


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def fail() -> None:
    raise ValueError("seven")


def speak() -> None:
    log = journal("room")
    log.info("taken", name="安检\n\udcff", path=Path("/x"), number=7)
    try:
        fail()
    except ValueError:
        log.exception("failed")


def test_each_happening_is_one_line_of_json(capfd: pytest.CaptureFixture[str]) -> None:
    """Whatever bytes a name has, the line can be read by a program."""
    open_journal(readable=False)
    speak()
    out, err = capfd.readouterr()
    assert out == ""
    taken, failed = (json.loads(line) for line in err.splitlines())
    assert (taken["room"], taken["event"], taken["level"], taken["number"]) == ("room", "taken", "info", 7)
    assert taken["name"].startswith("安检\n")
    assert failed["exception"][0]["exc_value"] == "seven"


def test_at_a_terminal_it_is_readable(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    open_journal(readable=True)
    speak()
    said = capfd.readouterr().err
    assert "taken" in said
    assert "ValueError: seven" in said
    assert "\x1b" not in said
