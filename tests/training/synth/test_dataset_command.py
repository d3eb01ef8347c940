"""What `lanewatch-training synth-dataset` leaves in a folder."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from appliance.errors import LanewatchError
from tests.training.synth.reading import everything
from training import __main__ as command_line
from training.synth.fingerprints import SCANNERS
from training.synth.formats import shelf


def run(*arguments: str) -> None:
    command_line.app(arguments, result_action="return_value")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_data_set_is_written_once_and_never_into_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The counts of the splits are told, and a folder with something in it is refused."""
    order = ("synth-dataset", "--into", str(tmp_path / "set"), "--layout", "coco", "--count", "10", "--seed", "1")
    run(*order, "--size", "64", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["scans"] == {"train": 8, "val": 1, "test": 1}
    assert len(list((tmp_path / "set" / "images" / "train").glob("*.png"))) == 8
    before = names(tmp_path / "set")
    with pytest.raises(LanewatchError, match="not empty"):
        run(*order)
    assert names(tmp_path / "set") == before


def test_the_names_on_the_command_line_are_the_ones_there_are() -> None:
    """They are written out beside the command, so that help needs no simulator."""
    assert set(get_args(command_line.AnyScanner)) == {*SCANNERS, "mixed"}
    assert get_args(command_line.Layout) == get_args(shelf.Layout)


@pytest.mark.parametrize("layout", ["sft", "coco"])
def test_two_processes_write_the_same_bytes(tmp_path: Path, layout: str) -> None:
    """Nothing follows from the order of a set, which is another one in every process."""
    for salt in ("1", "2"):
        order = ["synth-dataset", "--into", str(tmp_path / salt), "--layout", layout, "--count", "12", "--seed", "5"]
        command = [sys.executable, "-m", "training", *order, "--size", "96"]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": salt})
    assert everything(tmp_path / "1") == everything(tmp_path / "2")
