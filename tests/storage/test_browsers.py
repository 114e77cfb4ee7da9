"""A worker's browser as a way of being paged: it counts when it has shown the page, and is over when it is gone."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from escalation.ports import Refused
from storage import accounts, methods, off_cover, outbox
from storage.outbox import Report
from storage.receipts import missing
from storage.schema import addresses, alerts, pages, timers
from storage.sendings import Sending
from storage.telling import tell
from storage.timers import receipts
from tests.storage.store import ANA_PHONE, Store, World


def a_browser(name: str) -> str:
    return f"{'s' * 22} B{'k' * 86} https://push.example.net/{name}"


ANAS, BENS = a_browser("ana"), a_browser("ben")


async def test_a_browser_is_a_way_like_any_other_and_shows_the_end_of_its_address(world: World) -> None:
    ana = await world.worker()
    assert "push" in world.methods.offered
    await world.methods.add(ana, "push", ANAS, world.now)
    (way,) = await world.methods.of(ana)
    assert (way.method, way.ends, way.state) == ("push", "ana", "new")


@pytest.mark.parametrize("address", ["https://push.example.net/ana", ANAS.replace("https", "http"), ANA_PHONE])
async def test_what_no_browser_gave_is_refused(world: World, address: str) -> None:
    ana = await world.worker()
    with pytest.raises(Refused, match="not a whole number"):
        await world.methods.add(ana, "push", address, world.now)
    assert await world.methods.of(ana) == []


# the databases


def a_worker(store: Store, name: str = "ana") -> str:
    made = store.write(accounts.add, store.vault, name, name, "worker", "x", None, store.now)
    store.write(accounts.duty, store.vault, made.id, "on_call", store.now)
    return str(made.id)


def paged(store: Store, *ways: tuple[str, str]) -> Sending:
    """Ana has these ways, proven, and the page of a P1 is on its way by the first of them."""
    ana = a_worker(store)
    for method, address in ways:
        store.write(accounts.add_phone, store.vault, ana, method, address, store.now)
    store.recipient()
    store.hears("risk P1")
    (row,) = store.rows(sa.select(timers.c.owner_id).where(timers.c.kind == "page"))
    store.run(sa.update(alerts).values(level=1))
    order = [method for method, _ in ways]
    params = {"ref": "K2A", "tier": "P1"}
    store.write(tell, store.vault, ana, "page/alert", params, store.now, row.owner_id, 0, None, order)
    (sending,) = [one for one in store.claim() if one.page]
    return sending


def written(store: Store) -> list[str]:
    """By which methods, in order."""
    query = sa.select(addresses.c.channel).join(pages, pages.c.address_id == addresses.c.id)
    return [row.channel for row in store.rows(query.order_by(pages.c.id))]


def late(store: Store) -> int:
    due = store.read(receipts, store.now)
    return sum(store.write(missing, store.vault, one.id, one.page, store.now) for one in due)


def test_a_page_that_was_taken_and_not_shown_goes_out_by_the_next_method(store: Store) -> None:
    store.sent(paged(store, ("push", ANAS), ("sms", ANA_PHONE)))
    store.pass_time(seconds=59)
    assert late(store) == 0
    store.pass_time(seconds=1)
    assert late(store) == 1
    assert written(store) == ["push", "sms"]


def test_a_page_that_the_browser_has_shown_is_followed_by_no_other(store: Store) -> None:
    store.write(outbox.sent, store.vault, paged(store, ("push", ANAS), ("sms", ANA_PHONE)), "a token", store.now)
    assert store.write(outbox.report, store.vault, Report("push", "a token", "delivered"), store.now)
    store.pass_time(minutes=2)
    assert late(store) == 0
    assert written(store) == ["push"]


def test_a_browser_that_is_gone_is_shut_off_cover_and_the_page_goes_on_at_once(store: Store) -> None:
    sending = paged(store, ("push", ANAS))
    ana = sending.owner
    store.write(outbox.dead, store.vault, sending, "410", "", store.now, True)
    (browser,) = store.rows(sa.select(addresses).where(addresses.c.owner_id == ana))
    assert browser.state == "shut"
    assert store.read(off_cover.everybody)[ana].why == "shut"
    (slipped,) = store.rows(sa.select(pages.c.slipped))
    assert slipped.slipped


def test_where_another_way_is_left_a_browser_that_is_gone_takes_nobody_off_cover(store: Store) -> None:
    sending = paged(store, ("push", ANAS), ("sms", ANA_PHONE))
    store.write(outbox.dead, store.vault, sending, "410", "", store.now, True)
    assert store.read(off_cover.everybody) == {}
    assert sorted(written(store)) == ["push", "sms"]


def test_a_browser_is_one_workers(store: Store) -> None:
    ana, ben = a_worker(store), a_worker(store, "ben")
    store.write(methods.add, store.vault, ana, "push", ANAS, "GB", ana, store.now)
    with pytest.raises(Refused, match="cannot be used here"):
        store.write(methods.add, store.vault, ben, "push", ANAS, "GB", ben, store.now)
    store.write(methods.add, store.vault, ben, "push", BENS, "GB", ben, store.now)


def test_where_it_is_reached_stands_nowhere_in_clear(store: Store) -> None:
    ana = a_worker(store)
    store.write(methods.add, store.vault, ana, "push", ANAS, "GB", ana, store.now)
    (row,) = store.rows(sa.select(addresses))
    assert not any(part.encode() in bytes(row.sealed) for part in ANAS.split())
    assert "push.example" not in str(row)
