"""SAFETY 14: the duress word raises a P0 in every state, and nothing on the phone differs, in words or in time."""

from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa
from hypothesis import given

from flows.engine.conversation import Conversation
from flows.engine.effects import PlanChanged, Raise
from flows.engine.events import Heard
from flows.engine.step import step
from storage.schema import metadata, outbox, stamp, timers
from tests.journeys.house import HER_PHONE, House
from tests.properties.test_any_life import lived, texts
from tests.properties.walks import DURESS, LIVES, SIGNAL, Act, beginnings, mac, programme
from tests.safety.phone import HERS, PLAN, Phone


@given(beginnings(), LIVES)
def test_a_duress_word_raises_and_shows_nothing(begin: Conversation, acts: list[Act]) -> None:
    """Closed: what the cover would say to any word. Open: byte for byte what the all-is-fine answer would give."""
    last, at = lived(begin, acts)
    if last.contact.opted_out:
        return
    turn = step(programme(), last, Heard(at, DURESS, mac(DURESS), "f" * 28))
    raised = [effect for effect in turn.effects if isinstance(effect, Raise) and effect.kind == "duress"]
    assert [effect.tier for effect in raised] == ["P0"]
    if last.session is None and not last.contact.duress_opens:
        any_word = step(programme(), last, Heard(at, "flour", mac("flour"), "f" * 28))
        assert texts(turn.effects) == texts(any_word.effects)
    assert not any(isinstance(effect, PlanChanged) for effect in turn.effects)
    assert turn.conversation.memory.checkin == last.memory.checkin


@pytest.mark.parametrize("opens", [False, True])
def test_where_she_chose_so_the_closed_chat_opens_calm_and_without_her_data(opens: bool) -> None:
    phone = Phone(duress_opens=opens, plan=PLAN, rhythm_days=3)
    seen = phone.says(DURESS)
    assert (phone.now.session is not None) is opens
    assert phone.shows_only_the_cover is not opens
    for text in ("1", "0", "2", "2", "2", "menu", "2", "1", "1", "menu", "7", "1"):
        seen += phone.says(text)
    assert HERS not in str(seen)
    assert "3 days" not in str(seen)
    assert phone.now.plan == PLAN


@pytest.mark.parametrize("opens", [False, True])
def test_words_that_are_set_while_somebody_watches_shut_hers_out_of_nothing(opens: bool) -> None:
    phone = Phone(duress_opens=opens, plan=PLAN)
    hers = phone.now.contact
    phone.says(SIGNAL, DURESS, "menu", "7", "9", DURESS, "1", "bluebird", "bluebird", "x")
    for word in ("bluebird", SIGNAL):
        phone.says(word)
        assert phone.now.session is not None, word
        assert phone.now.suspect, "what opens is the stand-in's"
        phone.says("x")
    phone.says(DURESS)
    assert [raised.tier for raised in phone.raised] == ["P0"]
    assert phone.now.contact == hers


def test_the_duress_word_of_before_warns_as_well_as_the_new_one() -> None:
    phone = Phone()
    phone.says(SIGNAL, "menu", "7", "9", SIGNAL, "2", "teapots", "teapots", "x")
    for word in (DURESS, "teapots"):
        phone.says(word)
        assert [raised.tier for raised in phone.raised] == ["P0"], word
        assert phone.shows_only_the_cover


# the same class of time: nothing that a clock on the phone could tell apart


async def counted(house: House) -> Counter[str]:
    """Rows by table, timers by kind, and of what goes to her the wait until it may leave, until when, how urgent."""
    now = stamp(house.clock.now())

    def unit(conn: sa.Connection) -> Counter[str]:
        found = Counter(f"timer {row.kind}" for row in conn.execute(sa.select(timers)))
        for table in (one for one in metadata.sorted_tables if one is not timers):
            found[table.name] = int(conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
        for row in conn.execute(sa.select(outbox).where(outbox.c.owner_kind == "person")):
            found[f"{row.kind} {row.policy} {row.priority} {row.due_at - now} {row.expires_at - now}"] += 1
        return found

    return await house.service.database.read(unit)


# What staff see, and the service's own bookkeeping of what it has looked at.
OF_STAFF = {"alerts", "reasons", "events", "timer page", "timer confirm", "watermarks"}


# What is written before on both phones, the word that it is measured against, and her setting.
STATES = {"closed": ((), "flour", False), "open": ((SIGNAL,), "1", False), "look_alike": ((), SIGNAL, True)}


@pytest.mark.parametrize("state", STATES)
async def test_it_takes_the_turns_rows_sends_and_waits_of_any_other_word(house: House, state: str) -> None:
    """What one word costs against the other, the clock standing still: what only staff see is all that is more."""
    before, other_word, opens = STATES[state]
    house.clock.stop()
    cost = []
    for phone, word in ((HER_PHONE, other_word), ("+447700900124", DURESS)):
        await house.recipient(address=phone, duress_opens=opens)
        await house.she_texts(*before, phone=phone)
        was, turns = await counted(house), (await house.state(address=phone)).turns
        answers = len(house.twilio.texts_to(phone))
        await house.she_texts(word, phone=phone)
        await house.service.settle()
        now = await counted(house)
        now.subtract(was)
        cost.append(now)
        assert (await house.state(address=phone)).turns == turns + 1
        assert len(house.twilio.texts_to(phone)) == answers + 1
    other, duress = cost
    assert (duress["alerts"], duress["outbox"]) == (1, 1)
    assert duress["events"] - other["events"] in (0, 1), "its own fact beside what was said"
    differing = {name for name in other | duress if other[name] != duress[name]}
    assert differing <= OF_STAFF
