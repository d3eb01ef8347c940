"""A small whole rulebook, and every way to break it that anybody thought of, with the place where each is told.

Takes nothing, gives cases: which text, what stands there instead of what, the token that is at fault, and words.
"""

from __future__ import annotations

from typing import NamedTuple

from appliance.rules.reading import Names
from appliance.rules.texts import Texts

SAYS = frozenset({"handgun", "laptop", "lighter"})
NAMES = Names("book.yaml", "things.yaml", "site.yaml")
BOOK = """\
name: small
version: 3
profile: bags
expires: 2027-12-31
context: {consignee: text, age: whole}
thresholds: {all: 0.3, weapon: 0.2}
floors: {unknown: high}
actions: {medium: REVIEW}
rules:
  - id: prohibited
    when: >-  # over two lines
      items.exists(i,
        i.category != 'general' && i.prohibited && i.known)
    about: items.filter(i, i.prohibited).map(i, i.item)
    risk: high
    message:
      en: Prohibited {items}.
      vi: Cấm {items}.
  - id: gun
    when: "items.exists(i, i.item == \\"handgun\\" && i.location != '\\u00e9')"
    risk: high
    message: {en: A gun.}
    expires: 2099-01-01
  - id: young
    when: |
      has(context.age) &&
      context.age < 18
    risk: medium
    message: {en: Too young.}
  - id: absent
    when: 'declared.exists(d, d.result == ''not_seen'')'
    risk: medium
    message: {en: Not seen.}
levels:
  raised:
    risks: {young: high}
    thresholds: {all: 0.1}
tests:
  - name: nothing
    expect: {risk: low, action: CLEAR, rules: []}
  - name: a gun
    seen: [{item: handgun}]
    expect: {risk: high, rules: [prohibited, gun]}
"""
THINGS = """\
profile: bags
hs_edition: "2022"
items:
  - {id: handgun, category: weapon, standing: prohibited, hs: ["9302"], names: {en: [handgun, pistol], vi: [súng]}}
  - {id: lighter, category: flammable, standing: restricted, names: {en: [lighter]}}
  - {id: laptop, category: electronics, hs: ["8471"], names: {en: [laptop, notebook]}}
  - {id: goods, category: general, names: {en: [goods]}, covers: [laptop]}
"""
SHEET = """\
name: lane-3
version: 1
over: small
thresholds: {weapon: 0.1}
risks: {young: high}
rules:
  - id: lane
    when: scan.lane == '9'
    risk: medium
    message: {en: The wrong lane.}
loosens:
  - {rule: absent, risk: low, until: 2027-06-01, why: the side camera is being replaced}
tests:
  - name: nothing
    expect: {action: CLEAR}
"""
WHOLE = Texts(book=BOOK, taxonomy=THINGS, site=SHEET)


class Broken(NamedTuple):
    """One fault: in `file`, `new` stands instead of `old`; `token` is where it is told.

    It is the first one from there on; of the whole file, where it begins with ^.
    """

    file: str
    old: str
    new: str
    token: str
    words: str

    @property
    def texts(self) -> Texts:
        return WHOLE.model_copy(update={self.key: self._with()})

    @property
    def key(self) -> str:
        return {"book.yaml": "book", "things.yaml": "taxonomy", "site.yaml": "site"}[self.file]

    @property
    def place(self) -> str:
        """File, line and column of the token."""
        text = self._with()
        start = 0 if self.token.startswith("^") else getattr(WHOLE, self.key).index(self.old)
        before = text[: text.index(self.token.removeprefix("^"), start)]
        return f"{self.file}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: "

    def _with(self) -> str:
        whole: str = getattr(WHOLE, self.key)
        assert whole.count(self.old) >= 1, self.old
        return whole.replace(self.old, self.new, 1)


def _cases(file: str, *given: tuple[str, str, str, str]) -> list[Broken]:
    return [Broken(file, *one) for one in given]


SYNTAX = _cases(
    "book.yaml",
    ("version: 3\n", "version: 3\nversion: 4\n", "version: 4", "duplicate key"),
    ("{all: 0.3, weapon: 0.2}", "&a {all: 0.3, weapon: 0.2}", "&a", "anchors and aliases"),
    ("{all: 0.3, weapon: 0.2}", "*a", "*a", "anchors and aliases"),
    (
        "{all: 0.3, weapon: 0.2}\n",
        "{all: 0.3, weapon: 0.2\n",
        ": {unknown",
        "a comma or a } is missing in what line 6 opens",
    ),
    ("    risk: high\n", "     risk: high\n", ": high", "put the text in quotes"),
    ("    risk: high\n", "   risk: high\n", "risk: high", "wrongly indented, here or in the line above"),
    ("  - id: gun", "  -id: gun", "-id: gun", "a list's entry begins with a dash and a space"),
    ("  - id: gun", "   - id: gun", "- id: gun", "wrongly indented, here or in the line above"),
    ("{en: A gun.", "{en: {items} seen", "seen}", "or quotes around a text"),
    ("en: Prohibited {items}.", "en: {items} prohibited.", "prohibited.", "put the whole text in quotes"),
    (
        "      en: Prohibited {items}.",
        "      en: Prohibited: {items}.",
        ": {items}",
        "a colon too many: put the text in quotes",
    ),
    ("{en: A gun.}", "{en: @gun}", "@gun", "no text can begin with '@': put the text in quotes"),
    ("    risk: high\n", "    risk high\n", "message:", "no key without a colon and a space after it"),
    ('when: "items', 'when: "\\q items', "q items", "put the text in single quotes"),
    ("name: small", "name: small\x07", "\x07", "U+0007"),
    ("name: small", "name: sm\ud800all", "\ud800", "U+D800"),
    ("version: 3", "version:\t3\n\tprofile: x", "\t3", "use spaces, not tabs"),
    ("version: 3", "version: " + "[" * 40, "[" * 11 + "\n", "nested too deep"),
    ("2027-12-31", "2027-13-31", "2027-13-31", "month must be"),
    ("tests:\n", "---\ntests:\n", "---", "another document"),
    ("name: small", "name: " + "x" * 64_000, "name", "larger than 64000 bytes"),
    ("name: small\nversion: 3", "- small\nname: x", "name: x", "this goes on with nothing above"),
)
SHAPE = _cases(
    "book.yaml",
    ("version: 3", "version: three", "version", "not a whole number"),
    ("version: 3", "version: 0", "version", "greater than or equal to 1"),
    ("version: 3", "version: 1.5", "version", "not a whole number"),
    ("name: small", "name: Small Book", "name", "small letters, digits and dashes"),
    ("context: {consignee: text,", "contest: {consignee: text,", "contest", "did you mean context?"),
    ("consignee: text", "consignee: string", "consignee", "'text', 'number', 'whole' or 'yes_no'"),
    ("consignee: text", "Consignee: text", "Consignee", "lower-case"),
    ("risk: high", "risk: hihg", "risk", "did you mean high?"),
    ("    risk: medium\n", "    rsik: medium\n", "rsik", "did you mean risk?"),
    ("    risk: medium\n", "", "^id: young", "missing"),
    ("      en: Prohibited {items}.\n", "", "^message", "needs an English text"),
    ("{en: A gun.}", "{en: A gun., fr: Un fusil.}", "fr", "'en', 'ms' or 'vi'"),
    ("vi: Cấm {items}", "vi: Cấm {item}", "vi", "{item} cannot be filled in"),
    ("{en: A gun.", "{en: 'A gun {.'", "en", "{ cannot be filled in"),
    ("{en: A gun.", "{en: 'Guns {items}.'", "en", "{items} needs about"),
    ("message: {en: A gun.}", "message: A gun.", "message", "not a mapping"),
    ("all: 0.3", "all: 1.3", "all", "less than or equal to 1"),
    ("all: 0.3", "all: -0.1", "all", "greater than or equal to 0"),
    ("all: 0.3", "all: .nan", "all", "finite"),
    ("floors: {unknown: high}", "floors: {unknown: low}", "unknown", "'medium' or 'high'"),
    ("floors: {unknown: high}", "floors: {unknwon: high}", "unknwon", "did you mean unknown?"),
    ("{medium: REVIEW}", "{medium: CLEAR}", "medium", "what is medium is never less than REVIEW"),
    ("{medium: REVIEW}", "{high: REVIEW}", "high", "what is high is never less than PHYSICAL_INSPECTION"),
    ("- id: gun", "- id: prohibited", "id: prohibited", "two rules are called prohibited"),
    ("  raised:", "  normal:", "normal", "the level without any change"),
    ("risks: {young: high}", "risks: {young: low}", "young", "'medium' or 'high'"),
    ("expires: 2099-01-01", "expires: 31/12/2099", "expires", "write it as YYYY-MM-DD"),
    ("expires: 2099-01-01", "expires: 99", "expires", "write it as YYYY-MM-DD"),
    ("when: 'declared.exists(d, d.result == ''not_seen'')'", "when: true", "when", "not a text: put it in quotes"),
    ("when: 'declared.exists(d, d.result == ''not_seen'')'", "when:", "when", "nothing stands here"),
    ("en: A gun.", "en: {items}", "en", "not a text: put it in quotes"),
    ("rules: [prohibited, gun]", "rules: gun", "rules", "not a list: write it between [ and ]"),
    ("expires: 2099-01-01", "expires: tomorrow", "expires", "write it as YYYY-MM-DD"),
    ("expect: {risk: low, action: CLEAR, rules: []}", "seen: []", "^name: nothing", "missing"),
    ("seen: [{item: handgun}]", "seen: [{item: handgun, confidence: 2}]", "confidence", "less than or equal to 1"),
    ("tests:\n  - name: nothing", "trials:\n  - name: nothing", "trials", "unknown key"),
)
CONDITIONS = _cases(
    "book.yaml",
    ("i.known)", "i.knwon)", ".knwon", "Item has no field knwon (did you mean known?)"),
    ("items.exists(i,\n", "itms.exists(i,\n", "itms", "did you mean items?"),
    ("i.known)", "i.known", "^n\n    about", "ends too early"),
    ("i.known)", "i.confidence > 1)", "> 1", "does not mix whole numbers"),
    ("i.prohibited && i.known)", "i.prohibited && i.item)", "&& i.item", "does not go with"),
    ("items.filter(i, i.prohibited).map(i, i.item)", "items.exists(i, i.prohibited)", "items.e", "a list of texts"),
    ('== \\"handgun\\"', '== \\"handgum\\"', '\\"handgum', "Item.item is never 'handgum'"),
    ("!= '\\u00e9'", "!= '\\u00e9' && i.standing == 'banned'", "'banned'", "Item.standing is never 'banned'"),
    ("'\\u00e9'", "'\\u00e9' && i.category == 'wepon'", "'wepon'", "did you mean weapon?"),
    ("'\\u00e9'", "'\\u00e9' && i.item == 'goods'", "'goods'", "cannot be named by the release"),
    ("'\\u00e9'", "'\\u00e9' && i.item.contains('gun')", "'gun'", "compared in part"),
    ("context.age < 18", "context.height < 18", ".height", "no field height"),
    ("context.age < 18", "context.age < 'x'", "< 'x'", "does not go with"),
    ("''not_seen''", "''not_sen''", "''not_sen", "did you mean not_seen?"),
    ("when: 'declared.exists(d, d.result == ''not_seen'')'", "when: declared.size()", "declared.size", "yes or no"),
    ("when: 'declared.exists(d, d.result == ''not_seen'')'", "when: history.sean('x', 3) > 1", "('x'", "history has"),
    ("when: 'declared.exists(d, d.result == ''not_seen'')'", "when: scan.lane = 'x'", "= 'x'", "== here"),
    ("when: 'declared.exists(d, d.result == ''not_seen'')'", "when: ''", "when", "ends too early"),
    ("when: 'declared.exists(d, d.result == ''not_seen'')'", "when: true" + " || true" * 300, "true", "characters"),
)  # fmt: skip
TOGETHER = _cases(
    "book.yaml",
    ("profile: bags", "profile: cargo", "profile", "the taxonomy is of 'bags'"),
    ("expires: 2027-12-31", "expires: 2020-12-31", "expires", "it ended on 2020-12-31"),
    ("weapon: 0.2", "wepon: 0.2", "wepon", "did you mean weapon?"),
    ("thresholds: {all: 0.1}", "thresholds: {all: 0.4}", "all: 0.4", "0.4 is more than the book's 0.3"),
    ("thresholds: {all: 0.1}", "thresholds: {handgun: 0.25}", "handgun", "0.25 is more than the book's 0.2"),
    ("risks: {young: high}", "risks: {yung: high}", "yung", "did you mean young?"),
    ("risks: {young: high}", "risks: {young: medium}", "young", "does not raise it"),
    ("risk: high, rules: [prohibited, gun]", "risk: low", "risk: low", "a gun: the risk is high"),
    ("risk: high, rules: [prohibited, gun]", "action: CLEAR", "action", "PHYSICAL_INSPECTION"),
    ("rules: [prohibited, gun]", "rules: [gun]", "rules", "rules that fired: prohibited, gun"),
    ("seen: [{item: handgun}]", "level: rised", "level", "there is no level rised"),
    ("seen: [{item: handgun}]", "seen: [{item: handgum}]", "item", "has no item 'handgum' (did you mean handgun?)"),
    ("seen: [{item: handgun}]", "seen: [{item: Pistol}]", "item", "'Pistol' is one of the names of handgun"),
    ("seen: [{item: handgun}]", "seen: [{item: x, category: wepon}]", "category", "did you mean weapon?"),
    ("seen: [{item: handgun}]", "context: {consigne: ACME}", "consigne:", "did you mean consignee?"),
    ("seen: [{item: handgun}]", "history: {sean/30/ACME: 2}", "sean", "did you mean seen?"),
    ("seen: [{item: handgun}]", "history: {seen/ACME: 2}", "seen/", "write it as seen/30/ACME"),
    ("expires: 2099-01-01", "expires: 2026-11-19", "expires", "it ended on 2026-11-19"),
)
TAXONOMY = _cases(
    "things.yaml",
    ("en: [laptop, notebook]", "en: [laptop, pistol]", "pistol", "also a name of handgun"),
    ("id: laptop,", "id: lighter,", "id: lighter", "stands twice"),
    ("covers: [laptop]", "covers: [laptops]", "laptops", "no such class"),
    ("covers: [laptop]", "covers: [goods]", "covers", "covers itself"),
    ("covers: [laptop]", "covers: [handgun]", "handgun", "never stands for"),
    ('hs: ["8471"]', 'hs: ["84x1"]', '"84x1"', "2, 4 or 6 digits"),
    ('hs: ["8471"]', "hs: [8471]", "8471", "not a text: put it in quotes"),
    ("standing: restricted", "standing: resticted", "standing", "did you mean restricted?"),
    ("en: [lighter]", "ms: [lighter]", "^names: {ms", "no English name"),
    ("id: laptop, category: electronics", "id: laptop, catgory: electronics", "catgory", "did you mean category?"),
    ("id: lighter, category", "id: torch, category", "id: torch", "not among the class's own names"),
    ("  - {id: lighter, category: flammable, standing: restricted, names: {en: [lighter]}}\n", "", "^items",
     "the release can name 'lighter'"),
    ("category: flammable", "category: wepon", "category: wepon", "no other class is of this category (did you mean w"),
    ("súng", "s\u200búng", "s\u200b", "control characters"),
    ("[laptop, notebook]", "[laptop, 刀]", "刀", "read as a name"),
    ("- {id: goods, category: general,", "- {id: goods, category: general, standing: prohibited,", "laptop]", "never"),
    ("id: goods, category: general, names: {en: [goods]}, covers: [laptop]",
     "id: axe, category: general, standing: prohibited, names: {en: [axe]}", "^{id: axe", "no rule fires"),
)  # fmt: skip
SITES = _cases(
    "site.yaml",
    ("over: small", "over: smal", "over", "the central book is small"),
    ("weapon: 0.1", "weapon: 0.5", "weapon", "would loosen it"),
    ("risks: {young: high}", "risks: {prohibited: high}", "prohibited", "does not raise it"),
    ("risks: {young: high}", "risks: {old: high}", "old", "the book has no rule old"),
    ("id: lane", "id: gun", "id: gun", "the central book has a rule gun"),
    ("{rule: absent,", "{rule: abscent,", "rule: abscent", "did you mean absent?"),
    ("{rule: absent, risk: low,", "{rule: absent, risk: medium,", "risk: medium", "does not loosen it"),
    ("until: 2027-06-01", "until: 2020-01-01", "until", "it ended on 2020-01-01"),
    ("until: 2027-06-01", "until: 2027-11-22", "until", "366 days at the most: until 2027-11-21"),
    (", why: the side camera is being replaced", "", "^{rule: absent", "missing"),
    ("loosens:\n", "loosens:\n  - {rule: absent, until: 2027-01-01, why: x}\n", "rule: absent, risk", "loosened twice"),
    (
        "{rule: absent, risk: low,",
        "{rule: gun, until: 2027-01-01, why: x}\n  - {rule: prohibited, risk: low,",
        "rule: gun",
        "then no rule fires for what is prohibited: handgun",
    ),
    ("scan.lane == '9'", "scan.lan == '9'", ".lan", "did you mean lane?"),
    ("scan.lane == '9'", "items.exists(i, i.item == 'gun')", "'gun'", "Item.item is never 'gun'"),
    ("expect: {action: CLEAR}", "expect: {action: REVIEW}", "action", "nothing: the action is CLEAR"),
    ("    risk: medium\n", "    risk: medium\n    expires: 2020-01-01\n", "expires", "it ended on"),
)
CASES = [*SYNTAX, *SHAPE, *CONDITIONS, *TOGETHER, *TAXONOMY, *SITES]
