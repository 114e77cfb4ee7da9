"""Who referred her hears that there is news: by a press of who holds it, once an alert, and not one word of hers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from escalation.casefile import Agency
from escalation.news import Sent, ToldBefore
from escalation.ports import Refused, Unknown
from storage import casefile, claims, erasing
from storage.outbox import dead, later
from storage.schema import alerts, outbox
from storage.sendings import Sending
from tests.storage.store import ANA_PHONE, HER, OTHER, Store, World

HOUSING = Agency("Housing", "yes", reference="H-12", news_to="duty@housing.example")
BY_PHONE = Agency("Housing", "yes", reference="Mrs. Wren", news_to="020 7946 0123")


async def kept(world: World, agency: Agency = HOUSING, tier: str = "P1") -> tuple[str, str, str, str]:
    """Ana holds an alert of hers. Returns Ana's id, the case, the entry and the alert."""
    ana, her = await world.worker("Ana"), world.recipient()
    alert = await world.alert(her, tier)
    await world.desk.claim(alert, ana, world.now)
    await world.casefile.keep(her, agency, ana, world.now)
    (one,) = await world.casefile.of_person(her)
    return ana, her, one.id, alert


async def tell(world: World, her: str, entry: str, alert: str, by: str) -> None:
    await world.casefile.tell(her, entry, alert, by, "en", world.now)


def facts(sent: Sent) -> tuple[str, str, str, str]:
    news = sent.told.news
    return sent.told.staff, news.name, news.alert, sent.went


@pytest.mark.parametrize("tier", ["P0", "P1"])
async def test_a_press_tells_them_once_and_stands_in_the_record_of_what_was_shared(world: World, tier: str) -> None:
    ana, her, entry, alert = await kept(world, tier=tier)
    await tell(world, her, entry, alert, ana)
    first = world.now
    world.jump(minutes=1)
    with pytest.raises(ToldBefore) as again:
        await tell(world, her, entry, alert, ana)
    assert again.value.at == first
    assert [facts(one) for one in await world.casefile.told(her)] == [(ana, "Housing", alert, "waits")]
    (entered,) = await world.decisions.of(her, ana, world.now)
    assert entered == (await world.casefile.told(her))[0].told
    assert world.audited().count((ana, "decision.told")) == 1


async def test_of_the_next_alert_they_are_told_again(world: World) -> None:
    ana, her, entry, alert = await kept(world)
    await tell(world, her, entry, alert, ana)
    other = await world.alert(her, "P0", "danger")
    await world.desk.claim(other, ana, world.now)
    await tell(world, her, entry, other, ana)
    assert [one.told.news.alert for one in await world.casefile.told(her)] == [alert, other]


@pytest.mark.parametrize(
    ("agency", "tier", "why"),
    [
        (Agency("Housing", "no", news_to="duty@housing.example"), "P1", "has not agreed"),
        (Agency("Housing", "not_asked", news_to="duty@housing.example"), "P1", "has not agreed"),
        (Agency("Housing", "yes"), "P1", "No e-mail or phone"),
        (HOUSING, "P2", "Who holds a P0 or P1"),
    ],
)
async def test_without_her_consent_or_an_address_or_for_less_than_a_p1_nobody_is_told(
    world: World, agency: Agency, tier: str, why: str
) -> None:
    ana, her, entry, alert = await kept(world, agency, tier)
    with pytest.raises(Refused, match=why):
        await tell(world, her, entry, alert, ana)
    assert await world.casefile.told(her) == []
    assert (ana, "decision.told") not in world.audited()


async def test_only_who_holds_that_alert_of_hers_tells_of_it(world: World) -> None:
    ana, her, entry, alert = await kept(world)
    ben = await world.worker("Ben")
    with pytest.raises(Refused, match="Give a reason"):
        await tell(world, her, entry, alert, ben)
    another = world.recipient()
    others = await world.alert(another)
    await world.desk.claim(others, ana, world.now)
    with pytest.raises(Refused, match="Who holds"):
        await tell(world, her, entry, others, ana)
    with pytest.raises(Unknown):
        await tell(world, another, entry, others, ana)
    other = await world.alert(her, "P2", "money")
    await world.desk.claim(other, ana, world.now)
    await world.desk.release(alert, ana, 1, world.now)
    with pytest.raises(Refused, match="Who holds"):
        await tell(world, her, entry, alert, ana)
    assert await world.casefile.told(her) == []


async def test_an_agency_that_has_ended_is_told_nothing(world: World) -> None:
    ana, her, entry, alert = await kept(world)
    await world.casefile.end(her, entry, ana, world.now)
    with pytest.raises(Refused, match="No e-mail or phone"):
        await tell(world, her, entry, alert, ana)


@pytest.mark.parametrize("news_to", ["housing", "12", "duty@housing", "duty@housing.example, a@b.example"])
async def test_what_is_no_address_is_not_kept(world: World, news_to: str) -> None:
    ana, her = await world.worker("Ana"), world.recipient()
    with pytest.raises(Refused, match="no whole e-mail address"):
        await world.casefile.keep(her, Agency("Housing", "yes", news_to=news_to), ana, world.now, "Planning")


# what goes out


def of_her(store: Store, agency: Agency = HOUSING) -> dict[str, Any]:
    """She, with an agency on her case, and a P1 that Ana holds; every page is out. What `casefile.tell` is given."""
    ana, her = store.staff("ana", ANA_PHONE, "on_call"), store.recipient()
    store.hears("risk P1")
    store.fire()
    store.deliver()
    (alert,) = store.rows(sa.select(alerts))
    store.write(claims.claim, store.vault, alert.ref, ana, store.now)
    store.write(casefile.keep, store.vault, store.ref(her), agency, ana, store.now, "", "GB")
    (entry,) = store.read(casefile.of_person, store.vault, store.ref(her))
    store.deliver()
    return {"ref": store.ref(her), "entry": entry.id, "alert": alert.ref, "by": ana}


def told(store: Store, given: dict[str, Any]) -> None:
    store.write(casefile.tell, store.vault, *given.values(), "en", store.now)


def news(sendings: list[Sending]) -> list[tuple[str, str, str, dict[str, str]]]:
    return [(s.channel, s.address, s.news["message"], s.news["params"]) for s in sendings if s.news is not None]


def test_a_press_sends_one_message_with_their_reference_and_nothing_else(store: Store) -> None:
    told(store, of_her(store))
    sendings = store.deliver()
    assert news(sendings) == [("email", "duty@housing.example", "page/news", {"reference": "H-12"})]
    assert len(sendings) == 1
    assert store.deliver() == []


def test_a_reference_that_could_be_a_name_is_not_sent(store: Store) -> None:
    told(store, of_her(store, BY_PHONE))
    assert news(store.deliver()) == [("sms", "+442079460123", "page/news_plain", {})]


@pytest.mark.parametrize("tier", ["P0", "P1"])
async def test_an_alert_without_a_press_sends_nothing_to_anybody_outside(world: World, tier: str) -> None:
    ana, her, *_ = await kept(world, tier="P2")
    await world.alert(her, tier, "danger")
    for _ in range(12):
        world.pass_time(hours=2)
        assert world.store is None or news(world.store.deliver()) == []
    assert await world.casefile.told(her) == []
    assert (ana, "decision.told") not in world.audited()
    assert world.store is None or not world.store.rows(sa.select(outbox).where(outbox.c.owner_kind == "agency"))


def test_it_goes_in_the_night_too(store: Store) -> None:
    given = of_her(store)
    store.pass_time(hours=14)
    store.fire()
    store.write(claims.claim, store.vault, given["alert"], given["by"], store.now)
    told(store, given)
    assert len(news(store.deliver())) == 1


@pytest.mark.parametrize("phone", [HER, OTHER, f"0{HER[3:]}"])
def test_no_phone_of_hers_or_of_any_recipient_is_kept(store: Store, phone: str) -> None:
    given = of_her(store)
    store.recipient(OTHER)
    aunt = Agency("Her aunt", "yes", news_to=phone)
    with pytest.raises(Refused, match="cannot be used here"):
        store.write(casefile.keep, store.vault, given["ref"], aunt, given["by"], store.now, "", "GB")


def test_a_number_that_has_become_a_recipients_after_the_press_is_told_nothing(store: Store) -> None:
    given = of_her(store, Agency("Her aunt", "yes", news_to=OTHER))
    told(store, given)
    store.recipient(OTHER)
    assert news(store.deliver()) == []
    (sent,) = store.read(casefile.told, store.vault, given["ref"])
    assert (sent.went, sent.code) == ("lost", "refused")


def test_a_number_that_has_become_a_recipients_before_it_cannot_be_pressed(store: Store) -> None:
    given = of_her(store, Agency("Her aunt", "yes", news_to=OTHER))
    store.recipient(OTHER)
    with pytest.raises(Refused, match="cannot be used here"):
        told(store, given)


def test_she_takes_her_consent_back_before_it_has_left(store: Store) -> None:
    given = of_her(store)
    told(store, given)
    store.write(casefile.end, store.vault, given["ref"], given["entry"], given["by"], store.now)
    assert news(store.deliver()) == []
    assert [one.went for one in store.read(casefile.told, store.vault, given["ref"])] == ["lost"]


def test_its_fate_is_told_and_raises_nothing(store: Store) -> None:
    given = of_her(store)
    told(store, given)
    (sending,) = store.claim()
    store.write(later, sending, store.now + timedelta(minutes=1), "451")
    assert [(one.went, one.code) for one in store.read(casefile.told, store.vault, given["ref"])] == [("again", "451")]
    store.pass_time(minutes=2)
    (sending,) = store.claim()
    before = store.counted(alerts)
    store.write(dead, store.vault, sending, "550", "It was not taken.", store.now, True)
    assert [(one.went, one.code) for one in store.read(casefile.told, store.vault, given["ref"])] == [("lost", "550")]
    assert store.counted(alerts) == before


def test_with_her_it_is_gone(store: Store) -> None:
    given = of_her(store)
    told(store, given)
    store.write(erasing.erase, store.vault, given["ref"], given["by"], "in_person", "Asked", store.now)
    assert news(store.deliver()) == []
    assert store.rows(sa.select(outbox).where(outbox.c.owner_kind == "agency")) == []
