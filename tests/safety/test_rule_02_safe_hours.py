"""SAFETY 2: the safe-contact record, and nothing unasked outside its hours, whatever a clock or a zone does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.console.strings import Strings
from flows.engine import conversation as codec
from flows.engine.conversation import Contact, Conversation, Window
from flows.engine.effects import Schedule, Send
from flows.engine.events import Due
from flows.engine.step import step
from flows.safety.hours import PRESETS
from tests.properties.test_any_life import sends
from tests.properties.walks import LIVES, WINDOWS, Act, beginnings, live, programme
from tests.storage.store import OTHER, Store

RECORD = (
    "channel", "language", "cover", "zone", "windows", "signal", "duress", "shared_phone", "may_read", "voicemail",
    "confirmed_at",
)  # fmt: skip
# A day on which the clocks of the zone change, and one of any other time.
CHANGES = {
    "Europe/London": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),  # by half an hour
    "Asia/Karachi": (date(2026, 6, 1), date(2026, 12, 1)),
}
WEEK = 7 * 24 * 60


def allowed(windows: tuple[Window, ...]) -> set[tuple[int, int]]:
    """Every minute of a week (day, minute): a window begins on its day and goes over midnight if it ends sooner."""
    minutes = set()
    for window in windows:
        length = window.end - window.start
        for day in window.days:
            for passed in range(length if length > 0 else length + 24 * 60):
                days, minute = divmod((day * 24 * 60 + window.start + passed) % WEEK, 24 * 60)
                minutes.add((days, minute))
    return minutes


def on_her_wall(zone: str, at: datetime) -> tuple[int, int]:
    local = at.astimezone(ZoneInfo(zone))
    return local.weekday(), local.hour * 60 + local.minute


@given(WINDOWS, st.sampled_from(sorted(CHANGES)), st.integers(0, 1), st.integers(0, 3 * 24 * 60))
@settings(max_examples=60)
def test_a_check_in_that_is_due_at_any_minute_is_sent_in_her_hours_or_waits_for_them(
    windows: tuple[Window, ...], zone: str, change: int, minute: int
) -> None:
    """Three days around each change; also where her zone was another one when the timer was set."""
    minutes = allowed(windows)
    day = CHANGES[zone][change] - timedelta(days=1)
    at = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC) + timedelta(minutes=minute)
    person = Conversation("person-1", Contact(windows=windows, zone=zone, consent="worker", signal="w"))
    effects = step(programme(), person, Due(at, "checkin", "", "f" * 28)).effects
    sent = [effect for effect in effects if isinstance(effect, Send)]
    later = [effect.due for effect in effects if isinstance(effect, Schedule) and effect.kind == "checkin"]
    assert bool(sent) is (on_her_wall(zone, at) in minutes)
    if not sent and minutes:
        (due,) = later
        assert on_her_wall(zone, due) in minutes
        assert at < due <= at + timedelta(days=9)


@given(beginnings(), LIVES)
def test_nothing_unasked_leaves_outside_her_hours_in_any_life(begin: Conversation, acts: list[Act]) -> None:
    minutes = allowed(begin.contact.windows)
    for before, event, turn in live(begin, acts):
        if isinstance(event, Due) and before.contact == begin.contact:  # as she agreed it
            for send in sends(turn.effects):
                assert (send.asked_for, send.kind) == (False, "cover")
                assert on_her_wall(before.contact.zone, event.at) in minutes


def test_what_she_did_not_ask_for_is_refused_outside_her_hours_when_recorded(store: Store) -> None:
    night = store.recipient(windows=PRESETS["evenings"])  # it is noon
    day = store.recipient(OTHER, windows=PRESETS["daytime"])
    store.hears("ping")
    store.hears("ping", address=OTHER)
    assert (store.statuses(night), store.statuses(day)) == ([], ["due"])


def test_and_again_when_it_is_sent(store: Store) -> None:
    person = store.recipient(windows=PRESETS["mornings"])
    store.now -= timedelta(minutes=1)  # 11:59
    store.hears("ping")
    assert store.statuses(person) == ["due"]
    store.pass_time(minutes=2)
    assert store.claim() == []
    assert store.statuses(person) == ["expired"]


@pytest.mark.parametrize("name", RECORD)
def test_the_record_has_each_field_of_the_rule_and_is_written_out_with_it(name: str) -> None:
    assert f'"{name}":'.encode() in codec.write(Conversation("person-1"))


def test_a_phone_of_which_nobody_knows_counts_as_shared() -> None:
    assert Contact().shared_phone == "unknown"
    assert Strings().say("shared.unknown") == "Not known: treat it as shared"
