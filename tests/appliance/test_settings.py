"""Settings that collide are refused with both places; a wrong value is told where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.config import read_settings
from appliance.errors import ConfigError
from appliance.settings import DicomSource, FolderSource, Settings, ZeromqSource

Read = Callable[..., Settings]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read a text as the configuration, in an environment of its own."""

    def reading(text: str, **environment: str) -> Settings:
        path = tmp_path / "appliance.yaml"
        path.write_bytes(text.encode())
        return read_settings(path, environment)

    return reading


def problem(read: Read, text: str, **environment: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(text, **environment)
    return re.sub(r"\S*/(?=appliance\.yaml)", "", str(caught.value))


@pytest.mark.parametrize(("one", "other"), [("scans", "scans"), ("scans", "scans/in"), ("a/../b", "./b"), ("b/c", "b")])
def test_no_two_sources_take_from_one_folder(read: Read, one: str, other: str) -> None:
    """Each would take the other's scans; the error names both places."""
    text = f"sources:\n  - {{name: a, kind: folder, path: {one}}}\n  - {{name: b, kind: folder, path: {other}}}\n"
    told = problem(read, text)
    assert told.startswith("appliance.yaml:3:29: sources.1.path: the sources 'a' and 'b' must not share a folder")
    assert told.endswith("(the other: appliance.yaml:2:29)")


def test_an_archive_is_no_source(read: Read) -> None:
    first = "  - {name: a, kind: folder, path: x, after: archive, archive: y/z}\n"
    told = problem(read, f"sources:\n{first}  - {{name: b, kind: folder, path: y}}\n")
    assert told.startswith("appliance.yaml:2:54: sources.0.archive: ")
    assert told.endswith("must not share a folder (the other: appliance.yaml:3:29)")


DOORS = {
    "dashboard": "dashboard: {{bind: '{}'}}\n",
    "zeromq": "  - {{name: z{}, kind: zeromq, curve: false, bind: 'tcp://{}'}}\n",
    "dicom": "  - {{name: d{}, kind: dicom, bind: '{}'}}\n",
}


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("127.0.0.1:80", "127.0.0.1:80", True),
        ("127.0.0.1:80", "localhost:080", True),
        ("127.0.0.1:80", "127.0.0.1:81", False),
        ("127.0.0.1:0", "127.0.0.1:0", False),
        ("127.0.0.1:80", "127.0.0.2:80", False),
    ],
)
def test_no_two_listen_at_one_door(read: Read, one: str, other: str, *, clash: bool) -> None:
    """Whatever the two are; the error names both places."""
    zeromq, dicom, web = DOORS["zeromq"], DOORS["dicom"], DOORS["dashboard"].format("127.0.0.1:9")
    for text in (
        f"{web}sources:\n{dicom.format(1, one)}{dicom.format(2, other)}",
        f"{web}sources:\n{zeromq.format(1, one)}{zeromq.format(2, other)}",
        f"{web}sources:\n{zeromq.format(1, one)}{dicom.format(2, other)}",
        f"{DOORS['dashboard'].format(one)}sources:\n  # here\n{dicom.format(2, other)}",
    ):
        if clash:
            told = problem(read, text)
            assert re.match(r"appliance\.yaml:4:\d+: sources\.[01]\.bind: .* is listened at already, as ", told)
            assert re.search(r"\(the other: appliance\.yaml:[13]:\d+\)$", told)
        else:
            read(text)


def test_every_address_is_every_address(read: Read) -> None:
    text = "sources:\n" + DOORS["dicom"].format(1, "0.0.0.0:80") + DOORS["dicom"].format(2, "10.0.0.1:80")
    assert "is listened at already" in problem(read, text)


WRONG = ["[1]", "{a: 1}", "2026-13-45", "!!int x", "!!float abc", "1e999", "''", "-1", "'\\0'"]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_value_is_told_on_its_own_line(read: Read, wrong: str) -> None:
    """Whatever is wrong with whichever key."""
    sections = {name: field.annotation for name, field in Settings.model_fields.items() if name != "sources"}
    texts = [
        (f"# a box\nsources: []\n{name}:\n  # what\n  {key}: {wrong}\n", 5)
        for name, model in sections.items()
        for key in getattr(model, "model_fields", {})
    ]
    for model, needs in ((FolderSource, "path: x"), (ZeromqSource, "bind: 'ipc://x'"), (DicomSource, "lane: x")):
        for key in model.model_fields:
            own = ["name: n", f"kind: {model.model_fields['kind'].default}", needs]
            rest = [line for line in own if not line.startswith(f"{key}:")]
            texts.append(("sources:\n  - " + "\n    ".join([*rest, f"{key}: {wrong}"]) + "\n", 2 + len(rest)))
    refused = 0
    for text, line in texts:
        told = ""
        try:
            read(text)
        except ConfigError as refusal:
            refused, told = refused + 1, str(refusal)
        assert not told or f":{line}:" in told, (text, told)
    assert refused > len(texts) // 4
