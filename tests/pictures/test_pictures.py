"""The pictures of the pages: all there, small, and shown."""

from __future__ import annotations

from tests.house.tree import ROOT
from tests.pictures.shots import SHOTS

FOLDER = ROOT / "docs" / "pictures"
WANTED = sorted(f"{shot.name}-{theme}.png" for shot in SHOTS for theme in ("dark", "light"))


def test_every_page_has_its_picture_in_dark_and_light() -> None:
    """And there is no picture of what is photographed no more."""
    assert sorted(path.name for path in FOLDER.iterdir()) == WANTED


def test_the_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert {name: size for name, size in sizes.items() if size >= 150_000} == {}
    assert sum(sizes.values()) < 4_000_000


def test_every_picture_is_shown() -> None:
    told = (ROOT / "docs" / "pages.md").read_text(encoding="utf-8")
    assert [name for name in WANTED if f"(pictures/{name})" not in told] == []
