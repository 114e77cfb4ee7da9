"""A time that she sets herself: what starts it, what ends it, and what nobody else can do to it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.app import read_content
from flows.engine import conversation as codec
from flows.engine.conversation import Contact, Conversation, Memory
from flows.engine.effects import CancelSends, Raise, Schedule, Send, Turn
from flows.engine.events import Due, Event, Heard, WorkerCleared
from flows.engine.programme import Programme
from flows.engine.step import step
from flows.safety.hours import PRESETS

NOW = datetime(2026, 11, 20, 18, 0, 0, 123_456, tzinfo=UTC)  # a Friday
GRACE = timedelta(minutes=30)
SETS = ("sunflower", "menu", "9")


@lru_cache(maxsize=1)
def programme() -> Programme:
    return read_content()


class Phone:
    """Her phone and its one timer, kept as the storage keeps it: by kind, moved when it is set again."""

    def __init__(self, at: datetime = NOW, **contact: object) -> None:
        fields = {"windows": PRESETS["always"], "signal": "mac:sunflower", "duress": "mac:marigold", "consent": "self"}
        memory = Memory(joined_at=at - timedelta(days=40))
        self.her = Conversation("person-1", Contact(**(fields | contact)), memory=memory)  # type: ignore[arg-type]
        self.at = at
        self.due: datetime | None = None
        self.turn: Turn

    def says(self, *words: str) -> list[str]:
        for word in words:
            self.at += timedelta(seconds=5)
            self.does(Heard(self.at, word, f"mac:{word}", f"{self.her.turns:028d}"))
        return [send.message for send in self.turn.effects if isinstance(send, Send)]

    def does(self, event: Event) -> None:
        self.turn = step(programme(), codec.read(codec.write(self.her)), event)
        self.her = self.turn.conversation
        for effect in self.turn.effects:
            if isinstance(effect, Schedule) and effect.kind == "watch":
                self.due = effect.due
            elif getattr(effect, "kind", "") == "watch":
                self.due = None

    def fires(self, at: datetime | None = None) -> list[str]:
        """What it raises. The timer is taken from the store before its turn, as there."""
        moment = at or self.due
        assert moment is not None
        self.at, self.due = moment, None
        self.does(Due(moment, "watch", "", f"{self.her.turns:028d}"))
        return [rule for effect in self.raised() for rule in effect.rules]

    def raised(self) -> list[Raise]:
        return [effect for effect in self.turn.effects if isinstance(effect, Raise)]

    def sent(self) -> list[Send]:
        return [effect for effect in self.turn.effects if isinstance(effect, Send)]

    @property
    def until(self) -> datetime | None:
        return self.her.memory.watch.until if self.her.memory.watch else None


def out(*more: str, at: datetime = NOW, **contact: object) -> Phone:
    phone = Phone(at, **contact)
    phone.says(*SETS, *(more or ("2",)))
    return phone


def test_the_worker_reads_her_words_and_her_phone_shows_a_cover_only() -> None:
    phone = out("2", "the blue cafe", "x")
    assert phone.fires() == []
    assert [(send.kind, send.asked_for) for send in phone.sent()] == [("cover", False)]
    assert phone.due == phone.at.replace(microsecond=0) + GRACE
    assert phone.fires() == ["watch.not_back"]
    [alert] = phone.raised()
    assert (alert.tier, alert.kind, alert.saw) == ("P1", "missed", ("the blue cafe",))
    assert not phone.sent()
    assert phone.due is None
    assert phone.her.memory.verify_first


@pytest.mark.parametrize(
    ("said", "local"),
    [
        ("21:30", "20 21:30"),
        ("9.30pm", "20 21:30"),
        ("21h", "20 21:00"),
        ("٢١:٣٠", "20 21:30"),
        ("9", "20 21:00"),  # of morning and evening the sooner
        ("6", "21 06:00"),
        ("09:30", "21 09:30"),
        ("7am", "21 07:00"),
        ("18:00", "21 18:00"),  # has just passed
        ("12", "21 00:00"),
        ("in 2 hours", "20 20:00"),  # the label of a choice
    ],
)
def test_a_time_is_the_next_one_on_her_own_clock(said: str, local: str) -> None:
    until = out(said).until
    assert until is not None
    assert f"{until.astimezone(ZoneInfo('Europe/London')):%d %H:%M}" == local


@pytest.mark.parametrize("said", ["2h", "2 hours", "tomorrow 21:30", "25:00", "9:75", "13pm", "soon", "21:30 or 22:30"])
def test_what_is_no_plain_time_sets_none_and_is_asked_again(said: str) -> None:
    phone = Phone()
    assert phone.says(*SETS, said) == ["engine/again", "check_on_me/until"]
    assert (phone.until, phone.due) == (None, None)


def test_a_time_of_the_next_day_is_called_so() -> None:
    phone = out("09:30")
    assert phone.sent()[-1].params == {"watch_until": "tomorrow, 09:30"}
    assert out("21:30").sent()[-1].params == {"watch_until": "21:30"}


@given(st.integers(0, 365 * 24 * 3600), st.integers(0, 23), st.integers(0, 59))
def test_it_is_never_past_and_never_more_than_a_day_and_a_clock_change_away(
    second: int, hour: int, minute: int
) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    phone = out(f"{hour:02}:{minute:02}", at=at)
    assert phone.until is not None
    assert timedelta() < phone.until - at <= timedelta(hours=25, minutes=1)
    local = phone.until.astimezone(ZoneInfo("Europe/London"))
    swallowed = hour == 1 and (local.month, local.weekday()) == (3, 6)
    assert (local.hour % 12, local.minute) == (hour % 12, minute) or swallowed


def test_another_time_takes_its_place_and_keeps_what_she_wrote() -> None:
    phone = out("1", "the blue cafe", "x", "sunflower", "3")
    first = phone.due
    phone.says("4")
    assert phone.due == phone.until
    assert first is not None
    assert phone.due is not None
    assert phone.due > first
    assert phone.her.memory.watch is not None
    assert phone.her.memory.watch.words == "the blue cafe"


def test_the_exit_hides_it_and_leaves_it_running() -> None:
    phone = out("2")
    due = phone.due
    phone.says("x")
    assert any(isinstance(effect, CancelSends) for effect in phone.turn.effects)
    assert phone.due == due == phone.until


@pytest.mark.parametrize("word", ["x", "STOP", "hello", "arrived", "back", ""])
def test_nothing_that_is_said_to_the_closed_chat_takes_it_back(word: str) -> None:
    phone = out("2", "-", "x")
    before = phone.her.memory.watch
    phone.says(word)
    assert phone.her.memory.watch == before
    phone.fires()
    if phone.due is not None:
        phone.fires()
    assert [alert.rules for alert in phone.raised()] == [("watch.not_back",)]


@pytest.mark.parametrize("deeds", [("arrived",), ("menu", "9", "2", "-", "arrived"), ("menu", "7", "5", "2", "1")])
def test_under_duress_it_looks_over_and_is_not(deeds: tuple[str, ...]) -> None:
    phone = out("2", "the blue cafe", "x")
    due = phone.due
    phone.says("sunflower", "marigold")
    shown = phone.says(*deeds)
    assert shown[-1] in ("arrived/ended", "stop/ends")
    assert phone.due == due
    assert phone.fires() == ["watch.not_back"], "and at once, for a ping would go to somebody else"
    assert not phone.sent()


def test_under_duress_a_new_one_looks_set_and_is_not() -> None:
    phone = Phone()
    assert phone.says("marigold", "sunflower", *SETS[1:], "2", "-") == ["check_on_me/runs"]
    assert phone.due is None
    phone.does(WorkerCleared(phone.at, "ana", "f" * 28))
    assert phone.her.memory.watch is None


def test_a_hand_that_is_not_verified_ends_it_and_a_worker_is_told() -> None:
    phone = out("2", "-", "x")
    phone.her = replace(phone.her, memory=replace(phone.her.memory, verify_first=True))
    assert phone.says("sunflower", "1") == ["check_on_me/ended"]
    assert [alert.rules for alert in phone.raised()] == [("task.back_unverified",)]
    assert phone.due is None


@pytest.mark.parametrize(
    "contact",
    [
        {"windows": ()},
        {"windows": PRESETS["mornings"]},
        {"paused_until": NOW + timedelta(days=3)},
        {"opted_out": True},
        {"consent": ""},
    ],
)
def test_where_no_message_may_go_a_worker_is_told_at_once(contact: dict[str, object]) -> None:
    phone = out("2", "-", "x")
    phone.her = replace(phone.her, contact=replace(phone.her.contact, **contact))
    assert phone.fires() == ["watch.not_back"]
    assert not phone.sent()


def test_in_an_open_chat_nothing_is_sent_and_the_grace_runs() -> None:
    phone = out("1", "-")
    phone.at += timedelta(minutes=59)
    phone.says("sunflower", "menu")
    assert phone.her.session is not None
    assert phone.fires() == []
    assert not phone.sent()
    assert phone.fires() == ["watch.not_back"]


def test_who_says_it_within_the_grace_is_not_looked_for() -> None:
    phone = out("1", "-", "x")
    phone.fires()
    assert phone.says("sunflower", "1") == ["check_on_me/ended"]
    assert phone.due is None
    assert phone.fires(phone.at + GRACE) == [], "a timer that was on its way already"


def test_the_service_was_down_for_longer_than_the_grace() -> None:
    phone = out("1", "-", "x")
    assert phone.due is not None
    assert phone.fires(phone.due + GRACE) == ["watch.not_back"]
    assert not phone.sent()


JUMPS = st.sampled_from([timedelta(hours=-1), timedelta(hours=1), timedelta(days=-3), timedelta(days=3), timedelta()])


@given(st.lists(JUMPS, max_size=6))
def test_whatever_the_clock_does_it_is_told_once(jumps: list[timedelta]) -> None:
    """The clock of the machine jumps between the firings: the timer is neither lost nor doubled."""
    phone = out("2", "-", "x")
    told = 0
    for jump in (*jumps, timedelta(), timedelta(), timedelta()):
        if phone.due is None:
            break
        told += len(phone.fires(phone.due + jump))
    while phone.due is not None:
        told += len(phone.fires())
    assert told == 1
    assert phone.fires(phone.at + timedelta(days=1)) == []


def test_a_state_that_knows_no_such_time_still_reads() -> None:
    old = json.loads(codec.write(Phone().her))
    del old["memory"]["watch"]
    assert codec.read(json.dumps(old).encode()).memory.watch is None
