"""What holds whatever happens: the rules of SAFETY.md over any input in any state."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from flows.engine import conversation as codec
from flows.engine.conversation import Contact, Conversation, Memory
from flows.engine.effects import Raise, Schedule, Send
from flows.engine.events import Due, Heard, WorkerGone
from flows.engine.step import step
from flows.engine.wording import wording
from flows.safety import gate
from flows.safety.hours import PRESETS
from flows.text.canonical import canonical
from tests.properties.walks import (
    DURESS,
    LIVES,
    SIGNAL,
    START,
    TEXTS,
    Act,
    beginnings,
    live,
    mac,
    programme,
)


def sends(effects: tuple[object, ...]) -> list[Send]:
    return [effect for effect in effects if isinstance(effect, Send)]


def cover_ids(conversation: Conversation) -> set[str]:
    cover = programme().covers[conversation.contact.cover]
    return {message for message, _ in (*cover.replies, *cover.pings)}


@given(beginnings(), LIVES)
def test_state_survives_being_written_out_and_read_back(begin: Conversation, acts: list[Act]) -> None:
    for before, _, turn in live(begin, acts):
        assert codec.read(codec.write(turn.conversation)) == turn.conversation
        assert turn.conversation.turns == before.turns + 1


@given(beginnings(), LIVES)
def test_an_open_chat_never_falls_silent(begin: Conversation, acts: list[Act]) -> None:
    for before, event, turn in live(begin, acts):
        still_open = before.mode == "open" and not gate.idle(before, event.at, programme().rules)
        if isinstance(event, Heard) and still_open and event.said is None:
            word = canonical(event.text)
            hushed = before.contact.exit_silent and gate.is_exit(before.contact, event, word)
            stopped = event.carrier == "stop" or (
                before.contact.channel == "sms" and event.text.strip().lower() in gate.STOP_WORDS
            )
            assert sends(turn.effects) or hushed or stopped or event.call


def lived(begin: Conversation, acts: list[Act]) -> tuple[Conversation, datetime]:
    """Where a life ends, and the second after it."""
    played = live(begin, acts)
    last = played[-1][2].conversation if played else begin
    return last, (played[-1][1].at if played else START) + timedelta(seconds=1)


@given(beginnings(), LIVES, TEXTS, st.booleans())
def test_what_was_written_too_long_ago_opens_and_sends_nothing(
    begin: Conversation, acts: list[Act], text: str, press: bool
) -> None:
    """Late: her phone may be in other hands. Risk is weighed all the same, and a worker hears of it."""
    last, at = lived(begin, acts)
    button = "old1:2" if press else None
    event = Heard(at, text, mac(text), "f" * 28, button, said=at - programme().rules.idle_lock)
    turn = step(programme(), last, event)
    after = turn.conversation
    assert not sends(turn.effects)
    assert after.session is None or (last.session is not None and after.session.id == last.session.id)
    assert (after.plan, after.memory.checkin) == (last.plan, last.memory.checkin)
    silent = gate.judge(last, event, programme().rules) in ("exit", "stopped", "started", "ignored")
    assert silent or any(isinstance(effect, Raise) for effect in turn.effects)


@given(beginnings(), st.sampled_from((SIGNAL, DURESS)))
def test_an_exit_word_near_another_of_hers_does_not_take_its_place(begin: Conversation, word: str) -> None:
    begin = codec.replace(begin, contact=codec.replace(begin.contact, exit=word + "s"))
    turn = step(programme(), begin, Heard(START, word, mac(word), "f" * 28))
    asked_too_often = gate.deaf(begin.memory.tries, START)
    if not begin.contact.opted_out and begin.contact.consent and begin.session is None and not asked_too_often:
        assert turn.conversation.session is not None or word == DURESS
    assert any(isinstance(e, Raise) and e.kind == "duress" for e in turn.effects) == (word == DURESS)


def texts(effects: tuple[object, ...]) -> list[tuple[object, ...]]:
    found = []
    for send in sends(effects):
        words = wording(programme(), send)
        found.append((words.text, words.options, send.kind))
    return found


@given(beginnings(), LIVES)
def test_free_text_never_lowers_a_tier(begin: Conversation, acts: list[Act]) -> None:
    order = {"P0": 0, "P1": 1, "P2": 2, "P3": 3, None: 4}
    for before, _, turn in live(begin, acts):
        if before.session and turn.conversation.session and before.session.id == turn.conversation.session.id:
            assert order[turn.conversation.session.tier] <= order[before.session.tier]


@given(beginnings(), LIVES)
def test_after_a_worker_is_gone_nothing_says_that_they_are_there(begin: Conversation, acts: list[Act]) -> None:
    for before, event, turn in live(begin, acts):
        if isinstance(event, WorkerGone):
            after = turn.conversation
            assert after.memory.worker_waits != event.staff
            assert after.session is None or after.session.worker != event.staff
            assert before.session is not None or sends(turn.effects) == []


@given(st.integers(1, 9))
def test_silence_always_ends_at_a_worker(rhythm: int) -> None:
    """However short her rhythm: pings of later check-ins do not put off the rule for a missed one."""
    contact = Contact(signal=mac(SIGNAL), consent="worker", windows=PRESETS["always"], rhythm_days=rhythm)
    conversation = Conversation("person-1", contact, memory=Memory(joined_at=START))
    timers = {"checkin": START}
    raised: list[str] = []
    while not raised:
        kind = min(timers, key=timers.__getitem__)
        at = timers.pop(kind)
        assert at < START + timedelta(days=4 * rhythm + 4), "nobody was told"
        turn = step(programme(), conversation, Due(at, kind, "", "f" * 28))
        conversation = turn.conversation
        timers |= {e.kind: e.due for e in turn.effects if isinstance(e, Schedule)}
        raised += [e.kind for e in turn.effects if isinstance(e, Raise)]
    assert raised == ["missed"]
