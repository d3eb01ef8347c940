"""Releases for tests, with the manifests that their files deserve."""

from __future__ import annotations

from pathlib import Path

from models.release import ABOUT as ABOUT_FILE
from models.release import Release, seal
from tests.models.parts import ABOUT


def release(folder: Path, *, detector: Path) -> Path:
    """One with a real detector, and with a reader and an exam that are only words."""
    (folder / "detector").mkdir(parents=True)
    (folder / "detector" / "detector.onnx").write_bytes(detector.read_bytes())
    for part in ("reader", "exam"):
        (folder / part).mkdir()
        (folder / part / "README.md").write_text(f"no {part} here\n")
    seal(folder, ABOUT)
    return folder


def seal_again(folder: Path) -> None:
    """After something in it was changed."""
    seal(folder, Release.model_validate_json((folder / ABOUT_FILE).read_bytes()))
