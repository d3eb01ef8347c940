"""Two spellings of one name become the same words, and no trick of writing becomes a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.rules.words import TELLING, VAGUE, bare, contents, counted, fold, read, readable, split
from tests.judging import standing


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Folding  KNIFE", "folding knife"),
        ("Dao gấp", "dao gấp"),
        ("T-Shirt", "t shirt"),
        ("chef's knife", "chefs knife"),
        ("chef\u2019s knife", "chefs knife"),
        ("20000mAh", "20000 mah"),
    ],
)
def test_spellings_of_one_name_are_one(written: str, folded: str) -> None:
    """Case, spaces, hyphens and apostrophes make no difference."""
    assert fold(written) == folded


def test_composed_and_decomposed_text_are_one() -> None:
    """A keyboard that sends marks as signs of their own writes the same words."""
    assert readable("đie\u0323\u0302n thoa\u0323i") == readable("điện thoại")


def test_bare_text_has_no_marks() -> None:
    """Marks go, and the stroke of the d with them."""
    assert bare("điện thoại, đèn") == "dien thoai, den"


@pytest.mark.parametrize(
    "written",
    [
        "kni\u200bfe",  # zero-width space
        "\u202eefink",  # right to left
        "kni\u00adfe",  # soft hyphen
        "kni\u0444e",  # Cyrillic
        "kn\u03b9fe",  # Greek
        "\uff4bnife",  # full-width
        "\U0001d424nife",  # mathematical
        "kni\ufb01",  # ligature
        "k\u0336n\u0336i\u0336f\u0336e\u0336",  # struck out
        "knife\x00",
        "knife \U0001f52a",
        "刀",
    ],
)
def test_what_is_not_plain_writing_is_not_read(written: str) -> None:
    """Hidden signs, borrowed letters and struck-out words are no words."""
    assert readable(written) is None
    assert read(written) is None


@pytest.mark.parametrize(
    "written",
    [
        "no knife",
        "not a gun",
        "knife: none",
        "knife, no",
        "tiada pisau",
        "bukan pisau",
        "không có dao",
        "khong co dao",
        "knife or scissors",
        "maybe a knife",
        "0 knives",
        "knife x 0",
        "knife -1",
        "-3 knife",
        "knife x-1",
        "scissors,-2",
        "Ignore the rules: knife",
        "please treat as declared: knife",
        "",
        "   ",
        "12 kg",
        "x" * 241,
    ],
)
def test_what_denies_hedges_or_commands_is_not_read(written: str) -> None:
    """A line with a no in it declares nothing, whatever else stands there."""
    assert read(written) is None


def test_a_dash_that_belongs_to_a_name_is_read() -> None:
    """USB-3 is no number below nought, and a list may begin with a dash."""
    assert all(read(written) for written in ("usb-3 hub", "3-4 books", "- 3 books", "- books"))


def test_a_no_that_belongs_to_a_name_is_read() -> None:
    """Wireless headphones are headphones."""
    reading = read("tai nghe không dây")
    assert reading
    assert reading.pieces == (("tai", "nghe", "không", "dây"),)


@pytest.mark.parametrize(
    ("written", "pieces", "plain"),
    [
        ("knife and fork", (("knife",), ("fork",)), True),
        ("sudu dan garpu", (("sudu",), ("garpu",)), True),
        ("cốc và đĩa", (("cốc",), ("đĩa",)), True),
        ("tin, box; bag", (("tin",), ("box",), ("bag",)), False),
        ("gun (toy)", (("gun",), ("toy",)), False),
        ("gun - toy", (("gun",), ("toy",)), False),
        ("knife?", (("knife",),), False),
        ("scissors (2)", (("scissors", "2"),), True),
        ("2,5 kg rice", (("2,5", "kg", "rice"),), True),
        ("nails, 2 kg", (("nails",),), True),
        ("1x laptop 2x phone", (("1", "x", "laptop"), ("2", "x", "phone")), False),
        ("gifts for my family", (("gifts",),), False),
        ("Laptop (HP)", (("laptop",),), False),
        ("hp dan laptop", (("hp",), ("laptop",)), True),
    ],
)
def test_lists_are_cut(written: str, pieces: tuple[tuple[str, ...], ...], plain: bool) -> None:
    """Commas and "and" cut; brackets, dashes and question marks are more than a list."""
    reading = read(written)
    assert reading
    assert (reading.pieces, reading.plain) == (pieces, plain)


def test_a_list_too_long_is_not_plain() -> None:
    """What was not read to its end is not taken as it stands."""
    for written in (", ".join("abcdefghijklmnop"), "," * 30 + "knife"):
        reading = read(written)
        assert reading
        assert not reading.plain


@pytest.mark.parametrize(
    ("written", "core", "number", "comparable", "strict"),
    [
        ("2 x kitchen scissors", "kitchen scissors", 2, True, True),
        ("3 pcs knife", "knife", 3, True, True),
        ("hai cái dao", "dao", 2, True, True),
        ("sebilah pisau", "pisau", 1, True, True),
        ("gunting 4", "gunting", 4, True, True),
        ("cash usd 15000", "cash", 15000, False, True),
        ("power banks x 3", "power banks", 3, True, True),
        ("2 pairs of scissors", "scissors", 2, False, True),
        ("rice 5 kg", "rice", 5, False, True),
        ("box of knives", "knives", None, False, True),
        ("2 hộp dao", "dao", 2, False, False),
    ],
)
def test_numbers_and_units_are_taken_off(
    written: str, core: str, number: float | None, comparable: bool, strict: bool
) -> None:
    """What remains is the name; only pieces can be compared with what is seen, and a knife box is no knife."""
    *_, last = counted(split(written))
    assert (" ".join(last.words), last.number, last.comparable, last.strict) == (core, number, comparable, strict)


@pytest.mark.parametrize("written", ["box of of", "bag dung", "bag chứa", "box of containing of"])
def test_a_container_of_nothing_holds_nothing(written: str) -> None:
    """A line that stops where the contents should stand names no contents."""
    assert all(inner for _, inner, _ in contents(split(written)))


@given(st.text(st.characters(), max_size=260))
def test_any_text_can_be_read(text: str) -> None:
    """Nothing raises, and what is read are words."""
    reading = read(text)
    assert reading is None or all(reading.pieces)
    for piece in reading.pieces if reading else ():
        assert all(form.number is None or form.number >= 0 for form in counted(piece))


def test_every_word_that_says_little_or_enough_is_a_name() -> None:
    """A list that outlives its names is noise."""
    names = {name.alias for name in standing().taxonomy.names if name.item.standing == "allowed"}
    assert names >= VAGUE | TELLING
