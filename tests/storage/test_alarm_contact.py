"""The alarm contact: one phone on the last rung that is nobody else's, as long as the setting names it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from escalation.ports import Refused
from storage import accounts
from storage.schema import addresses
from tests.storage.store import Store

THEIRS, OTHER, ANAS = "+447700900301", "+447700900302", "+447700900201"


def keep(store: Store, phone: str) -> None:
    store.write(accounts.keep_alarm_contact, store.vault, "hash", "sms", phone, store.now)


def contact(store: Store) -> tuple[str, list[str]]:
    """Their duty, and the ids of their phones."""
    (one,) = (s for s in store.write(accounts.everybody) if s.username == accounts.ALARM_CONTACT)
    phones = store.rows(sa.select(addresses.c.id).where(addresses.c.owner_id == one.id))
    return one.duty, [row.id for row in phones]


def test_each_start_leaves_the_phone_and_the_pages_that_wait_for_it(store: Store) -> None:
    keep(store, THEIRS)
    duty, before = contact(store)
    assert (duty, len(before)) == ("supervisor", 1)
    keep(store, THEIRS)
    assert contact(store) == ("supervisor", before), "pages are addressed by the phone's id"


def test_another_phone_takes_its_place(store: Store) -> None:
    keep(store, THEIRS)
    before = contact(store)[1]
    keep(store, OTHER)
    assert len(contact(store)[1]) == 1
    assert contact(store)[1] != before


def test_a_workers_phone_is_refused_with_a_sentence_and_so_is_the_contacts_for_a_worker(store: Store) -> None:
    ana = store.staff("ana", ANAS)
    with pytest.raises(Refused, match=r"known here already \(ana\)"):
        keep(store, ANAS)
    keep(store, THEIRS)
    with pytest.raises(Refused, match=r"known here already \(alarm-contact\)"):
        store.write(accounts.add_phone, store.vault, ana, "sms", THEIRS, store.now)


def test_a_recipients_phone_is_refused_without_saying_whose_it_is(store: Store) -> None:
    store.recipient(THEIRS)
    with pytest.raises(Refused, match="not of staff"):
        keep(store, THEIRS)


def test_without_the_setting_they_are_stood_down(store: Store) -> None:
    store.write(accounts.stand_down_alarm_contact, store.vault, store.now)
    keep(store, THEIRS)
    store.write(accounts.stand_down_alarm_contact, store.vault, store.now)
    store.write(accounts.stand_down_alarm_contact, store.vault, store.now)
    assert contact(store) == ("off", [])
    keep(store, THEIRS)
    assert contact(store)[0] == "supervisor"
