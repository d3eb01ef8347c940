"""Take the pictures of every page again, in dark and light: `./dev pictures`.

    ./dev pictures [--into docs/pictures] [--only desk-scan box] [--theme dark light]
                   [--size 1280x800] [--zoom 1] [--language en]

Needs chromium. What is shown is a box of simulated bags with made-up answers and people (`lane.py`). A few colours are
enough for a page, so the files stay small. Other sizes, zooms and languages are for looking, into a folder of your own.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
from pathlib import Path

from PIL import Image

from tests.appliance.dashboard import browser as browser_page
from tests.appliance.dashboard.browser import Browser, browser
from tests.house.tree import ROOT
from tests.pictures import lane
from tests.pictures.shots import SHOTS, Photographer, Shot

COLOURS = 96
browser_page.PATIENCE = 300.0
"""A backtest on a busy machine takes its time."""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--into", type=Path, default=ROOT / "docs" / "pictures")
    options.add_argument("--only", nargs="+", choices=[shot.name for shot in SHOTS], default=[])
    options.add_argument("--size", default="1280x800", help="of the window; zoom 2 shows half as much of it")
    options.add_argument("--zoom", type=float, default=1)
    options.add_argument("--language", choices=["en", "ms", "vi"], default="en")
    options.add_argument("--theme", nargs="+", choices=["dark", "dim", "light"], default=["dark", "light"])
    chosen = options.parse_args()
    into = chosen.into.resolve()
    into.mkdir(parents=True, exist_ok=True)
    width, height = (round(int(side) / chosen.zoom) for side in chosen.size.split("x"))
    wanted = [shot for shot in SHOTS if shot.name in (chosen.only or [each.name for each in SHOTS])]
    with (
        tempfile.TemporaryDirectory(prefix="lanewatch-") as folder,
        browser(Path(folder) / "chromium") as window,
        contextlib.chdir(folder),  # the page of the box names its folder
        lane.opened(Path("lane-3")) as box,
    ):
        for empty in (True, False):
            if not empty:
                lane.fill(box)
            for theme in chosen.theme:
                window.shape(width, height, "light" if theme == "light" else "dark", chosen.zoom)
                hand = Photographer(box, window, theme, chosen.language)
                for shot in sorted((one for one in wanted if one.empty == empty), key=lambda one: one.who):
                    hand.show(shot)
                    _keep(window, shot, into / f"{shot.name}-{theme}.png")
                    hand.done()
    return 0


def _keep(window: Browser, shot: Shot, path: Path) -> None:
    """A picture with few colours, and a line about it."""
    taken = Image.open(io.BytesIO(window.taken())).convert("RGB")
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {shot.words} ({path.stat().st_size // 1000} kB)", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
