"""SAFETY 14: from a duress word until a worker clears it, what comes from the phone changes and shows nothing true."""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict

from flows.engine import conversation as codec
from flows.engine.conversation import Conversation, Frame, Goal, Memory, PlanItem, Session, Watch, replace
from flows.engine.effects import (
    Answered,
    Assessed,
    Cancel,
    ContactChanged,
    GoalChanged,
    PlanChanged,
    Raise,
    Recorded,
    Schedule,
    Turn,
)
from flows.engine.events import Due, Event, Heard, WorkerCleared, WorkerJoined, WorkerSaid
from flows.engine.step import step
from flows.safety.hours import PRESETS
from tests.properties.test_any_life import sends, texts
from tests.properties.walks import ACTS, DURESS, LIVES, SIGNAL, START, TIMERS, Act, beginnings, live, mac, programme

DURESS_FIRST = Act("heard", DURESS)
OPENS = Act("heard", SIGNAL)
# What is the phone's and the chat's own, whoever writes.
SHARED = {"cover_turn", "ping_turn", "tries", "verify_first", "worker_waits", "opted_out"}
OF_HER_RECORD = (Assessed, PlanChanged, GoalChanged, ContactChanged, Recorded)
# All that whoever holds the phone may want to do: the menu by its numbers, the words of the chat, any text.
DEEDS = st.lists(
    st.sampled_from(
        ("menu", "1", "2", "3", "4", "5", "7", "8", "0", "31", "90", "-", SIGNAL, "9", "arrived", "x", "cash")
    )
)
HELD = st.lists(ACTS, max_size=25) | DEEDS.map(lambda deeds: [Act("heard", deed) for deed in deeds])


def hers(conversation: Conversation, but: Set[str] = frozenset()) -> dict[str, object]:
    """All that is true of her, but for these."""
    fields = asdict(conversation.contact) | asdict(conversation.memory)
    true: dict[str, object] = {name: value for name, value in fields.items() if name not in SHARED | but}
    return true | {"plan": conversation.plan, "goals": conversation.goals}


def of_the_carrier(effect: ContactChanged) -> bool:
    """That it lets nothing through, or again, is true whoever wrote."""
    return (effect.by, effect.changed) == ("carrier", ("opted_out",))


def by_phone(event: Event) -> bool:
    return not isinstance(event, Due) or event.kind == "lock"


@given(beginnings(), st.booleans(), LIVES, HELD)
def test_nothing_that_is_done_changes_what_is_true_of_her(
    begin: Conversation, opened: bool, before: list[Act], held: list[Act]
) -> None:
    """Over exits, locks, new sessions with the right word, workers who come and go, and any answer."""
    doubted = [DURESS_FIRST, *([OPENS] if opened else []), *held]
    for was, event, turn in live(begin, [*before, *doubted])[len(before) :]:
        if by_phone(event):
            carrier = isinstance(event, Heard) and was.contact.opted_out  # its START begins her rhythm again
            begun = {"checkin_due"} if carrier else set()
            assert hers(turn.conversation, begun) == hers(was, begun)
            kept = [effect for effect in turn.effects if isinstance(effect, OF_HER_RECORD)]
            assert all(isinstance(effect, ContactChanged) and of_the_carrier(effect) for effect in kept)
            timers = [effect.kind for effect in turn.effects if isinstance(effect, Schedule | Cancel)]
            assert set(timers) <= ({"lock", "checkin"} if carrier else {"lock"})
            assert all(effect.suspect for effect in turn.effects if isinstance(effect, Answered))
        assert turn.conversation.suspect


def bare(conversation: Conversation) -> Conversation:
    """Somebody else with the same phone and words, of whom nothing is stored."""
    contact = codec.Contact(
        **{
            name: getattr(conversation.contact, name)
            for name in ("channel", "language", "zone", "signal", "duress", "exit", "exit_silent", "duress_opens")
        },
        consent="worker",
    )
    return Conversation(conversation.person, contact, memory=Memory(joined_at=START))


def rich(conversation: Conversation) -> Conversation:
    contact = replace(
        conversation.contact,
        windows=PRESETS["mornings"],
        rhythm_days=3,
        missed_rule="nothing",
        missed_after_hours=5,
        programme_news="yes",
        verify_question="?",
    )
    plan = tuple(PlanItem(name, "todo", "hers") for name in ("collect", "bag", "go_to", "pets", "exit_sign"))
    goals = tuple(Goal(name, "sleep", START - timedelta(days=9)) for name in ("one", "two"))
    memory = Memory(
        joined_at=START - timedelta(days=400),
        checked_at=START - timedelta(minutes=1),
        checkin={"fear": 9, "safe_now": "no"},
        tier="P1",
        pinged_at=START - timedelta(hours=1),
        next_flow="goals",
        last={"feelings": {"mood": "low"}},
        watch=Watch(START + timedelta(hours=1), "the blue cafe"),
        recorded={"programme_news": codec.Standing("started", "ana", START)},
    )
    return replace(conversation, contact=contact, plan=plan, goals=goals, memory=memory)


@given(beginnings(), st.booleans(), HELD)
def test_what_the_phone_shows_is_what_it_would_show_of_a_person_with_nothing_stored(
    begin: Conversation, opened: bool, held: list[Act]
) -> None:
    """Byte for byte, by text and by buttons, in whatever is tried."""
    acts = [act for act in [DURESS_FIRST, *([OPENS] if opened else []), *held] if act.what not in TIMERS]
    ours, theirs = live(rich(begin), acts), live(bare(begin), acts)
    assert [texts(turn.effects) for *_, turn in ours] == [texts(turn.effects) for *_, turn in theirs]


@given(beginnings(), HELD)
def test_a_worker_who_clears_it_brings_her_own_record_back(begin: Conversation, held: list[Act]) -> None:
    acts = [act for act in [DURESS_FIRST, *held] if act.what not in TIMERS]
    lived = live(rich(begin), acts)
    last = lived[-1][-1].conversation
    begun = {"checkin_due"} if any(was.contact.opted_out for was, *_ in lived) else set()  # a carrier's START, as above
    after = step(programme(), last, WorkerCleared(START + timedelta(days=30), "ana", "f" * 28))
    assert not after.conversation.suspect
    assert not sends(after.effects)
    assert hers(after.conversation, begun) == hers(rich(begin), begun)
    assert not after.conversation.memory.verify_first


@given(beginnings(), HELD)
def test_no_worker_shows_on_the_phone_who_has_not_confirmed_it(begin: Conversation, held: list[Act]) -> None:
    for was, event, turn in live(begin, [DURESS_FIRST, *held]):
        if isinstance(event, WorkerJoined | WorkerSaid):
            assert not sends(turn.effects)
        if was.session is None or not was.session.worker:
            assert turn.conversation.session is None or not turn.conversation.session.worker
        assert not {"engine/worker_here", "engine/worker_left"} & {send.message for send in sends(turn.effects)}


# stories


class Phone:
    def __init__(self, conversation: Conversation) -> None:
        self.now, self.conversation, self.turns = START, conversation, 0

    def says(self, *words: str) -> list[str]:
        """The ids of what comes back to the last of them."""
        for word in words:
            self.now += timedelta(seconds=20)
            self.does(Heard(self.now, word, mac(word), f"{self.turns:028d}"))
        return [send.message for send in sends(self.last.effects)]

    def does(self, event: Event) -> Turn:
        self.turns += 1
        self.last = step(programme(), codec.read(codec.write(self.conversation)), event)
        self.conversation = self.last.conversation
        return self.last

    def raised(self) -> list[str]:
        return [rule for effect in self.last.effects if isinstance(effect, Raise) for rule in effect.rules]


def phone(**contact: object) -> Phone:
    fields = {"windows": PRESETS["always"], "signal": mac(SIGNAL), "duress": mac(DURESS), "consent": "worker"} | contact
    plan = (PlanItem("collect", "todo", "my sister"), PlanItem("bag", "done", "the attic"))
    memory = Memory(joined_at=START - timedelta(days=9))
    return Phone(Conversation("person-1", codec.Contact(**fields), plan=plan, memory=memory))  # type: ignore[arg-type]


def due(her: Phone, kind: str, **later: float) -> Turn:
    her.now += timedelta(**later)
    return her.does(Due(her.now, kind, "", f"{her.turns:028d}"))


def test_ending_it_for_good_under_duress_ends_nothing_and_her_phone_is_quiet_as_it_was_told() -> None:
    her = phone()
    assert her.says(SIGNAL, DURESS, "menu", "7", "5", "2", "1") == ["stop/ends"]
    assert "task.left" in her.raised()
    assert her.conversation.contact.consent == "worker"
    assert her.says("hello") == []
    assert her.says("x") == [], "it has ended: no reply of the cover either"
    assert sends(due(her, "checkin", days=7).effects) == []
    assert her.raised() == ["task.told_silence"]
    due(her, "missed", hours=24)
    assert her.raised() == ["missed_checkin"]
    assert her.says(programme().rules.keyword) == ["checkin/safe_now"], "as for anybody who comes back"


@pytest.mark.parametrize(("deeds", "said"), [(("3", "90"), "pause/paused"), (("4", "3", "1"), "change_number/how")])
def test_quiet_that_was_asked_for_under_duress_is_kept_on_the_phone_while_her_rhythm_goes_on(
    deeds: tuple[str, ...], said: str
) -> None:
    her = phone()
    before = her.conversation.contact
    assert her.says(SIGNAL, DURESS, "menu", "7", *deeds) == [said]
    assert her.conversation.contact == before
    her.says("x")
    turn = due(her, "checkin", days=7)
    assert sends(turn.effects) == []
    assert {effect.kind for effect in turn.effects if isinstance(effect, Schedule)} == {"checkin", "missed"}


def test_messages_of_her_rhythm_go_on_where_nothing_was_said_about_them() -> None:
    her = phone()
    her.says(DURESS)
    assert [send.asked_for for send in sends(due(her, "checkin", days=7).effects)] == [False]


def test_what_was_set_under_duress_looks_set_in_a_later_session_too() -> None:
    her = phone(rhythm_days=3)
    her.says(SIGNAL, DURESS, "menu", "7", "1", "2", "31", "x")
    her.says(SIGNAL, "menu", "7", "1")
    assert "31" in str(texts(her.last.effects))
    assert her.conversation.contact.rhythm_days == 3


def test_a_watched_answer_does_not_end_the_wait_for_her() -> None:
    her = phone()
    due(her, "checkin", days=7)
    her.says(DURESS, "x", SIGNAL, "1", "0", "2", "1", "1")
    assert her.conversation.memory.pinged_at is not None
    assert her.conversation.memory.checked_at is None
    due(her, "missed", hours=24)
    assert "missed_checkin" in her.raised()


def test_what_was_queued_for_her_waits_until_it_is_her() -> None:
    her = phone(duress_opens=True)
    her.conversation = replace(her.conversation, memory=replace(her.conversation.memory, next_flow="goals"))
    assert her.says(DURESS) == ["checkin/safe_now"]
    her.does(WorkerCleared(her.now, "ana", "f" * 28))
    assert her.says("x", SIGNAL) == ["goals/begin"]


def test_an_open_session_of_an_older_release_stays_doubted() -> None:
    her = phone()
    her.says(SIGNAL, DURESS)
    old = codec.replace(her.conversation, stand_in=None)
    written = codec.write(old).replace(b',"stand_in":null', b"")
    assert b"stand_in" not in written
    her.conversation = codec.read(written)
    her.says("menu", "7", "5", "2", "1")
    assert her.conversation.contact.consent == "worker"
    assert her.conversation.stand_in is not None


def test_a_worker_who_confirms_is_there_and_is_heard() -> None:
    her = phone()
    her.says(SIGNAL, DURESS)
    her.does(WorkerJoined(her.now, "ana", "f" * 28))
    assert sends(her.last.effects) == []
    assert her.says("menu") == ["menu/choose"], "the chat goes on by itself"
    her.does(WorkerJoined(her.now, "ana", "f" * 28, confirmed=True))
    assert [send.message for send in sends(her.last.effects)] == ["engine/worker_here"]
    her.does(WorkerSaid(her.now, "ana", "hello", "f" * 28))
    assert sends(her.last.effects) == []
    her.does(WorkerSaid(her.now, "ana", "hello", "f" * 28, confirmed=True))
    assert [send.words for send in sends(her.last.effects)] == ["hello"]


def test_who_has_no_word_yet_is_shown_nothing_of_hers_by_the_public_one() -> None:
    her = phone(signal="", duress="")
    keyword = programme().rules.keyword
    assert her.says(keyword) == ["join/language"]
    assert her.says("menu") == ["join/language"]
    assert her.says("talk")[0] == "talk/worker"
    her.says("x")
    frame = Frame("join", programme().flows["join"].revision, "signal")
    session = Session("s" * 28, her.now, her.now, (frame,))
    her.conversation = replace(her.conversation, session=session)
    assert her.says("bluebird") == ["join/duress"]
    assert her.says("x", "bluebird", "menu", "2", "2") == ["crisis_plan/looked", "crisis_plan/close"]


def test_who_had_ended_it_and_comes_back_by_the_public_word_is_verified_first() -> None:
    her = phone(consent="")
    her.says(programme().rules.keyword)
    assert her.conversation.session is not None
    assert her.says("menu", "2", "2") == ["crisis_plan/looked", "crisis_plan/close"]


def test_one_more_message_is_agreed_to_and_never_the_default() -> None:
    """SAFETY 4: who leaves that question out gets a worker, not a second message."""
    her = phone()
    due(her, "checkin", days=7)
    assert sends(due(her, "missed", hours=24).effects) == []
    assert "missed_checkin" in her.raised()
