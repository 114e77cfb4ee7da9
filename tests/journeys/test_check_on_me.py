"""She says by when she will be back, hides the chat and is not back: from her phone to a worker's, over restarts."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from storage.schema import reasons, timers
from tests.journeys.house import HER_PHONE, House, until, until_async

ANA_PHONE = "+447700900111"
WORDS = "the blue cafe, with Sam"


async def test_who_is_not_back_is_looked_for_though_the_service_was_started_again(house: House) -> None:
    ana = await house.worker("Ana", phone=ANA_PHONE)
    ref = await house.recipient()
    await house.she_texts("sunflower", "menu", "9", "1", WORDS, "x")
    await house.stop()
    await house.start()
    before = len(house.twilio.texts_to(HER_PHONE))
    await house.pass_time(timedelta(hours=1))
    (ping,) = house.twilio.texts_to(HER_PHONE)[before:]
    assert ping.startswith("Home recipes")
    assert await house.queue() == []

    await house.stop()
    house.clock.move(timedelta(minutes=31))  # it fell due while the service was away
    await house.start()
    await until_async(house.queue, "an alert")
    alert = await house.only_alert()
    assert (alert.tier, alert.kind) == ("P1", "missed")
    await until(lambda: len(house.twilio.texts_to(ANA_PHONE)) == 1, "a page to Ana")
    assert WORDS not in str(house.twilio.texts_to(ANA_PHONE))
    await house.service.desk.claim(alert.ref, ana.id, house.clock.now())
    case = await house.service.desk.case(ref, ana.id, "", house.clock.now())
    assert WORDS in str(case)
    assert len(house.twilio.texts_to(HER_PHONE)) == before + 1, "nothing more on her phone"


async def test_her_words_stand_nowhere_in_the_clear_and_one_timer_stands_for_the_last_time(house: House) -> None:
    await house.recipient()
    await house.she_texts("sunflower", "menu", "9", "1", WORDS, "menu", "9", "3", "4", "-", "x")
    standing = sa.select(timers.c.kind, timers.c.key).where(timers.c.kind == "watch")
    assert (await house.service.database.read(lambda conn: conn.execute(standing).all())) == [("watch", "")]
    await house.pass_time(timedelta(hours=4, minutes=31))
    await house.only_alert()
    sealed = await house.service.database.read(lambda conn: conn.execute(sa.select(reasons.c.sealed)).scalars().all())
    assert sealed
    everything = b"".join(path.read_bytes() for path in house.folder.glob("rowan.db*"))
    assert b"blue cafe" not in everything
