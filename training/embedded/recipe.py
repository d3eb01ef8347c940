"""The recipe of the embedded models: every number that their making depends on, read from one TOML file."""

import tomllib
from pathlib import Path

from pydantic import Field, ValidationError

from appliance.errors import LanewatchError
from models.answer import Value
from training.synth.simulator import AnyScanner
from training.synth.values import Split

RECIPE = Path(__file__).with_suffix(".toml")


class PoolSize(Value):
    chunks: int = Field(gt=0)
    scans: int = Field(gt=0)
    """In one chunk."""
    seed: int = Field(ge=0)


class Learning(Value):
    steps: int = Field(gt=0)
    batch: int = Field(gt=0)
    rate: float = Field(gt=0)
    seed: int = Field(ge=0)


class Scans(Value):
    """The first scans of a run of the simulator."""

    seed: int = Field(ge=0)
    split: Split
    scanner: AnyScanner
    count: int = Field(gt=0)


class KnownPictures(Value):
    seed: int = Field(ge=0)
    threats: int = Field(gt=0)
    clean: int = Field(gt=0)
    text: int = Field(gt=0)


class Recipe(Value):
    name: str
    pool: PoolSize
    detector: Learning
    reader: Learning
    validation: Scans
    test: Scans
    exam: KnownPictures


def read(file: Path) -> Recipe:
    try:
        return Recipe.model_validate(tomllib.loads(file.read_text()))
    except (OSError, ValueError) as problem:
        why = problem.errors(include_url=False)[0] if isinstance(problem, ValidationError) else problem
        raise LanewatchError(f"{file} is no recipe: {why}", hint=f"start from a copy of {RECIPE.name}") from problem
