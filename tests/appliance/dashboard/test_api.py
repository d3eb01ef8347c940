"""The routes are what the OpenAPI document says, for everybody, whatever is asked: `./dev soak api` in short."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from appliance.dashboard.openapi.document import describe

pytestmark = pytest.mark.skipif(
    find_spec("schemathesis") is None, reason="schemathesis is missing: ./dev sync installs it"
)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_case_is_a_fault_and_every_answer_is_as_described(tmp_path: Path) -> None:
    from tests.soak.api import soak  # noqa: PLC0415 - needs schemathesis

    told = soak(tmp_path, cases=600, seed=20261122)
    assert told["faults"] == {}
    assert told["failed"] == 0
    assert told["cases"] >= 600
    for who in ("officer", "supervisor", "administrator", "auditor", "token read", "token inspect", "stranger"):
        assert sum(told["answers"].get(f"{who} {well}", 0) for well in (200, 201, 202)) > 0, (who, told["answers"])


def test_an_answer_that_is_not_as_described_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A field that is promised and never there, and an answer that is not in the document."""
    from tests.soak import api  # noqa: PLC0415 - needs schemathesis

    def wrong(version: str) -> dict[str, Any]:
        told = describe(version)
        queue = told["paths"]["/api/v1/queue"]["get"]
        queue["responses"]["200"]["content"]["application/json"]["schema"]["required"] += ["weather"]
        del told["paths"]["/api/v1/me"]["get"]["responses"]["401"]
        return {**told, "paths": {path: told["paths"][path] for path in ("/api/v1/queue", "/api/v1/me")}}

    monkeypatch.setattr(api, "describe", wrong)
    assert set(api.soak(tmp_path, cases=60, seed=1)["faults"]) == {
        "GET /api/v1/queue: 200 JsonSchemaError",
        "GET /api/v1/me: 401 UndefinedStatusCode",
    }
