"""What a worker judges beside the rules, and the facts that a worker puts on record: the same on all three."""

from __future__ import annotations

from datetime import timedelta

import pytest

from escalation.ports import Recording, Refused, Unknown
from tests.storage.store import World


async def test_a_worker_judges_higher_than_the_rules_and_the_queue_has_it(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    world.assessed(person, "P2")
    await world.chat.judge(person, ana, "t", "P1", " Her voice on the phone. ", "to look")
    case = await world.desk.case(person, ana, "to look", world.now)
    (kept,) = case.judgements
    assert (kept.instrument, kept.version, kept.found, kept.tier) == ("t", "1", "P2", "P1")
    assert (kept.reason, kept.staff) == ("Her voice on the phone.", ana)
    assert [a.tier for a in case.assessments] == ["P2"], "what the rules gave stays as it was"
    alert = next(a for a in await world.desk.queue(world.now) if a.person == person)
    assert alert.tier == "P1"
    assert "judged.t" in {rule for why in case.why[alert.ref] for rule in why.rules}
    assert (ana, "case.judge") in world.audited()


async def test_a_worker_judges_lower_only_with_a_reason_and_nothing_closes_by_it(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    world.assessed(person, "P1")
    await world.alert(person, "P1")
    with pytest.raises(Refused, match="needs a reason"):
        await world.chat.judge(person, ana, "t", "P2", "  ", "to look")
    await world.chat.judge(person, ana, "t", "P2", "Old answer, talked over today", "to look")
    case = await world.desk.case(person, ana, "to look", world.now)
    assert [(j.found, j.tier) for j in case.judgements] == [("P1", "P2")]
    assert [a.tier for a in await world.desk.queue(world.now)] == ["P1"]


async def test_what_cannot_be_judged_is_refused_and_leaves_nothing(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    for instrument, said in (("t", "not been answered"), ("strict", "leaves no room"), ("none", "no such instrument")):
        with pytest.raises(Refused, match=said):
            await world.chat.judge(person, ana, instrument, "P1", "because", "to look")
    world.assessed(person, "P2")
    with pytest.raises(Refused, match="P2 already"):
        await world.chat.judge(person, ana, "t", "P2", "because", "to look")
    case = await world.desk.case(person, ana, "to look", world.now)
    assert case.judgements == ()
    assert (ana, "case.judge") not in world.audited()


async def test_what_a_worker_records_stands_with_who_and_when_until_it_is_taken_back(world: World) -> None:
    ana, ben = await world.worker(), await world.worker("Ben")
    person, began = world.recipient(), world.now
    await world.chat.record(person, ana, "negotiated_exit", "agreed", "to look")
    world.pass_time(minutes=5)
    case = await world.desk.case(person, ana, "to look", world.now)
    assert case.recorded == (Recording(began, "negotiated_exit", "agreed", ana),)
    await world.chat.record(person, ben, "negotiated_exit", "", "to look")
    case = await world.desk.case(person, ana, "to look", world.now)
    assert case.recorded == ()
    assert [(one.value, one.staff, one.at) for one in case.recordings] == [
        ("agreed", ana, began),
        ("", ben, began + timedelta(minutes=5)),
    ]
    acts = [row for row in world.audited() if row[1].endswith(".negotiated_exit")]
    assert acts == [(ana, "case.record.negotiated_exit"), (ben, "case.withdraw.negotiated_exit")]


async def test_an_order_takes_the_agreed_exit_away_for_good(world: World) -> None:
    ana, person = await world.worker(), world.recipient()
    await world.chat.record(person, ana, "negotiated_exit", "agreed", "to look")
    await world.chat.record(person, ana, "no_contact_order", "stands", "to look")
    with pytest.raises(Refused, match="no-contact order stands"):
        await world.chat.record(person, ana, "negotiated_exit", "agreed", "to look")
    await world.chat.record(person, ana, "no_contact_order", "", "to look")
    assert (await world.desk.case(person, ana, "to look", world.now)).recorded == ()


async def test_what_cannot_be_recorded_is_refused_and_leaves_nothing(world: World) -> None:
    ana, person = await world.worker(), world.recipient()
    for fact, value, said in (
        ("programme_news", "left", "has not agreed"),
        ("programme_news", "", "nothing to take back"),
        ("negotiated_exit", "left", "nothing like that"),
        ("mood", "low", "nothing like that"),
    ):
        with pytest.raises(Refused, match=said):
            await world.chat.record(person, ana, fact, value, "to look")  # type: ignore[arg-type]
    with pytest.raises(Unknown):
        await world.chat.record("ZZZZZZ", ana, "negotiated_exit", "agreed", "to look")
    case = await world.desk.case(person, ana, "to look", world.now)
    assert (case.recorded, case.recordings) == ((), ())
    assert not [row for row in world.audited() if row[1].startswith(("case.record", "case.withdraw"))]
