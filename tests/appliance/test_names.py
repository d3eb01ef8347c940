"""Any name makes a file's name: one step, visible, short enough, and no two names the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.names import as_file_name

odd = st.sampled_from("./\\%~\0 \u202e\u2028")
names = st.text(st.characters() | odd | st.sampled_from("\ud800\udcff"), max_size=300)
storable = st.text(st.characters(exclude_categories=["Cs"]) | odd, max_size=6)
"""Short, so that two of them are often near one another."""


@settings(max_examples=500)
@given(name=names)
def test_no_name_leads_out_of_the_folder_or_hides(name: str) -> None:
    found = as_file_name(name)
    assert os.fsencode(found) == found.encode()
    assert 0 < len(os.fsencode(f"{found}.json")) <= 255
    assert not found.startswith(".")
    assert not {"/", "\\", "\0", "\u202e", "\u2028"} & set(found)
    assert Path("folder", found).parent == Path("folder")


@settings(max_examples=2000)
@given(one=storable, other=storable)
def test_two_names_never_share_a_file(one: str, other: str) -> None:
    assert (one == other) == (as_file_name(one) == as_file_name(other))
    spelled = as_file_name(one)
    assert (one == spelled) == (as_file_name(one) == as_file_name(spelled))


@pytest.mark.parametrize("cut", [150, 200, 201, 204, 240])
def test_names_that_differ_only_behind_the_cut_stay_apart(cut: int) -> None:
    assert len({as_file_name("y" * cut), as_file_name("y" * cut + "a"), as_file_name("y" * cut + "b")}) == 3


@pytest.mark.parametrize("name", ["SCAN-2026-001234", "Gepäck 7 (neu)", "安检-42", "a.b~c", "x" * 200])
def test_practical_names_stay_as_they_are(name: str) -> None:
    assert as_file_name(name) == name


@pytest.mark.parametrize(
    ("name", "spelled"),
    [("", "%"), ("..", "%2E."), ("a/b\\c", "a%2Fb%5Cc"), ("50%", "50%25"), ("a\u202egpj", "a%E2%80%AEgpj")],
)
def test_what_cannot_stand_is_spelled(name: str, spelled: str) -> None:
    assert as_file_name(name) == spelled
