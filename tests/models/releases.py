"""Releases for tests, with the manifests that their files deserve."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from models.artifacts.folder import MANIFEST
from models.profile import BAGGAGE
from models.release import ABOUT as ABOUT_FILE
from tests.models.parts import ABOUT


def release(folder: Path, *, detector: Path) -> Path:
    """One with a real detector, and with a reader and an exam that are only words."""
    (folder / "detector").mkdir(parents=True)
    (folder / "detector" / "detector.onnx").write_bytes(detector.read_bytes())
    for part in ("reader", "exam"):
        (folder / part).mkdir()
        (folder / part / "README.md").write_text(f"no {part} here\n")
    about = ABOUT.model_dump(mode="json") | {"profile": BAGGAGE.name}
    (folder / ABOUT_FILE).write_text(json.dumps(about))
    return sealed(folder)


def sealed(folder: Path) -> Path:
    """Write all manifests anew."""
    about = json.loads((folder / ABOUT_FILE).read_text())
    about["parts"] = {}
    for part in sorted(path.name for path in folder.iterdir() if path.is_dir()):
        files = [path for path in (folder / part).iterdir() if path.name != MANIFEST]
        listed = {
            path.name: {"size": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for path in files
        }
        manifest = json.dumps({"files": listed}).encode()
        (folder / part / MANIFEST).write_bytes(manifest)
        about["parts"][part] = hashlib.sha256(manifest).hexdigest()
    (folder / ABOUT_FILE).write_text(json.dumps(about))
    return folder
