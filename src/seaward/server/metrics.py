"""The node and the server as they are -> the text that Prometheus reads. A registry of its own, filled when asked."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from seaward.core.version import VERSION
from seaward.server.counts import BOUNDS_S
from seaward.server.floor import Floor

_GAUGES = {
    "vessels": "Vessels heard in the window.", "reports_in_window": "Reports held.", "window_full_share": "Share of the window's room that is taken.",
    "events": "Events told and not yet forgotten.", "latency_p50_s": "From a report to the version it made, median.",
    "latency_p99_s": "From a report to the version it made, 99th percentile.", "look_s": "The last look took.", "sweep_s": "The last sweep took.",
    "vessels_waiting": "Vessels that wait for a look.", "longest_wait_s": "The longest of them.", "history_full": "1: the history cannot be written.",
    "state_full": "1: events wait, as the state takes nothing.",
}  # fmt: skip
_FEED_COUNTERS = {
    "reports": "Reports read.", "lines": "Lines read.", "rejected": "Lines refused.", "overflowed_lines": "Lines lost, as the queue was full.",
    "damaged_bytes": "Kept bytes that are damaged.", "reconnects": "Connections made again.", "ahead_of_time": "Reports of the future refused.",
}  # fmt: skip
_FEED_GAUGES = {"per_minute": "Reports a minute of late.", "rejected_share": "Share of lines refused of late.",
                "queued_bytes": "Bytes not yet in the journal.",
                "waiting_bytes": "Bytes not yet safe on disk."}  # fmt: skip

_OUTLET_COUNTERS = {"tracks": "Tracks sent.", "bytes": "Bytes sent.", "skipped": "Messages that a slow reader missed."}


def exposition(floor: Floor) -> tuple[bytes, str]:
    """All metrics, and their media type."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(floor))  # type: ignore[arg-type]
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Collected:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        yield from self._node()
        yield from self._server()

    def _node(self) -> Iterator[Metric]:
        status = self._floor.node.status()
        about = GaugeMetricFamily("seaward_info", "What runs.", labels=["version", "realm"])
        about.add_metric([VERSION, self._floor.node.realm], 1)
        yield about
        for name, help_ in _GAUGES.items():
            if status[name] is not None:
                unit = name if not name.endswith("_s") else f"{name[:-2]}_seconds"
                yield GaugeMetricFamily(f"seaward_{unit}", help_, value=float(status[name]))
        for name, help_ in (("turned_away", "Reports of more vessels than are held."), ("failures", "Turns of the watch that failed.")):
            yield CounterMetricFamily(f"seaward_{name}", help_, value=float(status[name]))
        for name, help_ in _FEED_COUNTERS.items():
            counter = CounterMetricFamily(f"seaward_feed_{name}", help_, labels=["feed"])
            for feed in status["feeds"]:
                counter.add_metric([feed["feed"]], float(feed[name]))
            yield counter
        for name, help_ in _FEED_GAUGES.items():
            gauge = GaugeMetricFamily(f"seaward_feed_{name}", help_, labels=["feed"])
            for feed in status["feeds"]:
                gauge.add_metric([feed["feed"]], float(feed[name]))
            yield gauge
        for name, help_ in _OUTLET_COUNTERS.items():
            counter = CounterMetricFamily(f"seaward_outlet_{name}", help_, labels=["outlet"])
            for outlet in status["outlets"]:
                counter.add_metric([outlet["outlet"]], float(outlet[name]))
            yield counter
        up = GaugeMetricFamily("seaward_outlet_well", "1: no problem.", labels=["outlet"])
        for outlet in status["outlets"]:
            up.add_metric([outlet["outlet"]], float(not outlet["problems"]))
        yield up
        well = GaugeMetricFamily("seaward_feed_well", "1: no problem.", labels=["feed"])
        for feed in status["feeds"]:
            well.add_metric([feed["feed"]], float(not feed["problems"]))
        yield well

    def _server(self) -> Iterator[Metric]:
        counts = self._floor.counts
        requests = CounterMetricFamily("seaward_requests", "Requests answered.", labels=["method", "route", "status"])
        for (method, route, status), number in sorted(counts.requests.items()):
            requests.add_metric([method, route, str(status)], number)
        yield requests
        took = HistogramMetricFamily("seaward_request_seconds", "How long answers took.", labels=["route"])
        for route in sorted({r for r, _ in counts.buckets}):
            total, buckets = 0, []
            for number, bound in enumerate([*(str(b) for b in BOUNDS_S), "+Inf"]):
                total += counts.buckets[(route, number)]
                buckets.append((bound, float(total)))
            took.add_metric([route], buckets, counts.seconds[route])
        yield took
        refused = CounterMetricFamily("seaward_refused", "Requests refused for who asked.", labels=["code"])
        for code, number in sorted(self._floor.refusals.counts.items()):
            refused.add_metric([code], number)
        yield refused
        yield GaugeMetricFamily("seaward_streams", "Streams of changes that are open.", value=counts.streams)
        ended = CounterMetricFamily("seaward_streams_ended", "Streams that ended, and why.", labels=["why"])
        for why, number in sorted(counts.streams_ended.items()):
            ended.add_metric([why], number)
        yield ended
        yield CounterMetricFamily("seaward_changes_sent", "Changes sent over streams that have ended.", value=counts.sent)
