"""Conversations: answers follow from the scan, and nobody wins at yes and no without looking."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from models.profile import BAGGAGE
from models.prompt import ASKED, CLEAN, SYSTEM, read_items, schema
from models.retention import CasesError, cases_of
from training.synth.formats.dataset import write_dataset
from training.synth.formats.shelf import writer_for
from training.synth.simulator import simulate
from training.synth.values import SimulatedScan

SEED, SIZE, COUNT = 23, 96, 120


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
    return max((name for name in BAGGAGE.names if name in question), key=len)


def test_every_row_is_a_conversation_about_a_picture_that_is_there(folder: Path) -> None:
    """One mark for one picture, and every kind of question in training."""
    for split in ("train", "val", "test"):
        for row in rows(folder, split):
            system, user, assistant = row["messages"]
            assert (system["role"], user["role"], assistant["role"]) == ("system", "user", "assistant")
            assert system["content"] == SYSTEM
            assert user["content"].count("<image>") == len(row["images"]) == 1
            assert (folder / row["images"][0]).is_file()
            assert row["images"][0].startswith(f"images/{split}/")
    assert {row["kind"] for row in rows(folder, "train")} == set(ASKED)


def test_a_quantized_reader_is_asked_by_them(folder: Path) -> None:
    """By what its reader was taught by; a line that is none is told by its place."""
    cases, told = cases_of(folder / "val.jsonl"), rows(folder, "val")
    assert [(case.task, case.answer) for case in cases] == [
        (row["kind"], row["messages"][2]["content"]) for row in told
    ]
    for case, row in zip(cases, told, strict=True):
        assert Path(case.picture).is_file()
        assert "<image>" not in case.question
        assert case.json_schema == schema(row["kind"], BAGGAGE)
    broken = folder / "broken.jsonl"
    broken.write_text(json.dumps(told[0]) + "\n" + json.dumps(told[0] | {"images": []}) + "\n")
    with pytest.raises(CasesError, match=r"broken.jsonl:2: images"):
        cases_of(broken)


def test_answers_follow_from_the_scan(folder: Path) -> None:
    """Items, places, levels and concealers are the simulator's, to the word."""
    for row in rows(folder, "train"):
        scan, kind = scan_of(row), row["kind"]
        _, asked, answered = (message["content"] for message in row["messages"])
        question, told = asked.partition(" Detector: ")[0], json.loads(answered)
        items = {(item.words, item.place, item.level > 1) for item in scan.targets}
        if kind in {"general", "detailed"}:
            about = list(scan.targets)
        else:
            about = [item for item in scan.targets if item.words == thing(question)]
            items = {item for item in items if item[0] == thing(question)}
        if kind in {"general", "specific"}:
            read = read_items(answered, BAGGAGE)
            assert {(each.item, each.location, each.occluded) for each in read} == items
            assert len(read) == len(about)
            assert told.get("prohibited", bool(scan.threats)) == bool(scan.threats)
        elif kind == "presence":
            assert told == {"present": bool(about)}
        elif kind == "location":
            assert told == {"location": about[0].place}
        elif kind == "occlusion":
            hider = about[0].concealer and about[0].concealer.replace("_", " ")
            assert told == {"level": about[0].level, "concealer": hider}
        else:
            assert all(item.words in told["description"].lower() for item in about)
            assert (CLEAN in told["description"]) == (not scan.threats)


def test_yes_and_no_are_balanced_for_each_thing(folder: Path) -> None:
    """Whoever answers by the word alone is right half of the time."""
    for split in ("train", "val", "test"):
        answers: dict[str, Counter[str]] = {}
        for row in rows(folder, split):
            if row["kind"] == "presence":
                _, question, answer = (message["content"] for message in row["messages"])
                answers.setdefault(thing(question), Counter())[answer] += 1
        assert all(len(set(count.values())) == 1 and len(count) == 2 for count in answers.values())
        assert split != "train" or len(answers) > 10


def test_no_question_speaks_of_the_declaration(folder: Path) -> None:
    """The model says what it sees, not what was declared."""
    for row in rows(folder, "train"):
        assert "declar" not in row["messages"][1]["content"].lower()
        assert set(row) == {"messages", "images", "kind"}
