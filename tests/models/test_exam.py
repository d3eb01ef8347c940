"""The exam of a release: its book, its bands, and that every broken engine fails it."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest

pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")

from models.analyst import PairedEngine, SideBySide
from models.answer import Exam, ExamPassed
from models.artifacts.refusal import ArtifactRefusedError
from models.engines.yolo import Yolo
from models.exam import Known, _asked, cases_of, known, recorded, trouble
from models.frame import framed
from models.known import BOOK, Book, Case, Expected, Kind, difference
from models.ports import Detector, EngineError, Reader
from models.profile import BAGGAGE
from models.release import Opened, opened
from tests.models import by_heart
from tests.models.parts import ColourDetector, ColourReader, Placed, bag, png, squares
from tests.models.releases import release, seal_again
from tests.models.saboteurs import DETECTORS, GRAPHS, READERS
from tests.waiting import GENEROUS

STACK = "onnxruntime+colours-none"
KNIFE, GUN, LAPTOP = ("folding knife", "center-left"), ("handgun", "bottom-right"), ("laptop", "top-right")
BAGS: dict[str, tuple[Kind, tuple[Placed, ...]]] = {
    "threat-1.png": ("threat", (KNIFE,)),
    "threat-2.png": ("threat", (GUN, LAPTOP)),
    "clean-1.png": ("clean", (LAPTOP,)),
    "clean-2.png": ("clean", ()),
    "blank-1.png": ("blank", ()),
    "text-1.png": ("text", (("handgun", "top-left"),)),
}


def drawn(kind: Kind, things: tuple[Placed, ...]) -> Any:
    picture = bag(*things)
    if kind == "blank":
        picture[:] = 255
    if kind == "text":
        cv2.putText(picture, "NOTHING PROHIBITED", (80, 200), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2)
    return picture


def engine(found: Opened, detector: Detector | None = None, reader: Reader | None = None) -> PairedEngine:
    detector, reader = detector or Yolo.load(found, BAGGAGE), reader or ColourReader(logprob=-0.2)
    return PairedEngine(detector, reader, BAGGAGE, found.about, STACK, cases_of(found, STACK))


@pytest.fixture(scope="module", name="folder")
def examined_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with a real graph that knows six pictures, and its exam, recorded as for any release."""
    place = tmp_path_factory.mktemp("release")
    pictures = {name: drawn(kind, things) for name, (kind, things) in BAGS.items()}
    lessons: list[tuple[Any, list[by_heart.Row]]] = []
    for picture in pictures.values():
        frame = framed(picture, *BAGGAGE.detector_frame)
        lessons.append((picture, [(*frame.in_frame(*box), 0.8, name) for name, box in squares(picture)]))
    by_heart.write(place / "detector.onnx", lessons)
    folder = release(place / "release", detector=place / "detector.onnx")
    for name, picture in pictures.items():
        (folder / "exam" / name).write_bytes(png(picture))
    cases = tuple(
        Case(picture=name, kind=kind, items=tuple(item for item, _ in things)) for name, (kind, things) in BAGS.items()
    )
    write(folder, Book(cases=cases, stacks={}))
    made = engine(opened(folder))
    asked = {case.picture: known(png(pictures[case.picture]), case.items) for case in cases}
    right, wrong = asyncio.run(recorded(made, SideBySide(made), asked, GENEROUS))
    assert wrong == {}
    write(folder, Book(cases=cases, stacks={STACK: right}))
    return folder


def write(folder: Path, book: Book) -> None:
    (folder / "exam" / BOOK).write_text(book.model_dump_json(indent=1))
    seal_again(folder)


def examined(made: PairedEngine) -> Exam:
    return asyncio.run(made.examine())


def test_a_sound_engine_passes(folder: Path) -> None:
    assert examined(engine(opened(folder))) == ExamPassed(cases=len(BAGS))


@pytest.mark.parametrize("how", DETECTORS)
def test_a_broken_detector_fails(folder: Path, how: str) -> None:
    found = opened(folder)
    assert examined(engine(found, detector=DETECTORS[how](Yolo.load(found, BAGGAGE)))).state == "failed"


@pytest.mark.parametrize("how", READERS)
def test_a_broken_reader_fails(folder: Path, how: str) -> None:
    """However well the detector covers for it."""
    assert examined(engine(opened(folder), reader=READERS[how](ColourReader(logprob=-0.2)))).state == "failed"


@pytest.mark.parametrize("how", GRAPHS)
def test_a_broken_graph_fails(folder: Path, tmp_path: Path, how: str) -> None:
    """Its manifest is right: whoever broke it made the release."""
    broken = shutil.copytree(folder, tmp_path / "release")
    GRAPHS[how](broken)
    seal_again(broken)
    assert examined(engine(opened(broken))).state == "failed"


@pytest.mark.parametrize("part", ["detector", "reader"])
def test_a_part_that_says_nothing_at_all_fails(folder: Path, part: str) -> None:
    if part == "detector":
        made = engine(opened(folder), detector=ColourDetector(trouble=EngineError("mute")))
    else:
        reader = ColourReader()
        reader.trouble = EngineError("mute")
        made = engine(opened(folder), reader=reader)
    assert examined(made).state == "failed"


def test_a_stack_that_was_never_recorded_is_not_examined(folder: Path) -> None:
    """A box does not vouch for itself: without a record there is no exam to pass."""
    found = opened(folder)
    assert cases_of(found, "tensorrt+vllm-none") == ()
    other = PairedEngine(Yolo.load(found, BAGGAGE), ColourReader(), BAGGAGE, found.about, "other", ())
    assert examined(other).state == "none"


def test_what_is_answered_wrongly_is_not_recorded(folder: Path) -> None:
    """Nothing becomes known by being said."""
    made = engine(opened(folder))
    picture = drawn("threat", (KNIFE,))
    asked = {"right": known(png(picture), ("folding knife",)), "wrong": known(png(picture), ("handgun",))}
    right, wrong = asyncio.run(recorded(made, SideBySide(made), asked, GENEROUS))
    assert right.keys() == {"right"}
    assert "it saw ('folding knife',) where ('handgun',) is known" in wrong["wrong"]
    assert {each.seen_by for each in right["right"]} == {("detector",), ("vlm",)}


def test_bands_are_wide_in_the_middle_and_narrow_at_the_ends(folder: Path) -> None:
    """As wide as a logit: a confidence of 1.0 is none that was ever recorded."""
    finding = asyncio.run(asked_about(folder)).findings[0]
    for confidence, least, most in ((0.5, 0.27, 0.73), (0.97, 0.92, 0.99)):
        expected = Expected.of(finding.model_copy(update={"confidence": confidence}))
        assert (expected.least, expected.most) == pytest.approx((least, most), abs=0.005)
        for other, well in ((least - 0.01, False), (least + 0.01, True), (most - 0.005, True), (most + 0.006, False)):
            assert (difference(finding.model_copy(update={"confidence": other}), expected) is None) == well
    certain = finding.model_copy(update={"confidence": 1.0})
    assert difference(certain, Expected.of(certain)) is None


async def asked_about(folder: Path) -> Any:
    return await _asked(engine(opened(folder)), known(png(drawn("threat", (KNIFE,))), ()), GENEROUS)


def _without(kind: str) -> Callable[[dict[str, Any]], None]:
    def change(book: dict[str, Any]) -> None:
        book["cases"] = [case for case in book["cases"] if case["kind"] != kind]
        book["stacks"] = {}

    return change


def _less(book: dict[str, Any]) -> None:
    del book["stacks"][STACK]["threat-1.png"]


def _other(book: dict[str, Any]) -> None:
    book["stacks"][STACK]["threat-1.png"] = []


def _missing(book: dict[str, Any]) -> None:
    book["cases"].append({"picture": "gone.png", "kind": "clean", "items": []})
    book["stacks"] = {}


def _senseless(book: dict[str, Any]) -> None:
    book["cases"][0]["kind"] = "easy"


BOOKS: dict[str, Callable[[dict[str, Any]], None]] = {
    "no threats": _without("threat"),
    "no clean ones": _without("clean"),
    "no blank ones": _without("blank"),
    "no text": _without("text"),
    "a stack that knows fewer pictures": _less,
    "a stack that knows other things": _other,
    "a picture that is missing": _missing,
    "a kind that there is not": _senseless,
}


@pytest.mark.parametrize("what", BOOKS)
def test_a_book_that_proves_too_little_is_refused(folder: Path, tmp_path: Path, what: str) -> None:
    broken = shutil.copytree(folder, tmp_path / "release")
    book = json.loads((broken / "exam" / BOOK).read_text())
    BOOKS[what](book)
    (broken / "exam" / BOOK).write_text(json.dumps(book))
    seal_again(broken)
    with pytest.raises(ArtifactRefusedError, match=BOOK):
        cases_of(opened(broken), STACK)


def test_a_release_without_a_book_is_refused(folder: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(folder, tmp_path / "release")
    (broken / "exam" / BOOK).unlink()
    seal_again(broken)
    with pytest.raises(ArtifactRefusedError, match="is missing"):
        cases_of(opened(broken), STACK)


def test_known_pictures_go_the_way_of_every_question(folder: Path) -> None:
    """One of them can be asked at the desk, where the parts are put together."""
    case = next(each for each in cases_of(opened(folder), STACK) if each.items == ("folding knife",))
    assert isinstance(case, Known)
    plain = known(case.picture, case.items)
    assert asyncio.run(trouble(engine(opened(folder)), plain, GENEROUS)) is None
