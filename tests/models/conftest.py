"""The toy reader, taught once for all tests of the engines."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny reader that knows what `toy_reader.taught` says."""
    pytest.importorskip("torch")
    from tests.models.engines import toy_reader  # noqa: PLC0415  only where torch is

    folder = tmp_path_factory.mktemp("toy") / "reader"
    toy_reader.make(folder)
    return folder
