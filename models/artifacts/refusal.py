"""The one error of this room."""

from __future__ import annotations


class ArtifactRefusedError(Exception):
    """A model file is not to be loaded. The message names the file and the reason."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name
        self.why = why
