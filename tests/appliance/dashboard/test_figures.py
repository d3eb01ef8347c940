"""Figures, shifts and searches over HTTP: right, bounded, and for those who may see them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.dashboard.counting.rates import rate
from appliance.scan import Action
from tests.appliance.dashboard.desking import bring, word
from tests.appliance.store.test_search import HOSTILE

STATISTICS, SHIFT, SCANS = "/api/v1/statistics", "/api/v1/shift", "/api/v1/scans"


@pytest.fixture
def belt(serve: Any, picture: Any) -> Any:
    """Six scans on two lanes, four of them answered."""
    served = serve(deadline_seconds=300)
    for number in range(6):
        declared = [{"text": "Đồng hồ"}] if number == 2 else []
        bring(served, picture(number), f"s{number}", lane="L1" if number < 4 else "L2", declaration=declared)
        served.judge((Action.REVIEW, Action.PHYSICAL_INSPECTION, Action.CLEAR)[number % 3])
    tan, lim = served.signed_in("T. Tan"), served.signed_in("A. Lim", "supervisor")
    for page, number, kind in ((tan, 0, "agree"), (tan, 1, "false_alarm"), (tan, 3, "cannot_tell"), (lim, 4, "agree")):
        assert (
            page.post("/api/v1/reviews", json=word(page, f"s{number}", kind=kind, note=f"note {number}")).status_code
            == 201
        )
    taken = word(tan, "s3", kind="missed")
    tan.post("/api/v1/reviews", json=taken)
    tan.post(f"/api/v1/reviews/{taken['key']}/undo")
    return served, tan, lim


def test_the_figures_of_a_day(belt: Any) -> None:
    served, tan, _ = belt
    told = tan.get(STATISTICS).json()
    assert told == {**tan.get(STATISTICS).json()}, "asked twice, the kept counts tell the same"
    totals = told["totals"]
    assert (totals["scans"], totals["judged"], totals["open"], told["uncounted_hours"]) == (6, 6, 0, 0)
    assert totals["actions"] == {"CLEAR": 2, "REVIEW": 2, "PHYSICAL_INSPECTION": 2}
    assert totals["answers"] == {"agree": 2, "false_alarm": 1, "missed": 0, "wrong_item": 0, "cannot_tell": 1}
    assert totals["alarm"] == rate(2, 6)
    assert totals["agreement"] == rate(2, 3)
    assert {lane["lane"]: lane["scans"] for lane in told["lanes"]} == {"L1": 4, "L2": 2}
    assert sum(one["scans"] for one in told["volumes"]) == 6
    assert totals["milliseconds"]["p50"] > 0
    with served.client(served.reader) as machine:
        of_lane = machine.get(STATISTICS, params={"lane": "L2"}).json()
    assert (of_lane["totals"]["scans"], of_lane["totals"]["answers"]["agree"]) == (2, 1)
    assert tan.get(STATISTICS, params={"rehearsal": "true"}).json()["totals"]["scans"] == 0


def test_a_late_word_is_in_the_next_figures(belt: Any) -> None:
    """Whatever was kept of the hour is forgotten in the same transaction."""
    _, tan, lim = belt
    assert tan.get(STATISTICS).json()["totals"]["answers"]["agree"] == 2
    said = word(lim, "s1", kind="agree")
    assert lim.post("/api/v1/reviews", json=said).status_code == 201
    assert tan.get(STATISTICS).json()["totals"]["answers"] == {
        "agree": 3, "false_alarm": 0, "missed": 0, "wrong_item": 0, "cannot_tell": 1,
    }  # fmt: skip
    lim.post(f"/api/v1/reviews/{said['key']}/undo")
    assert tan.get(STATISTICS).json()["totals"]["answers"]["false_alarm"] == 1


def test_days_and_tables(belt: Any) -> None:
    _, tan, _ = belt
    now = datetime.now(UTC)
    month = tan.get(STATISTICS, params={"since": (now - timedelta(days=30)).isoformat()}).json()
    assert (month["by"], [one["scans"] for one in month["volumes"]]) == ("day", [6])
    for table, expected in (("volumes", 1), ("lanes", 2), ("classes", 0)):
        told = tan.get(STATISTICS, params={"format": "csv", "table": table})
        assert told.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(told.text)))
        assert len(rows) == expected
    rows = list(csv.DictReader(io.StringIO(tan.get(STATISTICS, params={"format": "csv", "table": "lanes"}).text)))
    assert (rows[0]["lane"], rows[0]["alarm_k"], rows[0]["alarm_n"], rows[0]["answers_agree"]) == ("L1", "1", "4", "1")


def test_a_word_before_the_verdict_agrees_with_none(serve: Any, picture: Any) -> None:
    """Nor speaks against one: it is counted as a word, and in no share of agreement."""
    served = serve(deadline_seconds=300)
    tan = served.signed_in("T. Tan")
    for number, kind in enumerate(("agree", "missed")):
        bring(served, picture(number), f"early {number}")
        assert tan.post("/api/v1/reviews", json=word(tan, f"early {number}", kind=kind)).status_code == 201
        served.judge(Action.CLEAR)  # any other would ask for an officer again
    told, mine = tan.get(STATISTICS).json(), tan.get(SHIFT).json()
    assert (told["totals"]["answers"]["agree"], told["totals"]["answers"]["missed"]) == (1, 1)
    assert told["totals"]["agreement"] == mine["agreement"] == rate(0, 0)
    assert [one["agreement"] for one in told["classes"]] == [rate(0, 0)] * len(told["classes"])


@pytest.mark.parametrize(
    "asked",
    [
        "since=yesterday", "since=2026-01-01T00:00:00Z&until=2025-01-01T00:00:00Z", "lane=a&lane=b", "rehearsal=yes",
        "since=2020-01-01T00:00:00Z&until=2021-01-01T00:00:00Z", "format=xml", "table=all", "x=1",
        "until=0001-01-01T00:00:00Z", "until=9999-12-31T23:30:00Z", "since=9999-12-31T23:59:59Z",
    ],
)  # fmt: skip
def test_a_wrong_question_for_figures_is_refused_by_name(serve: Any, asked: str) -> None:
    page = serve().signed_in()
    told = page.get(f"{STATISTICS}?{asked}")
    assert told.status_code == 400, told.text
    if not asked.startswith(("lane", "rehearsal", "table", "until=9")):
        assert page.get(f"{SHIFT}?{asked}").status_code == 400


def test_an_officer_sees_their_own_shift_and_a_supervisor_anybodys(belt: Any) -> None:
    served, tan, lim = belt
    mine = tan.get(SHIFT).json()
    assert (mine["officer"], mine["officers"]) == ({"name": "t. tan", "shown": "T. Tan"}, [])
    assert mine["answers"] == {"agree": 1, "false_alarm": 1, "missed": 0, "wrong_item": 0, "cannot_tell": 1}
    assert (mine["judged"], mine["undone"], mine["corrections"], mine["late"]) == (3, 1, 1, 0)
    assert mine["agreement"] == rate(1, 2)
    assert [(one["scan_id"], one["kind"], one["undone"]) for one in mine["words"]] == [
        ("s0", "agree", False), ("s1", "false_alarm", False), ("s3", "cannot_tell", False), ("s3", "missed", True),
    ]  # fmt: skip
    assert (mine["belt"]["asked"], mine["belt"]["answered"], mine["belt"]["open"]) == (4, 4, 0)
    theirs = lim.get(SHIFT, params={"officer": " t. TAN "}).json()
    assert theirs["words"] == mine["words"]
    assert {one["shown"] for one in theirs["officers"]} == {"T. Tan", "A. Lim"}
    refused = tan.get(SHIFT, params={"officer": "A. Lim"})
    assert (refused.status_code, refused.json()["scope"]) == (403, "supervise")
    assert lim.get(SHIFT, params={"officer": "Nobody"}).status_code == 404
    assert tan.get(SHIFT, params={"officer": "Nobody"}).status_code == 403, "who there is, is not told"
    rows = list(csv.DictReader(io.StringIO(tan.get(SHIFT, params={"format": "csv"}).text)))
    assert [row["note"] for row in rows] == ["note 0", "note 1", "note 3", ""]
    for role in ("administrator", "auditor"):
        assert served.signed_in(role, role).get(SHIFT).status_code == 403


def test_a_shift_ends_where_it_was_asked_to_end(belt: Any) -> None:
    _, tan, _ = belt
    now = datetime.now(UTC)
    early = {"since": (now - timedelta(hours=9)).isoformat(), "until": (now - timedelta(hours=1)).isoformat()}
    told = tan.get(SHIFT, params=early).json()
    assert (told["judged"], told["words"], told["belt"]["scans"], told["median_seconds"]) == (0, [], 0, None)


def test_scans_are_searched_in_the_address(belt: Any) -> None:
    """The page's address, the list, the following page and both kinds of files hold the same."""
    _, tan, _ = belt
    assert tan.get("/scans", params={"q": "dong ho"}).status_code == 200
    assert [one["scan_id"] for one in tan.get(SCANS, params={"q": "DONG hồ"}).json()["scans"]] == ["s2"]
    assert [one["scan_id"] for one in tan.get(SCANS, params={"q": "note", "lane": "L2"}).json()["scans"]] == ["s4"]
    first = tan.get(SCANS, params={"q": "note", "limit": "3"}).json()
    assert [one["scan_id"] for one in first["scans"]] == ["s4", "s3", "s1"]
    assert "q=note" in first["next"]
    last = tan.get(first["next"]).json()
    assert ([one["scan_id"] for one in last["scans"]], last["next"]) == (["s0"], None)
    table = tan.get(SCANS, params={"q": "note", "format": "csv"})
    assert [row["scan_id"] for row in csv.DictReader(io.StringIO(table.text))] == ["s4", "s3", "s1", "s0"]
    lines = tan.get(SCANS, params={"q": "note", "format": "jsonl", "limit": "2"})
    assert lines.headers["content-type"].startswith("application/x-ndjson")
    assert [json.loads(line) for line in lines.text.splitlines()] == tan.get(SCANS, params={"q": "note"}).json()[
        "scans"
    ][:2]
    assert len(tan.get(SCANS, params={"q": " "}).json()["scans"]) == 6
    assert tan.get(SCANS, params={"q": "x" * 201}).status_code == 400


def test_hostile_words_are_only_words(belt: Any) -> None:
    _, tan, _ = belt
    for typed in HOSTILE:
        told = tan.get(SCANS, params={"q": typed})
        assert told.status_code == 200, (typed, told.text)
        assert tan.get(SCANS, params={"q": typed, "format": "csv"}).status_code == 200


@given(n=st.integers(1, 5000), data=st.data())
def test_an_interval_holds_its_share_and_shrinks(n: int, data: Any) -> None:
    """Against the formula itself: the ends are the shares from which the one seen is 1.96 standard deviations away."""
    k = data.draw(st.integers(0, n))
    told = rate(k, n)
    assert told["low"] is not None
    assert told["high"] is not None
    assert 0 <= told["low"] <= k / n + 1e-6 <= told["high"] + 2e-6 <= 1 + 2e-6
    for end in (told["low"], told["high"]):
        if 0 < end < 1:
            assert abs(abs(k / n - end) / (end * (1 - end) / n) ** 0.5 - 1.96) < 0.05
    assert rate(10 * k, 10 * n)["high"] <= told["high"] + 1e-6


def test_of_none_there_is_no_share() -> None:
    assert rate(0, 0) == {"k": 0, "n": 0, "rate": None, "low": None, "high": None}
