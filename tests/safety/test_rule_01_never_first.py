"""SAFETY 1: the service never writes first. No consent: nothing goes out."""

from __future__ import annotations

import pytest

from flows.engine.effects import Noted
from flows.engine.events import WorkerJoined, WorkerSaid
from storage.schema import alerts
from tests.safety.phone import Phone
from tests.storage.store import Store


def test_without_consent_nothing_is_sent(store: Store) -> None:
    person = store.recipient(consent="")
    store.hears("hello", "x", "risk P1")
    assert store.statuses(person) == []
    assert store.counted(alerts) == 1, "what she says still counts"


@pytest.mark.parametrize("kind", ["checkin", "missed", "lock"])
def test_no_timer_writes_to_somebody_who_has_not_agreed(kind: str) -> None:
    assert Phone(consent="").rings(kind) == []
    assert Phone(consent="none").says("no thank you", "hello?") != [], "who agreed is answered"


@pytest.mark.parametrize("kind", ["missed", "lock"])
def test_of_the_timers_only_a_check_in_writes(kind: str) -> None:
    phone = Phone()
    assert len(phone.rings("checkin")) == 1
    assert phone.rings(kind) == []


def test_a_worker_cannot_open_her_chat() -> None:
    phone = Phone()
    assert phone.meets(WorkerJoined(phone.at, "ana", "f" * 28, confirmed=True)) == []
    assert phone.meets(WorkerSaid(phone.at, "ana", "Are you there?", "f" * 28, confirmed=True)) == []
    assert Noted("worker_unheard", "ana") in phone.effects


def test_a_stranger_is_nobody_and_hears_nothing(store: Store) -> None:
    for text in ("hello", "sunflower", "menu", "x"):
        assert store.hears(text)[0].outcome == "stranger"
    assert store.deliver() == []
