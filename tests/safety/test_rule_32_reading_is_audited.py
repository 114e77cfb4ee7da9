"""SAFETY 32: reading a case is audited; reading one that is not yours needs a reason and tells the supervisor."""

from __future__ import annotations

import pytest

from escalation.ports import Refused
from tests.journeys.house import BEN_PHONE, House, until
from tests.storage.store import World


async def test_each_way_of_reading_a_case_stands_in_the_log_with_who_did(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)
    for read, action in ((world.desk.case, "case.read"), (world.desk.transcript, "transcript.read")):
        before = len(world.audited())
        await read(person, ana, "", world.now)
        assert world.audited()[before:] == [(ana, action)]


async def test_without_a_claim_there_is_nothing_to_read_until_a_reason_is_given(world: World) -> None:
    ben = await world.worker("Ben")
    person, before = world.recipient(), world.audited()
    for read in (world.desk.case, world.desk.transcript):
        for none in ("", "   "):
            with pytest.raises(Refused, match="reason"):
                await read(person, ben, none, world.now)
    assert world.audited() == before
    await world.desk.case(person, ben, "Ana fell ill", world.now)
    assert world.audited()[len(before) :] == [(ben, "case.read.break_glass")]


async def test_the_supervisor_is_told_which_case_and_not_why(house: House) -> None:
    await house.worker("Ruth", phone=BEN_PHONE, duty="supervisor", role="supervisor")
    ben = await house.worker("Ben", duty="off")
    person = await house.recipient()
    for _ in range(3):  # the page refreshes itself
        await house.service.desk.case(person, ben.id, "Ana fell ill", house.clock.now())
    await until(lambda: bool(house.twilio.texts_to(BEN_PHONE)), "the supervisor is told")
    (told,) = house.twilio.texts_to(BEN_PHONE)
    assert person in told
    assert "ill" not in told
