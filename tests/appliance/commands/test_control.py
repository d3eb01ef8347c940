"""The commands' end of the control socket: how long they wait for the daemon."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

from appliance.commands import control


def test_a_change_is_waited_for_when_a_look_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that thinks for a while: it hangs, as far as its status goes, and yet the change is made."""
    monkeypatch.setattr(control, "LOOKING", 0.2)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "door"))
        door.listen()
        thinking = threading.Thread(target=_answer_late, args=(door,))
        thinking.start()
        with pytest.raises(TimeoutError):
            control.ask(tmp_path / "door", "GET", "/control/status", None)
        assert control.ask(tmp_path / "door", "POST", "/control/rules", {"why": "x"}) == (200, {})
        thinking.join()


def _answer_late(door: socket.socket) -> None:
    for _ in range(2):
        line, _ = door.accept()
        with line:
            line.recv(4096)
            time.sleep(0.5)
            try:
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            except BrokenPipeError:
                continue
