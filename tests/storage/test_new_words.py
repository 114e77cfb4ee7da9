"""Forgotten words: a worker's code, on the fake and on both databases, and what comes of it on the phones."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache, partial

import pytest
import sqlalchemy as sa

from bot.app import read_content
from escalation.ports import Refused, Unknown
from escalation.safe_contact import NOT_VERIFIED
from flows.engine.conversation import Contact, Conversation, Memory
from flows.engine.effects import Noted, Send, Turn
from flows.engine.events import Event
from flows.engine.her_words import CODE, NO_CONSENT, NO_WORD, VERIFY_FIRST
from flows.engine.step import step
from storage.arrivals import Taken
from storage.contacts import admit_new_words
from storage.enrolment import enrol
from storage.ids import new_code
from storage.schema import audit, codes, outbox
from tests.storage.store import ALWAYS, HER, OTHER, Store, World, stored_world

A_CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")


@lru_cache(maxsize=1)
def decide() -> Callable[[Conversation, Event], Turn]:
    """The engine itself."""
    return partial(step, read_content())


# the port


async def test_a_code_wants_a_claim_and_the_agreed_question(world: World) -> None:
    ana, person = await world.worker(), world.recipient(signal="s", duress="d")
    with pytest.raises(Refused, match="Claim one"):
        await world.contacts.new_words(person, ana, verified=True)
    await world.desk.claim(await world.alert(person), ana, world.now)
    with pytest.raises(Refused, match=NOT_VERIFIED):
        await world.contacts.new_words(person, ana, verified=False)
    assert A_CODE.fullmatch(await world.contacts.new_words(person, ana, verified=True))
    assert [act for act in world.audited() if act[1].startswith("contact.")] == [(ana, "contact.new_words")]
    with pytest.raises(Unknown):
        await world.contacts.new_words("NOBODY", ana, verified=True)


async def test_none_is_made_while_it_may_not_be_her(world: World) -> None:
    ana, person = await world.worker(), world.recipient(signal="s")
    await world.desk.claim(await world.alert(person), ana, world.now)
    await world.contacts.asked(person, ana, "wrong", "Did not know the bicycle")
    with pytest.raises(Refused, match=VERIFY_FIRST):
        await world.contacts.new_words(person, ana, verified=True)
    await world.contacts.asked(person, ana, "right", "")
    await world.contacts.new_words(person, ana, verified=True)


@pytest.mark.parametrize(("fields", "why"), [({"signal": ""}, NO_WORD), ({"signal": "s", "consent": ""}, NO_CONSENT)])
async def test_none_is_made_that_would_open_nothing(world: World, fields: dict[str, str], why: str) -> None:
    ana, person = await world.worker(), world.recipient(**fields)
    await world.desk.claim(await world.alert(person), ana, world.now)
    with pytest.raises(Refused, match=re.escape(why)):
        await world.contacts.new_words(person, ana, verified=True)
    assert not [what for _, what in world.audited() if what.startswith("contact.")]


# on both databases, with the engine itself


def enrolled(store: Store, address: str = HER) -> str:
    """One who has joined, chat closed. Her id."""
    contact = Contact(windows=ALWAYS, consent="worker")
    words = {"signal": "sunflower", "duress": "marigold", "exit": "banana"}
    memory = Memory(joined_at=store.now - timedelta(days=20))
    made = store.write(enrol, store.vault, address, contact, "worker", store.now, words, memory)
    return str(made[1].person)


def texts(store: Store, *words: str, address: str = HER) -> list[str]:
    """Her messages one by one. The ids of what answers the last."""
    taken = Taken("gone")
    for word in words:
        store.pass_time(seconds=20)
        (taken,) = store.take(store.text(word, address), deciding=decide())
    return [effect.message for effect in taken.turn.effects if isinstance(effect, Send)] if taken.turn else []


async def code_for(store: Store, world: World, person: str) -> str:
    ref, ana = store.ref(person), await world.worker()
    await world.desk.claim(await world.alert(ref), ana, world.now)
    return await world.contacts.new_words(ref, ana, verified=True)


async def test_it_opens_on_her_own_phone_once_and_her_new_word_from_then_on(store: Store) -> None:
    world, person = stored_world(store), enrolled(store)
    sent = store.counted(outbox)
    code = await code_for(store, world, person)
    assert [row.owner_kind for row in store.rows(sa.select(outbox))].count("person") == sent, "nothing goes to her"
    assert texts(store, code.lower()) == ["my_words/signal"]
    assert texts(store, "bluebird", "bluebird", "-", "-") == ["my_words/changed"]
    kinds = [texts(store, word)[0].partition("/")[0] for word in ("x", code, "sunflower", "bluebird")]
    assert kinds == ["cover.recipes"] * 3 + ["checkin"]
    state = store.state(person)
    assert state.contact.signal == store.vault.word(person, "bluebird")
    assert state.memory.reset is None


async def test_on_any_other_phone_it_does_nothing(store: Store) -> None:
    world, person = stored_world(store), enrolled(store)
    another = enrolled(store, OTHER)
    code = await code_for(store, world, person)
    assert texts(store, code, address="+447700900999") == [], "a stranger's: not even a cover"
    (said,) = texts(store, code, address=OTHER)
    assert said.startswith("cover.")
    assert store.state(another).session is None
    assert texts(store, code) == ["my_words/signal"], "and it is still good on hers"


async def test_neither_code_nor_words_stand_anywhere_in_clear(store: Store) -> None:
    world, person = stored_world(store), enrolled(store)
    code = await code_for(store, world, person)
    texts(store, code, "bluebird", "bluebirb", "bluebird")
    ana = (await world.accounts.staff())[0].id
    lines = await world.desk.transcript(store.ref(person), ana, "to look", world.now)
    assert CODE in [line.text for line in lines]
    assert [line.text for line in lines if line.by == "note"] == ["words_reset", "opened", "words_by_code"]
    case = await world.desk.case(store.ref(person), ana, "to look", world.now)
    assert [version.changed for version in case.contact_versions] == [("signal",)]
    in_clear = f"{lines} {case} {store.rows(sa.select(audit))} {store.rows(sa.select(codes))}".lower()
    for word in (code, code.replace("-", ""), "bluebir"):
        assert word.lower() not in in_clear


async def test_what_becomes_doubtful_between_the_look_and_the_turn_ends_it(store: Store) -> None:
    """A duress word that is taken in just that moment: the worker's act finds it when its turn comes."""
    world, person = stored_world(store), enrolled(store)
    ref, ana = store.ref(person), await world.worker()
    await world.desk.claim(await world.alert(ref), ana, world.now)
    code = new_code()
    act = store.write(admit_new_words, store.vault, ref, ana, True, code, store.now)
    texts(store, "marigold")
    (taken,) = store.take(act, deciding=decide())
    assert taken.turn is not None
    assert Noted("words_not_reset", ana) in taken.turn.effects
    assert texts(store, code)[0].startswith("cover.")
    assert store.state(person).session is None


async def test_two_texts_of_one_group_with_the_same_code_open_one_session(store: Store) -> None:
    world, person = stored_world(store), enrolled(store)
    code = await code_for(store, world, person)
    store.pass_time(seconds=20)
    first, second = store.take(store.text(code), store.text(code), deciding=decide())
    assert first.turn is not None
    assert second.turn is not None
    assert first.turn.conversation.session is not None
    assert second.turn.conversation.session is not None
    assert first.turn.conversation.session.id == second.turn.conversation.session.id
    assert store.state(person).contact.signal == store.vault.word(person, "sunflower")
