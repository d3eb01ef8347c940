"""kill -9 anywhere, any process: the short loop of `./dev soak kills`."""

from __future__ import annotations

from pathlib import Path

from tests.soak.kills import soak


def test_nothing_is_lost_torn_or_judged_twice(tmp_path: Path) -> None:
    figures = soak(tmp_path, kills=8, files=120, seed=20261120)
    bad = {name: figures[name] for name in ("lost", "torn", "judged_twice", "without_document", "clear_without_answer")}
    assert not any(bad.values()), figures
    assert (figures["ledger"], figures["integrity"], figures["quarantined"]) == ("ok", "ok", 0)
