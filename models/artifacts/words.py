"""The JSON files beside weights: settings, vocabularies, indexes.

Takes bytes, gives the object they hold. Refuses what is no plain object, and every key by which a library would run
code that came with the model.
"""

from __future__ import annotations

import json
from typing import Any, cast

from models.artifacts.refusal import ArtifactRefusedError

LARGEST = 64 << 20
CODE = frozenset(
    {"auto_map", "custom_pipelines", "custom_objects", "trust_remote_code", "library_dirs", "torchscript_file"}
)
"""Keys that name code to be run."""


def check_words(name: str, content: memoryview) -> None:
    """Check one JSON file."""
    try:
        _walk(name, parse(name, bytes(content)))
    except RecursionError as problem:
        raise ArtifactRefusedError(name, "is nested too deep") from problem


def parse(name: str, content: bytes) -> dict[str, Any]:
    """Read an object in which no key stands twice: two readers could take different ones."""
    if len(content) > LARGEST:
        raise ArtifactRefusedError(name, f"JSON larger than {LARGEST >> 20} MiB")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ArtifactRefusedError(name, "a key stands in it twice")
        return found

    try:
        value = json.loads(content.decode(), object_pairs_hook=once)
    except (ValueError, RecursionError) as problem:
        raise ArtifactRefusedError(name, f"is not JSON: {problem}") from problem
    if not isinstance(value, dict):
        raise ArtifactRefusedError(name, "is JSON, but no object")
    return cast("dict[str, Any]", value)


def _walk(name: str, value: Any) -> None:
    match value:
        case dict():
            entries = cast("dict[str, Any]", value)
            if code := CODE & entries.keys():
                raise ArtifactRefusedError(name, f"wants code of its own to be run ({', '.join(sorted(code))})")
            weights = entries.get("weight_map", {})
            if not isinstance(weights, dict) or not all(map(_is_beside, cast("dict[str, Any]", weights).values())):
                raise ArtifactRefusedError(name, "has weights elsewhere than beside it")
            for entry in entries.values():
                _walk(name, entry)
        case list():
            for entry in cast("list[Any]", value):
                _walk(name, entry)
        case _:
            pass


def _is_beside(value: Any) -> bool:
    return isinstance(value, str) and value.endswith(".safetensors") and "/" not in value
