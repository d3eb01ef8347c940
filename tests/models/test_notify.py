"""The service manager hears what it is told, and nobody waits for one that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.notify import tell
from tests.models.engine_process import service_manager


def test_the_service_manager_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with service_manager(tmp_path / "notify") as said:
        tell("READY=1", "STATUS=well")
        assert said() == ["READY=1", "STATUS=well"]


@pytest.mark.parametrize("address", ["", "/nowhere/notify", "@nobody-listens-here"])
def test_without_one_nothing_happens(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    tell("READY=1")
