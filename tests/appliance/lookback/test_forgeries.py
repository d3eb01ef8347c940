"""A forger who knows how a pack is made is seen by what the ledger holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.appliance.lookback.checking import FILES, wrong
from tests.appliance.lookback.forgeries import FORGERIES, change, seal


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forger_who_mends_the_manifest_is_seen(pack: Path, forge: Callable[[Path], None]) -> None:
    seal(pack)
    assert wrong(pack) == []
    forge(pack)
    seal(pack)
    assert wrong(pack)


@pytest.mark.parametrize(
    "path", ["../scan.json", "/etc/passwd", "a/../b", "a//b", "./a", ".a", "a\\b", "", "a\nb", "é"]
)
def test_a_manifest_that_leads_out_of_the_pack_is_refused(pack: Path, path: str) -> None:
    """Before anything it names is opened."""
    entry = {"path": path, "size": 1, "sha256": "0" * 64}
    change(pack, "manifest.json", lambda value: value["files"].append(entry))
    assert any("manifest.json was changed" in line for line in wrong(pack))


@pytest.mark.parametrize("path", [path for path in FILES if path.endswith(".json")])
def test_nonsense_with_a_fitting_manifest_is_seen_and_breaks_nothing(pack: Path, path: str) -> None:
    for content in ("null", "[]", "{}", '{"files": [1]}', "[" * 100_000, "1" * 10_000, '"\\ud800"', "NaN", ""):
        (pack / path).write_text(content)
        if path != "manifest.json":
            seal(pack)
        assert path == "actions.json" or wrong(pack), content[:10]
