"""SAFETY 3: how to reach her is confirmed again; the worker is told when it is stale, and her phone is told nothing."""

from __future__ import annotations

from datetime import timedelta

from escalation.console.banner import confirmed
from tests.console.examples import NOW
from tests.console.test_shapes import CLOCK, a_case, but
from tests.safety.phone import Phone


def test_after_thirty_days_whoever_opens_the_case_is_told_to_ask_again() -> None:
    said = [
        confirmed(a_case(contact=but(confirmed_at=NOW - timedelta(days=days))), CLOCK, timedelta(days=30))
        for days in (30, 31)
    ]
    assert ["ask her again" in one for one in said] == [False, True]


def test_however_stale_it_is_her_phone_gets_its_agreed_ping_and_nothing_else() -> None:
    phone = Phone(confirmed_at=NOW - timedelta(days=400))
    phone.rings("checkin")
    (ping,) = phone.sends
    assert ping.message in phone.cover
    assert "/ping." in ping.message


def test_after_an_incident_a_worker_has_one_task_of_a_day_and_her_phone_gets_nothing() -> None:
    phone = Phone(confirmed_at=NOW - timedelta(days=400))
    since = phone.at.isoformat()
    assert phone.rings("confirm", key=since) == []
    assert [(raised.tier, raised.key) for raised in phone.raised] == [("P3", "task.confirm")]
    assert phone.now.memory.ask_confirm, "she is asked when she opens her chat"
