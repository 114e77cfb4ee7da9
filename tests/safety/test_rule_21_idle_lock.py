"""SAFETY 21: an idle session locks by itself after five minutes, and the lock sends nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flows.engine.effects import Schedule
from flows.engine.events import WorkerJoined
from tests.properties.walks import SIGNAL, programme
from tests.safety.phone import Phone


def opened(channel: str = "sms") -> tuple[Phone, str]:
    """An open chat, and the key of its lock."""
    phone = Phone(channel)
    phone.says(SIGNAL)
    (lock,) = [effect for effect in phone.effects if isinstance(effect, Schedule) and effect.kind == "lock"]
    assert lock.due - phone.at == timedelta(minutes=5) == programme().rules.idle_lock
    return phone, lock.key


@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_after_five_minutes_of_silence_it_is_closed_and_nothing_comes(channel: str) -> None:
    phone, key = opened(channel)
    assert phone.rings("lock", key, after=300) == []
    assert phone.now.session is None
    phone.says("1")
    assert phone.sends
    assert phone.shows_only_the_cover


def test_who_writes_on_keeps_it_open_and_the_lock_is_set_again() -> None:
    phone, key = opened()
    phone.says("1", after=250)
    assert phone.rings("lock", key, after=50) == []
    assert phone.now.session is not None
    (again,) = [effect for effect in phone.effects if isinstance(effect, Schedule)]
    assert again.due - phone.at == timedelta(seconds=250)


def test_a_lock_that_nobody_rang_is_seen_at_her_next_word() -> None:
    """The service was down: what she writes an hour later answers no question of then."""
    phone, _ = opened()
    phone.says("4", after=3600)
    assert phone.shows_only_the_cover
    assert phone.now.session is None


def test_with_a_worker_she_has_longer_and_then_it_hides_as_silently() -> None:
    phone, key = opened()
    phone.meets(WorkerJoined(phone.at, "ana", "f" * 28))
    phone.rings("lock", key, after=600)
    assert phone.now.session is not None
    assert phone.rings("lock", key, after=301) == []
    assert phone.now.session is None
