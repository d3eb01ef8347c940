"""No text of a table is a formula to a spreadsheet of any country."""

from __future__ import annotations

import pytest

from appliance.cells import harmless


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("-2+3", "'-2+3"),
        ("@SUM(1)", "'@SUM(1)"),
        ("  +1", "'  +1"),
        ("\t=1", "\t'=1"),
        ("\x00=1", "'\x00=1"),
        ("\u200b\ufeff=1", "'\u200b\ufeff=1"),
        ("\u202e=1", "'\u202e=1"),
        ("＝1", "'＝1"),  # noqa: RUF001 - the full width is what is tested
        ('"=1', "'\"=1"),
        ("bag;=1;x", "bag;'=1;x"),
        ('bag; "@SUM(1)', "bag;' \"@SUM(1)"),
        ("bag\n-1", "bag\n'-1"),
        ("\r\n=1", "\r\n'=1"),
    ],
)
def test_what_begins_a_formula_is_marked_as_text(text: str, cell: str) -> None:
    """At the beginning, behind what cannot be seen, and behind the separators of other countries."""
    assert harmless(text) == cell


@pytest.mark.parametrize("text", ["", "SCAN-1", "a-b", "1+1", "x@y", "scissors 0.93; bottle 0.81", "a = b", "'=1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
