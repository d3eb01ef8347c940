"""What Prometheus reads is what Prometheus understands."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.parser import text_string_to_metric_families

from appliance.operations.metrics import Figure, Figures


def read(*figures: Figure) -> dict[str, list[tuple[dict[str, str], float]]]:
    text = Figures(lambda: figures).text().decode()
    families = list(text_string_to_metric_families(text))
    samples = [sample for family in families for sample in family.samples]
    assert all(sample.name.startswith("lanewatch_") for sample in samples)
    assert all(
        sample.name.endswith("_total") for family in families if family.type == "counter" for sample in family.samples
    )
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for sample in samples:
        found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def test_figures_of_one_name_are_one_family() -> None:
    found = read(
        Figure("waiting", "Scans waiting.", 3),
        Figure("verdicts_total", "Verdicts.", 5, {"action": "CLEAR"}),
        Figure("verdicts_total", "Verdicts.", 2, {"action": "REVIEW"}),
    )
    assert found["lanewatch_waiting"] == [({}, 3)]
    assert found["lanewatch_verdicts_total"] == [({"action": "CLEAR"}, 5), ({"action": "REVIEW"}, 2)]


def test_any_label_can_be_read_back() -> None:
    for value in ('a "b"', "a\\b", "a\nb", "安检", ""):
        assert read(Figure("info", "Who.", 1, {"name": value}))["lanewatch_info"] == [({"name": value}, 1)]


def test_the_process_itself_is_counted() -> None:
    assert read()["lanewatch_process_cpu_seconds_total"]


def test_figures_are_asked_for_at_each_scrape() -> None:
    asked: list[int] = []

    def ask() -> Iterable[Figure]:
        asked.append(1)
        return [Figure("asked", "How often.", len(asked))]

    figures = Figures(ask)
    assert b"lanewatch_asked 1.0" in figures.text()
    assert b"lanewatch_asked 2.0" in figures.text()
