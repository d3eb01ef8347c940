"""An engine of two: each looks for itself, one's failure leaves the other's word, and none passes for an answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from models.analyst import PairedEngine, SideBySide
from models.answer import Answer, Answered, ExamNotPassed, ExamPassed, Finding, Question, Silent
from models.exam import Known, known, recorded
from models.ports import (
    AdapterRefusedError,
    Detector,
    EngineError,
    EngineLateError,
    EnginePictureError,
    EngineRefusedError,
    EngineUnavailableError,
    Reader,
)
from models.profile import BAGGAGE
from tests.models.parts import ABOUT, ColourDetector, ColourReader, bag, png, question
from tests.waiting import GENEROUS, until

KNIFE = "folding knife", "center-left"
LAPTOP = "laptop", "bottom-right"
GUN = "handgun", "top-center"
PASSED = ExamPassed(cases=3)


BAGS = {"empty.png": (), "knife.png": (KNIFE,), "laptop.png": (LAPTOP,)}


def engine(detector: Detector | None = None, reader: Reader | None = None) -> PairedEngine:
    detector, reader = detector or ColourDetector(), reader or ColourReader()
    return PairedEngine(detector, reader, BAGGAGE, ABOUT, "toy+toy-none", CASES)


def cases() -> tuple[Known, ...]:
    """What a sound engine says of each part of three bags, recorded."""
    sound = PairedEngine(ColourDetector(), ColourReader(), BAGGAGE, ABOUT, "toy+toy-none", ())
    bags = {name: known(png(bag(*things)), tuple(item for item, _ in things)) for name, things in BAGS.items()}
    right, wrong = asyncio.run(recorded(sound, SideBySide(sound), bags, GENEROUS))
    assert not wrong
    return tuple(replace(bags[name], found=right[name]) for name in bags)


CASES = cases()


def ask(asked: Question, made: PairedEngine, within: float = GENEROUS) -> Answer:
    return asyncio.run(made.answer(asked, within))


def told(answer: Answer) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(finding.item, finding.location, finding.seen_by) for finding in answer.findings]


def silent(answer: Answer) -> dict[str, str]:
    return {word.name: word.state for word in answer.components if isinstance(word, Silent)}


def test_both_look_at_every_view_and_neither_hears_of_the_other(tmp_path: Path) -> None:
    """One general question for each view, without a hint; the answer says who gave it and about what."""
    reader = ColourReader()
    asked = question(tmp_path, bag(KNIFE, LAPTOP), bag(GUN), bag())
    answer = ask(asked, engine(reader=reader))
    both = ("detector", "vlm")
    assert told(answer) == [(*KNIFE, both), (*LAPTOP, both), (*GUN, both)]
    assert [finding.view for finding in answer.findings] == ["view0", "view0", "view1"]
    assert all(isinstance(word, Answered) for word in answer.components)
    assert answer.pictures == tuple(view.sha256 for view in asked.views)
    assert reader.asked == ["What is in this scan?"] * 3
    assert answer.identity.exam.state == "none"
    assert (answer.identity.engine, answer.identity.release) == ("toy+toy-none", "toy")


def test_the_detectors_word_is_heard_before_the_reader_has_spoken(tmp_path: Path) -> None:
    """It is the detector's alone, and nothing is said where it sees nothing."""
    early: list[tuple[Finding, ...]] = []
    reader = ColourReader(overlooks=["laptop"])

    async def story(*things: tuple[str, str]) -> Answer:
        heard = len(early)
        answering = asyncio.create_task(
            engine(reader=reader).answer(question(tmp_path, bag(*things)), GENEROUS, early.append)
        )
        while not answering.done() and len(early) == heard:
            await asyncio.sleep(0)
        assert not things or not answering.done()
        return await answering

    asyncio.run(story(KNIFE, LAPTOP))
    alone = [(finding.item, finding.seen_by) for findings in early for finding in findings]
    assert alone == [("folding knife", ("detector",)), ("laptop", ("detector",))]
    asyncio.run(story())
    assert len(early) == 1


def test_what_the_reader_overlooks_is_asked_for_once_more_with_hints(tmp_path: Path) -> None:
    """The second look is about prohibited things only; afterwards both have seen it."""
    reader = ColourReader(overlooks=["folding knife", "laptop"])
    answer = ask(question(tmp_path, bag(KNIFE, LAPTOP)), engine(reader=reader))
    assert told(answer) == [(*KNIFE, ("detector", "vlm")), (*LAPTOP, ("detector",))]
    hints = "Detector: folding knife, center-left; laptop, bottom-right."
    assert reader.asked == ["What is in this scan?", f"Find every folding knife in this scan. {hints}"]


def test_what_the_detector_overlooks_the_reader_still_says(tmp_path: Path) -> None:
    answer = ask(question(tmp_path, bag(KNIFE, LAPTOP)), engine(ColourDetector(only=["laptop"])))
    assert told(answer) == [(*KNIFE, ("vlm",)), (*LAPTOP, ("detector", "vlm"))]


@pytest.mark.parametrize(
    ("trouble", "state"),
    [
        (EngineRefusedError("broke"), "failed"),
        (EngineLateError("slow"), "late"),
        (EngineUnavailableError("gone"), "absent"),
    ],
)
def test_one_part_failing_leaves_the_word_of_the_other(tmp_path: Path, trouble: EngineError, state: str) -> None:
    asked = question(tmp_path, bag(KNIFE))
    answer = ask(asked, engine(ColourDetector(trouble=trouble)))
    assert (told(answer), silent(answer)) == ([(*KNIFE, ("vlm",))], {"detector": state})
    reader = ColourReader()
    reader.trouble = trouble
    answer = ask(asked, engine(reader=reader))
    assert (told(answer), silent(answer)) == ([(*KNIFE, ("detector",))], {"vlm": state})
    with pytest.raises(EngineLateError if state == "late" else EngineRefusedError):
        ask(asked, engine(ColourDetector(trouble=trouble), reader))


def test_a_part_with_a_bug_has_failed(tmp_path: Path) -> None:
    """Whatever it raises costs its own word only."""
    reader = ColourReader()
    reader.trouble = ZeroDivisionError()  # pyright: ignore[reportAttributeAccessIssue]
    answer = ask(question(tmp_path, bag(KNIFE)), engine(reader=reader))
    assert (told(answer), silent(answer)) == ([(*KNIFE, ("detector",))], {"vlm": "failed"})


@pytest.mark.parametrize(
    "says",
    ["nothing prohibited", '{"items":[],"prohibited":true}', '{"items":["handgun, center, in view"]', '{"items":[]}'],
)
def test_an_answer_outside_of_the_grammar_is_no_word(tmp_path: Path, says: str) -> None:
    reader = ColourReader()
    reader.says = says
    answer = ask(question(tmp_path, bag()), engine(reader=reader))
    assert (told(answer), silent(answer)) == ([], {"vlm": "failed"})


def test_a_contradiction_fails_and_what_it_named_stays(tmp_path: Path) -> None:
    reader = ColourReader()
    reader.says = json.dumps({"items": ["handgun, center, in view"], "prohibited": False})
    answer = ask(question(tmp_path, bag()), engine(reader=reader))
    assert (told(answer), silent(answer)) == ([("handgun", "center", ("vlm",))], {"vlm": "failed"})


def test_a_late_reader_leaves_the_detectors_word_in_time(tmp_path: Path) -> None:
    """The answer comes before the time is over, and the question to the reader does not go on."""
    reader = ColourReader()
    reader.hangs = True
    answer = ask(question(tmp_path, bag(KNIFE)), engine(reader=reader), within=2.0)
    assert (told(answer), silent(answer)) == ([(*KNIFE, ("detector",))], {"vlm": "late"})
    assert reader.hanging == 0


def test_whoever_leaves_stops_the_reading(tmp_path: Path) -> None:
    reader = ColourReader()
    reader.hangs = True

    async def story() -> None:
        asking = asyncio.create_task(engine(reader=reader).answer(question(tmp_path, bag(), bag(KNIFE)), GENEROUS))
        await until(lambda: reader.hanging == 2)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(story())
    assert reader.hanging == 0


def _other(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


@pytest.mark.parametrize("spoil", [Path.unlink, _other])
def test_a_picture_that_is_not_the_one_meant_is_said(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    asked = question(tmp_path, bag(), bag(KNIFE))
    spoil(Path(asked.views[1].path))
    with pytest.raises(EnginePictureError, match="view1"):
        ask(asked, engine())


@pytest.mark.parametrize("content", [b"", b"no picture", None])
def test_a_picture_that_does_not_decode_is_said(tmp_path: Path, content: bytes | None) -> None:
    """So is one that has another size than the question says."""
    import hashlib  # noqa: PLC0415

    view = question(tmp_path, bag()).views[0]
    whole = Path(view.path).read_bytes()
    Path(view.path).write_bytes(whole if content is None else content)
    changes = {"sha256": hashlib.sha256(whole if content is None else content).hexdigest(), "width": 449}
    with pytest.raises(EnginePictureError, match="view0"):
        ask(Question(id="spoilt", views=(view.model_copy(update=changes),)), engine())


def test_many_questions_share_the_detectors_calls(tmp_path: Path) -> None:
    """Each gets its own answer."""
    detector = ColourDetector()
    asked = [question(tmp_path, bag((name, place))) for name, place in (KNIFE, LAPTOP, GUN) * 8]

    async def story() -> list[Answer]:
        made = engine(detector)
        return await asyncio.gather(*(made.answer(each, GENEROUS) for each in asked))

    answers = asyncio.run(story())
    assert [told(each)[0][:2] for each in answers] == [KNIFE, LAPTOP, GUN] * 8
    assert sum(detector.calls) == 24
    assert len(detector.calls) < 24


def test_an_exam_vouches_for_the_adapter_it_was_taken_with(tmp_path: Path) -> None:
    """An adapter is examined before it is vouched for, and an answer names its own."""
    asked = question(tmp_path, bag(KNIFE))

    async def story() -> list[Answer]:
        made = engine()
        answers = [await made.answer(asked, GENEROUS)]
        assert await made.examine() == PASSED
        answers.append(await made.answer(asked, GENEROUS))
        adapted = await made.adapt(tmp_path / "adapter")
        answers.append(await made.answer(asked, GENEROUS))
        assert made.identity == adapted == answers[-1].identity
        return answers

    before, examined, changed = (answer.identity for answer in asyncio.run(story()))
    assert (before.adapter, before.exam.state) == (None, "none")
    assert (examined.adapter, examined.exam) == (None, PASSED)
    assert (len(changed.adapter or ""), changed.exam) == (64, PASSED)


def test_an_adapter_that_fails_the_exam_is_not_taken(tmp_path: Path) -> None:
    """The one before stays, with what vouches for it; so it does where the reader refuses the adapter itself."""
    reader = ColourReader()

    async def story() -> None:
        made = engine(reader=reader)
        await made.examine()
        good = await made.adapt(tmp_path / "good")
        reader.blinding = frozenset({"bad"})
        with pytest.raises(AdapterRefusedError, match="the exam is not passed: 2 of 3 wrong"):
            await made.adapt(tmp_path / "bad")
        assert made.identity == good
        answer = await made.answer(question(tmp_path, bag(KNIFE)), GENEROUS)
        assert (answer.identity, told(answer)) == (good, [(*KNIFE, ("detector", "vlm"))])
        reader.refuses = True
        with pytest.raises(AdapterRefusedError, match="does not fit"):
            await made.adapt(tmp_path / "other")
        assert made.identity == good

    asyncio.run(story())


def test_an_exam_that_is_failed_says_so(tmp_path: Path) -> None:
    reader = ColourReader(overlooks=["laptop"])
    reader.trouble = EngineRefusedError("broke")

    async def story() -> Answer:
        made = engine(reader=reader)
        exam = await made.examine()
        assert isinstance(exam, ExamNotPassed)
        assert made.identity.exam == exam
        reader.trouble = None
        return await made.answer(question(tmp_path, bag(KNIFE)), GENEROUS)

    assert asyncio.run(story()).identity.exam.state == "failed"


def test_an_adapter_that_changes_between_two_views_is_asked_again(tmp_path: Path) -> None:
    """An answer is never put together from two adapters; who asked notices nothing."""
    reader = ColourReader()
    plain = reader.read

    async def changing(reading: object) -> object:
        if len(reader.asked) == 1:
            reader.adapter = "b" * 64
        return await plain(reading)  # pyright: ignore[reportArgumentType]

    reader.read = changing  # pyright: ignore[reportAttributeAccessIssue]
    answer = ask(question(tmp_path, bag(KNIFE), bag(GUN)), engine(reader=reader))
    assert silent(answer) == {}
    assert answer.identity.adapter == "b" * 64
    assert len(reader.asked) == 4
