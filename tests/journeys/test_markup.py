"""Whatever scanners and people say stays text, on every page and in every table: `./dev soak markup` in short."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.appliance.dashboard.browser import CHROMIUM, browser
from tests.box import Box
from tests.soak.markup import Eyes, is_formula, soak
from tests.soak.script_strings import PLAIN, script_strings

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")


def test_no_text_runs_breaks_the_policy_or_becomes_a_formula(tmp_path: Path) -> None:
    """Every plain text there is, in every field; nearly all of them stood on some page."""
    told = soak(tmp_path, texts=len(PLAIN), scans=8)
    assert told["wrong"] == []
    assert told["formulas"] == []
    assert told["cells"] > 19 * told["scans"] > 19 * 0.95 * len(PLAIN)
    assert told["seen on a page"] >= len(PLAIN) * 0.95, told
    assert min(told["taken"].values()) > len(PLAIN) // 3, told


def test_the_eyes_see_markup_where_there_is_some(tmp_path: Path) -> None:
    """A page that takes a text for markup is told, by each of the ways in which it shows."""
    with Box(tmp_path) as box, browser(tmp_path / "chromium") as window:
        box.start(with_engine=False)
        eyes = Eyes(window, f"http://127.0.0.1:{box.port}")
        eyes.open("/")
        assert eyes.wrong == []
        _put(window, "<img src=x onerror=pwn()>")
        eyes.look("an image")
        window.ask("pwn(), Promise.reject(new Error('fell')), 0")
        eyes.look("a call")
    assert ["broken" in one and "strange" in one for one in eyes.wrong] == [True, True]
    assert '"ran": 1' in eyes.wrong[1]
    assert "fell" in eyes.wrong[1]


def _put(window: Any, markup: str) -> None:
    window.ask(f"document.body.insertAdjacentHTML('beforeend', '{markup}'), 0")


def test_there_are_five_hundred_different_texts() -> None:
    assert len(set(script_strings(500))) == 500
    assert script_strings(500)[: len(PLAIN)] == PLAIN


@pytest.mark.parametrize(
    ("cell", "formula"), [("=1", True), (" \u200b+1", True), ('a;"=1', True), ("'=1", False), ("a=1", False)]
)
def test_the_judge_of_cells_knows_a_formula(cell: str, formula: bool) -> None:
    assert is_formula(cell) is formula
