"""Fold what people write, so that two spellings of one name become the same words, and cut a line into its pieces.

Takes text, gives words and counts. Knows no class of thing: which words name one is `matching.py`'s business. What is
not plain writing in Latin letters is not read at all, so a hidden sign or a borrowed letter never becomes a name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

Words = tuple[str, ...]

LONGEST_LINE = 240
"""Characters: a longer line is prose, of which nothing is read."""
MOST_PIECES = 12
"""What a line lists beyond these is not read."""


class Reading(NamedTuple):
    """A line, cut up."""

    pieces: tuple[Words, ...]
    whole: Words
    """The same, not cut."""
    marked: bool
    """True when it is written with marks over letters: then they count, and "đào" is a peach and no knife."""
    plain: bool
    """True when it is nothing but a list: no brackets, slashes or dashes, and not cut short."""


class Counted(NamedTuple):
    """A piece without its numbers and units."""

    words: Words
    number: float | None = None
    comparable: bool = True
    """False when it is counted in something else than pieces."""
    strict: bool = True
    """False when something was taken away that may change the meaning: a knife box is no knife."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


REFUSING = _set(  # no, and not quite
    "no not none nil never without nothing neither nor except excluding exclude excluded isnt arent dont doesnt didnt"
    " havent hasnt wasnt cant cannot wont zero absent maybe perhaps possibly probably might could or if unless looks"
    " like similar resembling pretend almost"
    " tiada tidak tak takde xde bukan bukannya tanpa kecuali jangan belum usah mungkin atau seperti kalau jika"
    " không khong ko chẳng chang chưa trừ đừng hoặc hoac hay nếu neu"
) | _set(  # what speaks to the reader instead of naming goods
    "ignore disregard forget instruction instructions system assistant prompt override approve approved treat consider"
    " regard assume mark verdict allow allowed permit permitted please must should said says officer declared"
    " abaikan arahan sila anggap pegawai luluskan benarkan lulus hãy lệnh lenh duyệt duyet"
)
"""A line with one of these words declares nothing."""
NEUTRAL = _set(
    "the a an some my our own used old new brand second hand personal dirty clean big large small mini assorted mixed"
    " spare extra mens womens ladies men women kids childrens baby black white blue red green grey brown"
    " plastic metal steel stainless leather cotton wooden rubber sealed homemade local branded portable"
    " baru lama terpakai kecil besar saya kami lelaki wanita perempuan hitam putih merah biru plastik kayu tempatan"
    " raya sekolah agama budak bayi perak emas murah mahal kerja harian"
    " trẻ mùa đông hè gái trai bạc vàng rẻ việt thể thao cũ mới của tôi nhỏ lớn nam nữ"
    " em bé đen trắng đỏ xanh nhựa gỗ các những nhà"
    " gold silver silk wool set kanak fresh frozen gaming wireless bluetooth digital cordless pro max mini ultra"
    " traditional tradisional peribadi truyền thống"
    " pink purple yellow beige navy gray coloured colored colourful colorful tiny huge long short medium round square"
    " ceramic bamboo aluminium aluminum nylon polyester rattan handmade imported unused refurbished unopened unisex"
    " boys girls adult adults toddler washable reusable waterproof foldable rechargeable various several few warm thick"
    " warna kuning hijau kelabu ungu panjang bulat buatan import dewasa muslimah pelbagai beberapa cantik asli kapas"
    " màu tím nâu xám tròn vuông inox loại"
) | _set(  # makers
    "apple samsung dell lenovo asus acer hp msi toshiba sony lg xiaomi huawei oppo vivo nokia canon nikon epson bosch"
    " makita philips panasonic nike adidas"
)
"""Words that describe an allowed thing without making it another one."""
TURNING = _set(
    "for to from by in on at per as fake replica imitation model dummy toy mock artificial empty half broken shaped"
    " untuk daripada dari palsu tiruan mainan kosong cho để từ giả rỗng"
)
"""Words after or before which a name no longer says what a thing is."""
VAGUE = _set(
    "monitor tablet tablets pills oil wire belt bag box carton paper server scanner string screw washers nails iron pan"
    " pot plate can tin jar bottle flask cup fork torch glasses ring key cap tie vest radio amplifier adapter mixer"
    " grinder drum magazine cream salt pepper trunk package basket pouch change foundation pump valve jelly marker"
    " dates crackers plasters table"
)
"""English names that say little: only words known to describe may stand before them, lest engine oil be for cooking."""
TELLING = _set(
    "pakaian baju seluar kasut tudung ubat buku dokumen mainan biskut telefon bateri kamera sabun syampu kain"
    " kerepek hadiah selipar playar kopi"
    " thuốc sách quần giày dép bánh kẹo gạo mũ trà quà"
)
"""Malay and Vietnamese names of one word that say enough for others to follow: "ubat darah tinggi"."""
_NUMBERS = {
    word: float(number)
    for words in (
        "one two three four five six seven eight nine ten eleven twelve",
        "satu dua tiga empat lima enam tujuh lapan sembilan sepuluh",
        "một hai ba bốn năm sáu bảy tám chín mười",
        "mot hai ba bon",
        "a dua",
        "an dua",
    )
    for number, word in enumerate(words.split(), 1)
}
_CLASSIFIERS = _set("cái chiếc con cây khẩu cục thanh đôi cai chiec cay")
"""Stand before a Vietnamese noun without any number."""
_PIECES = _CLASSIFIERS - {"đôi"} | _set(
    "pc pcs piece pieces unit units nos ea each buah bilah biji butir batang helai keping pucuk ekor quả viên quyển"
    " cuốn tờ qua vien"
)
_MONEY = _set("usd rm myr vnd sgd eur")
_MEASURES = _MONEY | _set(
    "kg kgs g gm gram grams kilo kilos kilogram kilograms litre litres liter liters l ml pair pairs set sets dozen pack"
    " packs packet packets sachet sachets bottle bottles can cans jar jars tube tubes roll rolls bar bars stick sticks"
    " round rounds bungkus paket botol tin pasang gói chai lon lọ đôi bộ cặp tuýp lít ký cân hộp"
    " mah wh w v volt watt gb tb mb inch inches cm mm m dong ringgit dollars đồng"
)
_WRAPS = _set("box boxes carton cartons case cases crate crates kotak karton bekas hộp thùng bao hop thung")
"""May as well be the thing's empty box."""
_UNITS = _PIECES | _MEASURES | _WRAPS
_OF = _set("of containing contains full berisi mengandungi đầy")
_FOR = _set("đựng chứa dung")
"""May also say what an empty bag is for."""
_MAKER = ("hp",)
"""A phone in Malay; after other things, the maker of one of them."""
_HARMLESS_NO = re.compile(
    r"\b(?:không|khong) (?=(?:dây|day|dầu|dau|người|nguoi|khí|khi)\b)|\btanpa (?=(?:wayar|pemandu)\b)|trừ (?=sâu\b)"
)
"""Wireless, oil-free, unmanned, air: a no that belongs to a name."""
_UNREADABLE = re.compile(r"[^\t\n\r -~\u00a0-\u00ac\u00ae-\u024f\u1e00-\u1eff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]")
_MARKED = re.compile(r"[\u00c0-\u024f\u1e00-\u1eff]")
_MINUS = re.compile(r"(?<!\w)x?-\d")
"""Less than none of a thing: "knife -1", "-3 knife", "knife x-1"; no part of a name such as USB-3."""
_SIGNS = str.maketrans("\u2019\u00d7\u2013\u2014", "'x--")
_STRAY = re.compile(r"[^\w\s,.'&+*-]|_|\s-+\s")
_COUNT_IN_BRACKETS = re.compile(r"\((\s*x?\s*\d{1,6}\s*[^\W\d_]{0,7}\s*)\)")
_CUT = re.compile(r"[;/()\[\]{}|•:&+\n\r\t\"“”<>=]|(?<!\d),|,(?!\d)|\.(?:\s|$)|\s-+\s")
_NEXT = re.compile(r"(?<=\S)\s+(?=\d{1,3} ?x [^\W\d_])")
"""Before the next of things counted without a comma: "1x laptop 2x phone"."""
_FOR_WHOM = re.compile(
    r"\bfor (?:my |our )?(?:family|friends?|relatives|colleagues|wife|husband|kids|children|(?:personal |own )?use)\b"
    r"|\buntuk (?:keluarga|kawan|kawan-kawan|anak|isteri|kegunaan (?:sendiri|peribadi))\b"
    r"|\bcho (?:gia đình|người thân|bạn bè|con|vợ|mẹ|bố|bé|em bé|cá nhân)(?!\w)"
)
"""Who a thing is for changes nothing, save that the line is no plain list any more."""
_AND = _set("and dan và plus with dengan serta beserta cùng kèm")
_WORD = re.compile(r"\d+(?:[.,]\d+)*|x(?=\d)|[^\W\d_]+\d*")


def readable(text: str) -> str | None:
    """The text in one spelling, or None where it holds anything but Latin letters, digits and visible signs."""
    one = unicodedata.normalize("NFC", text)
    if _UNREADABLE.search(one):
        return None
    return unicodedata.normalize("NFC", one.casefold()).translate(_SIGNS)


def can_be_read(line: str) -> bool:
    """Whether a declared line is writing that anybody here reads: not another script, not hidden, not a book."""
    return len(line) <= LONGEST_LINE and bool(line.strip()) and readable(line) is not None


def bare(text: str) -> str:
    """Without marks: "điện thoại" becomes "dien thoai"."""
    if text.isascii():
        return text
    spread = unicodedata.normalize("NFD", text).replace("đ", "d")
    return "".join(character for character in spread if not unicodedata.combining(character))


def split(text: str) -> Words:
    """The words of a text that is in one spelling."""
    return tuple(_WORD.findall(text.replace("'", "")))


def fold(name: str) -> str:
    """A name as it is compared, marks and all; empty where it cannot be read."""
    return " ".join(split(readable(name) or ""))


def read(text: str) -> Reading | None:
    """Cut a line into its pieces, or None where nothing may be drawn from it: unreadable, denying or instructing."""
    one = readable(text) if len(text) <= LONGEST_LINE else None
    said = split(_HARMLESS_NO.sub("", one)) if one else ()
    if one is None or _MINUS.search(one) or any(word in REFUSING or not word.strip("0.,") for word in said):
        return None
    one = _COUNT_IN_BRACKETS.sub(r" \1 ", one)
    simpler = _NEXT.sub(", ", _FOR_WHOM.sub(" ", one))
    parts = _CUT.split(simpler, maxsplit=2 * MOST_PIECES)
    pieces = [piece for part in parts for piece in _cut_at_and(split(part)) if not _is_amount(piece)]
    plain = len(parts) <= 2 * MOST_PIECES and len(pieces) <= MOST_PIECES and not _STRAY.search(one) and one == simpler
    pieces[1:] = [piece for piece in pieces[1:] if piece != _MAKER]
    whole = split(one)
    return Reading(tuple(pieces[:MOST_PIECES]), whole, bool(_MARKED.search(one)), plain) if pieces else None


def counted(words: Words) -> Iterator[Counted]:
    """The piece as it stands, then with less and less around its name."""
    yield Counted(words)
    once = tuple(word for before, word in zip(("", *words), words, strict=False) if word != before)
    if once != words:  # buku-buku
        yield Counted(once)
    count, rest = _number(words)
    if rest and rest != words:
        yield Counted(rest, count)
    unit = rest[0] if rest else ""
    of = len(rest) > 1 and rest[1] in _OF
    if unit in _UNITS and (count is not None or of or unit in _CLASSIFIERS):
        rest = rest[2:] if of else rest[1:]
        yield Counted(rest, count, unit in _PIECES, of or unit not in _WRAPS)
    elif len(rest) > 1 and rest[-1] in _UNITS and _is_number(rest[-2]):
        core = rest[:-2]
        yield Counted(core[:-1] if core[-1:] == ("x",) else core, _value(rest[-2]), rest[-1] in _PIECES)
    elif rest and _is_number(rest[-1]):
        core = rest[:-1]
        money = bool(_MONEY.intersection(core[-1:]))  # cash USD 15000
        yield Counted(core[:-1] if core[-1:] == ("x",) or money else core, _value(rest[-1]), not money)


def contents(words: Words) -> Iterator[tuple[Words, Words, bool]]:
    """Where the piece may be a container and what is in it; True when a word such as "of" stands between."""
    for end in (2, 1):
        head, rest = words[:end], words[end:]
        of = bool(rest) and rest[0] in _OF
        inner = tuple(word for word in rest if word not in _OF) if of else rest[bool(rest) and rest[0] in _FOR :]
        if inner:  # "box of of" holds nothing
            yield head, inner, of


def _number(words: Words) -> tuple[float | None, Words]:
    """The number a piece begins with; "sebilah" is one blade, "sebeg" a bag full."""
    first = words[0]
    if first.startswith("se") and first[2:] in _UNITS:
        return 1.0, (first[2:], *words[1:])
    if first == "sebeg":
        return 1.0, ("beg", "berisi", *words[1:])
    if not _is_number(first) and first not in _NUMBERS:
        return None, words
    rest = words[2:] if words[1:2] == ("x",) else words[1:]
    return _value(first), rest


def _is_number(word: str) -> bool:
    return word[0].isdigit() and word[-1].isdigit()


def _is_amount(words: Words) -> bool:
    return all(_is_number(word) or word in _UNITS for word in words) and any(map(_is_number, words))


def _value(word: str) -> float | None:
    """A number's value; None where it is no plain one, as 1.000,5 is none."""
    if word in _NUMBERS:
        return _NUMBERS[word]
    try:
        return float(word.replace(",", "."))
    except ValueError:
        return None


def _cut_at_and(words: Words) -> list[Words]:
    pieces: list[list[str]] = [[]]
    for word in words:
        if word in _AND:
            pieces.append([])
        else:
            pieces[-1].append(word)
    return [tuple(piece) for piece in pieces if piece]
