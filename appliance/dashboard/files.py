"""The files the pages are made of: read once at the start, their few blanks filled in when one is sent."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

_KINDS = {
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "json": "application/json",
    "svg": "image/svg+xml",
    "txt": "text/plain",
}
"""Without a charset: the framework adds it, and the pages name their own."""
_BLANK = re.compile(r"\{\{(\w+)\}\}")
_PART = re.compile(r"\{\{> (\w+)\}\}\n")
"""What stands in many pages, such as their head: a file of its own, put in as it is when the pages are read."""


class File(NamedTuple):
    """One file with its content type, and a tag that changes with it."""

    content: bytes
    kind: str
    tag: str


def _load() -> dict[str, File]:
    found: dict[str, File] = {}
    for name, file in _walk(files("appliance.dashboard").joinpath("static"), ""):
        kind = _KINDS.get(name.rpartition(".")[2])
        if kind:
            content = file.read_bytes()
            found[name] = File(content, kind, f'"{hashlib.sha256(content).hexdigest()[:16]}"')
    for name, file in found.items():
        if name.endswith(".html"):
            whole = _PART.sub(lambda part: found[f"{part[1]}.html"].content.decode(), file.content.decode())
            found[name] = file._replace(content=whole.encode())
    return found


def _walk(folder: Traversable, above: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{above}{entry.name}/")
        else:
            yield f"{above}{entry.name}", entry


FILES = _load()
"""By the name below /static/; what is not here is not served."""


def page(name: str, **words: str) -> bytes:
    """A page with its blanks filled in; whatever goes in goes in as text, never as markup."""
    text = FILES[name].content.decode()
    return _BLANK.sub(lambda blank: html.escape(words.get(blank[1], "")), text).encode(errors="replace")
