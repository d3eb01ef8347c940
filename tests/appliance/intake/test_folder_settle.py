"""When is a file finished, and a scan ready: every case, without a clock or a disk."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from appliance.intake.folder.gathering import Gathering, compare
from appliance.intake.folder.grouping import Sorter
from appliance.intake.folder.settle import NEVER, Take, Wait, decide, finished_at
from appliance.settings import FolderSource
from appliance.store.sightings import Look


def source(**more: Any) -> FolderSource:
    return FolderSource(name="belt", path=Path("/in"), **more)


def look(size: int = 10, mtime: int = 100) -> Look:
    return Look(size, mtime, 1, 1)


def ground(settings: FolderSource, *seen: tuple[str, Look, float, bool]) -> Gathering:
    found = Gathering(Sorter(settings))
    for path, how, now, finished in seen:
        found.see(path.encode(), how, now, now, finished=finished)
    return found


def decision(found: Gathering, settings: FolderSource, now: float, scan: bytes = b"a") -> Take | Wait:
    group = found.scan(scan)
    assert group
    return decide(group, settings, now)


def test_an_unchanged_file_is_finished_after_the_settle_time() -> None:
    """Not a moment earlier."""
    settings = source(settle_seconds=1)
    found = ground(settings, ("a.png", look(), 5, False))
    assert decision(found, settings, 5.99) == Wait(6)
    assert isinstance(decision(found, settings, 6), Take)


def test_a_change_starts_the_settle_time_anew() -> None:
    """Size, times or inode: any of them; and what the system said about the file before is void."""
    settings = source(settle_seconds=1)
    for changed in (Look(11, 100, 1, 1), Look(10, 101, 1, 1), Look(10, 100, 2, 1), Look(10, 100, 1, 2)):
        found = ground(settings, ("a.png", look(), 5, True), ("a.png", changed, 5.5, False))
        assert decision(found, settings, 6.4) == Wait(6.5)


def test_an_empty_file_is_never_finished() -> None:
    """Even if the system said it was closed."""
    settings = source(settle_seconds=0)
    assert decision(ground(settings, ("a.png", look(size=0), 5, True)), settings, 1000) == Wait(NEVER)


def test_a_marker_counts_only_if_it_is_not_older() -> None:
    """For the file, for its stem and for the whole scan."""
    settings = source(settle_seconds=100, done_suffix=".done", views=r"(?P<scan>.)(?P<view>\d)")
    for name, age in itertools.product(("a1.png.done", "a1.done", "a.done"), (99, 100, 101)):
        found = ground(settings, ("a1.png", look(), 5, False), (name, look(0, age), 6, False))
        group = found.scan(b"a")
        assert group
        assert finished_at(group.pictures[b"a1.png"], group.markers, b"a", 100) == (105 if age < 100 else 6)


def test_what_was_taken_rests_until_it_changes() -> None:
    """Taken files are no news; the same file looking different is."""
    settings = source(settle_seconds=0)
    found = ground(settings, ("a.png", look(), 5, True), ("a.json", look(), 5, True))
    found.took([(b"a.png", look()), (b"a.json", look())])
    assert decision(found, settings, 10) == Wait(NEVER)
    found.see(b"a.json", look(11), 11, 11)
    assert isinstance(decision(found, settings, 11), Take)


def test_a_new_sidecar_waits_for_a_picture_that_is_being_rewritten() -> None:
    """Words and picture that change together come together."""
    settings = source(settle_seconds=1)
    found = ground(settings, ("a.png", look(), 1, True), ("a.json", look(), 1, True))
    found.took([(b"a.png", look()), (b"a.json", look())])
    found.see(b"a.json", look(11), 5, 5, finished=True)
    found.see(b"a.png", look(11), 5.5, 5.5)
    assert decision(found, settings, 5.6) == Wait(6.5)
    assert isinstance(decision(found, settings, 6.5), Take)


def test_a_cut_off_file_is_tried_once_and_then_only_after_its_time() -> None:
    """The same look is not tried again before incomplete_seconds; a new look is tried at once."""
    settings = source(settle_seconds=1, incomplete_seconds=60)
    found = ground(settings, ("a.png", look(), 0, False))
    first = decision(found, settings, 1)
    assert isinstance(first, Take)
    assert not first.accept_incomplete
    group = found.scan(b"a")
    assert group
    group.unfinished = first.looks()
    assert decision(found, settings, 2) == Wait(60)
    last = decision(found, settings, 60)
    assert isinstance(last, Take)
    assert last.accept_incomplete
    found.see(b"a.png", look(11), 30, 30, finished=True)
    again = decision(found, settings, 30)
    assert isinstance(again, Take)
    assert not again.accept_incomplete


def test_a_look_from_before_the_last_one_is_left_out() -> None:
    """A slow listing does not undo what a hint showed meanwhile."""
    settings = source()
    found = ground(settings, ("a.png", look(11), 8, True))
    found.see(b"a.png", look(10), 7, 9)
    found.lose(b"a.png", 7)
    assert found.looks() == {b"a.png": look(11)}
    found.lose(b"a.png", 8)
    assert found.scans() == ()


STEPS = st.lists(
    st.tuples(
        st.sampled_from([b"a_top.png", b"a_side.png", b"a.json", b"a_top.png.done", b"b.png"]),
        st.integers(0, 2),  # size; 0 twice as likely to be news later
        st.integers(0, 3),  # mtime
        st.booleans(),  # told finished
        st.booleans(),  # gone instead
        st.floats(0.01, 3),
    ),
    max_size=25,
)


@given(STEPS, st.sampled_from([0.0, 0.5, 2.0]), st.integers(1, 2), st.sampled_from([0.0, 1.0]))
def test_whatever_happens_every_whole_file_is_taken_in_the_end(
    steps: list[tuple[bytes, int, int, bool, bool, float]], settle: float, expected: int, sidecar_wait: float
) -> None:
    """No order of events leaves a file that stopped changing untaken, and nothing is taken before it is finished."""
    settings = source(
        settle_seconds=settle,
        done_suffix=".done",
        views="(?P<scan>.)_(?P<view>top|side)",
        expected_views=expected,
        views_wait_seconds=4,
        sidecar_wait_seconds=sidecar_wait,
    )
    found = Gathering(Sorter(settings))
    now = 0.0

    def take_all() -> None:
        for group in found.scans():
            while isinstance(decided := decide(group, settings, now), Take):
                for place, how in decided.pictures:
                    assert how.size
                    assert finished_at(group.pictures[place.path], group.markers, group.scan, settle) <= now
                files = [(place.path, how) for place, how in decided.pictures]
                found.took([*files, *((path, how) for path, how, _ in decided.sidecars)])

    for path, size, mtime, finished, gone, pause in steps:
        now += pause
        if gone:
            found.lose(path, now)
        else:
            found.see(path, Look(size, mtime, 1, 1), now, now, finished=finished)
        take_all()
    for _ in range(100):
        waits = [decide(group, settings, now) for group in found.scans()]
        until = min((wait.until for wait in waits if isinstance(wait, Wait)), default=NEVER)
        if until == NEVER:
            break
        assert until > now, "waiting for a time that has come"
        now = until
        take_all()
    else:
        raise AssertionError("it never came to rest")
    for group in found.scans():
        assert [file for file in group.pictures.values() if file.news and file.look.size] == []


@given(
    st.dictionaries(st.sampled_from([b"a.png", b"b.png", b"x.txt", b"c.json"]), st.integers(0, 2)),
    st.dictionaries(st.sampled_from([b"a.png", b"b.png", b"c.json"]), st.integers(0, 2)),
)
def test_a_listing_is_compared_whole(there: dict[bytes, int], known: dict[bytes, int]) -> None:
    """What is new or different is told, what is gone is told, what is no business of ours is only counted."""
    listed = {path: look(size) for path, size in there.items()}
    before = {path: look(size) for path, size in known.items()}
    found = compare(listed, before, Sorter(source()))
    assert found.changed == {p: how for p, how in listed.items() if p != b"x.txt" and before.get(p) != how}
    assert set(found.gone) == before.keys() - listed.keys()
    assert found.ignored == (b"x.txt" in listed)
