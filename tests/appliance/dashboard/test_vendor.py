"""What is not ours among the files of the pages: named, with its version, its licence and its digest."""

from __future__ import annotations

import hashlib
import json

from appliance.dashboard.files import FILES


def test_every_file_of_others_is_named_with_licence_and_digest() -> None:
    told = json.loads(FILES["vendor/versions.json"].content)
    there = {name.removeprefix("vendor/") for name in FILES if name.startswith("vendor/")}
    assert there == set(told) | {one["text"] for one in told.values()} | {"versions.json"}
    for name, one in told.items():
        assert hashlib.sha256(FILES[f"vendor/{name}"].content).hexdigest() == one["sha256"]
        assert one["version"].encode() in FILES[f"vendor/{name}"].content[:2000]
        assert b"Copyright" in FILES[f"vendor/{one['text']}"].content
