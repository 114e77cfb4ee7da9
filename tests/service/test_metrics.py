"""Metrics: every name and value that can come out is one of ours; no identifier handed in by mistake."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from bot.metrics import LABELS, OTHER, Metrics

CANARY = "+447700900123"
TIDY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,20}")


def samples(metrics: Metrics) -> list[Sample]:
    body, content_type = metrics.render()
    assert content_type.startswith("text/plain")
    return [sample for family in text_string_to_metric_families(body.decode()) for sample in family.samples]


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def busy() -> Metrics:
    """A service that has done everything once, and everything once more with an identifier in the wrong place."""
    metrics = Metrics()
    for channel, outcome, tier, loop in (("sms", "committed", "P0", "delivery"), (CANARY, CANARY, CANARY, CANARY)):
        metrics.turn(channel, outcome, 0.004)
        metrics.sent(channel, outcome)
        metrics.page(tier, outcome, 0.3)
        metrics.danger(tier)
        metrics.exit("cover" if tier == "P0" else CANARY, 0.2)
        metrics.open_alerts({tier: 2})
        metrics.late({("worker", tier): (1, 2.0)})
        metrics.loop_turned(loop, datetime(2026, 11, 20, tzinfo=UTC))
        metrics.loop_failed(loop)
    metrics.group(32)
    metrics.outbox(7, 1.5)
    metrics.engine_error()
    metrics.log_dropped(3)
    return metrics


def test_label_names_and_values_come_from_closed_sets() -> None:
    seen = samples(busy())
    assert {name for sample in seen for name in sample.labels} == {*LABELS, "le"}
    for sample in seen:
        for name, text in sample.labels.items():
            if name != "le":
                assert text in LABELS[name] | {OTHER}


def test_nothing_that_looks_like_an_identifier_comes_out() -> None:
    assert CANARY not in Metrics.render(busy())[0].decode()
    for allowed in (*LABELS, *(text for texts in LABELS.values() for text in texts)):
        assert TIDY.fullmatch(allowed)
        assert not re.search(r"\d{3}", allowed)


def test_an_unknown_value_is_still_counted() -> None:
    assert value(busy(), "rowan_turns_total", channel=OTHER, outcome=OTHER) == 1


def test_turns_sends_pages_and_loops_are_counted_where_they_belong() -> None:
    metrics = busy()
    assert value(metrics, "rowan_turns_total", channel="sms", outcome="committed") == 1
    assert value(metrics, "rowan_turn_seconds_count") == 2
    assert value(metrics, "rowan_turn_group_size_sum") == 32
    assert value(metrics, "rowan_outbox_depth") == 7
    assert value(metrics, "rowan_outbox_oldest_seconds") == 1.5
    assert value(metrics, "rowan_pages_total", tier="P0", outcome="committed") == 1
    assert value(metrics, "rowan_page_seconds_count") == 2
    assert value(metrics, "rowan_loop_last_turn_timestamp_seconds", loop="delivery") == 1795132800
    assert value(metrics, "rowan_engine_errors_total") == 1
    assert value(metrics, "rowan_log_fields_dropped_total") == 3


def test_a_tier_without_open_alerts_falls_back_to_nought() -> None:
    metrics = Metrics()
    metrics.open_alerts({"P0": 2, "P1": 1})
    metrics.open_alerts({"P1": 1})
    assert value(metrics, "rowan_alerts_open", tier="P0") == 0
    assert value(metrics, "rowan_alerts_open", tier="P1") == 1


def test_what_is_late_is_told_by_clock_and_tier_and_falls_back_to_nought() -> None:
    metrics = Metrics()
    metrics.late({("recipient", "P0"): (2, 90.0)})
    assert value(metrics, "rowan_alerts_late", clock="recipient", tier="P0") == 2
    assert value(metrics, "rowan_alerts_late_oldest_seconds", clock="recipient", tier="P0") == 90
    metrics.late({})
    assert value(metrics, "rowan_alerts_late", clock="recipient", tier="P0") == 0


def test_two_services_in_one_process_do_not_share_counts() -> None:
    first, second = Metrics(), Metrics()
    first.engine_error()
    assert value(second, "rowan_engine_errors_total") == 0


@pytest.mark.parametrize("loop", sorted(LABELS["loop"]))
def test_a_loop_shows_when_it_last_turned(loop: str) -> None:
    metrics = Metrics()
    metrics.loop_turned(loop, datetime(1970, 1, 1, 0, 1, tzinfo=UTC))
    assert value(metrics, "rowan_loop_last_turn_timestamp_seconds", loop=loop) == 60
