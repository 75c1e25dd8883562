"""Prometheus metrics of one process: requests by route template, and what a service adds."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# From an answer out of memory to one that ran into our ten-second time-out.
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

UNMATCHED = "unmatched"
"""The route label of a request no route took: raw paths would make labels without end."""


class Telemetry:
    """A registry of its own per app, so tests can build as many apps as they like.

    A service adds its metrics with `registry=telemetry.registry`.
    """

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        labels = ("service", "method", "route", "status")
        self._service = service
        self._requests = Counter(
            "http_requests", "Requests answered.", labels, registry=self.registry
        )
        self._seconds = Histogram(
            "http_request_seconds",
            "Time to the end of the answer.",
            ("service", "method", "route"),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self._open = Gauge(
            "http_requests_open", "Requests being answered.", ("service",), registry=self.registry
        )

    def request_started(self) -> None:
        """Count a request that is being answered."""
        self._open.labels(self._service).inc()

    def request_ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request under its route template."""
        self._open.labels(self._service).dec()
        self._requests.labels(self._service, method, route, str(status)).inc()
        self._seconds.labels(self._service, method, route).observe(seconds)

    def exposition(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)
