"""What an operator's monitoring may know: how much, how fast, how old. No label names a person, a phone or a place.

Label values come from closed sets; anything else is counted as `other`, so that no mistake of ours can put an
identifier into a metric (SAFETY 30). One `Metrics` a process, made where the service is wired, with its own registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import product
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

OTHER: Final = "other"

LABELS: Final[Mapping[str, frozenset[str]]] = {
    "channel": frozenset({"sms", "telegram", "simulated", "console", "voice", "email", "push"}),
    "tier": frozenset({"P0", "P1", "P2", "P3"}),
    "clock": frozenset({"worker", "recipient"}),
    "loop": frozenset(
        {
            *("delivery", "clockwork", "pager", "polling", "reconcile", "sweep", "retention", "turns", "ladder"),
            *("waiting", "webhook", "copies", "farewells", "watching"),
        }
    ),
    "stage": frozenset({"cancel", "cover", "wipe"}),
    "outcome": frozenset(
        {
            *("committed", "repeated", "unknown_sender", "failed", "refused"),  # turns
            *(
                "sent",
                "delivered",
                "retried",
                "unknown",
                "expired",
                "dropped",
                "dead",
                "unreachable",
            ),  # sends and pages
        }
    ),
}
"""Every label name and every value it may have, `other` besides."""

TURN_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
"""The goal is p99 under 50 ms, so the buckets are fine below it; Twilio gives up after 15 s, long past the last."""

GROUP_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Turns committed together; throughput grows with it up to about a hundred."""

PAGE_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
"""Goal: a page accepted by the provider within 1 s of the answer that raised it, which is when its first is due."""


EXIT_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 12, 60)
"""Goal: a cover asked of the provider within 1 s of her exit; a provider's call takes 12 s at most."""


class Metrics:
    """All of Rowan's metrics. Times in seconds; `at` is an aware datetime."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry(auto_describe=True)
        self._turns = Counter("rowan_turns", "Inbound turns", ("channel", "outcome"), registry=registry)
        self._turned: dict[tuple[str, str], Counter] = {}  # looked up once: this is counted in every turn
        self._turn_seconds = Histogram(
            "rowan_turn_seconds", "Accepted to committed", registry=registry, buckets=TURN_SECONDS
        )
        self._group = Histogram("rowan_turn_group_size", "Turns a commit", registry=registry, buckets=GROUP_SIZES)
        self._depth = Gauge("rowan_outbox_depth", "Messages due and not yet sent", registry=registry)
        self._oldest = Gauge("rowan_outbox_oldest_seconds", "Age of the oldest due message", registry=registry)
        self._sends = Counter("rowan_sends", "Attempts to send", ("channel", "outcome"), registry=registry)
        self._pages = Counter("rowan_pages", "Pages to workers", ("tier", "outcome"), registry=registry)
        self._page_seconds = Histogram(
            "rowan_page_seconds", "Page due to page accepted", registry=registry, buckets=PAGE_SECONDS
        )
        self._exit_seconds = Histogram(
            "rowan_exit_seconds",
            "From her exit to its commit, to its cover with the provider, to her messages deleted",
            ("stage",),
            registry=registry,
            buckets=EXIT_SECONDS,
        )
        self._alerts = Gauge("rowan_alerts_open", "Alerts nobody has resolved", ("tier",), registry=registry)
        clock = ("clock", "tier")
        self._late = Gauge(
            "rowan_alerts_late", "Alerts past a clock: no worker yet, no answer yet", clock, registry=registry
        )
        self._latest = Gauge(
            "rowan_alerts_late_oldest_seconds", "Age of the oldest alert past that clock", clock, registry=registry
        )
        self._loops = Gauge("rowan_loop_last_turn_timestamp_seconds", "Last full turn", ("loop",), registry=registry)
        self._loop_errors = Counter("rowan_loop_errors", "Turns of a loop that failed", ("loop",), registry=registry)
        self._engine_errors = Counter("rowan_engine_errors", "Turns whose step raised", registry=registry)
        self._danger = Counter("rowan_danger_matches", "Free texts with danger words", ("tier",), registry=registry)
        self._dropped = Counter("rowan_log_fields_dropped", "Things the log filter held back", registry=registry)

    def turn(self, channel: str, outcome: str, seconds: float) -> None:
        """One inbound turn, from acceptance to commit (or to its refusal)."""
        counter = self._turned.get((channel, outcome))
        if counter is None:
            counter = self._turns.labels(_known("channel", channel), _known("outcome", outcome))
            self._turned[channel, outcome] = counter
        counter.inc()
        self._turn_seconds.observe(seconds)

    def group(self, size: int) -> None:
        """One commit of `size` turns."""
        self._group.observe(size)

    def outbox(self, depth: int, oldest_seconds: float) -> None:
        self._depth.set(depth)
        self._oldest.set(oldest_seconds)

    def sent(self, channel: str, outcome: str) -> None:
        """One attempt to send, whatever came of it."""
        self._sends.labels(_known("channel", channel), _known("outcome", outcome)).inc()

    def page(self, tier: str, outcome: str, seconds: float | None = None) -> None:
        """One page; `seconds` since it was due, where the provider has accepted it."""
        self._pages.labels(_known("tier", tier), _known("outcome", outcome)).inc()
        if seconds is not None:
            self._page_seconds.observe(seconds)

    def exit(self, stage: str, seconds: float) -> None:
        """She left `seconds` ago. Stages: `cancel` (it is committed), `cover` (the provider has it), `wipe` (deleted).

        A wipe is also what an idle lock and the sweep before 48 hours ask for.
        """
        self._exit_seconds.labels(_known("stage", stage)).observe(seconds)

    def open_alerts(self, by_tier: Mapping[str, int]) -> None:
        """How many are open now. A tier that is not named has none."""
        for tier in LABELS["tier"]:
            self._alerts.labels(tier).set(by_tier.get(tier, 0))

    def late(self, found: Mapping[tuple[str, str], tuple[int, float]]) -> None:
        """By clock and tier: how many alerts are late, and seconds since the oldest of them was raised."""
        for which in product(sorted(LABELS["clock"]), sorted(LABELS["tier"])):
            count, seconds = found.get(which, (0, 0.0))
            self._late.labels(*which).set(count)
            self._latest.labels(*which).set(seconds)

    def loop_turned(self, loop: str, at: datetime) -> None:
        self._loops.labels(_known("loop", loop)).set(at.timestamp())

    def loop_failed(self, loop: str) -> None:
        self._loop_errors.labels(_known("loop", loop)).inc()

    def engine_error(self) -> None:
        self._engine_errors.inc()

    def danger(self, tier: str) -> None:
        self._danger.labels(_known("tier", tier)).inc()

    def log_dropped(self, count: int) -> None:
        """For `configure_logging(on_dropped=…)`."""
        self._dropped.inc(count)

    def render(self) -> tuple[bytes, str]:
        """Body and content type of `/metrics`."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST


def _known(label: str, value: str) -> str:
    return value if value in LABELS[label] else OTHER
