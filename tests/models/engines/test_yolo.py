"""The detector, on real graphs: what comes out, and everything that is an error and not an empty list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")

from models.artifacts.refusal import ArtifactRefusedError
from models.engines.yolo import AT_ONCE, Yolo, here
from models.frame import framed
from models.ports import EngineRefusedError, EngineUnavailableError
from models.profile import BAGGAGE
from models.release import Curve, opened
from tests.models import by_heart
from tests.models.parts import BAG, PLAIN, bag, squares
from tests.models.releases import release, seal_again

if TYPE_CHECKING:
    from models.ports import Pixels

WIDTH, HEIGHT = BAGGAGE.detector_frame
KNIFE = bag(("folding knife", "center-left"))
GUN = bag(("handgun", "bottom-right"))
EMPTY = np.full((120, 200, 3), 255, np.uint8)


def in_frame(picture: Pixels) -> tuple[float, float, float, float]:
    ((_, box),) = squares(picture)
    return framed(picture, WIDTH, HEIGHT).in_frame(*box)


@pytest.fixture(scope="module", name="graph")
def graph_by_heart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It knows three pictures."""
    file = tmp_path_factory.mktemp("graph") / "detector.onnx"
    lessons: list[tuple[Pixels, list[by_heart.Row]]] = [
        (KNIFE, [(*in_frame(KNIFE), 0.8, "folding knife"), (5, 5, 30, 30, 0.3, "laptop")]),
        (GUN, [(*in_frame(GUN), 0.9, "handgun")]),
        (EMPTY, []),
    ]
    by_heart.write(file, lessons)
    return file


def test_boxes_are_shares_of_the_whole_picture_and_scores_are_calibrated(graph: Path) -> None:
    """The likeliest first; the picture's size and margins are undone."""
    curve = Curve(slope=0.5, shift=0.2)
    (found,) = Yolo(graph, BAGGAGE, curve).detect([KNIFE])
    assert [each.item for each in found] == ["folding knife", "laptop"]
    assert [each.score for each in found] == pytest.approx([curve.share(0.8), curve.share(0.3)], abs=1e-3)
    ((_, (left, top, right, bottom)),) = squares(KNIFE)
    height, width = KNIFE.shape[:2]
    assert found[0].box == pytest.approx((left / width, top / height, right / width, bottom / height), abs=0.005)
    assert BAG[0] / width < found[0].box[0]


def test_pictures_of_any_size_and_number_get_their_own_answers(graph: Path) -> None:
    detector = Yolo(graph, BAGGAGE, PLAIN)
    many = [KNIFE, EMPTY, GUN] * AT_ONCE
    items = [[each.item for each in found if each.score > 0.5] for found in detector.detect(many)]
    assert items == [["folding knife"], [], ["handgun"]] * AT_ONCE
    assert detector.detect([]) == []


def spoilt(folder: Path, change: str) -> Path:
    """A graph that breaks one rule of what may come out."""
    size = 3 * (HEIGHT // by_heart.CELL) * (WIDTH // by_heart.CELL)
    weights = np.zeros((size, by_heart.SLOTS * by_heart.COLUMNS), np.float32)
    rows = np.tile(np.array([10, 10, 20, 20, 0, 3], np.float32), (by_heart.SLOTS, 1))
    if change == "a weight that is not a number":
        weights[7, 7] = np.nan
    tail = {"scores above one": 0.7, "classes between two": 0.25, "infinite": np.inf}.get(change, 0.0)
    file = folder / "detector.onnx"
    by_heart.write_graph(file, weights, rows.ravel(), tail)
    return file


@pytest.mark.parametrize(
    "change", ["a weight that is not a number", "scores above one", "classes between two", "infinite"]
)
def test_an_output_that_no_sound_graph_gives_is_an_error(tmp_path: Path, change: str) -> None:
    with pytest.raises(EngineRefusedError, match="the detector answered"):
        Yolo(spoilt(tmp_path, change), BAGGAGE, PLAIN).detect([KNIFE])


def test_a_box_far_outside_of_the_frame_is_an_error(tmp_path: Path) -> None:
    """One that reaches a little over its edge ends there."""
    file = tmp_path / "detector.onnx"
    by_heart.write(file, [(KNIFE, [(-20, 10, WIDTH + 20, 40, 0.9, "handgun")])])
    (found,) = Yolo(file, BAGGAGE, PLAIN).detect([KNIFE])
    assert 0 <= found[0].box[0] < found[0].box[2] <= 1
    by_heart.write(file, [(KNIFE, [(10, 10, 40, 3 * HEIGHT, 0.9, "handgun")])])
    with pytest.raises(EngineRefusedError, match="a box far outside"):
        Yolo(file, BAGGAGE, PLAIN).detect([KNIFE])


def test_a_graph_for_another_frame_is_refused_at_once(graph: Path) -> None:
    other = BAGGAGE.model_copy(update={"detector_frame": (WIDTH, HEIGHT + 32)})
    with pytest.raises(EngineRefusedError, match=f"{WIDTH} x {HEIGHT + 32}"):
        Yolo(graph, other, PLAIN)


def test_what_this_machine_does_not_have_is_said(graph: Path) -> None:
    """The default is always there; a runtime that was asked for is never exchanged for another one."""
    assert here()[0] == "onnxruntime"
    missing = {"openvino", "cuda", "tensorrt"} - set(here())
    for runtime in sorted(missing):
        with pytest.raises(EngineUnavailableError, match=runtime):
            Yolo(graph, BAGGAGE, PLAIN, runtime)  # pyright: ignore[reportArgumentType]


def test_a_release_brings_its_detector(graph: Path, tmp_path: Path) -> None:
    folder = release(tmp_path / "release", detector=graph)
    detector = Yolo.load(opened(folder), BAGGAGE)
    assert detector.detect([GUN])[0][0].item == "handgun"


@pytest.mark.parametrize("name", [f"detector.{end}" for end in ("pt", "engine", "xml", "bin", "torchscript")])
def test_only_a_checked_graph_is_ever_loaded(graph: Path, tmp_path: Path, name: str) -> None:
    """Whatever is in the file: other kinds are refused by the release, before the detector is asked."""
    folder = release(tmp_path / "release", detector=graph)
    (folder / "detector" / "detector.onnx").rename(folder / "detector" / name)
    seal_again(folder)
    with pytest.raises(ArtifactRefusedError, match="is of a kind that is never loaded"):
        opened(folder)


def test_what_is_no_graph_is_refused(graph: Path, tmp_path: Path) -> None:
    folder = release(tmp_path / "release", detector=graph)
    (folder / "detector" / "detector.onnx").write_bytes(b"\x80\x04K\x01.")  # a pickle
    seal_again(folder)
    with pytest.raises(ArtifactRefusedError, match="no ONNX"):
        opened(folder)


def test_a_release_without_one_graph_has_no_detector(graph: Path, tmp_path: Path) -> None:
    folder = release(tmp_path / "release", detector=graph)
    (folder / "detector" / "second.onnx").write_bytes(graph.read_bytes())
    seal_again(folder)
    with pytest.raises(ArtifactRefusedError, match="2 graphs"):
        Yolo.load(opened(folder), BAGGAGE)
    for path in (folder / "detector").glob("*.onnx"):
        path.unlink()
    (folder / "detector" / "notes.json").write_text(json.dumps({"graph": "gone"}))
    seal_again(folder)
    with pytest.raises(ArtifactRefusedError, match="0 graphs"):
        Yolo.load(opened(folder), BAGGAGE)


def test_a_graph_that_the_runtime_cannot_load_is_an_error(tmp_path: Path) -> None:
    """It passed as ONNX, but its operators do not fit together."""
    file = tmp_path / "detector.onnx"
    by_heart.write_graph(file, np.zeros((3, 3), np.float32), np.zeros(5, np.float32))
    with pytest.raises((EngineUnavailableError, EngineRefusedError)):
        Yolo(file, BAGGAGE, PLAIN).detect([KNIFE])
