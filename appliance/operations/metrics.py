"""The figures of the box for Prometheus, read from the rooms when asked and never kept twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Figure(NamedTuple):
    """One number. Names ending in _total only grow."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = {}


class Figures(Collector):
    """Asks the house for its figures at each scrape."""

    def __init__(self, ask: Callable[[], Iterable[Figure]]) -> None:
        self._ask = ask
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(namespace="lanewatch", registry=self._registry)

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for figure in self._ask():
            name = f"lanewatch_{figure.name}"
            if name not in families:
                kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
                families[name] = kind(name, figure.help, labels=list(figure.labels))
            families[name].add_metric(list(figure.labels.values()), figure.value)
        yield from families.values()

    def text(self) -> bytes:
        """Everything, in Prometheus' text form."""
        return generate_latest(self._registry)
