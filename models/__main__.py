"""The command line of the models: `lanewatch-models serve` and `quantize`.

Takes arguments, gives exit codes (0 done, 1 not well, 2 wrong usage, 3 something needed is missing). Everything
heavier than the command line itself is imported inside the commands, so that help comes at once.
"""

import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number

NOT_WELL, WRONG_USAGE, SOMETHING_MISSING = 1, 2, 3
app = App(
    name="lanewatch-models",
    help="The engine of Lanewatch: what looks at the pictures.",
    help_epilogue="Example: lanewatch-models serve --socket ./state/run/engine.sock --backend canned\n\n"
    "Exit codes: 0 done, 1 not well, 2 wrong usage, 3 something needed is missing.",
    help_flags=["--help", "-h"],
    version_flags=["--version"],
    help_format="plaintext",
    version=lambda: f"lanewatch {metadata.version('lanewatch')}",
)


@app.command
def serve(
    *,
    socket: Annotated[Path, Parameter(help="Where to listen, as the box's engine.socket says.")],
    release: Annotated[str, Parameter(help="The release to serve.")] = "embedded",
    backend: Annotated[
        Literal["auto", "vllm", "transformers", "canned"],
        Parameter(help="auto: the best this machine can run. canned: made-up answers, for rehearsals only."),
    ] = "auto",
    delay_ms: Annotated[
        float | None, Parameter(help="How long canned pretends to think.", validator=Number(gte=0, lte=3_600_000))
    ] = None,
) -> None:
    """Answer the box's questions until told to stop.

    Example: lanewatch-models serve --socket ./state/run/engine.sock --backend canned
    """
    if delay_ms is not None and backend != "canned":
        sys.stderr.write("lanewatch-models: --delay-ms is for --backend canned only\n")
        sys.exit(WRONG_USAGE)
    from models.engines.shelf import find
    from models.ports import CannotLoadError, EngineDiedError
    from models.serve import DoorError
    from models.serve import serve as live

    try:
        live(socket, find(backend, release, (delay_ms or 0) / 1000))
    except (CannotLoadError, DoorError) as problem:
        sys.stderr.write(f"lanewatch-models: {problem}\n")
        sys.exit(SOMETHING_MISSING)
    except EngineDiedError as problem:
        sys.stderr.write(f"lanewatch-models: {problem}\n")
        sys.exit(NOT_WELL)


@app.command
def quantize(
    *,
    source: Annotated[Path, Parameter(name="--from", help="The release to start from, its reader in bf16.")],
    into: Annotated[Path, Parameter(name="--to", help="The folder of the new release, which must not be there yet.")],
    kind: Annotated[
        Literal["gptq-int8", "gptq-int4", "bnb-int8", "bnb-nf4"],
        Parameter(help="gptq-*: for every engine, calibrated. bnb-*: for the transformers engine only."),
    ],
    cases: Annotated[Path, Parameter(help="Questions with right answers; `synth-dataset --layout sft` writes some.")],
    calibration: Annotated[Path | None, Parameter(help="A folder of PNG scans, needed for gptq-*.")] = None,
) -> None:
    """Write a release with fewer bits; refuse it where it keeps less than 95 % of any task.

    Example: lanewatch-models quantize --from R --to R-int8 --kind gptq-int8 --cases S/val.jsonl --calibration S/train

    Prints a report as JSON. Exit code 1: it was refused, and the figures are in refused.json.
    """
    from models.artifacts.refusal import ArtifactRefusedError
    from models.quantize import QuantizeError
    from models.quantize import quantize as write
    from models.retention import CasesError, cases_of

    try:
        report = write(source, into, kind, calibration, cases_of(cases))
    except (ArtifactRefusedError, CasesError, QuantizeError) as problem:
        sys.stderr.write(f"lanewatch-models: {problem}\n")
        sys.exit(SOMETHING_MISSING)
    print(report.model_dump_json(indent=2))
    sys.exit(0 if report.well else NOT_WELL)


def main() -> None:
    try:
        app(exit_on_error=False)
    except CycloptsError:
        sys.exit(WRONG_USAGE)  # cyclopts has said what is wrong
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
