"""The bytes of a file across writes, syncs, failed syncs and cuts, against a plain copy of them."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tests.faults.content import PAGE, Content

PLACES = st.integers(0, 4 * PAGE)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), PLACES, st.binary(min_size=1, max_size=9).map(lambda part: part * 700)),
        st.tuples(st.just("resize"), PLACES, st.just(b"")),
        st.tuples(st.just("sync"), st.just(0), st.just(b"")),
    ),
    max_size=12,
)


def _played(steps: list[tuple[str, int, bytes]]) -> tuple[Content, bytes, bytes]:
    """The content after these steps, with plain copies of what is there now and what was synced last."""
    content, now, synced = Content(), bytearray(), b""
    for verb, place, data in steps:
        if verb == "write":
            content.write(place, data)
            now.extend(bytes(max(0, place - len(now))))
            now[place : place + len(data)] = data
        elif verb == "resize":
            content.resize(place)
            now = bytearray(bytes(now[:place]).ljust(place, b"\0"))
        else:
            content.sync()
            synced = bytes(now)
    return content, bytes(now), synced


@given(STEPS)
def test_a_cut_without_mercy_leaves_the_bytes_of_the_last_sync(steps: list[tuple[str, int, bytes]]) -> None:
    """Whatever was written in between, only what was synced is there."""
    content, now, synced = _played(steps)
    assert bytes(content.now) == now
    assert content.cut() == (now != synced)
    assert bytes(content.now) == synced


@given(STEPS)
def test_a_cut_that_spares_every_page_leaves_the_bytes_of_now(steps: list[tuple[str, int, bytes]]) -> None:
    """The other end of what a disk may do: it had written everything already."""
    content, now, _ = _played(steps)
    content.cut(lambda: True)
    assert bytes(content.now) == now


@given(STEPS, st.randoms(use_true_random=False))
def test_a_torn_page_is_old_or_new_or_never_written(steps: list[tuple[str, int, bytes]], chance: random.Random) -> None:
    """Nothing is invented: each byte left is of now, of the last sync, or a hole's zero."""
    content, now, synced = _played(steps)
    content.cut(lambda: bool(chance.getrandbits(1)))
    longest = max(len(now), len(synced))
    assert len(content.now) <= longest
    choices = zip(now.ljust(longest, b"\0"), synced.ljust(longest, b"\0"), strict=True)
    assert all(byte in {new, old, 0} for byte, (new, old) in zip(content.now, choices, strict=False))


def test_a_page_whose_sync_failed_is_not_saved_by_the_next_sync() -> None:
    """The kernel calls such pages clean; a program that syncs again and believes it has lost its data."""
    content = Content()
    content.write(0, b"old" * PAGE)
    content.sync()
    content.write(0, b"new")
    content.write(2 * PAGE, b"new")
    content.forsake()
    content.write(2 * PAGE, b"NEW")
    content.sync()
    content.cut()
    assert content.now[:3] == b"old"
    assert content.now[2 * PAGE : 2 * PAGE + 3] == b"NEW"
