"""What workers make for her: a code for another phone, and all that is hers when she asks. The same on all three."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from escalation.people import Asking
from escalation.ports import Refused, Unknown
from storage import people
from storage.handing_over import hand_over
from storage.schema import audit, codes, consents, day, stamp
from storage.schema import outbox as rows_out
from tests.storage.store import HER, NOON, Store, World
from tests.storage.test_another_phone import CHAT, Pair, went

ASKING = Asking("in_person", NOON.date())


async def test_a_code_is_made_by_who_holds_the_case_or_gives_a_reason(world: World) -> None:
    ana, person = await world.worker(), world.recipient()
    with pytest.raises(Refused, match="Give a reason"):
        await world.people.moving_code(person, ana, "in_person", world.now)
    one = await world.people.moving_code(person, ana, "in_person", world.now, "She is here")
    await world.desk.claim(await world.alert(person), ana, world.now)
    two = await world.people.moving_code(person, ana, "in_person", world.now)
    assert one != two
    assert [what for _, what in world.audited()].count("case.moving_code") == 2
    with pytest.raises(Unknown):
        await world.people.moving_code("NOBODY", ana, "in_person", world.now, "She is here")


async def test_nobody_gets_a_code_while_somebody_else_may_be_writing(world: World) -> None:
    ana, person = await world.worker(), world.recipient()
    world.opens(person)
    world.is_watched(person)
    for sure in ("asked", "in_person"):
        with pytest.raises(Refused, match="Nobody knows yet"):
            await world.people.moving_code(person, ana, sure, world.now, "She is here")
    assert "case.moving_code" not in [what for _, what in world.audited()]


async def test_a_question_that_is_not_agreed_was_not_answered(world: World) -> None:
    with pytest.raises(Refused, match="No question is agreed"):
        await world.people.moving_code(world.recipient(), await world.worker(), "asked", world.now, "On the phone")


async def test_all_that_is_hers_is_recorded_with_her_authority_each_time(world: World) -> None:
    ana, person = await world.worker(), world.recipient()
    with pytest.raises(Refused, match="Give a reason"):
        await world.people.hands_over(person, ana, ASKING, world.now)
    for _ in range(2):
        (agreed,) = await world.people.hands_over(person, ana, ASKING, world.now, "She asked me")
    assert (agreed.basis, agreed.since.date(), agreed.ended) == ("worker", NOON.date(), None)
    assert [what for _, what in world.audited()].count("case.hand_over") == 2


@pytest.mark.parametrize("on", [NOON.date() + timedelta(days=2), NOON.date() - timedelta(days=400)])
async def test_a_day_on_which_she_cannot_have_asked_is_no_authority(world: World, on: date) -> None:
    asking = Asking("by_phone", on)
    with pytest.raises(Refused, match="on which day"):
        await world.people.hands_over(world.recipient(), await world.worker(), asking, world.now, "She asked me")


async def test_a_chat_that_may_not_be_hers_asks_for_nothing(world: World) -> None:
    ana, person = await world.worker(), world.recipient()
    world.opens(person)
    world.is_watched(person)
    with pytest.raises(Refused, match="Verify first"):
        await world.people.hands_over(person, ana, Asking("in_chat", NOON.date()), world.now, "She wrote")
    assert await world.people.hands_over(person, ana, ASKING, world.now, "She is with me")


# on the databases


@pytest.fixture
def her(store: Store) -> Pair:
    store.here("ana")
    return Pair(store)


def test_a_workers_code_moves_the_chat_once_and_goes_out_by_nobody(her: Pair) -> None:
    store, ref = her.store, her.store.ref(her.person)
    code = store.write(people.moving_code, store.vault, ref, "ana", "in_person", store.now, "She is here")
    assert store.counted(rows_out) == 0, "it is read out, never sent"
    (row,) = store.rows(sa.select(codes))
    assert (row.staff_id, row.moves, row.expires_at) == ("ana", her.person, stamp(store.now + timedelta(hours=24)))
    assert code.replace("-", "").encode() not in bytes(row.mac) + bytes(row.sealed)
    assert went(her.writes(code, ("telegram", CHAT))) == [(CHAT, "exit")]
    assert sorted(her.phones().values()) == ["active", "cover"]
    assert her.tasks()["task.moved"] == "P2"
    assert her.writes(code, ("telegram", "900888")) == [], "good once"


def test_a_workers_code_is_void_after_a_duress_word_and_gone_after_a_day(her: Pair) -> None:
    store, ref = her.store, her.store.ref(her.person)
    one, two = (
        store.write(people.moving_code, store.vault, ref, "ana", "in_person", store.now, "She is here")
        for _ in range(2)
    )
    store.pass_time(hours=25)
    assert her.writes(one, ("telegram", CHAT)) == []
    store.pass_time(hours=-2)
    her.writes("sunflower")
    her.writes("marigold")
    her.writes(two, ("telegram", "900888"))
    assert her.state.contact.channel == "sms"


def test_the_days_of_all_her_answers_are_given(store: Store) -> None:
    store.here("ana")
    person = store.recipient()
    now = day(stamp(store.now))
    store.run(sa.update(consents).values(day=now - 20, ended_day=now - 10))
    store.run(sa.insert(consents).values(id="c" * 28, person_id=person, basis="self", day=now - 3))
    given = store.write(hand_over, store.vault, store.ref(person), "ana", ASKING, store.now, "She asked me")
    assert [(one.basis, (NOON.date() - one.since.date()).days, one.ended is None) for one in given] == [
        ("worker", 20, False),
        ("self", 3, True),
    ]
    rows = store.rows(sa.select(audit.c.detail).where(audit.c.action == "case.hand_over"))
    assert all(b"in_person" not in bytes(row.detail) for row in rows), "how she asked is sealed"
    assert HER[-9:].encode() not in b"".join(bytes(row.detail) for row in rows)
