"""What waits at the desk, in what order, and when the same again is a new alert: the same on all three."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import product

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from escalation.order import BANDS, place, waits
from escalation.ports import Alert, Unknown
from flows.engine.conversation import Contact
from flows.engine.effects import Raise
from flows.engine.model import Tier
from storage import queue
from storage.memory import Known, Memory, MemoryDesk
from storage.raising import Raised, raise_alerts
from storage.schema import alerts, persons, stamp
from tests.storage.store import NOON, Store, World

SOME = 14  # alerts of one example
AN_EDGE = (1, NOON, NOON, "K2A")


async def test_the_queue_shows_the_highest_tier_first_then_the_nearest_breach(world: World) -> None:
    one, two, three, four = (world.recipient() for _ in range(4))
    late = await world.alert(one, "P2")
    first = await world.alert(two, "P1")
    world.pass_time(seconds=30)
    second = await world.alert(three, "P1")
    top = await world.alert(four, "P0")
    assert [a.ref for a in await world.desk.queue(world.now)] == [top, first, second, late]
    assert [a.ref for a in await world.desk.queue(world.now, 2)] == [top, first]


async def test_an_alert_in_the_queue_tells_no_words_of_hers(world: World) -> None:
    person = world.recipient()
    ref = await world.alert(person)
    (alert,) = await world.desk.queue(world.now)
    assert (alert.ref, alert.person, alert.tier, alert.state) == (ref, person, "P1", "open")
    assert (alert.channel, alert.language, alert.title) == ("sms", "en", "It is P1")
    assert alert.breach_at == world.now + timedelta(minutes=5)
    assert alert.writable_until == world.now + timedelta(days=1)
    assert "her own words" not in repr(alert)


async def test_the_same_key_again_lifts_the_tier_and_never_lowers_it(world: World) -> None:
    person, ana = world.recipient(), await world.worker()
    ref = await world.alert(person, "P2")
    world.pass_time(minutes=1)
    assert await world.alert(person, "P0") == ref
    (alert,) = await world.desk.queue(world.now)
    assert (alert.tier, alert.breach_at) == ("P0", world.now + timedelta(minutes=2))
    world.pass_time(seconds=1)
    assert await world.alert(person, "P3") == ref
    assert [a.tier for a in await world.desk.queue(world.now)] == ["P0"]
    await world.desk.claim(ref, ana, world.now)
    case = await world.desk.case(person, ana, "", world.now)
    assert [why.tier for why in case.why[ref]] == ["P2", "P0", "P3"]


async def test_the_title_follows_a_rise(world: World) -> None:
    person = world.recipient()
    await world.alert(person, "P2")
    await world.alert(person, "P0")
    await world.alert(person, "P1")
    assert [a.title for a in await world.desk.queue(world.now)] == ["It is P0"]


async def test_what_an_alert_has_already_is_not_added_again_until_it_is_resolved(world: World) -> None:
    person, ana = world.recipient(), await world.worker()
    ref = await world.alert(person, "P1")
    alert = await world.desk.claim(ref, ana, world.now)
    assert await world.alert(person, "P1") == ref
    case = await world.desk.case(person, ana, "", world.now)
    assert [why.tier for why in case.why[ref]] == ["P1"]

    await world.desk.resolve(ref, ana, alert.claim, "spoke_safe", "At her sister's.", world.now)
    await world.claims.sign(ref, await world.worker("Ben"), world.now)
    again = await world.alert(person, "P1")
    assert again != ref
    assert [(a.ref, a.state) for a in await world.desk.queue(world.now)] == [(again, "open")]


async def test_a_rise_leaves_the_holder_no_more_than_the_new_tiers_lease(world: World) -> None:
    person, ana = world.recipient(), await world.worker()
    ref = await world.alert(person, "P2")
    await world.desk.claim(ref, ana, world.now)
    world.pass_time(minutes=10)
    await world.alert(person, "P0")
    (alert,) = await world.desk.queue(world.now)
    assert (alert.holder, alert.claim_until) == (ana, world.now + timedelta(minutes=15))


async def test_another_key_is_another_alert(world: World) -> None:
    person = world.recipient()
    assert await world.alert(person, "P1", "risk") != await world.alert(person, "P2", "talk")


async def test_an_unknown_ref_is_none_and_cannot_be_claimed(world: World) -> None:
    ana = await world.worker()
    assert await world.desk.alert("ZZZZ", world.now) is None
    with pytest.raises(Unknown):
        await world.desk.claim("ZZZZ", ana, world.now)


async def test_a_ref_is_read_in_any_case(world: World) -> None:
    ref = await world.alert(world.recipient())
    found = await world.desk.alert(ref.lower(), world.now)
    assert found is not None
    assert found.ref == ref


async def test_what_is_in_hand_hides_nobody_who_waits(world: World) -> None:
    ana = await world.worker()
    for tier in ("P0", "P1", "P1"):
        held = await world.desk.claim(await world.alert(world.recipient(), tier), ana, world.now)
        await world.desk.resolve(held.ref, ana, held.claim, "spoke_safe", "At her sister's.", world.now)
    waits = await world.alert(world.recipient(), "P3")
    shown = await world.desk.queue(world.now, 2)
    assert [alert.tier for alert in shown] == ["P0", "P1", "P3"]
    assert shown[-1].ref == waits


_STATES = st.sampled_from(("open", "claimed", "closing", "snoozed", "resolved"))
_STANDS = st.tuples(st.sampled_from(("P0", "P1", "P2", "P3")), st.integers(-60 * 60, 60 * 30), _STATES, st.booleans())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(_STANDS, min_size=SOME, max_size=SOME), limit=st.integers(1, SOME), wait=st.sampled_from((0, 5)))
def test_the_databases_have_the_order_of_the_rule(
    store: Store, rows: list[tuple[Tier, int, str, bool]], limit: int, wait: int
) -> None:
    """Whatever stands, the first of it are those that the fake in memory has, which sorts all by `escalation.order`."""
    refs = _some_alerts(store)
    memory = MemoryDesk(Memory(people={"HER": Known("HER", Contact(), store.now)}))
    changed = []
    for ref, (tier, minutes, state, runs) in zip(refs, rows, strict=True):
        breach = store.now + timedelta(minutes=minutes - minutes % (wait or 1))
        until = store.now + timedelta(minutes=5 if runs else -5)
        values = {"tier": tier, "state": state, "breach_at": stamp(breach), "claim_until": stamp(until)}
        changed.append(values | {"raised_at": stamp(breach), "b_ref": ref})
        alert = Alert(ref, "HER", tier, "risk", state, breach, breach, "", "", "", claim_until=until)  # type: ignore[arg-type]
        memory._memory.alerts[ref] = alert

    def put(conn: Connection) -> None:
        conn.execute(sa.update(alerts).where(alerts.c.ref == sa.bindparam("b_ref")), changed)

    store.write(put)
    found = store.read(queue.queue, store.vault, store.now, limit)
    assert [alert.ref for alert in found] == [a.ref for a in asyncio.run(memory.queue(store.now, limit))]
    for stands in found:
        for back in (False, True):
            edge = place(stands, store.now)
            beyond = store.read(queue.further, store.vault, edge, store.now, limit, back)
            expected = asyncio.run(memory.further(edge, store.now, limit, back))
            assert [alert.ref for alert in beyond] == [alert.ref for alert in expected]


def _some_alerts(store: Store) -> list[str]:
    """Made once a store: an example changes them."""
    if store.counted(alerts) == 0:
        person = store.recipient()
        key = bytes(store.rows(sa.select(persons.c.wdek))[0].wdek)
        effects = [Raise("P1", "risk", f"key.{number}", ("r",), ("It is",)) for number in range(SOME)]
        store.write(
            raise_alerts, store.vault, [Raised(person, store.vault.sealer(person, key), e, store.now) for e in effects]
        )
    return [row.ref for row in store.rows(sa.select(alerts.c.ref).order_by(alerts.c.ref))]


def test_every_page_is_read_from_the_index_without_sorting_what_stands(store: Store) -> None:
    """Ten thousand that stand cost no more than the hundred that are shown, behind any place and before it."""
    plans: list[str] = []

    def plan(conn: Connection) -> None:
        explain = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}[conn.dialect.name]
        if conn.dialect.name == "postgresql":
            conn.exec_driver_sql("SET LOCAL enable_seqscan = off")  # of an empty table everything is cheap
            conn.exec_driver_sql("SET LOCAL enable_sort = off")
            conn.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        for band, (edge, back) in product(BANDS, ((None, False), (None, True), (AN_EDGE, False), (AN_EDGE, True))):
            query, values = queue._asked_for(band, True, store.now, 100, edge, back)
            said = query.params(values).compile(conn, compile_kwargs={"literal_binds": True})
            plans.append("\n".join(str(row) for row in conn.exec_driver_sql(explain + str(said).replace("%", "%%"))))

    store.write(plan)
    assert len(plans) == 4 * len(BANDS)
    assert [one for one in plans if "ix_alerts_queue" not in one or "SORT" in one.upper() or "TEMP B-TREE" in one] == []


async def test_whoever_goes_down_the_queue_meets_everybody_once_while_others_are_taken_and_raised(world: World) -> None:
    ana = await world.worker()
    refs = [await world.alert(world.recipient(), tier) for tier in ("P3", "P0", "P1", "P2", "P1", "P3", "P2")]
    first = await world.desk.queue(world.now, 2)
    await world.desk.claim(first[-1].ref, ana, world.now)
    await world.alert(world.recipient(), "P0")
    met = list(first)
    while more := await world.desk.further(place(met[-1], world.now), world.now, 2):
        met += more
    assert [alert.tier for alert in met] == ["P0", "P1", "P1", "P2", "P2", "P3", "P3"]
    assert sorted(alert.ref for alert in met) == sorted(refs)
    assert all(waits(alert, world.now) for alert in met)
    back = await world.desk.further(place(met[-1], world.now), world.now, 3, back=True)
    assert back == met[-4:-1], "the nearest before it, in the same order"


async def test_a_reference_is_looked_up_as_it_was_typed_and_tells_nothing_to_who_is_kept_apart(world: World) -> None:
    ana, ben = await world.worker(), await world.worker("Ben")
    person, other = world.recipient(), world.recipient()
    ref = await world.alert(person)
    for typed in (ref, person, f" {ref[:1]} {ref[1:].lower()} ", person.lower()):
        assert await world.people.look_up(typed, ana, world.now) == person
    assert await world.people.look_up(other, ana, world.now) == other
    await world.claims.keep_apart(person, ana, ana, "I know her.", world.now)
    for typed in (ref, person, "", "2" * 99):
        assert await world.people.look_up(typed, ana, world.now) == ""
    assert await world.people.look_up(ref, ben, world.now) == person
    assert world.audited().count((ana, "ref.look_up")) == 9
