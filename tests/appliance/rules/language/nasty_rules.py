"""Rules nobody should write: well typed and too much work, hostile by shape, or broken by accident; and scans to match.

Takes a seed, gives the same rules every time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from appliance.rules.facts import DeclarationFacts, Facts, Item, Kind, Line, ScanFacts
from appliance.rules.history import Lookup

CONTEXT: dict[str, Kind] = {"age": "whole", "consignee": "text", "weight": "number", "escorted": "yes_no"}
HONEST = (
    "items.exists(i, i.prohibited && !i.declared)",
    "items.filter(i, i.prohibited).size() > 1",
    "items.exists(i, i.item in ['pistol', 'revolver'] && i.confidence > 0.9)",
    "declared.exists(l, l.result == 'not_seen' && l.quantity > 2.0)",
    "declared.exists(l, items.exists(i, i.item in l.items && i.concealed))",
    "has(context.age) && context.age < 18 && 'lighter' in declaration.undeclared",
    "has(context.consignee) && history.inspected(context.consignee, 90) >= 2",
    "scan.lane == '3' ? degraded.size() > 0 : history.alarm_rate(scan.lane, 60) > 0.25",
)


class Told:
    """A history that answers one number, or fails."""

    def __init__(self, answer: float | Exception) -> None:
        self.answer = answer

    def ask(self, what: Lookup) -> float:  # noqa: ARG002 - whatever is asked
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def nasty(seed: int, count: int) -> Iterator[str]:
    """So many rules, a third of each kind."""
    dice = random.Random(seed)
    makers: tuple[Callable[[random.Random], str], ...] = (_heavy, _hostile, _broken)
    for number in range(count):
        yield makers[number % len(makers)](dice)


def worst_facts() -> Facts:
    """The biggest scan there can be: every list and text at its end, and texts that differ only there."""
    texts = tuple("x" * 494 + f"{number:06}" for number in range(2000))
    items = tuple(_item(number) for number in range(64))
    lines = tuple(
        Line(
            text=text,
            items=("a", "b", "x" * 60),
            prohibited=True,
            restricted=False,
            result="seen",
            quantity=3,
            seen=2,
            amount="more_seen",
        )
        for text in texts
    )
    declaration = DeclarationFacts(
        state="given", matches=False, matched=texts[:64], undeclared=texts[:64], not_seen=texts, not_verifiable=texts
    )
    scan = ScanFacts(lane="3", source="belt", views=4, missing=("side",), rehearsal=False)
    return Facts(
        items=items,
        declared=lines,
        declaration=declaration,
        scan=scan,
        degraded=texts[:8],
        context={"age": 17, "consignee": "x" * 200, "weight": 2.5, "escorted": True},
    )


def big_facts() -> Facts:
    """A scan at the size that every accepted rule must afford."""
    worst = worst_facts()
    short = tuple(text[-200:][:199] for text in worst.declaration.not_seen[:40])
    lists = dict.fromkeys(("matched", "undeclared", "not_seen", "not_verifiable"), short)
    return worst.model_copy(
        update={
            "items": tuple(item.model_copy(update={"location": item.location[:199]}) for item in worst.items[:16]),
            "declared": tuple(
                line.model_copy(update={"text": text}) for line, text in zip(worst.declared, short, strict=False)
            ),
            "declaration": worst.declaration.model_copy(update=lists),
            "degraded": short[:8],
            "context": {"age": 17, "consignee": "x" * 199},
        }
    )


def _item(number: int) -> Item:
    return Item(
        item=f"thing {number}",
        category="blade",
        standing="prohibited",
        prohibited=True,
        restricted=False,
        known=True,
        confidence=0.5,
        sure=True,
        concealed=True,
        declared=False,
        again=False,
        location="x" * 500,
        view="top",
        seen_by=("detector", "vlm"),
    )


# --- well typed, and too much work ------------------------------------------------------------------------------------


def _heavy(dice: random.Random) -> str:
    return _yes_no(dice, {}, dice.randint(1, 4), dice.choice((2, 4, 12, 40)))


def _yes_no(dice: random.Random, scope: dict[str, str], depth: int, width: int) -> str:
    """A condition; `scope` has the loops' variables and what they run over."""
    if depth == 0 or dice.random() < 0.1:
        terms = [_term(dice, scope) for _ in range(dice.randint(1, width))]
        return f"({dice.choice((' && ', ' || ')).join(terms)})"
    variable = f"v{len(scope)}"
    over, kind = _list(dice, scope)
    body = _yes_no(dice, {**scope, variable: kind}, depth - 1, width)
    loop = dice.choice(("all", "exists", "exists_one", "filter", "map"))
    made = f"{over}.{loop}({variable}, {body})"
    if loop in ("filter", "map"):
        made = f"{made}.size() {dice.choice('<>')} {dice.randint(0, 3000)}"
    return made if dice.random() < 0.7 else f"({made}) != ({_yes_no(dice, scope, depth - 1, width)})"


def _list(dice: random.Random, scope: dict[str, str]) -> tuple[str, str]:
    inner = [(f"{name}.items", "text") for name, kind in scope.items() if kind == "line"]
    lists = [
        ("items", "item"),
        ("declared", "line"),
        ("declaration.not_seen", "text"),
        ("(declaration.not_seen + declaration.not_verifiable)", "text"),
        ("declared.map(q, q.text)", "text"),
        ("items.filter(q, q.concealed)", "item"),
        ("degraded", "text"),
        ("[" + ", ".join(map(str, range(dice.randint(1, 60)))) + "]", "number"),
        *inner,
    ]
    return dice.choice(lists)


def _term(dice: random.Random, scope: dict[str, str]) -> str:
    terms = ["scan.rehearsal", "context.age < 18", "scan.lane.contains('xy')", "1 / (scan.views - 4) > 0"]
    terms += ["context.weight * 1e12 * context.weight - context.weight * 1e13 * context.weight < 0.0"]
    for name, kind in scope.items():
        if kind == "text":
            terms += [f"{name} in declaration.not_verifiable", f"{name}.contains(scan.lane)", f"{name} != {name}"]
            terms += [f"history.seen({name}, 30) > 3"]
        elif kind == "line":
            terms += [
                f"{name}.text.contains('xxxxxxxy')",
                f"'a' in {name}.items",
                f"{name}.text in declaration.not_seen",
            ]
            terms += [f"{name}.quantity * 100.0 - {name}.quantity * 90.0 > 100.0"]
            terms += [f"{name}.quantity > 3.5", f"declaration.not_seen.filter(p, p == {name}.text).size() > 7"]
        elif kind == "item":
            terms += [f"{name}.location.contains(context.consignee)", f"{name}.confidence > 0.7"]
            terms += [f"history.scans({name}.location, 60) > 3"]
        else:
            terms += [f"{name} * 9223372036854775807 > 2", f"items[{name}].sure", f"{name} % {name} == 0"]
    return dice.choice(terms)


# --- hostile by shape -------------------------------------------------------------------------------------------------


def _hostile(dice: random.Random) -> str:
    n = dice.choice((2, 10, 20, 31, 40, 90, 200, 400, 990, 3000))
    digits = "9" * dice.randint(1, 400)
    loop = dice.choice(("all", "exists", "map", "filter"))
    return dice.choice(
        (
            "(" * n + "true" + ")" * n,
            "!" * n + "true",
            "-" * n + "1 == 1",
            "[" * n + "]" * n + ".size() == 1",
            "{" * n,
            "1" + " + 1" * n + " == 1",
            "true" + " && true" * n,
            "true ? false : " * n + "true",
            "items" + "[0]" * n + ".sure",
            "scan" + ".lane" * n + " == 'x'",
            "size(" * n + "'a'" + ")" * n + " == 1",
            "'a'" + ".size()" * n + " == 1",
            "'a' in " * n + "['a']",
            f"[1].{loop}(a, " * min(n, 60) + "true" + ")" * min(n, 60),
            f"declared.{loop}(a, " * min(n, 8) + "a" + ")" * min(n, 8) + ".size() == 0",
            "['x']" + ".map(a, a + a)" * n + ".size() == 1",
            "[declaration.not_seen]" + ".map(a, a + a)" * n + "[0].size() == 1",
            "declaration.not_seen" + " + declaration.not_seen" * n + " == []",
            f"'{'x' * n}' == '{'y' * n}'",
            f"{digits} > 1",
            f"{digits}.{digits} > 1.0",
            f"1e{digits[:4]} > 1.0 && -1e{digits[:4]} * 0.0 == 0.0",
            f"int(1e{n}) == 1",
            "context.weight" + " * context.weight" * n + " > 1.0",
            "context.weight" + " * 1e10" * n + " - context.weight > 1.0",
            f"declared.exists(l, {'-'.join(['l.quantity * 1e300' + digits[:4]] * 2)} >= 0.0)",
            f"{digits[:18]} * {digits[:18]} == 0",
            "-9223372036854775808 / -1 == 0 || -9223372036854775808 % -1 == 0",
            f"items[{digits[:15]}].sure || items[-{n}].sure",
            f"declared.exists(l, l.text.matches('({'a' * min(n, 90)}{{1,50}}){{1,20}}$'))",
            f"'{'a' * min(n, 900)}'.matches('(a*)*b')",
            f"dyn({'dyn(' * min(n, 25)}1{')' * min(n, 25)}) == dyn('a')",
            "dyn(items).exists(i, i.nothing > 1)",
            f"timestamp('{digits[:4]}-01-01T00:00:00Z') + duration('{digits[:12]}h') > timestamp('x')",
            f"string({digits[:12]}) + string(bytes('a')) == type(1)",
            "declared.all(l, declared == declared)",
            "Item{item: 'x', confidence: 2.0} == items[0]",
            "google.protobuf.Any{type_url: 'x', value: b'x'} == google.protobuf.Struct{}",
            "{" + ", ".join(f"'k{key}': {key}" for key in range(min(n, 150))) + "}['k'] == 1",
            f"history.seen('{'x' * min(n, 1900)}', {digits[:9]}) > 0",
            f"history.{'seen' if n % 2 else 'sean'}(scan.lane, -{n}) > 0 || true",
            f"items.{loop}(items, items.item == 'x').size() > 0",
            f"items.{loop}(declared, declared.{loop}(items, items))",
            f"declared.{loop}(@result, @result)",
            f"declared.{loop}(__result__, __result__.seen > 1)",
            f"'\\U{n:08x}' == '\\ud800'",
            "'\0' == '\\x00'",
            "\ud800 == '\udfff'",
            "items.exists(i, i.item == '\U0001f52a') && \u200b true",
            "`" * n,
            '"""' + "'" * n,
            "/*" * n,
            "\n" * n + "items.nothing",
        )
    )


# --- broken by accident -----------------------------------------------------------------------------------------------


def _broken(dice: random.Random) -> str:
    text = dice.choice(HONEST)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(text) + 1)
        other = dice.choice(HONEST)
        text = dice.choice(
            (
                text[:at] + text[at + dice.randint(1, 6) :],
                text[:at] + dice.choice("()[]{}.,'\"!&|=<>+-*/%?:1ix \n\t\0é") + text[at:],
                text[:at] + other[dice.randrange(len(other)) :],
                f"({text}) {dice.choice(('&&', '||', '==', '!=', '+', '<', 'in', '?'))} ({other})",
            )
        )
    return text
