"""Damaged files, bombs and hogs among good ones: the short loop of `./dev soak hostile_folder`."""

from __future__ import annotations

from pathlib import Path

from tests.soak.hostile_folder import broken, soak


def test_good_files_are_judged_and_bad_ones_quarantined_with_their_reasons(tmp_path: Path) -> None:
    figures = soak(tmp_path, bad=60, reference=20, seed=20261121, side=96, hogs=2)
    assert not broken(figures), figures
