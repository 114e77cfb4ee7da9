"""Carriers that never say whether a text arrived: silence is loss until ten texts show that it says nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from escalation.methods import UNHEARD, hurries, unheard
from storage import accounts, methods, outbox
from storage.outbox import Report
from storage.receipts import missing
from storage.rota_alarms import look
from storage.schema import addresses, alerts, pages, watermarks
from storage.telling import tell
from storage.timers import receipts
from tests.storage.store import ANA_PHONE, BEN_PHONE, HER, OTHER, Store

RUTH_PHONE = "+447700900203"
LADDER = timedelta(minutes=5)  # of a P1: from the first step to the second


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (["sent"] * UNHEARD, True),
        (["sent"] * (UNHEARD - 1), False),
        (["sent"] * (UNHEARD - 1) + ["delivered"], False),
        (["failed"] + ["sent"] * (UNHEARD - 1), False),
        ([], False),
    ],
)
def test_ten_texts_of_which_nothing_was_heard(last: list[str], expected: bool) -> None:
    assert unheard(last) is expected


@pytest.mark.parametrize("tier", ["P0", "P1", "P2", "P3"])
def test_silence_is_loss_and_of_a_p0_always(tier: str) -> None:
    assert hurries(tier, mute=False)
    assert hurries(tier, mute=True) is (tier == "P0")


def silent_texts(store: Store, ana: str, times: int) -> None:
    """So many pages by text to Ana, each a minute old and without a receipt. Their alert is settled."""
    store.hears("risk P1", address=OTHER)
    (alert,) = store.rows(sa.select(alerts.c.id).where(alerts.c.state == "open"))
    store.run(sa.update(alerts).values(state="resolved"))
    for _ in range(times):
        params = {"ref": "K2A", "tier": "P1"}
        store.write(tell, store.vault, ana, "page/alert", params, store.now, alert.id, 0, None, ("sms",))
        store.deliver()
        store.pass_time(minutes=1)
        overdue(store)


def overdue(store: Store) -> int:
    """The receipts that are due now; how many were missing."""
    due = store.read(receipts, store.now)
    return sum(store.write(missing, store.vault, one.id, one.page, store.now) for one in due)


def reported(store: Store, phone: str, status: str) -> None:
    """What the carrier says of the last text to this phone."""
    query = sa.select(outbox.outbox.c.id).join(addresses, addresses.c.id == outbox.outbox.c.address_id)
    mine = query.where(addresses.c.mac.in_(store.vault.addresses("sms", phone)))
    last = store.rows(mine.order_by(outbox.outbox.c.id.desc()).limit(1))[0].id
    assert store.write(outbox.report, store.vault, Report("sms", f"out-{last}", status, ""), store.now)


def team(store: Store) -> tuple[str, str]:
    """Ana on call by text, Ben behind her, Ruth who supervises; two recipients. Ids of Ana and Ruth."""
    ana = store.staff("ana", ANA_PHONE, "on_call")
    store.staff("ben", BEN_PHONE, "backup")
    ruth = store.write(accounts.add, store.vault, "ruth", "Ruth", "supervisor", "x", None, store.now).id
    store.write(accounts.add_phone, store.vault, ruth, "sms", RUTH_PHONE, store.now)
    store.recipient()
    store.recipient(OTHER)
    return ana, ruth


def next_page_after(store: Store, tier: str) -> timedelta:
    """She is in danger, Ana is paged by text, and nothing is heard for a minute: how long until the next step."""
    began = store.now
    store.hears(f"risk {tier}", address=HER)
    store.fire()
    store.deliver()
    store.pass_time(minutes=1)
    assert overdue(store) == 1
    (row,) = store.rows(sa.select(alerts.c.next_page_at).where(alerts.c.state == "open"))
    return timedelta(milliseconds=row.next_page_at) - timedelta(seconds=began.timestamp())


def told(store: Store, worker: str) -> list[str]:
    return [one.page["message"] for one in store.deliver() if one.page is not None and one.owner == worker]


def test_before_the_tenth_silent_text_the_next_step_comes_at_once(store: Store) -> None:
    ana, _ = team(store)
    silent_texts(store, ana, UNHEARD - 2)
    assert next_page_after(store, "P1") == timedelta(minutes=1)


def test_after_ten_silent_texts_the_ladder_keeps_its_pace(store: Store) -> None:
    ana, _ = team(store)
    silent_texts(store, ana, UNHEARD)
    assert next_page_after(store, "P1") == LADDER


def test_a_p0_hurries_all_the_same(store: Store) -> None:
    ana, _ = team(store)
    silent_texts(store, ana, UNHEARD)
    assert next_page_after(store, "P0") == timedelta(minutes=1)


def test_the_next_method_is_tried_all_the_same(store: Store) -> None:
    ana, _ = team(store)
    silent_texts(store, ana, UNHEARD)
    store.write(accounts.add_phone, store.vault, ana, "voice", ANA_PHONE, store.now)
    store.hears("risk P1")
    (alert,) = store.rows(sa.select(alerts.c.id).where(alerts.c.state == "open"))
    store.run(sa.update(alerts).where(alerts.c.id == alert.id).values(level=1))
    params, order = {"ref": "K2A", "tier": "P1"}, ("sms", "voice")
    store.write(tell, store.vault, ana, "page/alert", params, store.now, alert.id, 0, None, order)
    store.deliver()
    store.pass_time(minutes=1)
    overdue(store)
    query = sa.select(addresses.c.channel).join(pages, pages.c.address_id == addresses.c.id)
    written = store.rows(query.where(pages.c.alert_id == alert.id).order_by(pages.c.id))
    assert [row.channel for row in written] == ["sms", "voice"]


def test_a_text_that_is_reported_lost_hurries_even_then(store: Store) -> None:
    ana, _ = team(store)
    silent_texts(store, ana, UNHEARD)
    began = store.now
    store.hears("risk P1")
    store.fire()
    store.deliver()
    reported(store, ANA_PHONE, "undelivered")
    (row,) = store.rows(sa.select(alerts.c.next_page_at).where(alerts.c.state == "open"))
    assert row.next_page_at == began.timestamp() * 1000


def test_a_single_receipt_puts_it_back_for_good(store: Store) -> None:
    ana, _ = team(store)
    silent_texts(store, ana, UNHEARD)
    store.write(methods.test, store.vault, ana, store.now)
    store.deliver()
    reported(store, ANA_PHONE, "delivered")
    silent_texts(store, ana, UNHEARD)
    assert next_page_after(store, "P1") == timedelta(minutes=1), "it has spoken once: now silence is an outage"


def test_the_code_that_proved_a_phone_is_a_receipt_like_any(store: Store) -> None:
    """Or a phone that is off for a night would look like a carrier that says nothing."""
    ana, _ = team(store)
    store.write(methods.add, store.vault, ana, "sms", "07700 900209", "GB", ana, store.now)
    store.deliver()
    reported(store, "+447700900209", "delivered")
    silent_texts(store, ana, UNHEARD)
    assert next_page_after(store, "P1") == timedelta(minutes=1)


def test_a_receipt_of_before_this_release_counts_though_it_left_no_mark(store: Store) -> None:
    ana, _ = team(store)
    silent_texts(store, ana, 1)
    reported(store, ANA_PHONE, "delivered")
    store.run(sa.delete(watermarks))
    silent_texts(store, ana, UNHEARD)
    assert next_page_after(store, "P1") == timedelta(minutes=1)


def test_one_that_failed_among_the_ten_was_spoken_of(store: Store) -> None:
    ana, _ = team(store)
    silent_texts(store, ana, 3)
    reported(store, ANA_PHONE, "failed")
    silent_texts(store, ana, UNHEARD - 2)
    assert next_page_after(store, "P1") == timedelta(minutes=1)


def test_pages_within_one_message_are_one_text(store: Store) -> None:
    team(store)
    for number in range(UNHEARD):
        store.recipient(f"+4477009005{number:02d}")
        store.hears("risk P2", address=f"+4477009005{number:02d}")
    store.fire()
    assert store.counted(pages) == UNHEARD
    store.deliver()
    store.pass_time(minutes=1)
    assert overdue(store) == UNHEARD
    store.run(sa.update(alerts).values(state="resolved"))
    assert next_page_after(store, "P1") == timedelta(minutes=1)


def test_who_supervises_is_told_once_until_a_receipt_comes(store: Store) -> None:
    ana, ruth = team(store)
    store.write(look, store.vault, "", store.now)
    store.deliver()
    silent_texts(store, ana, UNHEARD)
    assert [store.write(look, store.vault, "", store.now) for _ in range(2)] == [1, 0]
    assert told(store, ruth) == ["page/mute"]
    reported(store, RUTH_PHONE, "delivered")
    silent_texts(store, ana, UNHEARD)
    assert store.write(look, store.vault, "", store.now) == 0


def test_the_rotas_contact_is_told_instead_where_there_is_one(store: Store) -> None:
    ana, ruth = team(store)
    silent_texts(store, ana, UNHEARD)
    store.write(look, store.vault, "ana", store.now)
    sent = [(one.owner, one.page["message"]) for one in store.deliver() if one.page is not None]
    assert (ana, "page/mute") in sent
    assert (ruth, "page/mute") not in sent
