"""The safe-contact record as a worker keeps it, and when it is confirmed again (SAFETY 2, 3, 15)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.app import read_content
from flows.engine import conversation as codec
from flows.engine.conversation import Contact, Conversation, Frame, Memory, PlanItem, Session, Window
from flows.engine.effects import ContactChanged, Noted, Raise, Schedule, Send, Turn
from flows.engine.events import Due, Event, Heard, WorkerAsked, WorkerCleared, WorkerSetContact
from flows.engine.programme import Programme
from flows.engine.safe_contact import (
    MEANWHILE,
    NO_CHOICE,
    NO_HOURS,
    NO_ZONE,
    TOO_LONG,
    UNCHANGED,
    Offered,
    changed,
    mark,
    refuses,
    values_of,
)
from flows.engine.step import step
from flows.safety.hours import PRESETS, UnfitHours, is_safe, parsed, written

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)  # a Friday
DAY = timedelta(days=1)
MORNINGS = (Window((0, 1, 2, 3, 4, 5, 6), 9 * 60, 12 * 60),)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return read_content()


def her(contact: dict[str, object] | None = None, **memory: object) -> Conversation:
    """Enrolled, her chat closed, any hour safe."""
    fields: dict[str, object] = {"windows": PRESETS["always"], "signal": "mac:sunflower", "duress": "mac:marigold"}
    given = Contact(**(fields | {"consent": "worker"} | (contact or {})))  # type: ignore[arg-type]
    return Conversation("person-1", given, memory=Memory(joined_at=NOW - 40 * DAY, **memory))  # type: ignore[arg-type]


def take(programme: Programme, before: Conversation, *events: Event) -> Turn:
    """The last turn; each state is written out and read back between."""
    turn = Turn(before)
    for event in events:
        turn = step(programme, codec.read(codec.write(turn.conversation)), event)
    return turn


def sets(values: dict[str, str], at: datetime = NOW, seen: str = "", confirmed: bool = False) -> WorkerSetContact:
    return WorkerSetContact(at, "ana", values, seen, confirmed, "f" * 28)


def says(text: str, at: datetime) -> Heard:
    return Heard(at, text, f"mac:{text}", f"{at:%d%H%M%S}".ljust(28, "f"))


def timers(turn: Turn) -> dict[tuple[str, str], datetime]:
    return {(e.kind, e.key): e.due for e in turn.effects if isinstance(e, Schedule)}


def tasks(turn: Turn) -> list[tuple[str, str]]:
    return [(e.tier, e.key) for e in turn.effects if isinstance(e, Raise)]


# hours as they are written


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("Mon Wed 09:00-12:00", (Window((0, 2), 540, 720),)),
        ("mon, wed 9-12; Sat–Sun 10:30 – 14", (Window((0, 2), 540, 720), Window((5, 6), 630, 840))),
        ("Fri-Mon 22:00-06:00", (Window((0, 4, 5, 6), 1320, 360),)),
        ("9-12\n18-21", (Window((0, 1, 2, 3, 4, 5, 6), 540, 720), Window((0, 1, 2, 3, 4, 5, 6), 1080, 1260))),
        ("Monday 0-24", (Window((0,), 0, 1440),)),
    ],
)
def test_hours_are_read_as_a_worker_writes_them_and_come_back_the_same(text: str, windows: tuple[Window, ...]) -> None:
    assert parsed(text) == windows
    assert parsed(written(windows)) == windows


@pytest.mark.parametrize(
    "text",
    ["", ";", "Mon", "9", "Mon 9-9", "Mon 25-26", "Mon 9:75-10", "Lun 9-12", "Mon 24-25", "x" * 500, "9-12;" * 15],
)
def test_what_is_no_hours_is_refused(text: str) -> None:
    with pytest.raises(UnfitHours):
        parsed(text)


# what a worker sets


def test_every_field_that_stands_can_be_put_back_as_it_is_written(programme: Programme) -> None:
    contact = her({"windows": parsed("Tue 13-15"), "may_read": "my brother", "lock_says": True}).contact
    offered = Offered.by(programme)
    assert changed(contact, values_of(contact), offered) == contact
    assert refuses(contact, sets(values_of(contact)), offered) == UNCHANGED


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"zone": "Europe/Nowhere"}, NO_ZONE),
        ({"zone": "../../etc/passwd"}, NO_ZONE),
        ({"zone": ""}, NO_ZONE),
        ({"hours": "whenever"}, NO_HOURS),
        ({"language": "tlh"}, NO_CHOICE),
        ({"cover": "casino"}, NO_CHOICE),
        ({"shared_phone": "perhaps"}, NO_CHOICE),
        ({"duress_opens": "1"}, NO_CHOICE),
        ({"may_know": "x" * 201}, TOO_LONG),
        ({"rhythm_days": "32"}, "A whole number from 1 to 31, please."),
        ({"missed_after_hours": "٣"}, "A whole number from 1 to 72, please."),
        ({"signal": "sunflower"}, "There is nothing like that in her record."),
        ({"consent": "worker"}, "There is nothing like that in her record."),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence_and_changes_nothing(
    programme: Programme, values: dict[str, str], why: str
) -> None:
    before = her()
    assert refuses(before.contact, sets(values), Offered.by(programme)) == why
    turn = take(programme, before, sets(values))
    assert turn.conversation.contact == before.contact
    assert turn.effects == (Noted("not_set", "ana"),)


def test_a_record_that_she_changed_meanwhile_is_not_written_over(programme: Programme) -> None:
    seen = mark(her().contact)
    meanwhile = her({"windows": MORNINGS}).contact
    assert refuses(meanwhile, sets({"hours": "always"}, seen=seen), Offered.by(programme)) == MEANWHILE
    paused = replace(her().contact, paused_until=NOW + DAY)
    assert refuses(paused, sets({"hours": "mornings"}, seen=seen), Offered.by(programme)) == ""


def test_a_change_is_kept_with_who_made_it_and_says_nothing_on_her_phone(programme: Programme) -> None:
    turn = take(programme, her(), sets({"may_read": "  my brother ", "blank_signal": "yes", "voicemail": "agreed"}))
    (kept,) = (e for e in turn.effects if isinstance(e, ContactChanged))
    assert (kept.by, kept.staff, kept.contact) == ("worker", "ana", turn.conversation.contact)
    assert (kept.contact.may_read, kept.contact.blank_signal, kept.contact.voicemail) == ("my brother", True, "agreed")
    assert not any(isinstance(e, Send) for e in turn.effects)


def test_other_hours_move_the_check_in_that_was_due_and_another_zone_does_too(programme: Programme) -> None:
    wanted = NOW + 3 * DAY
    before = her(checkin_due=wanted)
    moved = take(programme, before, sets({"hours": "mornings"}))
    assert timers(moved)["checkin", ""] == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    east = take(programme, moved.conversation, sets({"zone": "Asia/Karachi"}))
    assert timers(east)["checkin", ""] == datetime(2026, 11, 24, 4, 0, tzinfo=UTC), "09:00 of her own clock"
    assert east.conversation.memory.checkin_due == wanted, "looking again puts nothing off"


def test_a_slower_rhythm_counts_from_now_and_a_shorter_wait_from_the_ping(programme: Programme) -> None:
    slow = take(programme, her(checkin_due=NOW + DAY), sets({"rhythm_days": "14"}))
    assert timers(slow)["checkin", ""] == NOW + 14 * DAY
    waits = her(pinged_at=NOW - timedelta(hours=5))
    assert timers(take(programme, waits, sets({"missed_after_hours": "6"})))["missed", ""] == NOW + timedelta(hours=1)
    assert timers(take(programme, waits, sets({"missed_after_hours": "2"})))["missed", ""] == NOW


def test_after_a_duress_word_the_true_record_is_set_and_the_phone_shows_what_it_showed(programme: Programme) -> None:
    watched = take(programme, her(), says("marigold", NOW))
    turn = take(programme, watched.conversation, sets({"cover": "weather", "hours": "mornings"}))
    after = turn.conversation
    assert (after.contact.cover, after.contact.windows) == ("weather", MORNINGS)
    assert after.stand_in is not None
    assert after.stand_in.contact.cover == "recipes"
    assert any(isinstance(e, ContactChanged) for e in turn.effects)


# who changed what


def test_all_ways_in_which_the_record_changes_are_kept_with_who_did_it(programme: Programme) -> None:
    stopped = take(programme, her(), says("stop", NOW))
    paused = her({"paused_until": NOW - DAY})
    ended = take(programme, paused, Due(NOW, "checkin", fresh="f" * 28))
    changes = [
        (e.by, e.contact.opted_out) for t in (stopped, ended) for e in t.effects if isinstance(e, ContactChanged)
    ]
    assert changes == [("carrier", True), ("clock", False)]
    back = take(programme, her({"consent": "", "signal": ""}), says("harvest", NOW))
    assert [e.contact.consent for e in back.effects if isinstance(e, ContactChanged)] == ["self"]


def test_what_the_carrier_does_after_a_duress_word_is_kept_and_what_the_phone_sets_is_not(programme: Programme) -> None:
    watched = take(programme, her(), says("marigold", NOW)).conversation
    stopped = take(programme, watched, says("stop", NOW + DAY))
    (kept,) = (e for e in stopped.effects if isinstance(e, ContactChanged))
    assert kept.contact == replace(watched.contact, opted_out=True)


# confirmed again


def test_the_schedule_begins_for_who_has_none_and_gives_a_task_each_time(programme: Programme) -> None:
    opened = take(programme, her(), says("sunflower", NOW))
    due = NOW + programme.rules.confirm_every
    assert timers(opened)["confirm", ""] == due
    again = take(programme, opened.conversation, says("x", NOW), says("sunflower", NOW + DAY))
    assert ("confirm", "") not in timers(again)
    fell = take(programme, opened.conversation, says("x", NOW), Due(due, "confirm", "", "f" * 28))
    assert tasks(fell) == [("P3", "task.confirm")]
    assert not any(isinstance(e, Send) for e in fell.effects), "the phone gets nothing for it"
    assert timers(fell)["confirm", ""] == due + programme.rules.confirm_every
    assert fell.conversation.memory.ask_confirm


def test_a_worker_confirms_and_the_next_time_counts_from_then(programme: Programme) -> None:
    turn = take(programme, her(ask_confirm=True), sets({}, confirmed=True))
    after = turn.conversation
    assert (after.contact.confirmed_at, after.memory.ask_confirm) == (NOW, False)
    assert timers(turn)["confirm", ""] == NOW + programme.rules.confirm_every


def test_nobody_who_declined_or_has_not_joined_is_to_be_confirmed(programme: Programme) -> None:
    for before in (her({"consent": ""}), replace(her(), memory=Memory())):
        assert take(programme, before, Due(NOW, "confirm", "", "f" * 28)).effects == ()


CALM = ("1", "0", "2", "1", "1")  # a check-in with nothing new


def talk(programme: Programme, before: Conversation, *texts: str) -> list[Turn]:
    turns = [Turn(before)]
    for place, text in enumerate(texts):
        turns.append(take(programme, turns[-1].conversation, says(text, NOW + timedelta(seconds=20 * place))))
    return turns[1:]


def sent(turns: list[Turn]) -> list[str]:
    return [e.message for turn in turns for e in turn.effects if isinstance(e, Send)]


def test_she_is_asked_once_in_a_calm_session_and_her_yes_confirms(programme: Programme) -> None:
    turns = talk(programme, her(ask_confirm=True), "sunflower", *CALM, "1", "3")
    assert sent(turns)[-3:] == ["still_good/times", "still_good/shared", "still_good/thanks"]
    contact = turns[-1].conversation.contact
    assert contact.confirmed_at is not None
    assert contact.shared_phone == "no"
    (last,) = (e for e in turns[-1].effects if isinstance(e, ContactChanged))
    assert last.by == "her"


def test_she_is_not_asked_while_somebody_else_may_be_reading_and_a_no_confirms_nothing(programme: Programme) -> None:
    unsure = talk(programme, her(ask_confirm=True, verify_first=True), "sunflower", *CALM)
    assert "still_good/times" not in sent(unsure)
    put_off = talk(programme, her(ask_confirm=True), "sunflower", *CALM, "3")[-1].conversation
    assert (put_off.contact.confirmed_at, put_off.memory.ask_confirm) == (None, False)


def test_a_duress_word_in_the_middle_confirms_nothing(programme: Programme) -> None:
    turns = talk(programme, her(ask_confirm=True), "sunflower", *CALM, "1", "marigold", "1")
    after = turns[-1].conversation
    assert after.contact.confirmed_at is None
    assert after.memory.ask_confirm, "she is asked when it is known to be her"


def test_a_separation_asks_at_once_for_it(programme: Programme) -> None:
    turns = talk(programme, her(), "sunflower", "1", "0", "2", "2", "7")
    assert ("P2", "task.confirm") in tasks(turns[-1])
    assert turns[-1].conversation.memory.ask_confirm


# is it her?


def test_a_long_silence_is_told_and_nothing_of_hers_is_shown_until_a_worker_has_verified(programme: Programme) -> None:
    plan = (PlanItem("bag", "todo", "under the stairs"),)
    first = talk(programme, replace(her(), plan=plan), "sunflower", "x")[-1].conversation
    silent = programme.rules.long_silence
    soon = take(programme, first, says("sunflower", NOW + silent - DAY))
    assert tasks(soon) == []
    late = take(programme, first, says("sunflower", NOW + silent + DAY))
    assert tasks(late) == [("P2", "task.verify")]
    assert late.conversation.memory.verify_first
    cleared = take(programme, late.conversation, WorkerCleared(NOW + silent + DAY, "ana", "f" * 28))
    again = take(
        programme, cleared.conversation, says("x", NOW + silent + 2 * DAY), says("sunflower", NOW + silent + 3 * DAY)
    )
    assert tasks(again) == []


def test_not_answered_right_keeps_it_closed_and_somebody_reaches_her_another_way(programme: Programme) -> None:
    wrong = take(programme, her(), WorkerAsked(NOW, "ana", "wrong", "f" * 28))
    assert wrong.conversation.memory.verify_first
    assert tasks(wrong) == [("P2", "task.verify")]
    not_asked = take(programme, her(verify_first=True), WorkerAsked(NOW, "ana", "not_asked", "f" * 28))
    assert not_asked.conversation.memory.verify_first
    assert not_asked.effects == (Noted("verify_not_asked", "ana"),)


def test_who_wants_another_number_is_verified_first(programme: Programme) -> None:
    turns = talk(programme, her(), "sunflower", "menu", "7", "4", "1")
    memory = turns[-1].conversation.memory
    assert (memory.verify_first, memory.ask_confirm) == (True, True)


# what she agreed for a missed check-in, and for the lock


@pytest.mark.parametrize("says_so", [True, False])
def test_a_lock_sends_a_cover_only_where_it_was_agreed(programme: Programme, says_so: bool) -> None:
    frame = Frame("menu", programme.flows["menu"].revision, "choose")
    open_ = replace(her({"lock_says": says_so}), session=Session("s" * 28, NOW, NOW, (frame,)))
    turn = take(programme, open_, Due(NOW + timedelta(minutes=6), "lock", "s" * 28, "f" * 28))
    sends = [e for e in turn.effects if isinstance(e, Send)]
    assert [(e.kind, e.asked_for) for e in sends] == ([("cover", False)] if says_so else [])


def test_a_record_of_an_older_release_still_reads(programme: Programme) -> None:
    old = json.loads(codec.write(her()))
    for field in ("may_know", "to_try", "lock_says"):
        del old["contact"][field]
    for field in ("checkin_due", "confirm_due", "ask_confirm", "opened_at"):
        del old["memory"][field]
    assert codec.read(json.dumps(old).encode()) == her()
    assert is_safe(her().contact, NOW)
