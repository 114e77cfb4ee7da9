"""A stranger's phone: with a code or the keyword it becomes hers; without, there is nobody here."""

from __future__ import annotations

import re
from datetime import timedelta

import sqlalchemy as sa

from bot.receiving import Reconciler
from flows.safety.hours import PRESETS
from storage.schema import alerts, consents, day, moment, persons, stamp, timers
from tests.journeys.house import HER_CHAT, HER_PHONE, House, until

STRANGER, SECOND = "+447700900987", "+447700900988"


async def a_code(house: House, language: str = "") -> str:
    ana = await house.worker("Ana")
    return await house.service.people.invite(ana.id, house.clock.now(), language)


async def people(house: House) -> int:
    return int(
        await house.service.database.read(lambda c: c.execute(sa.select(sa.func.count(persons.c.id))).scalar_one())
    )


async def says_nothing(house: House, text: str, phone: str = STRANGER) -> None:
    """Her text is taken, and nothing comes back: not even that there is somebody."""
    before = len(house.twilio.texts_to(phone))
    assert (await house.twilio.deliver(text, phone)).ok
    await house.service.settle()
    assert len(house.twilio.texts_to(phone)) == before, text


FIRST = ("en", "1", "1", "1", "1", "5")  # language, three messages of limits, consent, the cover: bus timetables
WORDS = ("harbour", "umbrella", "nightfall")  # signal, duress, exit
# silence, shared, mornings, missed; the plan later; how to delete texts is known
REST = ("2", "2", "1", "7", "1", "24", "4", "The cat? Pickle", "2", "2")


async def test_from_a_joining_code_to_her_own_words_hours_and_check_ins(house: House) -> None:
    code = await a_code(house)
    answers = await house.she_texts(code, *FIRST, *WORDS, *REST, phone=STRANGER)
    assert "language" in answers[0].lower()
    assert "Your word opens this chat" in answers[-1]

    contact = (await house.state(address=STRANGER)).contact
    assert (contact.consent, contact.windows, contact.rhythm_days) == ("self", PRESETS["mornings"], 7)
    assert contact.cover == "bus"
    assert (contact.exit, contact.exit_silent, contact.shared_phone) == ("nightfall", True, "unknown")
    assert contact.signal
    assert contact.duress
    assert "harbour" not in str(contact), "words are kept as hashes"

    await says_nothing(house, "Nightfall")
    assert (await house.state(address=STRANGER)).mode == "closed"
    (tip,) = await house.she_texts("sunflower", phone=STRANGER)
    assert tip.startswith("Bus notes: ")
    await house.she_texts("HARBOUR!", phone=STRANGER)
    assert (await house.state(address=STRANGER)).mode == "open"
    await says_nothing(house, "x")
    (tip,) = await house.she_texts("umbrella", phone=STRANGER)
    assert tip.startswith("Bus notes: "), "a duress word shows what any word would"
    assert (await house.only_alert()).kind == "duress"


async def test_the_first_check_in_comes_a_rhythm_later_and_in_her_hours(house: House) -> None:
    code = await a_code(house)
    await house.she_texts(code, *FIRST, *WORDS, *REST, phone=STRANGER)
    joined = house.clock.now()
    query = sa.select(timers.c.due_at).where(timers.c.kind == "checkin")
    due = moment(await house.service.database.read(lambda conn: conn.execute(query).scalar_one()))
    assert timedelta(days=6, hours=23) <= due - joined <= timedelta(days=9)
    texts = len(house.twilio.texts_to(STRANGER))

    await house.pass_time(due - house.clock.now() - timedelta(minutes=2))
    assert len(house.twilio.texts_to(STRANGER)) == texts, "nothing before its time"
    await house.pass_time(timedelta(minutes=3))

    await until(lambda: len(house.twilio.texts_to(STRANGER)) == texts + 1, "the cover ping")
    assert house.twilio.texts_to(STRANGER)[-1].startswith("New bus note: ")


async def test_another_cover_stands_from_the_moment_the_chat_is_hidden(house: House) -> None:
    code = await a_code(house)
    await house.she_texts(code, *FIRST, *WORDS, "1", *REST[1:], phone=STRANGER)  # a message when the chat is hidden
    await house.she_texts("menu", "7", "1", "1", "1", "1", phone=STRANGER)
    asked, which, *_ = await house.she_texts("6", "2", "6", phone=STRANGER)
    assert "Bus timetables" in asked
    assert "Older messages stay" in which
    (tip,) = await house.she_texts("x", phone=STRANGER)
    assert tip.startswith("Plant notes: ")
    (tip,) = await house.she_texts("who is this", phone=STRANGER)
    assert tip.startswith("Plant notes: ")


async def test_a_wrong_code_and_small_talk_get_no_answer(house: House) -> None:
    code = await a_code(house)
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    for text in (wrong, "hello", "join", "sunflower", "STOP", "START", "", "1"):
        await says_nothing(house, text)
    assert await people(house) == 0
    assert house.twilio.sent == []


async def test_a_code_is_good_once_and_for_some_days(house: House) -> None:
    used, stale = await a_code(house), await house.service.people.invite("", house.clock.now())
    await house.she_texts(used, phone=STRANGER)
    await says_nothing(house, used, phone=SECOND)
    house.clock.move(timedelta(days=15))
    await says_nothing(house, stale, phone=SECOND)
    assert await people(house) == 1


async def test_a_code_may_be_typed_in_any_fashion(house: House) -> None:
    code = await a_code(house, "es")
    loose = f" {code.lower().replace('-', ' ')}. "
    await house.she_texts(loose, phone=STRANGER)
    assert (await house.state(address=STRANGER)).contact.language == "es"


async def test_the_keyword_lets_anybody_ask_for_herself(house: House) -> None:
    keyword = house.service.programme.rules.keyword
    (first,) = await house.she_texts(keyword.upper(), phone=STRANGER)
    assert "language" in first.lower()
    state = await house.state(address=STRANGER)
    assert (state.mode, state.contact.consent) == ("open", "keyword")


async def test_who_declines_hears_nothing_more(house: House) -> None:
    code = await a_code(house)
    await house.she_texts(code, "en", "1", "1", "1", phone=STRANGER)
    (goodbye,) = await house.she_texts("2", phone=STRANGER)
    assert "Nothing more will come" in goodbye
    for text in ("hello?", "1", "x", code):
        await says_nothing(house, text)
    await house.pass_time(timedelta(days=40))
    assert house.twilio.texts_to(STRANGER)[-1] == goodbye
    count = sa.select(sa.func.count(alerts.c.id))
    assert await house.service.database.read(lambda conn: conn.execute(count).scalar_one()) == 0


async def test_her_second_phone_is_a_line_of_its_own(house: House) -> None:
    """A code from her worker on another phone: its own words and hours, and nothing of the first is told there."""
    await house.recipient()
    code = await a_code(house)
    house.telegram.say(HER_CHAT, "sunflower")
    await until(lambda: house.telegram.waiting == 0, "her word is taken")
    assert house.telegram.texts_to(HER_CHAT) == [], "the word of the first phone opens nothing on a stranger's"
    (first,) = await house.she_writes(code)
    assert "language" in first.lower()
    assert house.twilio.texts_to(HER_PHONE) == []
    assert (await house.state("telegram", str(HER_CHAT))).person != (await house.state()).person


async def test_a_code_of_her_own_moves_her_chat_to_telegram(house: House) -> None:
    """By SMS she asks for a code; in Telegram it brings the cover, then her word; the old phone is cover for good."""
    await house.recipient()
    *_, told = await house.she_texts("sunflower", "menu", "7", "4", "1", "3")
    code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", told)
    assert code is not None
    (hidden,) = await house.she_writes(code.group())
    (asked,) = await house.she_writes("sunflower")
    assert hidden.startswith("Home recipes: ")
    assert "Are you safe right now?" in asked
    texts = len(house.twilio.texts_to(HER_PHONE))
    (tip,) = await house.she_texts("sunflower")
    assert len(house.twilio.texts_to(HER_PHONE)) == texts + 1
    assert tip.startswith("Home recipes: ")
    state = await house.state()
    assert (state.contact.channel, state.mode) == ("telegram", "open")
    assert (await house.state("telegram", str(HER_CHAT))).person == state.person


async def test_who_was_erased_is_not_enrolled_again_by_her_old_text(house: House) -> None:
    ana = await house.worker("Ana")
    await house.she_texts("harvest", phone=STRANGER)
    ref = await house.service.database.read(lambda c: c.execute(sa.select(persons.c.ref)).scalar_one())
    await house.service.people.erase(ref, ana.id, "in_person", "She asked", house.clock.now())
    before = len(house.twilio.texts_to(STRANGER))

    assert await Reconciler(house.service, house.service.channels["sms"]).look() == 0

    await house.service.settle()
    assert await people(house) == 0
    assert len(house.twilio.texts_to(STRANGER)) == before


async def consented(house: House) -> list[tuple[str, int, int | None]]:
    """(how she came, days ago, days ago that it ended)."""
    today = day(stamp(house.clock.now()))
    query = sa.select(consents).order_by(consents.c.id)
    rows = await house.service.database.read(lambda conn: conn.execute(query).all())
    return [(row.basis, today - row.day, None if row.ended_day is None else today - row.ended_day) for row in rows]


async def test_the_days_of_consent_are_those_of_her_answers(house: House) -> None:
    await house.she_texts("harvest", *FIRST[:4], phone=STRANGER)
    assert await consented(house) == [], "asked, and no answer yet"
    await house.she_texts(*FIRST[4:], *WORDS, *REST, phone=STRANGER)
    assert await consented(house) == [("keyword", 0, None)]
    house.clock.move(timedelta(days=2))
    await house.she_texts("harbour", "menu", "7", "5", "2", "1", phone=STRANGER)
    assert await consented(house) == [("keyword", 2, 0)]
    house.clock.move(timedelta(days=3))
    await house.she_texts("harvest", phone=STRANGER)
    assert await consented(house) == [("keyword", 5, 3), ("self", 0, None)]


async def test_a_no_is_kept_with_its_day(house: House) -> None:
    await house.she_texts("harvest", "en", "2", phone=STRANGER)
    assert await consented(house) == [("keyword", 0, 0)]
