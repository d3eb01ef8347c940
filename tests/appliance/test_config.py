"""A configuration is read whole or refused with every wrong place and what was meant there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.config import read_settings
from appliance.errors import ConfigError
from appliance.located import MAX_BYTES, Document, read_model
from appliance.settings import DicomSource, FolderSource, Settings, ZeromqSource

ROOT = Path(__file__).parents[2]
EXAMPLE = """
site: {name: lane-3}
storage: {root: ./state}
sources:
  - {name: belt-1, kind: folder, path: ./scanner, settle_seconds: 1.0}
  - {name: feed-1, kind: zeromq, bind: "tcp://127.0.0.1:5599", curve: false}
engine: {socket: ./state/run/engine.sock, release: embedded, backend: auto}   # auto | vllm | transformers | canned
results: {path: ./results}
dashboard: {bind: "127.0.0.1:8080"}
"""
Read = Callable[..., Settings]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read a text as the configuration, in an environment of its own."""

    def reading(text: str | bytes, **environment: str) -> Settings:
        path = tmp_path / "appliance.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_settings(path, environment)

    return reading


def problem(read: Read, text: str | bytes, **environment: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(text, **environment)
    return re.sub(r"\S*/(?=appliance\.yaml)", "", str(caught.value))


def test_the_small_configuration_of_the_manual_is_complete(read: Read, tmp_path: Path) -> None:
    """It loads as printed, and relative paths count from the file's folder."""
    found = read(EXAMPLE)
    assert found.site.name == "lane-3"
    assert found.storage.root == tmp_path / "state"
    assert found.engine.socket == tmp_path / "state/run/engine.sock"
    assert found.results.path == tmp_path / "results"
    belt, feed = found.sources
    assert isinstance(belt, FolderSource)
    assert isinstance(feed, ZeromqSource)
    assert (belt.path, belt.settle_seconds, feed.bind) == (tmp_path / "scanner", 1.0, "tcp://127.0.0.1:5599")


@pytest.mark.parametrize(
    "block", re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/configuration.md").read_text(), re.DOTALL)
)
def test_what_the_manual_shows_can_be_used(read: Read, block: str) -> None:
    assert read(block).sources


def test_sources_are_all_that_must_be_given(read: Read) -> None:
    assert read("sources: []\n") == Settings(sources=())
    assert read("\ufeffsources: [{name: d, kind: dicom}]\n").sources == (DicomSource(name="d"),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "appliance.yaml:1:1: not a mapping (start with `site:` and `sources:`)"),
        ("- site\n", "appliance.yaml:1:1: not a mapping"),
        ("site: {name: a}\n", "appliance.yaml:1:1: sources: missing"),
        ("sources: []\nsite:\n  nam: x\n", "appliance.yaml:3:3: site.nam: unknown key (did you mean name?)"),
        ("sources: []\ndashbord: {}\n", "appliance.yaml:2:1: dashbord: unknown key (did you mean dashboard?)"),
        ("sources: []\nxyz: {}\n", "appliance.yaml:2:1: xyz: unknown key (known: dashboard, engine,"),
        ("sources: []\nsite: 5\n", "appliance.yaml:2:1: site: not a mapping of keys to values"),
        ("sources: {a: 1}\n", "appliance.yaml:1:1: sources: not a list"),
        (
            "sources:\n  - {name: a, kind: foldr}\n",
            "appliance.yaml:2:15: sources.0.kind: no such kind: foldr (did you mean folder?)",
        ),
        ("sources:\n  - {name: a}\n", "appliance.yaml:2:5: sources.0: kind is missing"),
        ("sources:\n  - {name: a, kind: folder}\n", "appliance.yaml:2:5: sources.0.path: missing"),
        (
            "sources:\n  - name: a\n    kind: folder\n    path: x\n    settle_second: 1\n",
            "appliance.yaml:5:5: sources.0.settle_second: unknown key (did you mean settle_seconds?)",
        ),
        (
            "sources:\n  - name: a\n    kind: folder\n    path: x\n    settle_seconds: soon\n",
            "appliance.yaml:5:5: sources.0.settle_seconds: not a number",
        ),
        ("sources:\n  - {name: a/b, kind: dicom}\n", "appliance.yaml:2:6: sources.0.name: String should match"),
        (
            "sources:\n  - {name: a, kind: dicom}\n  - {name: a, kind: dicom}\n",
            "appliance.yaml:3:6: sources.1.name: two sources are called 'a' (the other: appliance.yaml:2:6)",
        ),
        (
            "sources:\n  - {name: a, kind: zeromq, bind: here}\n",
            "appliance.yaml:2:29: sources.0.bind: not tcp://HOST:PORT or ipc://PATH",
        ),
        (
            "sources:\n  - {name: a, kind: zeromq, bind: 'tcp://1.2.3.4:5', curve: false}\n",
            "appliance.yaml:2:54: sources.0.curve: false is accepted on loopback and ipc only",
        ),
        (
            "sources:\n  - {name: a, kind: zeromq, connect: 'tcp://127.0.0.1:5', curve: false}\n",
            "appliance.yaml:2:5: sources.0.mode: mode router needs bind (the other: appliance.yaml:2:29)",
        ),
        (
            "sources:\n  - {name: a, kind: dicom, called_titles: []}\n",
            "appliance.yaml:2:28: sources.0.called_titles: at least 1 must stand here",
        ),
        (
            "sources:\n  - {name: a, kind: folder, path: x, expected_views: 2}\n",
            "appliance.yaml:2:38: sources.0.expected_views: more than one view needs views: PATTERN",
        ),
        (
            "sources: []\nstorage:\n  stop_free_percent: 30\n  warn_free_percent: 20\n",
            "appliance.yaml:4:3: storage.warn_free_percent: must be larger than stop_free_percent (the other:",
        ),
        ("sources: []\n5: 1\n", "appliance.yaml:2:1: 5: unknown key"),
        ("sources:\n  - {name: a, kind: zeromq}\n", "appliance.yaml:2:5: sources.0: give either bind or connect"),
        (
            "sources: []\nengine: {backend: vlm}\n",
            "appliance.yaml:2:10: engine.backend: must be 'auto', 'vllm', 'transformers' or 'canned' (did",
        ),
        (
            "sources: []\nengine: {in_flight: 0}\n",
            "appliance.yaml:2:10: engine.in_flight: must be greater than 0",
        ),
        ("sources: []\ndashboard: {bind: here}\n", "appliance.yaml:2:13: dashboard.bind: not HOST:PORT"),
        ("sources: []\ndashboard: {bind: a:99999}\n", "appliance.yaml:2:13: dashboard.bind: not HOST:PORT"),
        ("a: 1\na: 2\n", 'appliance.yaml:2:1: found duplicate key "a"'),
        ("a:\n\t- b\n", "appliance.yaml:2:1: a tab stands here: use spaces"),
        ("a: [\n", "appliance.yaml:2:1: "),
        ("sources: []\na: &x 1\nb: *x\n", "appliance.yaml:2:4: anchors and aliases (&, *) are not accepted (write"),
        ("sources: []\nb: \x00\n", "appliance.yaml:2:4: the character U+0000 may not stand in YAML"),
        (b"sources: []\nb: \xff\xfe\n", "appliance.yaml:2:4: not UTF-8 (save it as text in UTF-8)"),
        (b"\x89PNG\r\n\x1a\n", "appliance.yaml:1:1: not UTF-8"),
        ("[" * 50_000, "appliance.yaml:1:31: nested too deep"),
        ("".join(f"{' ' * n}a:\n" for n in range(300)), "appliance.yaml:31:31: nested too deep"),
        ("sources: []\nsite:\n  name: 2026-13-45\n", "appliance.yaml:3:9: not YAML: month must be in 1..12"),
        ("#" * (MAX_BYTES + 1), f"appliance.yaml:1:1: larger than {MAX_BYTES} bytes"),
    ],
)
def test_every_error_has_its_place_and_what_was_meant(read: Read, text: str | bytes, told: str) -> None:
    assert problem(read, text).startswith(told)


def test_all_errors_are_told_at_once(read: Read) -> None:
    told = problem(read, "site: {nam: x}\nengine:\n  attempt: 2\n")
    assert [line.split(" ")[0] for line in told.splitlines()] == [
        "appliance.yaml:1:1:",
        "appliance.yaml:1:8:",
        "appliance.yaml:3:3:",
    ]


def test_an_alias_bomb_is_refused_before_it_is_spread_out(read: Read) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    assert "anchors and aliases" in problem(read, bomb)


def test_a_file_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere.yaml: No such file.*--config FILE"):
        read_settings(tmp_path / "nowhere.yaml", {})
    with pytest.raises(ConfigError, match="Is a directory"):
        read_settings(tmp_path, {})


@pytest.mark.parametrize(
    ("storage", "results"),
    [("./scanner/state", "./r"), ("{folder}/scanner/../scanner", "./r"), (".", "./r"), ("./s", "{folder}/scanner/out")],
)
def test_what_the_box_writes_never_lies_where_a_scanner_writes(
    read: Read, tmp_path: Path, storage: str, results: str
) -> None:
    """Absolute or relative, the box would take its own files for scans."""
    places = (part.format(folder=tmp_path) for part in (storage, results))
    text = "sources: [{{name: a, kind: folder, path: scanner}}]\nstorage: {{root: {}}}\nresults: {{path: {}}}\n"
    assert "must not share a folder" in problem(read, text.format(*places))


def test_the_environment_replaces_keys(read: Read, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(" lane-9 \n")
    found = read(
        "sources: []\nsite: {name: lane-3}\n",
        LANEWATCH_SITE__NAME_FILE=str(tmp_path / "secret"),
        LANEWATCH_DASHBOARD__BIND="[::1]:80",
        LANEWATCH_RESULTS__PATH="out",
        LANEWATCH_ENGINE__ATTEMPTS="7",
        LANEWATCH_STORAGE__ROOT="",
        LANEWATCH_CONFIG="/etc/elsewhere",
        OTHER__THING="x",
    )
    assert (found.site.name, found.dashboard.bind, found.engine.attempts) == ("lane-9", "[::1]:80", 7)
    assert found.results.path == tmp_path / "out"
    assert found.storage.root == Path("/var/lib/lanewatch")
    assert read("sources: []\nresults: {path: x}\n", LANEWATCH_RESULTS__PATH="null").results.path is None
    assert read("sources: []\n", LANEWATCH_SITE__NAME="1234").site.name == "1234"


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"LANEWATCH_DASHBOARD__BIND": "here"}, "LANEWATCH_DASHBOARD__BIND: not HOST:PORT"),
        ({"LANEWATCH_DASHBOARD__BINDD": "x"}, "LANEWATCH_DASHBOARD__BINDD: unknown key (did you mean bind?)"),
        ({"LANEWATCH_DASHBORD__BIND": "x"}, "LANEWATCH_DASHBORD__BIND: no such section (known: site, storage, engine"),
        ({"LANEWATCH_SOURCES__NAME": "x"}, "LANEWATCH_SOURCES__NAME: no such section"),
        ({"LANEWATCH_SITE__NAME_FILE": "/nowhere"}, "LANEWATCH_SITE__NAME_FILE: /nowhere: No such file or directory"),
        ({"LANEWATCH_SITE__NAME": "[1]"}, "LANEWATCH_SITE__NAME: not a text: put it in quotes"),
        ({"LANEWATCH_ENGINE__ATTEMPTS": "many"}, "LANEWATCH_ENGINE__ATTEMPTS: not a whole number"),
    ],
)
def test_an_error_from_the_environment_names_its_variable(read: Read, environment: dict[str, str], told: str) -> None:
    assert problem(read, "sources: []\n", **environment).startswith(told)


def test_the_schema_for_editors_knows_every_key_and_says_what_it_means() -> None:
    schema = json.loads((ROOT / "docs/configuration.schema.json").read_text())
    assert schema["properties"].keys() == Settings.model_fields.keys()
    silent = [
        f"{name}.{key}"
        for name, part in {"": schema, **schema["$defs"]}.items()
        for key, said in part["properties"].items()
        if "$ref" not in said and not said.get("description")
    ]
    assert silent == []
    assert all(part["additionalProperties"] is False for part in schema["$defs"].values())


pieces = st.sampled_from([
    *("site", "sources", "name", "kind", "folder", "path", ": ", ":", "- ", "\n", "\n  ", "{", "}", "[", "]", ",", "'"),
    *('"', "|", ">", "&a ", "*a", "!!int ", "!!binary ", "!!set ", "? ", "<<: ", "%YAML 1.1\n", "---\n", "...\n", "#"),
    *("1e999", "0x", "0o8", ".inf", "2026-13-40", "~", "null", "\t", "\x00", "\u2028", "é", "安", "\ud83d", "9" * 5000),
])  # fmt: skip


@settings(max_examples=400)
@given(parts=st.lists(pieces | st.text(max_size=5), max_size=25))
def test_no_text_whatsoever_is_more_than_an_error(parts: list[str]) -> None:
    """Whatever is written is settings, or one error with a place."""
    text = "".join(parts).encode(errors="ignore").decode()
    try:
        told = str(read_model(Document(text, "file.yaml"), Settings))
    except ConfigError as problem:
        told = str(problem)
    assert re.match(r"file\.yaml:\d+:\d+: |site=", told)
