"""A programme's own ladder at work: quiet hours of P2 and P3, methods of a step, and trying it beside what it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from escalation.ladder import Hours, Step
from escalation.ladder.file import TIERS, shipped
from flows.engine.model import Tier
from storage import accounts, claims, reach, receipts
from storage.schema import addresses, alerts, moment, outbox, pages
from storage.trying import tried
from tests.storage.store import ANA_PHONE, BEN_PHONE, Store

EVENING = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
MORNING = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)


def team(store: Store, at: datetime) -> tuple[str, str]:
    """Ana on call and Ben behind her, where a P2 or P3 pages nobody from ten to seven: their ids."""
    store.now = at
    night = Hours(22 * 60, 7 * 60)
    ladder = shipped()
    own = {tier: replace(ladder.tiers[tier], quiet=night) for tier in TIERS[2:]}
    store.vault.ladder = replace(ladder, tiers={**ladder.tiers, **own})
    return store.staff("ana", ANA_PHONE, "on_call"), store.staff("ben", BEN_PHONE, "backup")


def rises(store: Store, tier: str) -> None:
    store.hears(f"risk {tier}")
    store.fire()


def paged(store: Store) -> list[tuple[str, datetime]]:
    return [(r.staff_id, moment(r.at)) for r in store.rows(sa.select(pages).order_by(pages.c.at, pages.c.staff_id))]


def waits_until(store: Store, at: datetime) -> None:
    """Every quarter of an hour the loop looks what is due."""
    while store.now < at:
        store.now = min(at, store.now + timedelta(minutes=15))
        store.fire()


def test_a_p2_of_the_night_is_paged_in_the_morning_and_is_not_late_by_then(store: Store) -> None:
    ana, _ = team(store, NIGHT)
    store.recipient()
    rises(store, "P2")
    waits_until(store, MORNING - timedelta(minutes=1))
    assert paged(store) == []
    waits_until(store, MORNING)
    assert paged(store) == [(ana, MORNING)]
    (row,) = store.rows(sa.select(alerts))
    assert moment(row.breach_at) == MORNING + timedelta(hours=4)


@pytest.mark.parametrize("tier", ["P0", "P1"])
def test_a_p0_and_a_p1_know_no_night(store: Store, tier: str) -> None:
    ana, _ = team(store, NIGHT)
    store.recipient()
    rises(store, tier)
    assert paged(store) == [(ana, NIGHT)]


def test_a_p2_that_becomes_a_p0_in_the_night_is_paged_at_once(store: Store) -> None:
    ana, _ = team(store, NIGHT)
    store.recipient()
    rises(store, "P2")
    waits_until(store, NIGHT + timedelta(hours=2))
    rises(store, "P0")
    assert paged(store) == [(ana, NIGHT + timedelta(hours=2))]


def test_the_next_step_of_an_evening_waits_for_the_morning(store: Store) -> None:
    ana, ben = team(store, EVENING)
    store.recipient()
    rises(store, "P2")
    waits_until(store, MORNING)
    assert paged(store) == [(ana, EVENING), *sorted([(ana, MORNING), (ben, MORNING)])]


@pytest.mark.parametrize("how", ["its claim runs out", "it is given back", "it is passed on", "its page dies"])
def test_what_becomes_open_in_the_night_pages_in_the_morning(store: Store, how: str) -> None:
    ana, _ = team(store, EVENING)
    store.recipient()
    rises(store, "P2")
    (row,) = store.rows(sa.select(alerts))
    if how == "its page dies":
        store.now = NIGHT
        page = store.rows(sa.select(pages))[0].id
        store.run(sa.update(outbox).values(status="dead"))
        store.write(receipts.page_slipped, store.vault, row.id, page, NIGHT)
    else:
        store.now = NIGHT - timedelta(minutes=50)
        held = store.write(claims.claim, store.vault, row.ref, ana, store.now)
        if how == "it is given back":
            store.write(claims.release, row.ref, ana, held.claim, store.now)
        elif how == "it is passed on":
            store.hears(f"P {row.ref}", address=ANA_PHONE)
            said = {one.page["message"]: one.page["params"] for one in store.deliver() if one.page}
            assert said["page/passed_later"]["time"] == "07:00", "nobody is being paged, and nobody is told so"
    waits_until(store, MORNING - timedelta(minutes=1))
    assert [at for _, at in paged(store)] == [EVENING]
    (row,) = store.rows(sa.select(alerts))
    assert (row.state, moment(row.next_page_at)) == ("open", MORNING)
    waits_until(store, MORNING)
    assert len(paged(store)) > 1


# methods


def by(store: Store, *steps: Step) -> None:
    ladder = shipped()
    p0 = ladder.tiers["P0"]
    own = {"P0": replace(p0, always=replace(p0.always, steps=steps))}
    store.vault.ladder = replace(ladder, tiers={**ladder.tiers, **own})


def channels(store: Store) -> list[str]:
    query = sa.select(addresses.c.channel).join(outbox, outbox.c.address_id == addresses.c.id)
    return [row.channel for row in store.rows(query.where(outbox.c.kind == "page").order_by(outbox.c.id))]


def test_a_step_pages_by_the_first_of_its_methods_that_the_worker_has(store: Store) -> None:
    ana = store.staff("ana", ANA_PHONE, "on_call")
    store.write(accounts.add_phone, store.vault, ana, "telegram", "900201", store.now)
    by(store, Step(timedelta(), ("on_call",), ("voice", "telegram", "sms")), Step(timedelta(minutes=2), ("on_call",)))
    store.recipient()
    rises(store, "P0")
    assert channels(store) == ["telegram"]
    store.pass_time(minutes=2)
    store.fire()
    assert sorted(channels(store)) == ["sms", "telegram", "telegram"], "the second step names none: all phones"


def test_who_has_none_of_a_steps_methods_is_paged_by_what_they_have(store: Store) -> None:
    store.staff("ana", ANA_PHONE, "on_call")
    by(store, Step(timedelta(), ("on_call",), ("voice", "telegram")))
    store.recipient()
    rises(store, "P0")
    assert channels(store) == ["sms"]


# trying


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("shut", [(), (ANA_PHONE,), (ANA_PHONE, BEN_PHONE)])
def test_what_is_tried_is_what_happens(store: Store, tier: Tier, shut: tuple[str, ...]) -> None:
    team(store, EVENING)
    store.staff("eva", "+447700900203")
    store.recipient()
    for phone in shut:
        store.write(reach.changed, store.vault, reach.Door("sms", phone, False), store.now)
    said = store.read(tried, store.vault, tier, store.now, 6)
    store.hears(f"risk {tier}")
    for _ in range(40):
        due = store.rows(sa.select(alerts.c.next_page_at))[0][0]
        store.now = moment(due)
        store.fire()
    told = [(one.staff.id, page.at) for page in said.pages for one in page.people]
    assert paged(store)[: len(told)] == sorted(told, key=lambda each: (each[1], each[0]))
    (row,) = store.rows(sa.select(alerts))
    assert moment(row.breach_at) == said.breach


def test_trying_writes_nothing_and_says_when_nobody_at_all_is_reached(store: Store) -> None:
    team(store, NIGHT)
    for phone in (ANA_PHONE, BEN_PHONE):
        store.write(reach.changed, store.vault, reach.Door("sms", phone, False), store.now)
    said = store.read(tried, store.vault, "P0", store.now, 3)
    assert [page.people for page in said.pages] == [(), (), ()]
    assert said.pages[1].at - said.pages[0].at == timedelta(minutes=1), "looked again each minute"
    assert store.counted(outbox) == store.counted(alerts) == 0
