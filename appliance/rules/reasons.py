"""What the officer reads: each rule's message in every language, and one paragraph of all of them.

Takes rules that fired and what they are about, gives words. What is named by the taxonomy is called by its name there;
a traveller's own words stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable

from appliance.rules import lacking
from appliance.rules.book import Rule
from appliance.rules.taxonomy import Taxonomy
from appliance.scan import LANGUAGES, Action, Language, Risk, RuleFired

MOST_NAMED = 12
"""Things named in one message; of more, only how many there are."""

_NOTHING: dict[Language, str] = {
    "en": "Nothing prohibited was found.",
    "ms": "Tiada barang larangan dijumpai.",
    "vi": "Không phát hiện vật cấm.",
}
_LOOK: dict[Language, str] = {
    "en": "An officer must look: {}.",
    "ms": "Pegawai mesti melihatnya: {}.",
    "vi": "Cán bộ phải xem xét: {}.",
}
_ANYWAY: dict[Language, str] = {
    "en": "Nothing prohibited was found; at this threat level an officer looks all the same.",
    "ms": "Tiada barang larangan dijumpai; pada tahap ancaman ini pegawai tetap melihatnya.",
    "vi": "Không phát hiện vật cấm; ở mức đe dọa này cán bộ vẫn xem xét.",
}
_MORE: dict[Language, str] = {"en": "{} more", "ms": "{} lagi", "vi": "{} thứ khác"}
PROHIBITED: dict[Language, str] = {
    "en": "Prohibited item seen: {items}.",
    "ms": "Barang larangan dikesan: {items}.",
    "vi": "Phát hiện vật cấm: {items}.",
}
UNKNOWN: dict[Language, str] = {
    "en": "Of a kind the rules do not know: {items}.",
    "ms": "Daripada jenis yang tidak dikenali oleh peraturan: {items}.",
    "vi": "Thuộc loại mà quy tắc không biết: {items}.",
}


def told(rule: Rule, risk: Risk, about: Iterable[str], taxonomy: Taxonomy) -> RuleFired:
    """What a rule that fired says."""
    return said(rule.id, risk, {**rule.message}, about, taxonomy)


def said(name: str, risk: Risk, words: dict[Language, str], about: Iterable[str], taxonomy: Taxonomy) -> RuleFired:
    """A message in every language; English where a language has none."""
    things = tuple(dict.fromkeys(about)) or ("?",)
    messages: dict[Language, str] = {
        language: _flat(words.get(language, words["en"]).replace("{items}", _listed(things, language, taxonomy)))
        for language in LANGUAGES
    }
    return RuleFired(id=name, risk=risk, message=messages["en"], messages=messages)


def paragraphs(fired: Iterable[RuleFired], degraded: tuple[str, ...], action: Action) -> dict[Language, str]:
    """One readable paragraph in every language, which says why even where no rule had anything to say."""
    otherwise = _NOTHING if action is Action.CLEAR else _ANYWAY
    rules = tuple(fired)
    found: dict[Language, str] = {}
    for language in LANGUAGES:
        parts = [rule.messages.get(language, rule.message) for rule in rules]
        if degraded:
            lacks = "; ".join(lacking.told(each, language) for each in degraded)
            parts.append(_flat(_LOOK[language].format(lacks)))
        found[language] = " ".join(dict.fromkeys(parts)) or otherwise[language]
    return found


def _listed(things: tuple[str, ...], language: Language, taxonomy: Taxonomy) -> str:
    named = [_called(thing, language, taxonomy) for thing in things[:MOST_NAMED]]
    if len(things) > MOST_NAMED:
        named.append(_MORE[language].format(len(things) - MOST_NAMED))
    return ", ".join(named)


def _flat(text: str) -> str:
    """On one line and without signs that nobody sees: a traveller's or an engine's words may hold any."""
    if not text.isprintable():
        text = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(text.split())


def _called(thing: str, language: Language, taxonomy: Taxonomy) -> str:
    known = taxonomy.item(thing)
    names = known.names.get(language) if known else None
    return names[0] if names else _flat(thing) or "?"
