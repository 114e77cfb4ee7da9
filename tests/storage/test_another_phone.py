"""One person, two phones: the chat moves by a code, and what she has left is cover and nothing else (SAFETY 13-15)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import lru_cache, partial

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from bot.app import read_content
from flows.engine.conversation import Conversation, Memory
from flows.engine.effects import Send, Turn
from flows.engine.events import Event
from flows.engine.rescue import rescue
from flows.engine.step import step
from storage import outbox, retention
from storage.crypto.place import Place
from storage.enrolment import enrol
from storage.last_door import admit
from storage.phones import Phone
from storage.schema import addresses, alerts, codes, persons, phone_messages, reasons
from storage.schema import outbox as rows_out
from storage.sendings import Sending
from storage.turns import take
from storage.vault import decode
from tests.storage.little_engine import JOINING
from tests.storage.store import ALWAYS, HER, Contact, Store

NEW = "+447700900999"
CHAT = "900123"
TO_A_CODE = ("sunflower", "menu", "7", "4", "1", "3")  # open, what is kept, another phone, this one is safe, a code


@lru_cache(maxsize=1)
def decide() -> Callable[[Conversation, Event], Turn]:
    return partial(step, read_content())


class Pair:
    """Her with her first phone, and any number of others; every message that leaves, with where it went."""

    def __init__(self, store: Store, channel: str = "sms", address: str = HER) -> None:
        self.store, self.first = store, (channel, address)
        contact = Contact(channel=channel, windows=ALWAYS, consent="worker")
        words = {"signal": "sunflower", "duress": "marigold", "exit": "x"}
        memory = Memory(joined_at=store.now - timedelta(days=20))
        made = store.write(enrol, store.vault, address, contact, "worker", store.now, words, memory)
        self.person: str = made[1].person

    def writes(self, text: str, phone: tuple[str, str] | None = None, **more: object) -> list[Sending]:
        """One message, taken; and what is sent by it, marked as sent."""
        channel, address = phone or self.first
        self.store.take(self.store.text(text, address, channel, **more), deciding=decide())  # type: ignore[arg-type]
        self.store.pass_time(seconds=20)
        return self.store.deliver()

    def gets_a_code(self, phone: tuple[str, str] | None = None, opens: tuple[str, ...] = TO_A_CODE) -> str:
        """Through the menu, as she would. The chat stays open."""
        sent: list[Sending] = []
        for text in opens:
            sent = self.writes(text, phone)
        return code_in(sent)

    @property
    def state(self) -> Conversation:
        return self.store.state(self.person)

    def tasks(self) -> dict[str, str]:
        """Open alerts of hers: tier by key."""
        found = self.store.rows(sa.select(alerts.c.key, alerts.c.tier).where(alerts.c.person_id == self.person))
        return {row.key: row.tier for row in found}

    def phones(self) -> dict[str, str]:
        """By channel, the state of each of her phones."""
        found = self.store.rows(sa.select(addresses).where(addresses.c.owner_id == self.person))
        return {row.id: row.state for row in found}


def code_in(sent: list[Sending]) -> str:
    (code,) = (s.send.params["move_code"] for s in sent if s.send and "move_code" in s.send.params)
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", code)
    return code


def went(sent: list[Sending]) -> list[tuple[str, str]]:
    """(address, kind) of what was said, wipes aside."""
    return [(s.address, s.kind) for s in sent if s.wipe is None]


@pytest.fixture
def her(store: Store) -> Pair:
    return Pair(store)


def test_the_chat_moves_with_a_code_and_the_old_phone_is_hidden(her: Pair) -> None:
    code = her.gets_a_code()
    sent = her.writes(code.lower().replace("-", " "), ("telegram", CHAT))
    assert went(sent) == [(CHAT, "exit")], "on the new phone the chat looks hidden; on the old one nothing is heard"
    state = her.state
    assert (state.session, state.contact.channel, state.memory.verify_first) == (None, "telegram", True)
    assert state.contact.signal, "her words are kept"
    assert sorted(her.phones().values()) == ["active", "cover"]
    assert her.tasks()["task.moved"] == "P2"

    assert went(her.writes("sunflower", ("telegram", CHAT))) == [(CHAT, "session")]
    assert her.state.session is not None


def test_what_is_written_on_the_old_phone_is_covered_whatever_it_is(her: Pair) -> None:
    her.writes(her.gets_a_code(), ("telegram", CHAT))
    her.writes("sunflower", ("telegram", CHAT))
    session = her.state.session
    for text in ("hello", "sunflower", "x", "1", "menu", "marigold", "harvest"):
        assert went(her.writes(text)) == [(HER, "cover")], text
    assert her.state.session == session, "nothing on the old phone opens, ends or answers anything"
    assert not her.state.suspect
    assert her.tasks() | {"task.old_phone": "P2", "duress": "P0"} == her.tasks()


def test_danger_on_the_old_phone_is_danger_and_says_where_it_came_from(her: Pair) -> None:
    her.writes(her.gets_a_code(), ("telegram", CHAT))
    assert went(her.writes("he is going to kill me")) == [(HER, "cover")]
    found = her.store.rows(sa.select(alerts.c.tier).where(alerts.c.key == "risk"))
    assert [row.tier for row in found] == ["P1"]
    assert her.store.counted(reasons) >= 2


def test_a_stop_on_the_old_phone_is_the_old_phones_alone(her: Pair) -> None:
    her.writes(her.gets_a_code(), ("telegram", CHAT))
    assert her.writes("STOP") == []
    assert her.writes("hello") == [], "its carrier lets nothing through"
    assert not her.state.contact.opted_out
    assert went(her.writes("sunflower", ("telegram", CHAT))) == [(CHAT, "session")]
    assert went(her.writes("START")) == [(HER, "cover")]


def test_a_stopped_phone_is_left_for_another_and_her_rhythm_goes_on(her: Pair) -> None:
    code = her.gets_a_code()
    her.writes("STOP")
    assert went(her.writes(code, ("telegram", CHAT))) == [(CHAT, "exit")]
    assert not her.state.contact.opted_out
    her.store.pass_time(days=8)
    her.store.take(*her.store.read(_due, her.store.now), deciding=decide())
    assert went(her.store.deliver()) == [(CHAT, "cover")], "the cover ping comes to the phone that is hers"


def _due(conn: sa.Connection, now: object, kind: str = "checkin") -> list[object]:
    from storage import timers

    people, _ = timers.due(conn, now)  # type: ignore[arg-type]
    return [timer for timer in people if timer.kind == kind]


def test_a_code_is_good_once_for_a_day_and_not_on_the_phone_that_has_the_chat(her: Pair) -> None:
    code = her.gets_a_code()
    her.writes(code)
    assert list(her.phones().values()) == ["active"], "written where the chat is, it is an answer like any other"
    her.writes("x")
    her.store.pass_time(hours=25)
    assert her.writes(code, ("telegram", CHAT)) == []
    fresh = her.gets_a_code()
    her.writes(fresh, ("telegram", CHAT))
    assert her.writes(fresh, ("sms", NEW)) == [], "a stranger"
    assert len(her.phones()) == 2


@pytest.mark.parametrize("guesses", [[f"ACDE-FGH{n}" for n in range(2, 10)], [f"hello {n}" for n in range(8)]])
def test_a_stranger_guesses_it_as_fast_as_a_joining_code_and_sees_no_sign(her: Pair, guesses: list[str]) -> None:
    code = her.gets_a_code()
    taken = her.store.hears(*guesses, code, address=NEW)
    assert {each.outcome for each in taken} == {"stranger"}, "the ninth is not looked at, though it is the right one"
    assert her.store.deliver() == []
    assert list(her.phones().values()) == ["active"]
    assert went(her.writes(code, ("telegram", CHAT))) == [(CHAT, "exit")], "another phone is not held back by it"


def test_on_a_phone_that_she_has_left_it_is_guessed_no_faster_and_the_cover_goes_on(her: Pair) -> None:
    her.writes(her.gets_a_code(), ("telegram", CHAT))
    code = her.gets_a_code(("telegram", CHAT), ("sunflower", "menu", "7", "4", "1", "3"))
    for text in (*(f"hello {n}" for n in range(9)), *(f"ACDE-FGH{n}" for n in range(2, 10)), code):
        her.store.take(her.store.text(text), deciding=decide())
        assert went(her.store.deliver()) == [(HER, "cover")], text
    assert her.state.contact.channel == "telegram"
    her.store.pass_time(minutes=10)
    assert went(her.writes(code)) == [(HER, "exit")], "her own patience is rewarded"


def test_with_the_move_every_other_code_of_hers_is_void(her: Pair) -> None:
    first = her.gets_a_code()
    second = her.gets_a_code(opens=("menu", "7", "4", "1", "3"))
    her.writes(second, ("telegram", CHAT))
    assert her.writes(first, ("sms", NEW)) == []
    assert her.store.rows(sa.select(codes.c.person_id).where(codes.c.person_id.is_(None))) == []


def test_she_may_move_back(her: Pair) -> None:
    her.writes(her.gets_a_code(), ("telegram", CHAT))
    her.writes("x", ("telegram", CHAT))
    code = her.gets_a_code(("telegram", CHAT))
    assert went(her.writes(code)) == [(HER, "exit")]
    assert went(her.writes("sunflower")) == [(HER, "session")]
    assert went(her.writes("sunflower", ("telegram", CHAT))) == [(CHAT, "cover")]


def test_under_suspicion_the_code_looks_the_same_and_moves_nothing(her: Pair) -> None:
    her.writes("sunflower")
    her.writes("marigold")
    code = her.gets_a_code(opens=("menu", "7", "4", "1", "3"))
    assert went(her.writes(code, ("telegram", CHAT))) == [(CHAT, "cover")]
    assert her.state.contact.channel == "sms"
    for text in ("sunflower", "hello", "marigold"):
        assert went(her.writes(text, ("telegram", CHAT))) == [(CHAT, "cover")], "a closed chat, for ever"
    tasks = her.tasks()
    assert (tasks["task.move"], tasks["task.moved"], tasks["duress"]) == ("P2", "P2", "P0")
    assert went(her.writes("sunflower")) == [(HER, "session")], "her own phone goes on as before"


def test_a_code_from_before_the_duress_word_moves_nothing_after_it(her: Pair) -> None:
    code = her.gets_a_code()
    her.writes("marigold")
    her.writes(code, ("telegram", CHAT))
    assert sorted(her.phones().values()) == ["active", "cover"]
    assert her.state.contact.channel == "sms"


def test_what_stands_on_telegram_is_wiped_there_and_nowhere_else(store: Store) -> None:
    her = Pair(store, "telegram", CHAT)
    code = her.gets_a_code()
    standing = store.counted(phone_messages)
    assert standing >= 5
    sent = her.writes(code, ("telegram", "900777"), phone_message="501")
    wipes = {s.address: s.wipe for s in sent if s.wipe is not None}
    assert len(wipes[CHAT] or ()) == standing
    assert [message for _, message in wipes["900777"] or ()] == ["501"], "the code itself tells of another phone"
    assert store.counted(phone_messages) == 0


def test_a_wipe_by_age_goes_to_the_phone_on_which_it_stands(store: Store) -> None:
    her = Pair(store, "telegram", CHAT)
    code = her.gets_a_code()
    store.take(store.text(code, HER, "sms"), deciding=decide())
    store.run(sa.delete(rows_out))  # lost, as by a restore
    store.pass_time(hours=37)
    store.write(retention.sweep, store.vault, store.now)
    assert {s.address for s in store.claim()} == {CHAT}


def test_what_waited_for_the_old_phone_is_never_sent(her: Pair) -> None:
    code = her.gets_a_code()
    her.store.take(her.store.text("menu"), deciding=decide())
    her.store.take(her.store.text(code, CHAT, "telegram"), deciding=decide())
    assert went(her.store.deliver()) == [(CHAT, "exit")]


def test_what_was_tried_for_the_old_phone_is_not_tried_again(her: Pair) -> None:
    code = her.gets_a_code()
    her.store.take(her.store.text("menu"), deciding=decide())
    (flying,) = her.store.claim()
    her.store.take(her.store.text(code, CHAT, "telegram"), deciding=decide())
    her.store.write(outbox.later, flying, her.store.now, "503")
    her.store.pass_time(seconds=1)
    assert went(her.store.deliver()) == [(CHAT, "exit")]


def test_both_phones_in_one_group_in_either_order(her: Pair) -> None:
    code = her.gets_a_code()
    store = her.store
    moving, opening = store.text(code, CHAT, "telegram"), store.text("sunflower", CHAT, "telegram")
    store.take(store.text("menu"), moving, store.text("sunflower"), opening, deciding=decide())
    sent = store.deliver()
    assert [address for address, kind in went(sent) if kind == "session"] == [CHAT]
    assert [kind for address, kind in went(sent) if address == HER] == ["cover"]


def test_two_replicas_one_code_two_phones(postgres_store: Callable[[], Store]) -> None:
    """The code is used on two phones at the same moment, while she writes on the old one: one of them is hers."""
    one, two = postgres_store(), postgres_store()
    her = Pair(one)
    code = her.gets_a_code()
    texts = [one.text(code, CHAT, "telegram"), two.text(code, NEW, "sms"), one.text("menu", HER), two.text("1", HER)]
    with ThreadPoolExecutor(4) as pool:
        jobs = [
            pool.submit(store.take, text, deciding=decide()) for store, text in zip((one, two) * 2, texts, strict=True)
        ]
        for job in jobs:
            job.result(timeout=30)
    states = sorted(her.phones().values())
    assert states == ["active", "cover"]
    hers = one.rows(sa.select(addresses.c.id).where(addresses.c.owner_id == her.person, addresses.c.state == "active"))
    later = [s for s in one.deliver() if s.kind == "session"]
    assert all(s.phone == hers[0].id for s in later) or not later


@pytest.fixture
def postgres_store(emptied_postgres: str) -> Iterator[Callable[[], Store]]:
    opened: list[Store] = []

    def opening() -> Store:
        opened.append(Store(emptied_postgres))
        return opened[-1]

    yield opening
    for store in opened:
        store.close()


# the number of ours, and the carrier's stop as the provider tells it


def test_our_number_that_she_wrote_to_stays_with_her_phone(her: Pair) -> None:
    assert {s.sender for s in her.writes("sunflower", to="+441632960001")} == {"+441632960001"}
    assert {s.sender for s in her.writes("1")} == {"+441632960001"}, "and ever after"
    code = her.gets_a_code(opens=("menu", "7", "4", "1", "3"))
    assert {s.sender for s in her.writes(code, ("sms", NEW), to="+441632960002")} == {"+441632960002"}
    assert {s.sender for s in her.writes("hello")} == {"+441632960001"}, "each phone knows its own"
    kept = her.store.rows(sa.select(addresses.c.sender).where(addresses.c.owner_id == her.person))
    assert all(b"4416329" not in bytes(row.sender) for row in kept)


def test_a_stop_that_only_the_provider_knows_of_is_a_stop(her: Pair) -> None:
    her.store.take(her.store.text("sunflower"), deciding=decide())
    (sending,) = her.store.claim()
    her.store.write(outbox.dead, her.store.vault, sending, "21610", "Not taken.", her.store.now)
    her.store.take(*her.store.read(_due, her.store.now, "stopped"), deciding=decide())
    assert her.state.contact.opted_out
    assert her.state.session is None
    assert her.tasks() == {"task.stopped": "P2"}
    assert her.writes("hello") == []


def test_a_report_of_a_stop_on_the_old_phone_shuts_that_one(her: Pair) -> None:
    her.writes(her.gets_a_code(), ("telegram", CHAT))
    (sent,) = her.writes("hello")
    said = outbox.Report("sms", f"out-{sent.id}", "undelivered", "21610")
    assert her.store.write(outbox.report, her.store.vault, said, her.store.now)
    assert sorted(her.phones().values()) == ["active", "shut"]
    assert her.writes("hello") == []
    assert not her.state.contact.opted_out


# the last door (SAFETY 7, 12)


def test_every_row_says_which_text_in_which_language_and_version(her: Pair) -> None:
    her.gets_a_code()
    her.writes("x")
    her.writes("hello")
    found = her.store.rows(sa.select(rows_out).where(rows_out.c.owner_id == her.person))
    (row,) = her.store.rows(sa.select(persons.c.wdek).where(persons.c.id == her.person))
    sealer = her.store.vault.sealer(her.person, bytes(row.wdek))
    kinds = set()
    for one in found:
        place = Place("outbox", "sealed", one.id, her.person, 0)
        send = decode(sealer.open(bytes(one.sealed), place), type=Send)
        assert send.message, one.kind
        assert send.language == "en"
        assert send.catalogue
        assert bool(send.flow) == bool(send.revision)
        assert send.flow or one.kind in ("cover", "exit")
        assert one.address_id
        kinds.add(one.kind)
    assert kinds == {"session", "exit", "cover"}


def test_words_of_a_session_for_a_closed_chat_are_refused_and_told(her: Pair) -> None:
    """A fault of the engine: staff are told, and on the phone the cover goes on."""

    def betrays(before: Conversation, event: Event) -> Turn:
        turn = decide()(before, event)
        return replace(turn, effects=(*turn.effects, Send("menu/choose", "What would you like?", "session", "en")))

    content = read_content()
    unit = partial(take, decide=betrays, rescue=partial(rescue, content), joining=JOINING)
    (taken,) = her.store.database.write_now(unit, her.store.vault, [her.store.text("hello")])
    assert taken.outcome == "failed"
    assert went(her.store.deliver()) == [(HER, "cover")]
    assert her.tasks() == {"fault.engine": "P1"}
    assert her.state.memory.tries == ()


def test_the_door_itself_lets_nothing_of_a_session_through_where_none_is_open(her: Pair) -> None:
    closed, phone = her.state, Phone("p", her.person, "sms")
    for kind, open_ in (("session", False), ("notice", False), ("cover", True)):
        send = Send("menu/choose", "What would you like?", kind, "en")  # type: ignore[arg-type]
        assert admit(closed, closed, send, her.store.now, phone) is open_
    there = Phone("q", her.person, "sms", "cover")
    her.writes("sunflower")
    opened = her.state
    assert not admit(opened, opened, Send("menu/choose", "", "session", "en"), her.store.now, there)
    assert not admit(opened, opened, Send("c", "", "cover", "en", asked_for=False), her.store.now, there)
    assert admit(opened, opened, Send("c", "", "cover", "en"), her.store.now, there)
