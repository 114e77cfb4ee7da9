"""A worker's ways of being paged: proven by a code, paged from then on, tried one after the other."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from escalation.ports import Refused, Unknown
from storage import accounts, methods, outbox, silence
from storage.receipts import missing
from storage.schema import addresses, alerts, calls, pages, proofs, timers
from storage.sendings import Sending
from storage.telling import RECEIPT, tell
from storage.timers import receipts
from tests.storage.store import ANA_PHONE, BEN_PHONE, HER, Store, World

ANA_CHAT = "900201"


def proof_sent(world: World, way: str) -> str:
    """The code that went to this phone."""
    if world.memory is not None:
        return world.memory.proofs[way][0]
    assert world.store is not None
    sent = [s for s in world.store.deliver() if s.page and s.page["message"] == "page/prove" and s.phone == way]
    assert sent[-1].page is not None
    return str(sent[-1].page["params"]["code"])


# the contract of the port: the fake and both databases


async def test_a_way_is_open_once_its_code_has_come_back(world: World) -> None:
    ana = await world.worker()
    await world.methods.add(ana, "sms", "07700 900201", world.now)
    (way,) = await world.methods.of(ana)
    assert (way.method, way.ends, way.state) == ("sms", "201", "new")
    assert await world.methods.test(ana, world.now) == 0
    code = proof_sent(world, way.id)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    with pytest.raises(Refused, match="not the code"):
        await world.methods.prove(ana, way.id, wrong, world.now)
    await world.methods.prove(ana, way.id, code, world.now)
    (way,) = await world.methods.of(ana)
    assert way.state == "open"
    assert await world.methods.test(ana, world.now) == 1
    assert [action for _, action in world.audited() if action.startswith("phone.")] == ["phone.add", "phone.proven"]


async def test_a_fresh_code_ends_the_one_before(world: World) -> None:
    ana = await world.worker()
    await world.methods.add(ana, "email", "Ana@example.org", world.now)
    (way,) = await world.methods.of(ana)
    first = proof_sent(world, way.id)
    await world.methods.send_code(ana, way.id, world.now)
    second = proof_sent(world, way.id)
    if first != second:
        with pytest.raises(Refused):
            await world.methods.prove(ana, way.id, first, world.now)
    await world.methods.prove(ana, way.id, second, world.now)
    with pytest.raises(Refused, match="proven already"):
        await world.methods.send_code(ana, way.id, world.now)


async def test_after_five_wrong_codes_the_right_one_is_no_good(world: World) -> None:
    ana = await world.worker()
    await world.methods.add(ana, "sms", ANA_PHONE, world.now)
    (way,) = await world.methods.of(ana)
    code = proof_sent(world, way.id)
    for wrong in range(1, 6):
        with pytest.raises(Refused):
            await world.methods.prove(ana, way.id, f"{(int(code) + wrong) % 10**6:06d}", world.now)
    with pytest.raises(Refused):
        await world.methods.prove(ana, way.id, code, world.now)


async def test_what_is_removed_is_gone_and_a_colleagues_is_not_mine(world: World) -> None:
    ana, ben = await world.worker(), await world.worker("Ben")
    world.paged_at(ana, ANA_PHONE)
    (way,) = await world.methods.of(ana)
    for act in (world.methods.remove, world.methods.send_code):
        with pytest.raises(Unknown):
            await act(ben, way.id, world.now)
    await world.methods.remove(ana, way.id, world.now)
    assert await world.methods.of(ana) == []


@pytest.mark.parametrize(("method", "address"), [("sms", "12"), ("telegram", "@ana"), ("email", "ana"), ("voice", "x")])
async def test_what_is_no_address_is_refused(world: World, method: Any, address: str) -> None:
    ana = await world.worker()
    with pytest.raises(Refused, match="not a whole number"):
        await world.methods.add(ana, method, address, world.now)
    assert await world.methods.of(ana) == []


async def test_nobody_hears_anything_where_no_way_of_anybody_is_open(world: World) -> None:
    ana = await world.worker()
    assert await world.methods.silent(world.now)
    world.paged_at(ana, ANA_PHONE)
    assert not await world.methods.silent(world.now)


# the databases


def adds(store: Store, worker: str, method: str = "sms", address: str = ANA_PHONE) -> str:
    way = store.write(methods.add, store.vault, worker, method, address, "GB", worker, store.now)
    return str(way)


def a_worker(store: Store, name: str = "ana") -> str:
    made = store.write(accounts.add, store.vault, name, name, "worker", "x", None, store.now)
    store.write(accounts.duty, store.vault, made.id, "on_call", store.now)
    return str(made.id)


def said(sendings: list[Sending]) -> list[str]:
    return [s.page["message"] for s in sendings if s.page]


def test_nothing_but_its_code_goes_to_a_phone_that_is_not_proven(store: Store) -> None:
    ana = a_worker(store)
    adds(store, ana)
    store.recipient()
    store.hears("risk P0")
    store.fire()
    assert said(store.deliver()) == ["page/prove"]
    assert store.counted(pages) == 0


def test_the_code_may_be_answered_from_that_phone_and_from_no_other(store: Store) -> None:
    ana, ben = a_worker(store), a_worker(store, "ben")
    adds(store, ana)
    adds(store, ben, "sms", BEN_PHONE)
    codes = {s.address: s.page["params"]["code"] for s in store.deliver() if s.page}
    if codes[ANA_PHONE] != codes[BEN_PHONE]:
        store.hears(codes[ANA_PHONE], address=BEN_PHONE)
        assert said(store.deliver()) == ["page/not_proven"]
    store.hears(f" {codes[ANA_PHONE]} ", address=ANA_PHONE)
    assert said(store.deliver()) == ["page/proven"]
    states = {row.owner_id: row.state for row in store.rows(sa.select(addresses))}
    assert states == {ana: "active", ben: "new"}


def test_a_phone_that_is_not_proven_claims_nothing_and_opens_by_nothing_else(store: Store) -> None:
    ana = a_worker(store)
    adds(store, ana)
    store.hears("A K2A", "START", "?", address=ANA_PHONE)
    assert {row.state for row in store.rows(sa.select(addresses))} == {"new"}


def test_a_code_is_good_for_half_an_hour(store: Store) -> None:
    ana = a_worker(store)
    way = adds(store, ana)
    (sending,) = store.deliver()
    assert sending.page is not None
    store.pass_time(minutes=31)
    assert not store.write(methods.prove, store.vault, ana, way, sending.page["params"]["code"], store.now)


@pytest.mark.parametrize("method", ["sms", "voice"])
def test_no_code_and_no_call_goes_to_a_phone_of_hers(store: Store, method: str) -> None:
    ana = a_worker(store)
    store.recipient()
    with pytest.raises(Refused, match="cannot be used here"):
        adds(store, ana, method, HER)
    assert store.counted(outbox.outbox) == 0


def test_codes_to_one_phone_are_few(store: Store) -> None:
    ana = a_worker(store)
    way = adds(store, ana)
    for _ in range(4):
        store.write(methods.send_code, store.vault, ana, way, store.now)
    with pytest.raises(Refused, match="Too many codes"):
        store.write(methods.send_code, store.vault, ana, way, store.now)


def test_what_is_removed_leaves_no_code_behind(store: Store) -> None:
    ana = a_worker(store)
    way = adds(store, ana)
    store.write(methods.remove, store.vault, ana, way, store.now)
    assert store.counted(proofs) == 0


# one method after the other


def an_alert(store: Store, *ways: tuple[str, str]) -> tuple[str, str]:
    """Ana with these ways, all proven, and a P1 on its first step, of which no page is written: her id, the alert's."""
    ana = a_worker(store)
    for method, address in ways:
        store.write(accounts.add_phone, store.vault, ana, method, address, store.now)
    store.recipient()
    store.hears("risk P1")
    (row,) = store.rows(sa.select(timers.c.owner_id).where(timers.c.kind == "page"))
    store.run(sa.update(alerts).values(level=1))
    return ana, str(row.owner_id)


def tells(store: Store, ana: str, alert: str, *order: str) -> int:
    params = {"ref": "K2A", "tier": "P1"}
    unit = (store.vault, ana, "page/alert", params, store.now, alert, 0, None, order)
    return int(store.write(tell, *unit))


def channels(store: Store) -> list[str]:
    """By which methods pages were written, in order of their writing."""
    query = sa.select(addresses.c.channel).join(pages, pages.c.address_id == addresses.c.id)
    return [row.channel for row in store.rows(query.order_by(pages.c.id))]


def late(store: Store) -> int:
    """The receipts that are due now; how many were missing."""
    due = store.read(receipts, store.now)
    return sum(store.write(missing, store.vault, one.id, one.page, store.now) for one in due)


ALL = (("sms", ANA_PHONE), ("voice", ANA_PHONE), ("telegram", ANA_CHAT), ("email", "ana@example.org"))


def test_the_methods_of_a_step_are_tried_in_its_order(store: Store) -> None:
    ana, alert = an_alert(store, *ALL)
    assert tells(store, ana, alert, "sms", "voice", "email") == 1
    assert channels(store) == ["sms"]
    store.deliver()
    store.pass_time(seconds=59)
    assert late(store) == 0
    store.pass_time(seconds=1)
    assert late(store) == 1
    assert channels(store) == ["sms", "voice"]
    store.pass_time(seconds=90)
    late(store)
    assert channels(store) == ["sms", "voice", "email"]


def test_without_an_order_all_are_tried_at_once_and_the_telephone_rings_for_what_is_urgent(store: Store) -> None:
    ana, alert = an_alert(store, *ALL)
    assert tells(store, ana, alert) == 4
    calm = (store.vault, ana, "page/alert", {"ref": "K2A", "tier": "P2"}, store.now, alert)
    assert store.write(tell, *calm) == 3
    assert store.counted(calls) == 1


def test_where_there_is_nothing_but_a_telephone_it_rings_for_every_tier(store: Store) -> None:
    ana, alert = an_alert(store, ("voice", ANA_PHONE))
    assert store.write(tell, store.vault, ana, "page/alert", {"ref": "K2A", "tier": "P3"}, store.now, alert) == 1


def test_what_is_no_alert_rings_no_telephone(store: Store) -> None:
    ana, _ = an_alert(store, *ALL)
    store.write(tell, store.vault, ana, "page/opened", {"ref": "K2A"}, store.now)
    assert store.counted(calls) == 0


def test_a_method_that_is_shut_is_passed_over(store: Store) -> None:
    ana, alert = an_alert(store, *ALL[:2])
    shut = sa.update(addresses).where(addresses.c.channel == "sms", addresses.c.owner_id == ana)
    store.run(shut.values(state="shut"))
    tells(store, ana, alert, "sms", "voice")
    assert channels(store) == ["voice"]


def test_a_page_that_arrived_is_followed_by_no_other(store: Store) -> None:
    ana, alert = an_alert(store, *ALL[:2])
    tells(store, ana, alert, "sms", "voice")
    for sending in store.claim():
        store.write(outbox.sent, store.vault, sending, "SM1", store.now, "delivered")
    store.pass_time(minutes=2)
    assert late(store) == 0
    assert channels(store) == ["sms"]


def test_of_telegram_and_mail_it_counts_that_they_were_taken(store: Store) -> None:
    ana, alert = an_alert(store, *ALL[2:])
    tells(store, ana, alert)
    store.deliver()
    store.pass_time(minutes=2)
    assert late(store) == 0


def test_a_receipt_is_looked_for_once(store: Store) -> None:
    ana, alert = an_alert(store, *ALL[:2])
    tells(store, ana, alert, "sms", "voice")
    store.pass_time(minutes=1)
    (due,) = store.read(receipts, store.now)
    results = [store.write(missing, store.vault, due.id, due.page, store.now) for _ in range(2)]
    assert results == [True, False]
    assert channels(store) == ["sms", "voice"]


def test_where_the_last_method_is_not_answered_the_next_step_is_now(store: Store) -> None:
    store.staff("ana", ANA_PHONE, "on_call")
    store.staff("ben", BEN_PHONE, "backup")
    store.recipient()
    store.hears("risk P1")
    store.fire()
    store.deliver()
    store.pass_time(minutes=1)
    assert late(store) == 1
    assert store.fire() == 1, "four minutes before its time"
    assert len(channels(store)) == 3


def test_behind_the_last_rung_the_ladder_keeps_its_pace(store: Store) -> None:
    store.staff("ana", ANA_PHONE, "on_call")
    store.recipient()
    store.hears("risk P0")
    for _ in range(30):
        store.fire()
        store.deliver()
        store.pass_time(minutes=1)
        late(store)
    assert len(channels(store)) < 3 + 30 / 4 + 2


def test_a_provider_that_refuses_an_urgent_page_costs_no_minute(store: Store) -> None:
    store.staff("ana", ANA_PHONE, "on_call")
    ben = store.staff("ben", BEN_PHONE, "backup")
    store.recipient()
    store.hears("risk P0")
    store.fire()
    (sending,) = [one for one in store.claim() if one.page]
    store.write(outbox.held_up, store.vault, sending, store.now)
    store.fire()
    assert ben in [row.staff_id for row in store.rows(sa.select(pages))]


def test_a_refusal_wakes_nobody_else_for_what_can_wait(store: Store) -> None:
    store.staff("ana", ANA_PHONE, "on_call")
    store.staff("ben", BEN_PHONE, "backup")
    store.recipient()
    store.hears("risk P2")
    store.fire()
    (sending,) = [one for one in store.claim() if one.page]
    store.write(outbox.held_up, store.vault, sending, store.now)
    assert store.fire() == 0


def test_an_erased_recipient_leaves_no_receipt_and_no_call_behind(store: Store) -> None:
    from storage.erasing import forget

    ana, alert = an_alert(store, *ALL)
    tells(store, ana, alert)
    (row,) = store.rows(sa.text("SELECT person_id FROM alerts"))
    store.write(forget, store.vault, row.person_id)
    assert store.counted(calls) == store.counted(pages) == 0
    assert store.rows(sa.select(timers).where(timers.c.kind == RECEIPT)) == []


# whether pages get out at all


def test_a_provider_that_takes_no_page_is_down_until_it_takes_one(store: Store) -> None:
    store.staff("ana", ANA_PHONE, "on_call")
    store.recipient()
    store.hears("risk P2")
    store.fire()
    assert not store.read(silence.silent, store.now)
    (sending,) = [one for one in store.claim() if one.page]
    store.write(outbox.later, sending, store.now, "503")
    assert store.read(silence.down, store.now) == (), "a first refusal is nothing yet"
    store.pass_time(seconds=11)
    assert store.read(silence.down, store.now) == ("sms",)
    assert store.read(silence.silent, store.now)
    store.deliver()
    assert store.read(silence.down, store.now) == ()
    assert not store.read(silence.silent, store.now)
