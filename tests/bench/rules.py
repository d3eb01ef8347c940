"""What rules cost: two hundred on one scan against the same in plain Python, and the slowest of 2,000 nasty ones.

    ./dev bench rules [--rounds 40] [--nasty 2000]

Medians of rounds, both sides in turn. A nasty rule is timed alone, under facts that an easy rule has already been
through, on the biggest scan a rule must afford and on the biggest there can be.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from appliance.rules.facts import Facts
from appliance.rules.history import Nothing
from appliance.rules.language.bounds import MOST_STEPS
from appliance.rules.language.expression import Expression, ExpressionError, Language
from appliance.rules.language.schema import sizes
from tests.appliance.rules.language.asking import evaluate
from tests.appliance.rules.language.nasty_rules import CONTEXT, big_facts, nasty, worst_facts

RULES: dict[str, Callable[[Facts], bool]] = {
    "items.exists(i, i.prohibited && !i.declared)": lambda f: any(i.prohibited and not i.declared for i in f.items),
    "items.exists(i, i.category == 'blade' && i.concealed && !i.declared)": lambda f: any(
        i.category == "blade" and i.concealed and not i.declared for i in f.items
    ),
    "items.filter(i, i.prohibited).size() > 1": lambda f: sum(i.prohibited for i in f.items) > 1,
    "declaration.state == 'given' && 'folding knife' in declaration.undeclared": lambda f: (
        f.declaration.state == "given" and "folding knife" in f.declaration.undeclared
    ),
    "declared.exists(l, l.result == 'not_seen' && l.quantity > 2.0)": lambda f: any(
        line.result == "not_seen" and line.quantity > 2 for line in f.declared
    ),
    "items.exists(i, i.item in ['pistol', 'revolver', 'rifle'] && i.sure)": lambda f: any(
        i.item in ("pistol", "revolver", "rifle") and i.sure for i in f.items
    ),
    "scan.lane == '3' && items.size() > 7": lambda f: f.scan.lane == "3" and len(f.items) > 7,
    "has(context.age) && context.age < 18 && items.exists(i, i.item == 'lighter')": lambda f: (
        "age" in f.context and int(f.context["age"]) < 18 and any(i.item == "lighter" for i in f.items)
    ),
    "items.exists(i, i.confidence > 0.9 && i.standing == 'restricted')": lambda f: any(
        i.confidence > 0.9 and i.standing == "restricted" for i in f.items
    ),
    "declared.exists(l, items.exists(i, i.item in l.items && i.concealed))": lambda f: any(
        i.item in line.items and i.concealed for line in f.declared for i in f.items
    ),
}
"""Ten as a book has them, each beside what it says in Python; twenty of each make two hundred."""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--nasty", type=int, default=2000)
    chosen = options.parse_args()
    figures = {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]},
        "book": book(chosen.rounds),
        "nasty": nasty_ones(chosen.nasty),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000),
    }
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    return 0


def book(rounds: int) -> dict[str, Any]:
    """Two hundred rules on a scan with six items and five declared lines, the showing of the facts included."""
    language, big = Language(CONTEXT), big_facts()
    facts = big.model_copy(update={"items": big.items[:6], "declared": big.declared[:5]})
    expressions = [language.compile(text) for text in RULES] * 20
    functions = list(RULES.values()) * 20
    assert evaluate(language, expressions, facts, Nothing()) == tuple(rule(facts) for rule in functions)
    ours, python = [], []
    for _ in range(rounds):
        ours.append(_timed(lambda: evaluate(language, expressions, facts, Nothing())))
        python.append(_timed(lambda: [rule(facts) for rule in functions]))
    return {
        "rules": len(expressions),
        "ms_p50": round(statistics.median(ours) * 1e3, 3),
        "ms_best": round(min(ours) * 1e3, 3),
        "plain_python_ms_p50": round(statistics.median(python) * 1e3, 3),
        "against_plain_python": round(statistics.median(a / b for a, b in zip(ours, python, strict=True)), 1),
        "goal_ms": 1,
    }


def nasty_ones(count: int) -> dict[str, Any]:
    """The slowest to load, and the slowest to judge."""
    language = Language(CONTEXT)
    loads: list[tuple[float, str]] = []
    accepted: list[Expression] = []
    for text in nasty(7, count):
        started = time.perf_counter()
        with contextlib.suppress(ExpressionError):
            accepted.append(language.compile(text))
        loads.append((time.perf_counter() - started, text))
    return {
        "rules": count,
        "refused": count - len(accepted),
        "slowest_load": _told(max(loads)),
        "slowest_on_a_big_scan": _slowest(language, accepted, big_facts()),
        "slowest_on_the_biggest_scan": _slowest(language, accepted, worst_facts()),
        "goal_ms": 50,
    }


def _slowest(language: Language, expressions: list[Expression], facts: Facts) -> dict[str, Any]:
    """Each alone under a showing of the facts that was read through before: that is the scan's cost, not a rule's."""
    easy = language.compile("items.all(i, true) && declared.all(l, true) && declaration.not_seen.all(n, true)")
    size = sizes(facts)
    affordable = [one for one in expressions if one.work.at(size) <= MOST_STEPS]
    times: list[tuple[float, str]] = []
    for one in affordable:
        sight = language.look(facts, Nothing())
        sight.judge(easy)
        started = time.perf_counter()
        sight.judge(one)
        times.append((time.perf_counter() - started, one.text))
    return {"ran_out_before": len(expressions) - len(affordable), **_told(max(times))}


def _told(slowest: tuple[float, str]) -> dict[str, Any]:
    return {"ms": round(slowest[0] * 1e3, 1), "rule": ascii(slowest[1])[:120]}


def _timed(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
