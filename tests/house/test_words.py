"""What may not stand in any file. The patterns are written so that this file does not match itself."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import name, texts

RULES = {
    "a package registry by host": r"p[y]pi\.org|python[h]osted|registry\.n[p]mjs|[d]eb\.debian|download\.p[y]torch",
    "a path of one machine": r"(?<![\w.~>})])/(?:[w]ork|[r]oot|[h]ome|[f]arm)/[a-z.]",
    "an unfinished marker": r"\b(?:T[O]DO|F[I]XME|X[X]X|H[A]CK)\b|raise N[o]tImplementedError",
}


@pytest.mark.parametrize(("what", "pattern"), RULES.items(), ids=[rule.replace(" ", "-") for rule in RULES])
def test_no_file_names(what: str, pattern: str) -> None:
    """Registries belong to the machine's settings, paths to its owner, and unfinished work to a branch."""
    found = [
        f"{name(path)}:{number}: {line.strip()[:120]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert not found, f"{what}:\n" + "\n".join(found)
