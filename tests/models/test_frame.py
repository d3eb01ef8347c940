"""One resize: what lies on the belt is kept whole, and a box finds its way there and back."""

import numpy as np
import pytest

from models.frame import bag_of, belt_of, framed

SIZES = [(448, 448), (640, 97), (97, 640), (33, 31), (1, 1), (2000, 1500)]
BELT = 250


def picture(width: int, height: int, *things: tuple[int, int, int, int]) -> np.ndarray:
    pixels = np.full((height, width, 3), BELT, np.uint8)
    for left, top, right, bottom in things:
        pixels[top:bottom, left:right] = (60, 120, 40)
    return pixels


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("frame", [(320, 224), (280, 196), (64, 64)])
def test_a_box_goes_there_and_back(width: int, height: int, frame: tuple[int, int]) -> None:
    """Of any picture, through any frame."""
    box = (width // 4, height // 4, 3 * width // 4 + 1, 3 * height // 4 + 1)
    made = framed(picture(width, height, box), *frame)
    assert made.pixels.shape == (frame[1], frame[0], 3)
    back = made.in_picture(*made.in_frame(*box))
    assert back == pytest.approx((box[0] / width, box[1] / height, box[2] / width, box[3] / height), abs=1e-6)


def test_a_thing_is_where_its_box_says_in_the_frame() -> None:
    """The pixels, not only the figures."""
    box = (100, 150, 300, 260)
    made = framed(picture(448, 448, box), 320, 224)
    left, top, right, bottom = (round(edge) for edge in made.in_frame(*box))
    inside = made.pixels[top + 2 : bottom - 2, left + 2 : right - 2]
    assert np.abs(inside.astype(int) - (60, 120, 40)).max() <= 2
    around = made.pixels.copy()
    around[top - 2 : bottom + 2, left - 2 : right + 2] = BELT
    assert np.abs(around.astype(int) - BELT).max() <= 2


@pytest.mark.parametrize("seed", range(8))
def test_nothing_off_the_belt_is_cut_off(seed: int) -> None:
    """Wherever things lie, all of their pixels are in the cut."""
    rng = np.random.default_rng(seed)
    width, height = (int(side) for side in rng.integers(120, 700, 2))
    things = []
    for _ in range(3):
        left, top = int(rng.integers(0, width - 24)), int(rng.integers(0, height - 24))
        things.append((left, top, left + int(rng.integers(12, 24)), top + int(rng.integers(12, 24))))
    pixels = picture(width, height, *things)
    left, top, right, bottom = bag_of(pixels)
    rest = pixels.copy()
    rest[top:bottom, left:right] = BELT
    assert (rest == BELT).all()


def test_noise_is_no_bag_and_an_empty_belt_is_framed_whole() -> None:
    """A belt with grain, and single wrong pixels, has nothing to cut to."""
    rng = np.random.default_rng(1)
    grain = (picture(400, 300).astype(int) + rng.integers(-9, 5, (300, 400, 1))).clip(0, 255).astype(np.uint8)
    assert bag_of(grain) == (0, 0, 400, 300)
    grain[rng.integers(300, size=30), rng.integers(400, size=30)] = 0
    assert bag_of(grain) == (0, 0, 400, 300)


def test_a_grainy_bag_is_cut_to_all_the_same() -> None:
    """Closer than the picture, and never closer than the bag."""
    rng = np.random.default_rng(2)
    clean = picture(400, 300, (120, 100, 280, 220))
    grain = (clean.astype(int) + rng.integers(-9, 5, (300, 400, 1))).clip(0, 255).astype(np.uint8)
    left, top, right, bottom = bag_of(grain)
    assert 60 < left <= 120
    assert 280 <= right < 340
    assert 60 < top <= 100
    assert 220 <= bottom < 260


def test_the_belt_is_what_most_of_the_edge_shows() -> None:
    """Though a bag reaches over one side of it; and what a frame is filled with has its colour."""
    pixels = picture(300, 200, (0, 60, 200, 140))
    assert belt_of(pixels).tolist() == [BELT] * 3
    assert framed(pixels, 64, 64).pixels[0, 0].tolist() == [BELT] * 3
