"""Declarations: the truth about each is in its truth table."""

from collections import Counter

from training.synth.simulator import simulate
from training.synth.things.catalogue import CATALOGUE, GOODS
from training.synth.values import SimulatedScan

SCANS = [simulate(31, index, size=64) for index in range(200)]


def goods_in(scan: SimulatedScan) -> Counter[str]:
    return Counter(item.name for item in scan.items if not item.threat)


def test_what_is_omitted_is_in_the_bag_and_what_is_invented_is_not() -> None:
    """Lines, omissions and inventions together are exactly the goods in the bag and one too many now and then."""
    for scan in SCANS:
        declaration, present = scan.declaration, goods_in(scan)
        named = {line.name for line in declaration.lines}
        assert set(declaration.omitted) <= set(present)
        assert not set(declaration.invented) & set(present)
        assert named == (set(present) - set(declaration.omitted)) | set(declaration.invented)
        assert len(declaration.lines) == len(named)


def test_quantities_are_right_but_for_those_said_to_be_miscounted() -> None:
    """A miscounted line has another number than the bag, every other line has the bag's."""
    for scan in SCANS:
        present = goods_in(scan)
        for line in scan.declaration.lines:
            wrong = line.name in present and line.quantity != present[line.name]
            assert wrong == (line.name in scan.declaration.miscounted)
            assert line.quantity >= 1


def test_lines_are_words_of_their_kind_and_never_of_a_threat() -> None:
    """The plain word or a synonym; both occur."""
    lines = [line for scan in SCANS for line in scan.declaration.lines]
    assert all(line.name in GOODS and line.text in CATALOGUE[line.name].words for line in lines)
    plain = sum(line.text == CATALOGUE[line.name].words[0] for line in lines)
    assert 0.5 * len(lines) < plain < 0.9 * len(lines)


def test_every_kind_of_mistake_happens_and_most_lines_are_right() -> None:
    """Omitted about one in seven, invented in one bag of ten, miscounted about one in twelve."""
    kinds = sum(len(goods_in(scan)) for scan in SCANS)
    assert 0.10 * kinds < sum(len(scan.declaration.omitted) for scan in SCANS) < 0.20 * kinds
    assert 5 <= sum(len(scan.declaration.invented) for scan in SCANS) <= 40
    assert 0.03 * kinds < sum(len(scan.declaration.miscounted) for scan in SCANS) < 0.13 * kinds
