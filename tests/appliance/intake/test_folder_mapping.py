"""XML sidecars through a site's mapping."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from appliance.intake.folder.mapping import parse_xml
from appliance.settings import FolderSource
from appliance.sheet import sheet_from

MAPPING = {
    "scan_id": "Bag.Id",
    "lane": "Bag.Where.Lane",
    "declared_items": "Bag.Word",
    "declaration": "Bag.Goods.Item",
    "declaration.text": "Name",
    "declaration.hs": "Code",
    "declaration.quantity": "Count",
    "context.age": "Bag.Owner.Age",
}
BAG = """<?xml version="1.0" encoding="{encoding}"?>
<b:Bag xmlns:b="urn:bag"><b:Id> S-1 </b:Id><!-- said --><Where><Lane>L3</Lane></Where><Word>shoes &amp; süß</Word>
<Word>hat</Word><Goods><Item><Name>scissors</Name><Code>821300</Code><Count>2</Count></Item><Item><Name>pen</Name></Item></Goods>
<Owner><Age>54</Age></Owner></b:Bag>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_a_mapped_sidecar_is_a_sheet(encoding: str) -> None:
    """Fields, repeated items and items of several parts, in the encodings XML comes in."""
    sheet = sheet_from(parse_xml(BAG.format(encoding=encoding).encode(encoding), MAPPING))
    assert (sheet.scan_id, sheet.lane, sheet.context) == ("S-1", "L3", {"age": "54"})
    items = [(item.text, item.hs, item.quantity) for item in sheet.declaration.items]
    assert items == [("shoes & süß", None, None), ("hat", None, None), ("scissors", "821300", 2), ("pen", None, None)]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document types"),
        (b'<!DOCTYPE a SYSTEM "http://x/"><a/>', "document types"),
        (b"<a>&b;</a>", "undefined entity"),
        (b"<Bag><Id>1</Id>", "line 1"),
        (b"", "no element"),
        (b'<?xml version="1.0" encoding="hex"?><a/>', "not a text encoding"),
        (b'<?xml version="1.0" encoding="undefined"?><a/>', "undefined encoding"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "unknown encoding"),
        (b"<Bag><Id>1</Id><Id>2</Id></Bag>", "scan_id: stands there 2 times"),
        (b"<a>" * 50, "nested deeper"),
        (b" " * 1_000_001, "larger than"),
    ],
)
def test_what_cannot_be_read_says_why(raw: bytes, said: str) -> None:
    """Entities and document types are refused before anything is expanded or fetched."""
    with pytest.raises(ValueError, match=said):
        parse_xml(raw, MAPPING)


@given(
    st.binary(max_size=200) | st.text(max_size=100).map(lambda t: f"<Bag><Id>{t}</Id></Bag>".encode(errors="replace"))
)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """Nothing else than a ValueError comes out."""
    with contextlib.suppress(ValueError):
        sheet_from(parse_xml(raw, MAPPING))


@pytest.mark.parametrize("mapping", [{"colour": "A"}, {"lane": "A..B"}, {"lane": ""}, {"declaration.hs": "A"}])
def test_a_mapping_that_leads_nowhere_is_refused(mapping: dict[str, str]) -> None:
    """When the configuration is read, not when the first sidecar comes."""
    with pytest.raises(ValidationError):
        FolderSource(name="belt", path=Path("/in"), sidecar_xml=mapping)
