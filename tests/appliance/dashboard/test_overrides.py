"""Officers' words against verdicts, for their supervisors, and what is in quarantine."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.scan import Action
from tests.appliance.dashboard.desking import bring, word


@pytest.fixture
def answered(serve: Any, picture: Any) -> Any:
    """Four scans: one agreed with, three not, by two officers."""
    served = serve()
    for shade, (name, lane) in enumerate((("one", "L1"), ("two", "L1"), ("three", "L2"), ("four", "L2"))):
        bring(served, picture(shade), name, lane=lane)
    served.judge(Action.REVIEW)
    tan, lee = served.signed_in("T. Tan"), served.signed_in("N. Lee")
    for page, name, kind in (
        (tan, "one", "agree"), (tan, "two", "false_alarm"), (lee, "three", "missed"), (lee, "four", "cannot_tell"),
    ):  # fmt: skip
        marks = [{"view": "top", "box": [0.1, 0.1, 0.5, 0.5], "item": "scissors"}] if kind == "missed" else []
        given = word(page, name, kind=kind, note=f"note of {name}", marks=marks)
        assert page.post("/api/v1/reviews", json=given).status_code == 201
    served.chief = served.signed_in("C. Chief", "supervisor")
    return served


def names(served: Any, **asked: Any) -> list[str]:
    return [one["scan_id"] for one in served.chief.get("/api/v1/overrides", params=asked).json()["overrides"]]


def test_they_are_told_newest_first_with_who_said_what_against_what(answered: Any) -> None:
    told = answered.chief.get("/api/v1/overrides").json()
    assert [one["scan_id"] for one in told["overrides"]] == ["four", "three", "two"]
    second = told["overrides"][1]
    assert (second["who"], second["kind"], second["note"], second["lane"]) == (
        "N. Lee",
        "missed",
        "note of three",
        "L2",
    )
    assert (second["items"], second["drawn"], second["standing"]) == (["scissors"], 1, True)
    assert second["verdict"] == {"recommended_action": "REVIEW", "risk_level": "medium", "items": []}
    assert {"name": "n. lee", "shown": "N. Lee"} in told["officers"]
    assert told["next"] is None


def test_they_are_picked_out_and_paged(answered: Any) -> None:
    assert names(answered, who="N. Lee") == ["four", "three"]
    assert names(answered, kind="false_alarm") == ["two"]
    assert names(answered, lane="L1") == ["two"]
    assert names(answered, since="2099-01-01T00:00:00Z") == []
    assert names(answered, until="2099-01-01T00:00:00Z", limit=2) == ["four", "three"]
    told = answered.chief.get("/api/v1/overrides", params={"limit": 2}).json()
    assert [one["scan_id"] for one in answered.chief.get(told["next"]).json()["overrides"]] == ["two"]
    assert answered.chief.get("/api/v1/overrides", params={"kind": "agree"}).status_code == 400
    assert answered.chief.get("/supervision", params={"kind": "missed"}).status_code == 200
    assert answered.chief.get("/supervision", params={"kindly": "missed"}).status_code == 400


def test_a_word_that_was_taken_back_is_none_and_officers_do_not_see_the_list(answered: Any) -> None:
    lee = answered.signed_in("N. Lee")
    key = lee.get("/api/v1/scans/four").json()["reviews"][0]["key"]
    assert lee.post(f"/api/v1/reviews/{key}/undo").status_code == 200
    assert names(answered) == ["three", "two"]
    assert lee.get("/api/v1/overrides").status_code == 403
    assert lee.get("/supervision").status_code == 403
