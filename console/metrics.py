"""Metrics in Prometheus' text format. The label set is closed: no names of tenants, namespaces or streams.

Most are read from the database when they are asked for, so every process answers alike; only requests are
counted in the process that served them.
"""

from __future__ import annotations

import threading
import time
from collections import Counter as Tally
from collections.abc import Iterable, Iterator

from django.http import HttpRequest, HttpResponseBase
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from console import health_checks
from ledger.health import HEALTH_PATHS, State
from ledger.selectors import readiness
from ledger.selectors.health import health_of

CONTENT_TYPE = CONTENT_TYPE_LATEST
STATES = tuple(str(state) for state in State)
JOB_STATES = ("queued", "running", "done", "failed", "cancelled")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

registry = CollectorRegistry(auto_describe=False)
requests = Counter(
    "countersign_requests",
    "Requests answered by this process.",
    ("route", "method", "status"),
    registry=registry,
)
durations = Histogram(
    "countersign_request_seconds",
    "Time to answer, by route.",
    ("route",),
    buckets=_BUCKETS,
    registry=registry,
)


def observe(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """Count one answer under the name of its route; addresses that have none share one label."""
    match = request.resolver_match
    route = (match.view_name or "unnamed") if match is not None else "none"
    method = request.method if request.method in METHODS else "other"
    requests.labels(route, method, f"{response.status_code // 100}xx").inc()
    durations.labels(route).observe(seconds)


class FromDatabase:
    """Reads what is known of the whole installation."""

    def collect(self) -> Iterator[Metric]:
        """Health paths by state, jobs by state, sizes, refusals, readiness."""
        yield _paths()
        yield from _totals()
        ready = GaugeMetricFamily("countersign_ready", "1 where the named check does not fail.", labels=["check"])
        for name, finding in health_checks.run().items():
            ready.add_metric([name], float(finding.state != health_checks.FAIL))
        yield ready


class _Counted:
    """Health of all streams is recomputed from their evidence, so one count serves scrapes of 15 seconds."""

    lifetime_s = 15.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._counts: Tally[tuple[str, str]] = Tally()

    def counts(self) -> Tally[tuple[str, str]]:
        """How many streams have which path in which state."""
        with self._lock:
            if time.monotonic() >= self._until:
                paths = (path for stream in readiness.all_streams() for path in health_of(stream))
                self._counts = Tally((path.path, path.state) for path in paths)
                self._until = time.monotonic() + self.lifetime_s
            return self._counts

    def forget(self) -> None:
        """Count anew next time."""
        self._until = 0.0


health_counts = _Counted()


def _paths() -> Metric:
    counted = health_counts.counts()
    family = GaugeMetricFamily(
        "countersign_health_paths", "Streams whose health path is in the state.", labels=["path", "state"]
    )
    for path in HEALTH_PATHS:
        for state in STATES:
            family.add_metric([path, state], counted[path, state])
    return family


def _totals() -> Iterable[Metric]:
    totals = readiness.totals()
    yield GaugeMetricFamily("countersign_streams", "Streams.", value=totals.streams)
    yield GaugeMetricFamily("countersign_streams_stopped", "Streams that take nothing.", value=totals.stopped)
    yield CounterMetricFamily("countersign_leaves", "Leaves of all streams.", value=totals.leaves)
    yield CounterMetricFamily("countersign_checkpoints", "Signed checkpoints.", value=totals.checkpoints)
    yield CounterMetricFamily("countersign_append_only_refusals", "Refused changes.", value=totals.refusals)
    jobs = GaugeMetricFamily("countersign_jobs", "Jobs by state.", labels=["state"])
    for state in JOB_STATES:
        jobs.add_metric([state], totals.jobs.get(state, 0))
    yield jobs


registry.register(FromDatabase())


def exposition() -> bytes:
    """Everything, in the text format."""
    return generate_latest(registry)
