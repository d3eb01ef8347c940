"""Every count of every way in is a figure with a meaning, or is told by status alone."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from appliance.intake.dicom.door import DicomCounts
from appliance.intake.folder.intake import FolderCounts
from appliance.intake.zeromq.feed import FeedCounts
from appliance.operations.sources import DOOR, FOLDER, figures_of

TOLD_BY_STATUS = {"listed_at", "last_file_at", "accepted_at", "held", "trouble"}


@pytest.mark.parametrize(("kind", "names"), [(FolderCounts, FOLDER), (FeedCounts, DOOR), (DicomCounts, DOOR)])
def test_no_count_is_without_its_figure(kind: Any, names: dict[str, tuple[str, str]]) -> None:
    counts = {field.name: 1 for field in dataclasses.fields(kind)}
    assert counts.keys() - TOLD_BY_STATUS <= names.keys()
    figures = list(figures_of("s", counts))
    assert len({figure.name for figure in figures}) == len(figures) == len(counts.keys() - TOLD_BY_STATUS)


def test_one_name_means_one_thing() -> None:
    assert not {name for name, _ in FOLDER.values()} & {name for name, _ in DOOR.values()}
