"""What came with the pictures is read strictly, named where it is wrong, and never holds a picture back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.scan import Sheet, canonical
from appliance.sheet import MAX_BYTES, MAX_CONTEXT_BYTES, MAX_ITEMS, read_sheet, sheet_from, unreadable

WHOLE = {
    "scan_id": "SCAN-2026-001234",
    "lane": "L3",
    "scanned_at": "2026-11-20T09:15:00+01:00",
    "declared_items": ["clothing", "electronics"],
    "declaration": [{"text": "kitchen scissors", "hs": "821300", "quantity": 2}],
    "context": {"age": 54, "gender": "F"},
}

text = st.text(st.characters(), max_size=8)  # surrogates too
leaf = st.none() | st.booleans() | st.integers() | st.floats() | text
anything = st.recursive(
    leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=5
)
moments = st.datetimes().map(str) | st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat())
sheets = st.fixed_dictionaries(
    {},
    optional={
        "scan_id": anything,
        "lane": anything,
        "scanned_at": moments | anything,
        "declared_items": st.lists(anything, max_size=3) | anything,
        "declaration": st.lists(st.fixed_dictionaries({"text": leaf}, optional={"hs": leaf, "quantity": leaf}))
        | anything,
        "context": st.dictionaries(text, anything, max_size=3) | anything,
    },
)


def read(fields: object) -> Sheet:
    return read_sheet(json.dumps(fields).encode())


def holds(sheet: Sheet) -> None:
    """The sheet can be digested, kept and read back."""
    content = canonical(sheet.model_dump(mode="json"))
    assert Sheet.model_validate_json(content) == sheet


def test_everything_that_can_be_said_is_read() -> None:
    sheet = read(WHOLE)
    assert (sheet.scan_id, sheet.lane) == ("SCAN-2026-001234", "L3")
    assert str(sheet.scanned_at) == "2026-11-20 08:15:00+00:00"
    assert [item.text for item in sheet.declaration.items] == ["clothing", "electronics", "kitchen scissors"]
    assert (sheet.declaration.state, sheet.context) == ("given", {"age": 54, "gender": "F"})


def test_everything_is_optional_and_unknown_fields_are_left() -> None:
    assert read({}) == read({"vendor": {"anything": [1]}}) == Sheet()


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("declared_item", "declared_items"),
        ("declaredItems", "declared_items"),
        ("Declared-Items", "declared_items"),
        ("declerations", "declaration"),
        ("ScanID", "scan_id"),
        ("scaned_at", "scanned_at"),
        ("Lane", "lane"),
        ("contxt", "context"),
    ],
)
def test_a_misspelt_field_is_never_lost_in_silence(given: str, meant: str) -> None:
    """Read as nothing, a misspelt declaration would let a bag pass as if none had been made."""
    sheet = read({given: ["clothing"]})
    assert sheet.declaration.state == "unreadable"
    assert sheet.declaration.problem == f"{given}: no such field (did you mean {meant}?)"


@pytest.mark.parametrize(
    "given", ["scanner_id", "vendor", "size", "sha256", "view", "plane", "mode", "sequence", "operator", "x" * 10_000]
)
def test_a_field_of_the_vendors_own_is_no_slip(given: str) -> None:
    assert read({given: 1}) == Sheet()


def test_beside_the_field_itself_a_similar_one_is_another() -> None:
    assert read({"lane": "L1", "lanes": 3}) == Sheet(lane="L1")


def test_a_byte_order_mark_is_no_problem_and_a_number_may_be_a_name() -> None:
    assert read_sheet(b'\xef\xbb\xbf{"scan_id": 1234}').scan_id == "1234"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "not JSON: Expecting value at line 1 column 1"),
        (b'{"lane": "L1",\n "lane": }', "not JSON: Expecting value at line 2 column 10"),
        (b'{"lane": "L1", "lane": "L2"}', "a key stands twice"),
        (b'{"context": {"a": 1, "a": 2}}', "a key stands twice"),
        (b'{"context": NaN}', "NaN is not JSON"),
        (b'{"context": {"a": -Infinity}}', "-Infinity is not JSON"),
        (b'{"context": {"a": 1e999}}', "the number 1e999 is too large"),
        (b'{"context": {"a": -' + b"1" * 5000 + b"}}", "a number of more than 100 digits"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"context": ' + b'{"a": ' * 50 + b"1" + b"}" * 51, "nested deeper than 20"),
        (b"[]", "not a JSON object"),
        (b'{"lane": "\xff"}', "not UTF-8 at byte 10"),
        ('{"lane": "L1"}'.encode("utf-16"), "not UTF-8 at byte 0"),
        (b" " * (MAX_BYTES + 1), f"larger than {MAX_BYTES} bytes"),
    ],
)
def test_what_cannot_be_read_is_unreadable_with_its_reason(raw: bytes, problem: str) -> None:
    sheet = read_sheet(raw)
    assert sheet.declaration.state == "unreadable"
    assert sheet.declaration.problem.startswith(problem)
    assert sheet.declaration.items == ()


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("scan_id", "", "scan_id: not a text of 1 to 200 characters"),
        ("scan_id", "x" * 201, "scan_id: not a text"),
        ("scan_id", True, "scan_id: not a text"),
        ("scan_id", 10**90, "scan_id: not a text"),
        ("scan_id", "a\nb", "scan_id: control or surrogate characters"),
        ("scan_id", "a\x9b2J", "scan_id: control or surrogate characters"),
        ("scan_id", "\ud800", "scan_id: control or surrogate characters"),
        ("lane", ["L1"], "lane: not a text of 1 to 100 characters"),
        ("scanned_at", "2026-11-20T08:15:00", "scanned_at: not a time with a zone"),
        ("scanned_at", 1700000000, "scanned_at: not a time with a zone"),
        ("scanned_at", "0001-01-01T00:00:00+05:00", "scanned_at: not a time with a zone"),
        ("declared_items", "clothing", "declared_items: not a list"),
        ("declared_items", ["shoes", 5], "declared_items.1: not a text or an object with text, hs, quantity"),
        ("declared_items", ["x" * 501], "declared_items.0: not a text"),
        ("declared_items", ["\udfff"], "declared_items.0: not a text"),
        ("declared_items", ["shoes"] * (MAX_ITEMS + 1), f"declared_items: more than {MAX_ITEMS} items"),
        ("declaration", {"text": "shoes"}, "declaration: not a list"),
        ("declaration", [{"text": "shoes", "colour": "red"}], "declaration.0: not a text"),
        ("declaration", [{"text": "shoes", "quantity": -1}], "declaration.0: not a text"),
        ("context", [], "context: not an object"),
        ("context", 0, "context: not an object"),
        ("context", {"a": "\ud800"}, "context: surrogate characters"),
        ("context", {"\ud800": 1}, "context: surrogate characters"),
        ("context", {"a": "x" * MAX_CONTEXT_BYTES}, f"context: larger than {MAX_CONTEXT_BYTES} bytes"),
    ],
)
def test_a_wrong_field_is_named_and_the_others_are_kept(field: str, value: object, problem: str) -> None:
    """A wrong field makes the declaration unreadable, which no verdict ignores."""
    sheet = read(WHOLE | {field: value})
    assert sheet.declaration.state == "unreadable"
    assert sheet.declaration.problem.startswith(problem)
    if field != "lane":
        assert sheet.lane == "L3"
    if not field.startswith("declar"):
        assert len(sheet.declaration.items) == 3
    holds(sheet)


def test_a_problem_can_quote_anything() -> None:
    """What quotes a name of any bytes can still be kept."""
    holds(unreadable("x\udcff" * 1000))


@settings(max_examples=300)  # of up to six JSON values each
@given(fields=sheets | anything)
def test_no_json_whatsoever_is_an_error(fields: Any) -> None:
    """Every JSON value ends in a sheet that can be kept; what was wrong is said in it."""
    sheet = read(fields)
    holds(sheet)
    assert bool(sheet.declaration.problem) == (sheet.declaration.state == "unreadable")
    if isinstance(fields, dict):
        holds(sheet_from(fields) if sheet.declaration.state != "unreadable" else sheet)


@settings(max_examples=500)
@given(raw=st.binary(max_size=200))
def test_no_bytes_whatsoever_are_an_error(raw: bytes) -> None:
    holds(read_sheet(raw))
