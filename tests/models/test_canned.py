"""Made-up answers and the exam: the engine in this process, without a socket."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from models.answer import Answer, Answered, ExamNotPassed, ExamPassed, Identity, Question
from models.engines.canned import KNOWN, TABLE, Canned
from models.engines.shelf import find
from models.exam import Known, examine, plain, trouble
from models.needs import Backend, lack
from models.ports import EngineRefusedError
from models.profile import BAGGAGE
from tests.models.engine_process import GENEROUS, question


def ask(asked: Question) -> Answer:
    return asyncio.run(Canned("embedded").answer(asked, GENEROUS))


def test_the_same_pictures_always_get_the_same_answer(tmp_path: Path) -> None:
    """An answer depends on the pictures' bytes and on nothing else."""
    first, second = ask(question(tmp_path, 17)), ask(question(tmp_path, 17, "SCAN-2#1"))
    assert first.findings == second.findings
    assert [finding.item for finding in first.findings] == ["folding knife"]


def test_answers_say_that_they_are_made_up(tmp_path: Path) -> None:
    """Both components speak, the digests are those of the pictures, and the identity says canned."""
    asked = question(tmp_path)
    answer = ask(asked)
    assert answer.identity.canned
    assert answer.pictures == (asked.views[0].sha256,)
    assert {word.name for word in answer.components if isinstance(word, Answered)} == {"detector", "vlm"}


def test_findings_name_a_view_that_was_asked_about(tmp_path: Path) -> None:
    """With several views a finding lies in one of them, and all were looked at."""
    top, side = question(tmp_path, 17).views[0], question(tmp_path, 4).views[0].model_copy(update={"name": "side"})
    answers = [ask(Question(id="two", views=views)) for views in ((top, side), (side, top), (top, top, side))]
    assert [len(answer.pictures) for answer in answers] == [2, 2, 3]
    assert {finding.view for answer in answers for finding in answer.findings} <= {"top", "side"}


def test_the_known_questions_cover_the_whole_table() -> None:
    """Every kind of answer is asked for in the exam."""
    kinds = {tuple(finding.item for finding in row) for row in TABLE}
    assert {known.items for known in KNOWN} == kinds


def test_a_loaded_engine_has_passed_its_exam() -> None:
    """Loading asks all known questions; before that the identity says that nobody examined it."""
    loaded = asyncio.run(find("canned", "embedded")())
    assert loaded.engine.identity.exam == ExamPassed(cases=len(KNOWN))
    assert Canned("embedded").identity.exam.state == "none"


def test_one_wrong_answer_fails_the_exam() -> None:
    """The exam says how many were wrong and what the first one was."""
    exam = asyncio.run(examine(Canned("embedded"), (*KNOWN, plain(17, "handgun")), GENEROUS))
    assert isinstance(exam, ExamNotPassed)
    assert exam.state == "failed"
    assert "1 of 12 wrong" in exam.reason
    assert "folding knife" in exam.reason


def test_an_exam_without_questions_is_not_passed() -> None:
    """Nothing asked is nothing known."""
    assert asyncio.run(examine(Canned("embedded"), (), GENEROUS)).state == "none"


class Elsewhere:
    """An analyst that is right about another picture."""

    async def answer(self, question: Question, within: float) -> Answer:
        real = await Canned("embedded").answer(question, within)
        return real.model_copy(update={"pictures": ("0" * 64,)})


class HalfSilent:
    """An analyst whose detector alone speaks."""

    async def answer(self, question: Question, within: float) -> Answer:
        real = await Canned("embedded").answer(question, within)
        return real.model_copy(update={"components": real.components[:1]})


@pytest.mark.parametrize(("analyst", "says"), [(Elsewhere(), "another picture"), (HalfSilent(), "['detector']")])
def test_a_right_list_of_items_is_not_enough(analyst: Elsewhere | HalfSilent, says: str) -> None:
    """The exam also holds an answer to the picture and to both components."""
    assert says in (asyncio.run(trouble(analyst, KNOWN[0], GENEROUS)) or "")


def test_the_exam_leaves_nothing_open() -> None:
    """Known pictures live in memory and are gone afterwards."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert asyncio.run(trouble(Canned("embedded"), KNOWN[0], GENEROUS)) is None
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_known_picture_is_a_picture(tmp_path: Path) -> None:
    """What is asked in an exam can be decoded like any clean picture."""
    image = pytest.importorskip("PIL.Image")
    known: Known = plain(17)
    path = tmp_path / "known.png"
    path.write_bytes(known.picture)
    with image.open(path) as picture:
        picture.load()
        assert (picture.size, picture.getpixel((3, 3))) == ((known.width, known.height), 17)


@pytest.mark.parametrize("backend", ["auto", "vllm", "transformers"])
def test_made_up_answers_are_never_picked_for_you(backend: Backend) -> None:
    """What is not there is said by name, and canned only stands in the advice."""
    said = lack(backend, lambda _: None)
    assert said.startswith(f"{backend}: needs torch and ")
    assert "canned, which must be named" in said
    assert lack("canned", lambda _: None) == ""


def swapped(path: Path) -> None:
    path.write_bytes(plain(3).picture)


def gone(path: Path) -> None:
    path.unlink()


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [(swapped, "has digest"), (gone, "No such file"), (pipe, "not an ordinary"), (folder, "cannot read")],
)
def test_only_the_picture_asked_about_is_looked_at(tmp_path: Path, spoil: Callable[[Path], None], says: str) -> None:
    """A swapped, missing or strange file is refused by the view's name, and a pipe does not hold up the engine."""
    asked = question(tmp_path)
    spoil(Path(asked.views[0].path))
    with pytest.raises(EngineRefusedError, match=says):
        ask(asked)


def test_a_path_with_a_nul_is_refused(tmp_path: Path) -> None:
    """No path, however strange, is more than one refused question."""
    view = question(tmp_path).views[0].model_copy(update={"path": "a\0b"})
    with pytest.raises(EngineRefusedError, match="null"):
        ask(Question(id="nul", views=(view,)))


def test_the_identity_names_the_release() -> None:
    """Who asks for a release reads its name in every answer."""
    assert isinstance(Canned("spring-7").identity, Identity)
    assert Canned("spring-7").identity.release == "spring-7"


def test_it_says_what_the_baggage_profile_can_name() -> None:
    """Nothing that the taxonomy has no word for in the officer's language; and every category comes up."""
    said = {(finding.item, finding.category) for row in TABLE for finding in row}
    things = {(thing.name, thing.category) for thing in BAGGAGE.things}
    assert said <= things
    assert {category for _, category in said} == {category for _, category in things}
