"""The phones of synthetic messages: the operator's, nobody else's, and on no ladder."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from escalation.ports import Refused
from storage import accounts, canaries
from storage.schema import addresses, outbox
from storage.telling import all_staff
from tests.storage.store import ANA_PHONE, Store

PHONE, OTHER, CHAT = "+447700900302", "+447700900303", "900302"


def keep(store: Store, **phones: str) -> None:
    store.write(canaries.keep, store.vault, "hash", phones, store.now)


def phones(store: Store) -> list[str]:
    (one,) = (s for s in store.write(accounts.everybody) if s.username == canaries.USERNAME)
    rows = store.rows(sa.select(addresses).where(addresses.c.owner_id == one.id))
    return sorted(row.channel for row in rows if row.state == "active")


def send(store: Store) -> int:
    return store.write(canaries.send, store.vault, store.now)


def settle(store: Store, status: str) -> None:
    store.write(lambda conn: conn.execute(sa.update(outbox).values(status=status)).rowcount)


def test_without_the_setting_there_is_nothing_and_with_it_what_it_says(store: Store) -> None:
    keep(store)
    assert [s for s in store.write(accounts.everybody) if s.username == canaries.USERNAME] == []
    assert send(store) == 0
    keep(store, sms=PHONE, telegram=CHAT)
    assert phones(store) == ["sms", "telegram"]
    keep(store, sms=OTHER)
    assert phones(store) == ["sms"]
    keep(store)
    assert phones(store) == []
    assert send(store) == 0


def test_a_phone_of_somebody_here_is_refused(store: Store) -> None:
    store.staff("ana", ANA_PHONE)
    store.recipient(PHONE)
    for phone, whose in ((ANA_PHONE, "ana"), (PHONE, "not of staff")):
        with pytest.raises(Refused, match=whose):
            keep(store, sms=phone)


def test_nobody_is_on_the_ladder_or_told_of_readings_by_it(store: Store) -> None:
    keep(store, sms=PHONE)
    (one,) = store.write(all_staff)
    assert (one.role, one.duty) == ("auditor", "off")


def test_one_every_five_minutes_and_none_while_one_waits(store: Store) -> None:
    keep(store, sms=PHONE, telegram=CHAT)
    assert send(store) == 2
    store.pass_time(minutes=6)
    assert send(store) == 0, "the last ones still wait"
    settle(store, "delivered")
    assert send(store) == 2
    settle(store, "delivered")
    store.pass_time(minutes=4)
    assert send(store) == 0
    store.pass_time(minutes=2)
    assert send(store) == 2


@pytest.mark.parametrize(
    ("status", "lost"),
    [("delivered", []), ("sent", ["sms"]), ("failed", ["sms", "telegram"]), ("due", ["sms", "telegram"])],
)
def test_what_has_had_its_time_and_has_not_arrived_is_lost(store: Store, status: str, lost: list[str]) -> None:
    keep(store, sms=PHONE, telegram=CHAT)
    assert store.write(canaries.lost, store.now) == []
    send(store)
    settle(store, status)
    store.pass_time(seconds=100)
    assert store.write(canaries.lost, store.now) == [], "it has two minutes"
    store.pass_time(seconds=30)
    assert store.write(canaries.lost, store.now) == lost
