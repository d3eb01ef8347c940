"""Conversations: answers follow from the scan, and nobody wins at yes and no without looking."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from training.synth.formats.dataset import write_dataset
from training.synth.formats.questions import CLEAN
from training.synth.formats.shelf import writer_for
from training.synth.simulator import simulate
from training.synth.things.catalogue import TARGETS
from training.synth.values import SimulatedScan

SEED, SIZE, COUNT = 23, 96, 120
KINDS = {"general", "specific", "location", "occlusion", "detailed", "vqa"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("sft")
    write_dataset(writer_for("sft", place), range(COUNT), seed=SEED, size=SIZE, scanner="reference")
    return place


def rows(folder: Path, split: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{split}.jsonl").read_text().splitlines()]


def scan_of(row: dict[str, Any]) -> SimulatedScan:
    _, split, name = row["images"][0].split("/")
    return simulate(SEED, int(name[:-4].rpartition("-")[2]), size=SIZE, split=split)


def thing(question: str) -> str:
    """The name in a question; the longest, because one may be part of another."""
    names = [name for name in TARGETS if name.replace("_", " ") in question]
    return max(names, key=len)


def test_every_row_is_a_conversation_about_a_picture_that_is_there(folder: Path) -> None:
    """One mark for one picture, and every kind of question in training."""
    for split in ("train", "val", "test"):
        for row in rows(folder, split):
            user, assistant = row["messages"]
            assert (user["role"], assistant["role"]) == ("user", "assistant")
            assert user["content"].count("<image>") == len(row["images"]) == 1
            assert (folder / row["images"][0]).is_file()
            assert row["images"][0].startswith(f"images/{split}/")
    assert {row["kind"] for row in rows(folder, "train")} == KINDS


def test_answers_follow_from_the_scan(folder: Path) -> None:
    """Items, places, levels and concealers are the simulator's, to the word."""
    for row in rows(folder, "train"):
        scan, kind = scan_of(row), row["kind"]
        question, answer = row["messages"][0]["content"], row["messages"][1]["content"]
        if kind == "vqa":
            assert answer == ("yes" if thing(question) in {item.name for item in scan.targets} else "no")
            continue
        told = json.loads(answer)
        if kind in {"general", "detailed"}:
            assert [item["item"] for item in told["items"]] == [item.words for item in scan.targets]
            assert [item["location"] for item in told["items"]] == [item.place for item in scan.targets]
            assert told["prohibited"] == bool(scan.threats)
            assert (CLEAN in answer) == (not scan.threats)
            continue
        about = [item for item in scan.targets if item.name == thing(question)]
        if kind == "specific":
            assert [item["location"] for item in told["items"]] == [item.place for item in about]
        elif kind == "location":
            assert told == {"location": about[0].place}
        else:
            assert (told["occluded"], told["level"]) == (about[0].level > 1, about[0].level)
            assert told["concealer"] == (about[0].concealer and about[0].concealer.replace("_", " "))


def test_yes_and_no_are_balanced_for_each_thing(folder: Path) -> None:
    """Whoever answers by the word alone is right half of the time."""
    for split in ("train", "val", "test"):
        answers: dict[str, Counter[str]] = {}
        for row in rows(folder, split):
            if row["kind"] == "vqa":
                question, answer = (message["content"] for message in row["messages"])
                answers.setdefault(thing(question), Counter())[answer] += 1
        assert all(count["yes"] == count["no"] for count in answers.values())
        assert split != "train" or len(answers) > 10


def test_no_question_speaks_of_the_declaration(folder: Path) -> None:
    """The model says what it sees, not what was declared."""
    for row in rows(folder, "train"):
        assert "declar" not in row["messages"][0]["content"].lower()
        assert set(row) == {"messages", "images", "kind"}
