"""Which file belongs to which scan, under which name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.intake.folder.grouping import Kind, Sorter, missing, parts
from appliance.intake.folder.names import as_name, as_slot, as_text
from appliance.settings import FolderSource

PATHS = st.lists(st.binary(min_size=1, max_size=40).filter(lambda b: not set(b) & {0, 47}), min_size=1, max_size=3).map(
    b"/".join
)


def sorter(**more: Any) -> Sorter:
    return Sorter(FolderSource(name="belt", path=Path("/in"), **more))


def kind(path: bytes, **more: Any) -> Kind | None:
    place = sorter(**more).place(path)
    return place.kind if place else None


@pytest.mark.parametrize("ending", [".part", ".tmp", ".partial", ".crdownload", ".filepart"])
def test_unfinished_endings_are_left_alone(ending: str) -> None:
    """Even where a site lists them, or files without ending, as pictures."""
    assert kind(f"a.png{ending}".encode(), extensions=(".png", "", ending)) is None


def test_kinds_follow_from_names() -> None:
    """Pictures by ending in any case, sidecars, markers; hidden files and folders never."""
    assert kind(b"x/a.PNG") is kind(b"a.dcm") is Kind.PICTURE
    assert kind(b"a.json") is Kind.SIDECAR
    assert kind(b"a.xml") is None
    assert kind(b"a.xml", sidecar_xml={"lane": "A"}) is Kind.SIDECAR
    assert kind(b"a.png.done", done_suffix=".done") is kind(b"a.done", done_suffix=".done") is Kind.MARKER
    assert kind(b"a.png.done") is kind(b".a.png") is kind(b".d/a.png") is kind(b"a.txt") is kind(b"png") is None
    assert kind(b"IM0001", extensions=("",)) is Kind.PICTURE


def test_all_files_of_a_scan_find_each_other() -> None:
    """Views, sidecars of the scan or of one view, and markers of either."""
    sort = sorter(views="(?P<scan>.+)-(?P<view>[ab])", done_suffix=".done")
    names = (b"s-a.png", b"s-b.jpg", b"s.json", b"s-a.json", b"s-a.png.done", b"s-b.done", b"s.done", b"s.png")
    assert {place.scan for name in names if (place := sort.place(b"d/" + name))} == {b"d/s"}
    other = sort.place(b"e/s-a.png")
    assert other
    assert other.scan == b"e/s"


def test_parts_have_names_of_their_own() -> None:
    """Two files for one view are two pictures, in an order that does not depend on how they came."""
    sort = sorter(views="(?P<scan>.+)-(?P<view>[ab])")
    places = [p for name in (b"s-a.png", b"s-b.png", b"s-a.jpg", b"s.png") if (p := sort.place(name))]
    found = [(part.view, part.path) for part in parts(reversed(places))]
    assert found == [("a", b"s-a.jpg"), ("a~2", b"s-a.png"), ("b", b"s-b.png"), ("view", b"s.png")]


def test_what_is_missing_is_said() -> None:
    """Views by number, planes by name; a file that names no view counts for none."""
    pattern = "(?P<scan>.)(?P<view>[ab])(?P<plane>[hl])?"
    sort = sorter(views=pattern)

    def lacks(*names: bytes, expected: int = 2) -> tuple[str, ...]:
        return missing((p for name in names if (p := sort.place(name + b".png"))), expected, pattern)

    assert lacks(b"sa", b"sb") == ()
    assert lacks(b"sa") == lacks(b"sa", b"odd") == ("1 of 2 views",)
    assert lacks(b"sah", b"sb") == ("low energy of a",)
    assert lacks(b"sah", b"sal", b"sb") == ()
    assert lacks(b"odd", expected=1) == (f"odd.png does not fit the pattern of views: {pattern}",)
    assert lacks(b"odd") == lacks(b"odd", expected=1)


@given(PATHS, PATHS)
def test_any_bytes_have_a_place_and_no_two_paths_a_slot(one: bytes, other: bytes) -> None:
    """Names are printable text, slots tell all paths apart, and nothing fails."""
    sort = sorter(views="(?P<scan>.+)_(?P<view>.+)", done_suffix=".done", extensions=(".png", ""))
    for path in (one, other):
        sort.place(path)
        assert as_text(path).encode()
        assert len(as_name(path)) <= 200
    assert (as_slot("belt", one) == as_slot("belt", other)) == (one == other)


def test_long_names_stay_apart() -> None:
    """Cutting does not make two names one."""
    assert as_name(b"x" * 240) != as_name(b"x" * 241)
