"""The rehearsal scanner: what `lanewatch-training synth` leaves in a folder."""

import json
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import cv2
import numpy as np
import pytest

from appliance.errors import LanewatchError
from appliance.sheet import read_sheet
from training.__main__ import app, main
from training.synth.rehearsal import rehearse
from training.synth.simulator import simulate
from training.synth.values import SimulatedScan
from training.synth.write import Scanner, Style, pictures

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def scan() -> SimulatedScan:
    return simulate(7, 1, size=96, views=2)


def read(path: Path) -> np.ndarray:
    """A picture as it stands in the file, RGB where it has colour."""
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return pixels[..., ::-1] if pixels.ndim == 3 else pixels


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def run(*arguments: str) -> None:
    app(arguments, result_action="return_value")


@pytest.mark.parametrize("style", ["rename", "slow", "done"])
def test_files_are_whole_whatever_the_scanners_manner(tmp_path: Path, scan: SimulatedScan, style: Style) -> None:
    """Each picture is there to the bit, nothing half-written stays, and only `done` leaves markers."""
    paths = Scanner(tmp_path, "L3", style).write(scan, NOON)
    assert [path.name for path in paths] == ["SCAN-7-0001_top.png", "SCAN-7-0001_side.png"]
    for path, view in zip(paths, scan.views, strict=True):
        assert np.array_equal(read(path), view.colour)
    markers = [f"{path.name}.done" for path in paths] if style == "done" else []
    assert names(tmp_path) == sorted(["SCAN-7-0001.json", *(path.name for path in paths), *markers])


def test_a_sidecar_says_what_the_contract_says(tmp_path: Path, scan: SimulatedScan) -> None:
    """Its fields, the time in UTC, goods in words; and the box reads all of it."""
    east = timezone(timedelta(hours=8))
    Scanner(tmp_path, "L3").write(scan, datetime(2026, 11, 20, 16, 15, tzinfo=east))
    sidecar = json.loads((tmp_path / "SCAN-7-0001.json").read_text())
    assert sidecar == {
        "scan_id": "SCAN-7-0001",
        "lane": "L3",
        "scanned_at": "2026-11-20T08:15:00.000Z",
        "declared_items": [line.text for line in scan.declaration.lines if line.quantity == 1],
        "declaration": [
            {"text": line.text, "quantity": line.quantity} for line in scan.declaration.lines if line.quantity > 1
        ],
    }
    read_back = read_sheet((tmp_path / "SCAN-7-0001.json").read_bytes()).declaration
    assert read_back.state == "given"
    assert sorted(item.text for item in read_back.items) == sorted(scan.declaration.texts)


def test_a_single_view_is_named_after_its_scan(tmp_path: Path) -> None:
    """No view is named where there is only one."""
    run("synth", "--into", str(tmp_path), "--count", "2", "--seed", "9", "--size", "64")
    assert names(tmp_path) == [f"SCAN-9-000{n}.{end}" for n in (1, 2) for end in ("json", "png")]


def test_sixteen_bit_planes_carry_the_transmissions(tmp_path: Path, scan: SimulatedScan) -> None:
    """Two grey pictures per view, air at the top of the range."""
    paths = Scanner(tmp_path, "L1", format="tiff16", sidecars=False).write(scan, NOON)
    assert [path.name for path in paths[:2]] == ["SCAN-7-0001_top_high.tif", "SCAN-7-0001_top_low.tif"]
    assert len(paths) == 4
    for path, plane in zip(paths, (p for view in scan.views for p in (view.high, view.low)), strict=True):
        pixels = read(path)
        assert pixels.dtype == np.uint16
        assert pixels.shape == plane.shape
        assert np.abs(pixels / 65535 - plane).max() <= 1 / 65535


def test_a_jpeg_is_close_to_the_picture(scan: SimulatedScan) -> None:
    """Lossy, but the same scan."""
    name, content = next(pictures(scan, "jpeg"))
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert name == "SCAN-7-0001_top.jpg"
    assert decoded is not None
    assert np.abs(decoded[..., ::-1].astype(int) - scan.views[0].colour).mean() < 12


def test_the_command_tells_the_truth_beside_the_scans(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line per scan, appended, that names every item with its box in each view."""
    truth, folder = tmp_path / "truth.jsonl", tmp_path / "new" / "scanner"
    for seed in ("1", "2"):
        run(
            "synth", "--into", str(folder), "--count", "2", "--seed", seed, "--size", "64", "--views", "2",
            "--no-sidecars", "--truth", str(truth), "--json",
        )  # fmt: skip
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["scans"], line["files"]) for line in printed] == [(2, 4), (2, 4)]
    lines = [json.loads(line) for line in truth.read_text().splitlines()]
    assert [line["scan_id"] for line in lines] == ["SCAN-1-0001", "SCAN-1-0002", "SCAN-2-0001", "SCAN-2-0002"]
    expected = simulate(1, 2, size=64, views=2)
    assert [line["text"] for line in lines[1]["declaration"]["lines"]] == list(expected.declaration.texts)
    assert lines[1]["declaration"]["omitted"] == list(expected.declaration.omitted)
    assert [item["name"] for item in lines[1]["items"]] == [item.name for item in expected.items]
    assert lines[1]["items"][0]["boxes"] == {
        "top": list(expected.items[0].boxes[0]),
        "side": list(expected.items[0].boxes[1]),
    }
    assert not list(folder.glob("*.json"))


def test_a_rehearsal_can_come_from_any_scanner(tmp_path: Path) -> None:
    """The same bag, another look."""
    for look in ("reference", "held-out"):
        run("synth", "--into", str(tmp_path / look), "--count", "1", "--seed", "4", "--size", "64", "--scanner", look)
    first, second = (read(tmp_path / look / "SCAN-4-0001.png") for look in ("reference", "held-out"))
    assert not np.array_equal(first, second)
    assert np.array_equal(second, simulate(4, 1, size=64, scanner="held-out").views[0].colour)


def test_wrong_usage_ends_with_two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A count of nothing is refused before anything is written."""
    folder = tmp_path / "scanner"
    monkeypatch.setattr(
        sys, "argv", ["lanewatch-training", "synth", "--into", str(folder), "--count", "0", "--seed", "1"]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert not folder.exists()


def test_a_folder_that_cannot_be_made_ends_with_three_and_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback: the path and what to do."""
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    folder = str(in_the_way / "scanner")
    monkeypatch.setattr(sys, "argv", ["lanewatch-training", "synth", "--into", folder, "--count", "1", "--seed", "1"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 3
    told = capsys.readouterr().err
    assert folder in told
    assert "Traceback" not in told


def test_a_truth_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """The scanner does not go on without the truth it was asked for."""
    with pytest.raises(LanewatchError, match="truth"):
        rehearse(
            Scanner(tmp_path, "L1"),
            seed=1,
            count=1,
            every=0,
            size=64,
            views=1,
            look="reference",
            truth=tmp_path / "no" / "truth.jsonl",
        )
