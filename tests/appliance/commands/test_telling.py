"""What is told is a sentence: numbers with their nouns, one form of time, and why nothing comes."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

from appliance.commands.telling import count, source_lines, when
from appliance.intake.dicom.door import DicomCounts
from appliance.intake.zeromq.feed import FeedCounts

BUSY = {
    "present": True,
    "watching": True,
    "listed_at": "2026-11-20T08:15:02.5+00:00",
    "seen": 9,
    "waiting": 1,
    "ignored": 1,
    "refused": 2,
    "unreadable": 1,
    "taken": 7,
    "quarantined": 1,
    "last_file_at": "2026-11-20T09:15:00.123+01:00",
    "held": "/in: No such file or directory",
    "trouble": "x",
}


def test_a_folder_tells_what_it_took_what_waits_and_what_is_held() -> None:
    assert list(source_lines("belt-1", BUSY)) == [
        (
            "source belt-1: 7 scans taken since the start, 1 of them quarantined, 1 picture waiting,"
            " nothing came since 2026-11-20T08:15:00Z, last listed 2026-11-20T08:15:02Z"
        ),
        "  ! nothing is taken: /in: No such file or directory",
        "  ! tried again: x",
        "  - left where they are: 1 file of other kinds, 2 links or devices, 1 folder that cannot be listed",
    ]


def test_a_door_tells_what_it_let_in_and_what_not() -> None:
    feed = dataclasses.asdict(FeedCounts(accepted=1, refused=2, too_fast=2, undelivered=1))
    feed["accepted_at"] = "2026-11-20T08:15:00+00:00"
    assert list(source_lines("feed-1", feed)) == [
        (
            "source feed-1: 1 scan accepted since the start, nothing came since 2026-11-20T08:15:00Z,"
            " 2 messages refused, 2 of those too fast, 1 reply not delivered"
        )
    ]
    dicom = dataclasses.asdict(DicomCounts(accepted=3, repeated=1, connections=1))
    assert list(source_lines("ct", dicom)) == [
        (
            "source ct: 3 scans accepted since the start, 1 of them sent before, nothing came since the start,"
            " 1 connection open"
        )
    ]


def test_a_number_has_its_noun_and_a_time_one_form() -> None:
    assert (count(0, "scan"), count(1, "scan"), count(2, "reply", "replies")) == ("0 scans", "1 scan", "2 replies")
    assert when(datetime(2026, 1, 2, 3, 4, 5, 678, UTC)) == when("2026-01-02T04:04:05+01:00") == "2026-01-02T03:04:05Z"
