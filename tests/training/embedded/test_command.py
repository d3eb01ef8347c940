"""`lanewatch-training embedded`: a recipe is read before anything heavy is loaded, and a run says what it does."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from appliance.errors import LanewatchError
from training.embedded.recipe import RECIPE, read


def test_the_recipe_is_whole() -> None:
    """Validation and test are of other seeds than what is learnt from, and the test's scanner is held out."""
    recipe = read(RECIPE)
    assert len({recipe.pool.seed, recipe.validation.seed, recipe.test.seed, recipe.exam.seed}) == 4
    assert (recipe.test.split, recipe.test.scanner) == ("test", "held-out")
    assert recipe.validation.split == "val"


@pytest.mark.parametrize(
    "change", ["chunks = 0", "chunks = 1\nsurprise = 1", 'chunks = "many"', "chunks = [", "seed = -1"]
)
def test_a_wrong_recipe_is_refused_with_its_name(tmp_path: Path, change: str) -> None:
    """Before anything is made."""
    file = tmp_path / "mine.toml"
    file.write_text(re.sub(r"chunks = \d+", lambda _: change, RECIPE.read_text()))
    with pytest.raises(LanewatchError, match=r"mine\.toml is no recipe"):
        read(file)
    with pytest.raises(LanewatchError, match="is no recipe"):
        read(tmp_path / "none.toml")


def test_the_pool_is_made_and_then_left_alone(tmp_path: Path) -> None:
    """One stage by its name, with a recipe of three scans; a second time there is nothing to do."""
    pytest.importorskip("torch")
    small = re.sub(r"chunks = \d+\nscans = \d+", "chunks = 1\nscans = 3", RECIPE.read_text())
    assert tomllib.loads(small)["pool"]["scans"] == 3
    recipe = tmp_path / "small.toml"
    recipe.write_text(small)
    asked = ["embedded", "--into", str(tmp_path / "run"), "--recipe", str(recipe), "--stage", "pool"]
    for _ in range(2):
        made = subprocess.run(
            [sys.executable, "-m", "training", *asked], capture_output=True, text=True, check=False, timeout=300
        )
        assert made.returncode == 0, made.stderr
        assert "1 of 1: pool" in made.stderr
        files = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "run" / "pool" / "0000").iterdir()}
        assert set(files) == {"detector.npy", "reader.npy", "truth.jsonl"}
