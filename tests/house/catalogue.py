"""The words of the pages: read from gettext files, and looked for in the pages themselves.

Takes `locale/<language>.po`, gives what the browser loads (`static/words/<language>.json`, written by `./dev docs`).
"""

from __future__ import annotations

import ast
import html
import json
import re
from pathlib import Path

from tests.house.tree import ROOT

DASHBOARD = ROOT / "appliance" / "dashboard"
LANGUAGES = ("ms", "vi")
"""All but English, whose texts are the keys."""
_ENTRY = re.compile(r'^msgid ((?:"(?:[^"\\]|\\.)*"\n)+)msgstr ((?:"(?:[^"\\]|\\.)*"\n?)+)', re.MULTILINE)
_CALL = re.compile(r'\bt\(("(?:[^"\\]|\\.)*")')
_MARKED = re.compile(r"<(\w+)[^>]*\sdata-t>([^<]*)<")


def read(language: str) -> dict[str, str]:
    """English texts with their translations."""
    text = (DASHBOARD / "locale" / f"{language}.po").read_text(encoding="utf-8")
    found = {_joined(key): _joined(value) for key, value in _ENTRY.findall(text)}
    found.pop("", None)
    return found


def as_json(language: str) -> str:
    """What the browser loads."""
    return json.dumps(read(language), indent=0, ensure_ascii=False) + "\n"


def pages() -> tuple[Path, ...]:
    """The files in which texts for people stand."""
    return tuple(sorted([*(DASHBOARD / "static").glob("*.js"), *(DASHBOARD / "static").glob("*.html")]))


def used() -> dict[str, str]:
    """Every text that a page says, with the file in which it stands."""
    found: dict[str, str] = {}
    for path in pages():
        text = path.read_text(encoding="utf-8")
        for literal in _CALL.findall(text):
            found[ast.literal_eval(literal)] = path.name
        for _, marked in _MARKED.findall(text):
            found[html.unescape(marked.strip())] = path.name
    return found


def _joined(lines: str) -> str:
    return "".join(ast.literal_eval(line) for line in lines.splitlines())
