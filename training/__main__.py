"""The command line of the central side: `lanewatch-training synth`, `synth-dataset` and `embedded`.

Takes arguments, gives exit codes (0 done, 2 wrong usage, 3 something needed is missing). Heavy libraries are
imported inside the commands, so that help comes at once.
"""

import sys
import time
from importlib import metadata
from json import dumps
from pathlib import Path
from typing import Annotated, Literal, get_args

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number

from appliance.errors import LanewatchError

WRONG_USAGE, SOMETHING_MISSING = 2, 3
AnyScanner = Literal["reference", "warm", "cool", "coarse", "crisp", "grey", "held-out", "mixed"]
Layout = Literal["coco", "yolo-detect", "yolo-segment", "opixray", "stcray", "stcray-defects", "dvxray", "sft"]
Stage = Literal["pool", "detector", "reader", "release"]
app = App(
    name="lanewatch-training",
    help="The central side of Lanewatch: scans, data sets, releases.",
    help_epilogue="Example: lanewatch-training synth --into ./scanner --count 20 --seed 7\n\n"
    "Exit codes: 0 done, 2 wrong usage, 3 something needed is missing.",
    help_flags=["--help", "-h"],
    version_flags=["--version"],
    help_format="plaintext",
    version=lambda: f"lanewatch {metadata.version('lanewatch')}",
)


@app.command
def synth(
    *,
    into: Annotated[Path, Parameter(help="Folder the scans are written to; made if it is not there.")],
    count: Annotated[int, Parameter(help="How many scans.", validator=Number(gte=1))],
    seed: Annotated[int, Parameter(help="The same seed gives the same scans.", validator=Number(gte=0))],
    every: Annotated[float, Parameter(help="Seconds from one scan to the next.", validator=Number(gte=0))] = 0.0,
    size: Annotated[int, Parameter(help="Pixels along each side.", validator=Number(gte=64, lte=4096))] = 448,
    views: Annotated[Literal[1, 2], Parameter(help="1 is from above; 2 adds the side.")] = 1,
    format: Annotated[  # noqa: A002  the option's name
        Literal["png", "jpeg", "tiff16"], Parameter(help="tiff16: two 16-bit energy planes instead of colour.")
    ] = "png",
    sidecars: Annotated[bool, Parameter(help="Write <scan>.json with lane, time and declared items first.")] = True,
    style: Annotated[
        Literal["rename", "slow", "done"],
        Parameter(help="Write to .part and rename; in place in pieces; or in place with a .done marker after."),
    ] = "rename",
    lane: Annotated[str, Parameter(help="The lane the sidecars name.")] = "L1",
    scanner: Annotated[AnyScanner, Parameter(help="Which scanner's look; mixed: any but held-out.")] = "reference",
    truth: Annotated[Path | None, Parameter(help="JSON Lines file that gets one line of truth per scan.")] = None,
    json: Annotated[bool, Parameter(negative="", help="Print what was written as JSON.")] = False,
) -> None:
    """Write rehearsal scans into a folder the way a scanner does.

    Example: lanewatch-training synth --into ./scanner --count 20 --seed 7 --every 2
    """
    from training.synth.rehearsal import rehearse
    from training.synth.write import Scanner

    machine = Scanner(folder=into, lane=lane, style=style, format=format, sidecars=sidecars)
    begun = time.monotonic()
    files = rehearse(machine, seed=seed, count=count, every=every, size=size, views=views, look=scanner, truth=truth)
    _tell(into, count, files, time.monotonic() - begun, as_json=json)


@app.command
def synth_dataset(
    *,
    into: Annotated[Path, Parameter(help="Folder the data set is written to; empty, or made if it is not there.")],
    layout: Annotated[Layout, Parameter(help="Whose format; stcray-defects has the known faults of the original.")],
    count: Annotated[int, Parameter(help="How many scans, all splits together.", validator=Number(gte=1))],
    seed: Annotated[int, Parameter(help="The same seed gives the same data set.", validator=Number(gte=0))],
    size: Annotated[int, Parameter(help="Pixels along each side.", validator=Number(gte=64, lte=4096))] = 448,
    scanner: Annotated[
        AnyScanner | None, Parameter(help="One for all; else mixed, and for the test the held-out one.")
    ] = None,
    json: Annotated[bool, Parameter(negative="", help="Print what was written as JSON.")] = False,
) -> None:
    """Write simulated scans as a data set to train and test on.

    Example: lanewatch-training synth-dataset --into ./scans --layout coco --count 1000 --seed 7
    """
    from training.synth.rehearsal import make_dataset

    begun = time.monotonic()
    written = make_dataset(into, layout, count=count, seed=seed, size=size, scanner=scanner)
    summary = {"into": str(into), "layout": layout, "scans": written, "seconds": round(time.monotonic() - begun, 3)}
    line = ", ".join(f"{number} {split}" for split, number in written.items())
    sys.stdout.write(f"{dumps(summary) if json else f'{line}: {layout} written to {into}'}\n")


@app.command
def embedded(
    *,
    into: Annotated[Path, Parameter(help="Folder of the run: what is there is not made again.")],
    recipe: Annotated[Path | None, Parameter(help="Another recipe than training/embedded/recipe.toml.")] = None,
    stage: Annotated[
        Stage | None, Parameter(help="Only this one; detector and reader may be made side by side.")
    ] = None,
) -> None:
    """Make the tiny models that live in the repository: from nothing to a sealed release.

    Takes hours, needs the set `cpu` or `gpu` (`./dev sync cpu`), and goes on where it was stopped.

    Example: lanewatch-training embedded --into ./run
    """
    from training.embedded.recipe import RECIPE, read

    plan = read(recipe or RECIPE)
    try:
        from training.embedded.making import make
    except ModuleNotFoundError as missing:
        raise LanewatchError(f"{missing.name} is not installed", hint="./dev sync cpu") from missing
    make(plan, into, (stage,) if stage else get_args(Stage))


def _tell(folder: Path, scans: int, files: int, seconds: float, *, as_json: bool) -> None:
    summary = {"into": str(folder), "scans": scans, "files": files, "seconds": round(seconds, 3)}
    line = f"{_count(scans, 'scan')} in {_count(files, 'file')} written to {folder} in {seconds:.1f} s"
    sys.stdout.write(f"{dumps(summary) if as_json else line}\n")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def main() -> None:
    try:
        app(sys.argv[1:], exit_on_error=False)
    except CycloptsError:
        sys.exit(WRONG_USAGE)  # cyclopts has said what is wrong
    except KeyboardInterrupt:
        sys.exit(130)
    except LanewatchError as error:
        sys.stderr.write(f"lanewatch-training: {error}\n")
        sys.exit(SOMETHING_MISSING)


if __name__ == "__main__":
    main()
