"""The manners of every module."""

from __future__ import annotations

import ast

from tests.house.tree import PACKAGES, name, texts

MOST_LINES = 300
"""A longer module is more than one room."""
LONGER = {"appliance/lookback/checker.py": 360}
"""It goes into packs and must be one file, which needs Python and nothing beside it."""


def test_every_module_says_what_it_is() -> None:
    """Each module opens with a docstring."""
    silent = [name(path) for path, text in texts(".py") if not ast.get_docstring(ast.parse(text))]
    assert not silent


def test_no_module_is_a_hall() -> None:
    """No module has more than three hundred lines, but for one that cannot be divided."""
    long = [name(path) for path, text in texts(".py") if text.count("\n") > LONGER.get(name(path), MOST_LINES)]
    assert not long


def test_every_folder_of_code_is_a_package_with_a_purpose() -> None:
    """A folder with modules has an __init__ that says what lives there."""
    modules = [path for path, _ in texts(".py") if name(path).startswith(PACKAGES)]
    homeless = {name(path.parent) for path in modules if not (path.parent / "__init__.py").exists()}
    assert not homeless
