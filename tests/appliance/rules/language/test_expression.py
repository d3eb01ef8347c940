"""Rule expressions: proven when loaded, bounded when judged, and a failure is never a no."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from appliance.rules.facts import Facts
from appliance.rules.history import Lookup, Nothing, Remembered
from appliance.rules.language.bounds import MOST_STEPS
from appliance.rules.language.expression import MOST_TEXT, ExpressionError, Failed, Language
from tests.appliance.rules.language.asking import evaluate
from tests.appliance.rules.language.nasty_rules import CONTEXT, HONEST, Told, big_facts, worst_facts

LANGUAGE = Language(CONTEXT)
FACTS = big_facts()


def says(text: str, facts: Facts = FACTS, history: Any = None) -> object:
    """What one rule says of a scan."""
    return evaluate(LANGUAGE, [LANGUAGE.compile(text)], facts, history or Nothing())[0]


# --- loading ----------------------------------------------------------------------------------------------------------

REFUSED = [
    ("items.exists(i, i.categry == 'x')", 1, 18, "Item has no field categry (did you mean category?)"),
    ("items.exists(i,\n  i.confidense > 0.5)", 2, 4, "Item has no field confidense (did you mean confidence?)"),
    ("itms.size() > 0", 1, 1, "nothing is called itms (did you mean items?)"),
    ("items.size() > 0 && lane == '3'", 1, 21, "nothing is called lane (known: items, declared, declaration, scan, "),
    ("items.exist(i, true)", 1, 12, "nothing is called exist (did you mean exists?)"),
    ("items.lenght() > 0", 1, 13, "nothing is called lenght (known: items, declared, "),
    ("context.aged < 3", 1, 8, "Context has no field aged (did you mean age?)"),
    ("history.sean('x', 30) > 1", 1, 13, "history has no function sean (did you mean seen?)"),
    ("history == 1", 1, 1, "history is asked by its functions, as in history.seen(..., 30)"),
    ("history.seen > 1", 1, 8, "history is asked by its functions, as in history.seen(..., 30)"),
    ("history.seen(3, 30) > 1", 1, 13, "history.seen does not go with a whole number and a whole number"),
    ("items.exists(i, i.confidence > 1)", 1, 30, "> does not mix whole numbers and numbers with decimals: write 1.0"),
    ("context.weight > 1", 1, 16, "> does not mix whole numbers and numbers with decimals: write 1.0"),
    ("items.exists(i, i.confidence > 'high')", 1, 30, "> does not go with a number with decimals and a text"),
    ("items", 1, 1, "gives a list, and a rule has to say yes or no"),
    ("items.size()", 1, 1, "gives a whole number, and a rule has to say yes or no"),
    ("items[0]", 1, 1, "gives a whole Item, and a rule has to say yes or no"),
    ("", 1, 1, "ends too early"),
    ("items.size() > 0 &&", 1, 20, "ends too early"),
    ("items.exists(i, true", 1, 21, "ends too early: ')' is missing"),
    ("items.size() = 1", 1, 14, "= is written == here"),
    ("a b", 1, 3, "'b' is not expected here"),
    ('items.exists(i, i.item == "knife)', 1, 27, '"knife) cannot be read: is a quotation mark missing?'),
    ("(" * 40 + "true" + ")" * 40, 1, 1, "nested too deep: make it several rules"),
    ("true" + " && true" * 300, 1, 1, f"longer than {MOST_TEXT} characters: make it several rules"),
    ("'\ud800' == 'x'", 1, 1, "holds half a character"),
    ("99999999999999999999 == 1", 1, 1, "invalid int literal"),
    ("items == items", 1, 7, "== compares texts, numbers, and yes or no: name a field"),
    ("context == null", 1, 9, "== compares texts, numbers, and yes or no: name a field"),
    ("'a' + 'b' == 'ab'", 1, 5, "+ is not part of the rule language here"),
    ("(degraded + degraded).size() > 2", 1, 11, "+ adds numbers only"),
    ("items.exists(i, i.location.matches('a+'))", 1, 35, "matches is not part of the rule language here"),
    ("items.exists(i, i.location < 'm')", 1, 28, "< is not part of the rule language here"),
    ("dyn(items).exists(i, i.foo)", 1, 4, "texts, numbers, yes or no, and lists of one kind of them are all"),
    ("[1, 'a'].size() > 0", 1, 1, "texts, numbers, yes or no, and lists of one kind of them are all"),
    ("Item{item: 'a'}.sure", 1, 1, "texts, numbers, yes or no, and lists of one kind of them are all"),
    ("items.map(i, [i.item]).size() > 0", 1, 10, "texts, numbers, yes or no, and lists of one kind of them are all"),
    (
        "items.exists(i, i.standing == 'prohibit')",
        1,
        31,
        "Item.standing is never 'prohibit' (did you mean prohibited?)",
    ),
    ("items.exists(i, i.item.startsWith('kn'))", 1, 35, "Item.item is compared in part: name whole words"),
    ("declared.exists(l, l.items.exists(n, n.contains('kn')))", 1, 49, "Line.items is compared in part: name whole"),
    ("items.all(a, items.all(b, items.all(c, items.all(d, true))))", 1, 1, "takes 7,"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), REFUSED, ids=[repr(case[0][:40]) for case in REFUSED])
def test_what_is_wrong_is_said_where_it_is(text: str, line: int, column: int, message: str) -> None:
    """One clear line with its place, for whoever writes rules."""
    with pytest.raises(ExpressionError) as caught:
        LANGUAGE.compile(text)
    assert caught.value.message.startswith(message)
    assert "\n" not in caught.value.message
    assert "INVALID_ARGUMENT" not in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("text", HONEST)
def test_an_honest_rule_is_accepted_and_says_yes_or_no(text: str) -> None:
    """The bounds are far from anything a rule has to say."""
    expression = LANGUAGE.compile(text)
    assert expression.steps < MOST_STEPS / 2
    assert isinstance(evaluate(LANGUAGE, [expression], FACTS, Nothing())[0], bool)


# --- what a rule names ------------------------------------------------------------------------------------------------


AB = {("Item.item", "a", 45), ("Item.item", "b", 51)}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("items.exists(i, i.item == 'x')", {("Item.item", "x", 26)}),
        ("items.exists(i, 'x' == i.item)", {("Item.item", "x", 16)}),
        ("items.all(i, i.item != 'x')", {("Item.item", "x", 23)}),
        ("items.exists(i, i.item in ['a', 'b'])", {("Item.item", "a", 27), ("Item.item", "b", 32)}),
        (
            "items.exists(i, i.category == (i.sure ? 'a' : 'b'))",
            {("Item.category", "a", 40), ("Item.category", "b", 46)},
        ),
        ("items.exists(i, i.item == ('x' in degraded ? 'a' : 'b'))", {("degraded", "x", 27)} | AB),
        ("items.filter(i, i.sure)[0].item == 'x'", {("Item.item", "x", 35)}),
        ("'x' in items.map(i, i.item)", {("Item.item", "x", 0)}),
        ("items.map(i, i.category).exists(c, c == 'x')", {("Item.category", "x", 40)}),
        ("['x'].all(n, items.exists(i, i.item == n))", {("Item.item", "x", 1)}),
        ("declared.exists(l, 'x' in l.items)", {("Line.items", "x", 19)}),
        ("declared.exists(l, l.items.exists(n, n == 'x'))", {("Line.items", "x", 42)}),
        ("'x' in declaration.undeclared", {("Declaration.undeclared", "x", 0)}),
        ("'x' in degraded", {("degraded", "x", 0)}),
        ("items.exists(i, i.item in ['😀', 'b'])", {("Item.item", "😀", 27), ("Item.item", "b", 32)}),
        ("items.exists(i, declared.exists(l, i.item in l.items))", set()),
    ],
)
def test_every_word_held_against_a_field_is_found(text: str, named: set[tuple[str, str, int]]) -> None:
    """Whichever way round it stands, so that a book can be held against the taxonomy and the release."""
    assert {(one.field, one.text, one.place) for one in LANGUAGE.compile(text).mentions} == named


# --- judging ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 / 0 == 1", "divide by zero"),
        ("9223372036854775807 + 1 > 0", "integer overflow"),
        ("items[99].sure", "Index error: index=99 size=16"),
        ("history.seen('x', 400 + 0) > 0", "history.seen: days must be 1 to 366, not 400"),
        ("history.scans('x', 0 + 0) > 0", "history.scans: minutes must be 1 to 10080, not 0"),
        (f"history.seen('{'x' * 201}', 1) > 0", "history.seen: consignee is longer than 200 characters"),
    ],
)
def test_a_rule_that_errs_has_failed(text: str, words: str) -> None:
    """The engine gives an error as a text, which would pass for true."""
    assert says(text) == Failed(words)


def test_an_error_that_cannot_matter_does_not() -> None:
    """Whatever the failed half would have said, the whole is certain."""
    assert says("1 / 0 == 1 || true") is True
    assert says("false && history.seen('x', 400 + 0) > 0") is False
    assert says("items.exists(i, 1 / 0 == 1 || i.prohibited)") is True
    assert isinstance(says("items.exists(i, 1 / 0 == 1)"), Failed)


def test_a_failure_is_neither_yes_nor_no() -> None:
    """Whoever takes it for one is told at once."""
    with pytest.raises(TypeError, match="neither yes nor no"):
        bool(Failed("x"))


def test_one_failure_leaves_the_others_alone() -> None:
    """Each rule has its own outcome, in the order of the rules."""
    expressions = [LANGUAGE.compile(text) for text in ("true", "1 / 0 == 1", "false")]
    assert evaluate(LANGUAGE, expressions, FACTS, Nothing()) == (True, Failed("divide by zero"), False)
    assert evaluate(LANGUAGE, [], FACTS, Nothing()) == ()


def test_a_rule_that_runs_out_has_failed() -> None:
    """What is affordable for a big scan can be too much for the biggest; it says so before it starts."""
    text = "items.exists(i, declared.exists(l, i.item in l.items))"
    assert says(text) is False
    said = says(text, worst_facts())
    assert isinstance(said, Failed)
    assert said.words.endswith("steps for 64 items and 2000 declared lines, and 1,000,000 are allowed")


def test_simple_rules_hold_for_the_biggest_scan() -> None:
    """Two thousand declared lines are read through."""
    assert says("declared.exists(l, l.result == 'not_seen' && 'a' in l.items)", worst_facts()) is False
    assert says("declared.all(l, !l.text.contains('knife'))", worst_facts()) is True


def test_a_rule_is_judged_alike_in_whatever_company() -> None:
    """Two hundred costly rules on one scan each say what they say alone."""
    texts = [
        "declared.all(l, declared.exists(m, m.text == l.text))",
        "declared.filter(l, l.seen == 2).size() == 40",
    ] * 100
    expressions = [LANGUAGE.compile(text) for text in texts]
    assert sum(expression.steps for expression in expressions) > 15 * MOST_STEPS
    assert evaluate(LANGUAGE, expressions, FACTS, Nothing()) == (True,) * 200


def test_history_is_asked_as_typed() -> None:
    """A count is a whole number and a rate has decimals."""
    assert says("history.seen('x', 30) == 3 && history.alarms('3', 60) == 3", history=Told(3)) is True
    assert says("history.alarm_rate('3', 60) == 0.25", history=Told(0.25)) is True
    assert says("history.alarm_rate('3', 60) == 1.0", history=Told(1)) is True


@pytest.mark.parametrize("problem", [OSError(5, "no disk"), MemoryError(), ValueError(""), RuntimeError("no\ndisk")])
def test_a_history_that_fails_fails_the_rule(problem: Exception) -> None:
    """Not knowing is not "never seen"."""
    said = says("history.seen('x', 30) == 0", history=Told(problem))
    assert isinstance(said, Failed)
    assert said.words
    assert "\n" not in said.words


@pytest.mark.parametrize("answer", [float("nan"), float("inf"), 1e300])
def test_a_history_that_answers_nonsense_fails_the_rule(answer: float) -> None:
    """No such count."""
    assert isinstance(says("history.seen('x', 30) >= 0", history=Told(answer)), Failed)
    assert isinstance(says("history.alarm_rate('3', 60) < 0.5", history=Told(answer)), Failed)


def test_a_record_without_the_answer_fails_the_rule_by_name() -> None:
    """A replay says what it would have needed."""
    said = says("history.seen('ACME', 30) > 0", history=Remembered(None))
    assert said == Failed("the record of this judgement has no history.seen('ACME', 30)")


def test_two_scans_judged_at_once_have_each_their_own_history() -> None:
    """Eight threads with the same rules, each with its own past."""
    expressions = [LANGUAGE.compile(f"history.seen('x', {days}) == {days} + items.size()") for days in range(1, 21)]
    mixed: list[object] = []

    class Own:
        def __init__(self, more: int) -> None:
            self.more = more

        def ask(self, what: Lookup) -> float:
            return what.span + self.more

    def judge(number: int) -> None:
        facts = FACTS.model_copy(update={"items": FACTS.items[:number]})
        for _ in range(50):
            mixed.extend(said for said in evaluate(LANGUAGE, expressions, facts, Own(number)) if said is not True)

    threads = [threading.Thread(target=judge, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mixed == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("history.seen('x', 4000) > 0", "days must be 1 to 366"),
        ("history.alarm_rate(scan.lane, 20000) > 0.5", "minutes must be 1 to 10080"),
        ("items.exists(i, i.confidence / 0.0 > 1.0)", "/ is not part of the rule language here"),
        ("items.exists(i, 'detektor' in i.seen_by)", "Item.seen_by is never 'detektor' (did you mean detector?)"),
    ],
)
def test_what_can_never_be_answered_is_refused_when_it_is_read(text: str, told: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        LANGUAGE.compile(text)
    assert refused.value.message == told
