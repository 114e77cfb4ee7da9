"""The duress word, then he goes on by himself, with her signal word too: over exits, a locked chat and a restart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from escalation.ports import Unconfirmed
from tests.journeys.house import HER_PHONE, House


async def test_what_he_does_with_her_phone_is_not_hers_until_a_worker_has_made_sure(house: House) -> None:
    ana = await house.worker("Ana")
    ref = await house.recipient(rhythm_days=3, verify_question="Which street?")
    await house.she_texts("marigold")
    alert = next(one for one in await house.queue() if one.kind == "duress")
    before = await house.state()

    (hello,) = await house.she_texts("sunflower")
    assert "safe" in hello
    await house.she_texts("1", "0", "x")  # all is well, says he
    await house.stop()
    await house.start()
    *_, rhythm = await house.she_texts("sunflower", "menu", "7", "1")
    assert "7 days" in rhythm, "not her three"
    await house.pass_time(timedelta(minutes=20))
    *_, ended = await house.she_texts("sunflower", "menu", "7", "5", "2", "1")
    assert "It ends here" in ended

    after = await house.state()
    assert after.suspect
    assert (after.contact, after.plan, after.goals) == (before.contact, before.plan, before.goals)
    assert (after.memory.checkin, after.memory.checked_at) == ({}, None)

    desk, chat = house.service.desk, house.service.chat
    await desk.claim(alert.ref, ana.id, house.clock.now())
    quiet = len(house.twilio.texts_to(HER_PHONE))
    with pytest.raises(Unconfirmed):
        await chat.join(ref, ana.id)
    assert len(house.twilio.texts_to(HER_PHONE)) == quiet
    assert (await desk.case(ref, ana.id, "", house.clock.now())).watched

    await chat.verified(ref, ana.id)
    await house.she_texts("x")
    *_, hers = await house.she_texts("sunflower", "menu", "7", "1")
    assert "3 days" in hers
    assert not (await house.state()).suspect
