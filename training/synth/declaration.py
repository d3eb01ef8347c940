"""What the owner declares of the goods in a bag: some forgotten, some in other words, some miscounted, some not there.

Gives the lines together with the truth about them. Threats are never declared.
"""

from collections import Counter
from collections.abc import Iterable

from training.synth.shapes import Rng
from training.synth.things.catalogue import CATALOGUE, GOODS
from training.synth.values import Declaration, DeclaredLine, pick

FORGOTTEN = 0.15  # chance that a kind of thing in the bag is not declared
INVENTED = 0.10  # chance that one thing is declared that is not there
OTHER_WORDS = 0.35  # chance that a thing is called by a synonym
MISCOUNTED = 0.08  # chance that the number is wrong


def declared(goods: Iterable[str], rng: Rng) -> Declaration:
    present = Counter(goods)
    omitted = tuple(name for name in sorted(present) if rng.random() < FORGOTTEN)
    absent = [name for name in GOODS if name not in present]
    invented = (pick(rng, absent),) if absent and rng.random() < INVENTED else ()
    miscounted: list[str] = []
    lines: list[DeclaredLine] = []
    for name in sorted({*present, *invented} - {*omitted}):
        quantity = present.get(name, 1)
        if name in present and rng.random() < MISCOUNTED:
            quantity += 1 if quantity == 1 else pick(rng, (-1, 1))
            miscounted.append(name)
        lines.append(DeclaredLine(_words(name, rng), quantity, name))
    return Declaration(tuple(lines), omitted, invented, tuple(miscounted))


def _words(name: str, rng: Rng) -> str:
    plain, *others = CATALOGUE[name].words
    return pick(rng, others) if others and rng.random() < OTHER_WORDS else plain
