"""Every word of the pages is there in every language, with its blanks, and no word stands in no page."""

from __future__ import annotations

import re

import pytest

from tests.house.catalogue import LANGUAGES, read, used

_BLANK = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_in_every_language(language: str) -> None:
    known = {key for key, value in read(language).items() if value.strip()}
    assert not set(used()) - known, "said by a page and not translated"
    assert not known - set(used()), "translated and said by no page"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_blanks_of_its_text(language: str) -> None:
    wrong = {key for key, value in read(language).items() if set(_BLANK.findall(key)) != set(_BLANK.findall(value))}
    assert not wrong
