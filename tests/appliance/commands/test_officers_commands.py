"""The box's own terminal lets people in and out; a real door does what the commands say."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import pytest

from appliance.dashboard.access.keys import Keyring
from appliance.dashboard.control.door import control_app
from appliance.dashboard.server import listen_unix, server_for
from appliance.dashboard.shell import Shell
from appliance.settings import Dashboard
from appliance.store import deeds
from appliance.store.database import Store
from tests.appliance.commands.conftest import lanewatch


@pytest.fixture
def door(config: Path) -> Generator[Store]:
    """The control door of a box, and nothing else of it."""
    store = Store.open(config.parent / "state")
    nothing = cast("Any", None)
    app = Shell(cast("Any", control_app(store, nothing, nothing, Keyring(store, Dashboard()))))
    server = server_for(app)
    inner = listen_unix(store.root / "run" / "control.sock")
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([inner])))
    thread.start()
    yield store
    server.should_exit = True
    thread.join(300)
    inner.close()
    store.close()


def test_somebody_is_added_listed_reset_and_disabled(door: Store, config: Path) -> None:
    def said(*words: str, code: int = 0) -> str:
        told = lanewatch("officers", *words, "-c", config)
        assert told.code == code, told
        return told.out if code == 0 else told.err

    code = said("add", "T. Tan", "--role", "supervisor").strip()
    assert len(code) == 24
    assert "there is somebody called 't. tan'" in said("add", "t. tan", "--role", "officer", code=1)
    assert "a name begins with a letter or a digit" in said("add", "(box)", "--role", "officer", code=1)
    told = said("list")
    assert "T. Tan\tsupervisor\tno password yet" in told
    assert "(the box's own terminal)" in told
    assert said("reset", "t.  TAN").strip() != code
    assert len(said("enter", "T. Tan").strip()) == 24
    assert said("disable", "T. Tan") == "T. Tan: disabled\n"
    assert "T. Tan is disabled" in said("enter", "T. Tan", code=1)
    assert "nobody is called 'A. Lim'" in said("reset", "A. Lim", code=1)
    (only,) = lanewatch("officers", "list", "-c", config, "--json").json()
    assert only["disabled_at"]
    assert not {"secret", "totp"} & set(only)
    with door.reader() as db:
        told = [(deed.who, deed.what) for deed in deeds.listing(db, None, 99)]
    terminal = "(the box's own terminal)"
    assert told == [
        (terminal, what) for what in ("officer disabled", "code made", "code made", "code made", "officer added")
    ]


def test_a_token_made_at_the_terminal_is_a_deed_too(door: Store, config: Path) -> None:
    assert lanewatch("tokens", "add", "lane-3", "--scope", "read", "-c", config).code == 0
    assert lanewatch("tokens", "revoke", "lane-3", "-c", config).code == 0
    with door.reader() as db:
        assert [deed.what for deed in deeds.listing(db, None, 9)] == ["token revoked", "token made"]
