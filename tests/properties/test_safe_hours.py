"""Safe hours beside an oracle that walks her wall clock minute by minute, in every zone, over every change of clocks.

The oracle asks only the tz database what her clock shows at a minute, and which times she agreed on; it shares no line
with `flows.safety.hours`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flows.engine.conversation import Contact, Window
from flows.engine.record import FIELDS
from flows.safety.hours import is_safe, next_safe, safe_until

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FIRST, YEARS = datetime(2005, 1, 1, tzinfo=UTC), 27
MOST = 15 * 24 * 60  # minutes walked: where a day was left out, its weekday comes again a week later
ALL_ZONES = tuple(sorted(available_timezones()))
LORD_HOWE, APIA = "Australia/Lord_Howe", "Pacific/Apia"
# Nights on which a wall clock did something: forward or back by an hour, by half of one, over midnight, by a day.
NIGHTS = {
    "Europe/London": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    LORD_HOWE: (date(2026, 4, 5), date(2026, 10, 4)),
    APIA: (date(2011, 12, 29), date(2011, 12, 31)),
    "America/Sao_Paulo": (date(2018, 11, 4), date(2018, 2, 18)),  # the change is at midnight itself
    "Africa/Cairo": (date(2026, 4, 24), date(2026, 10, 30)),
    "Asia/Karachi": (date(2026, 6, 1),),
}


def agreed(contact: Contact, at: datetime) -> bool:
    """The oracle: what her clock shows, and whether a window that began today or yesterday reaches so far."""
    if contact.today is not None and contact.today.since <= at < contact.today.until:
        return contact.today.open
    shown = at.astimezone(ZoneInfo(contact.zone))
    now = shown.hour * 60 + shown.minute
    for window in contact.windows:
        length = (window.end - window.start) % 1440 or 1440
        for began, since in (
            (shown.weekday(), now - window.start),
            ((shown.weekday() - 1) % 7, now + 1440 - window.start),
        ):
            if began in window.days and 0 <= since < length:
                return True
    return False


def first_agreed(contact: Contact, at: datetime, most: int = MOST) -> datetime | None:
    """Walks on from `at`, then from full minute to full minute: no zone of these years has a change within one."""
    if agreed(contact, at):
        return at
    minute = at.replace(second=0, microsecond=0)
    return next((m for n in range(1, most) if agreed(contact, m := minute + n * MINUTE)), None)


def local_midnight(zone: str, at: datetime) -> datetime:
    """The first minute behind `at` that her clock calls another day."""
    minute, today = at.replace(second=0, microsecond=0), at.astimezone(ZoneInfo(zone)).date()
    return next(m for n in range(1, 1800) if (m := minute + n * MINUTE).astimezone(ZoneInfo(zone)).date() != today)


def first_not_agreed(contact: Contact, at: datetime) -> datetime:
    minute = at.replace(second=0, microsecond=0)
    return next((m for n in range(1, 1440) if not agreed(contact, m := minute + n * MINUTE)), minute + DAY)


WINDOWS = st.lists(
    st.builds(
        Window,
        st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(tuple),
        st.integers(0, 1439),
        st.integers(1, 1440),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
NIGHT_HOURS = st.lists(
    st.builds(
        Window,
        st.just(tuple(range(7))),
        st.integers(0, 200) | st.integers(1320, 1439),
        st.integers(1, 240) | st.integers(1330, 1440),
    ),
    min_size=1,
    max_size=2,
).map(tuple)


@st.composite
def nights(draw: st.DrawFn) -> tuple[Contact, datetime]:
    """A moment around a change of clocks, and hours about the time of the change."""
    zone = draw(st.sampled_from(sorted(NIGHTS)))
    day = draw(st.sampled_from(NIGHTS[zone]))
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    near = st.integers(-15 * 60, 4 * 60) | st.integers(-48 * 60, 48 * 60)  # the night itself, or days about it
    at = noon + timedelta(minutes=draw(near), seconds=draw(st.integers(0, 59)))
    return Contact(zone=zone, windows=draw(NIGHT_HOURS | WINDOWS)), at


@given(st.sampled_from(ALL_ZONES), WINDOWS, st.integers(0, YEARS * 365 * 24 * 60).map(lambda n: FIRST + n * MINUTE))
@example(APIA, (Window((4,), 540, 720),), datetime(2011, 12, 29, 23, tzinfo=UTC))  # the Friday that never was
@example(
    LORD_HOWE, (Window((6,), 125, 135),), datetime(2026, 10, 3, 12, tzinfo=UTC)
)  # opens in the half hour that is left out
@settings(max_examples=60)
def test_in_every_zone_the_next_safe_moment_is_the_first_that_she_agreed_on(
    zone: str, windows: tuple[Window, ...], at: datetime
) -> None:
    contact = Contact(zone=zone, windows=windows)
    assert is_safe(contact, at) == agreed(contact, at)
    assert next_safe(contact, at) == first_agreed(contact, at)


@given(nights())
@settings(max_examples=150)
def test_around_a_change_of_clocks_no_moment_is_safe_that_she_did_not_agree_on(night: tuple[Contact, datetime]) -> None:
    contact, at = night
    assert is_safe(contact, at) == agreed(contact, at)
    assert next_safe(contact, at) == first_agreed(contact, at)
    until = safe_until(contact, at)
    assert until == (first_not_agreed(contact, at) if agreed(contact, at) else None)


@given(nights(), st.booleans(), st.integers(0, 30 * 60))
@settings(max_examples=100)
def test_what_is_set_for_today_ends_at_her_midnight_and_only_it_differs(
    night: tuple[Contact, datetime], opens: bool, later: int
) -> None:
    contact, at = night
    at = at.replace(second=0)
    said = FIELDS["contact.today"](contact, "open" if opens else "quiet", at)
    midnight, look = local_midnight(contact.zone, at), at + later * MINUTE
    if said.today is None:
        assert opens
        assert at.astimezone(ZoneInfo(contact.zone)).hour >= 22
    else:
        assert said.today.since == at
        assert said.today.until <= midnight
        assert opens or said.today.until == midnight
    assert is_safe(said, look) == agreed(said, look)
    assert next_safe(said, look) == first_agreed(said, look)
    assert safe_until(said, look) == (first_not_agreed(said, look) if agreed(said, look) else None)
    if look >= midnight:
        assert is_safe(said, look) == agreed(contact, look)


@given(nights(), st.integers(1, 31))
@settings(max_examples=60)
def test_a_pause_until_a_day_of_the_month_ends_when_her_clock_first_shows_it(
    night: tuple[Contact, datetime], day: int
) -> None:
    contact, at = night
    paused = FIELDS["contact.pause_until_day"](contact, str(day), at).paused_until
    assert paused is not None
    shown = at.astimezone(ZoneInfo(contact.zone)).date()
    hours = ((at + n * 12 * 60 * MINUTE).astimezone(ZoneInfo(contact.zone)).date() for n in range(130))
    assert paused.astimezone(ZoneInfo(contact.zone)).date() == next(d for d in hours if d > shown and d.day == day)


@given(nights(), st.sampled_from(sorted(NIGHTS)))
@settings(max_examples=60)
def test_in_another_zone_her_hours_move_with_her_clock(night: tuple[Contact, datetime], other: str) -> None:
    """The record's zone is changed while a moment is already chosen: what was safe there may not be here."""
    contact, at = night
    moved = Contact(zone=other, windows=contact.windows)
    chosen = next_safe(contact, at)
    assert chosen is not None
    assert is_safe(moved, chosen) == agreed(moved, chosen)
    assert next_safe(moved, chosen) == first_agreed(moved, chosen)


@pytest.mark.parametrize("zone", ALL_ZONES)
def test_a_day_s_hours_open_and_close_in_each_zone_when_her_clock_says_so(zone: str) -> None:
    """Nine to noon, on every day of a week around the changes of 2026: one look in each zone, all zones."""
    contact = Contact(zone=zone, windows=(Window(tuple(range(7)), 540, 720),))
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        at = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        opens = next_safe(contact, at)
        assert opens is not None
        assert f"{opens.astimezone(ZoneInfo(zone)):%d %H:%M}" == f"{day:%d} 09:00"
        closes = safe_until(contact, opens)
        assert closes is not None
        assert f"{closes.astimezone(ZoneInfo(zone)):%d %H:%M}" == f"{day:%d} 12:00"


def test_the_day_that_apia_left_out_has_no_hours() -> None:
    contact = Contact(zone=APIA, windows=(Window((4,), 540, 720),))  # Fridays; that of 30 December 2011 never was
    at = datetime(2011, 12, 29, 20, tzinfo=ZoneInfo(APIA))
    assert next_safe(contact, at) == datetime(2012, 1, 6, 9, tzinfo=ZoneInfo(APIA)).astimezone(UTC)


def test_an_hour_that_comes_twice_is_safe_twice_and_what_is_left_out_opens_behind_it() -> None:
    twice = Contact(windows=(Window((6,), 60, 90),))
    first = next_safe(twice, datetime(2026, 10, 24, 22, tzinfo=UTC))
    assert first == datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    assert safe_until(twice, first) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert next_safe(twice, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    over = Contact(windows=(Window((6,), 30, 90),))  # closes, and the clock that goes back opens it again
    assert next_safe(over, datetime(2026, 10, 25, 0, 40, tzinfo=UTC)) == datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    left_out = Contact(windows=(Window((6,), 90, 150),))  # half past one to half past two, on a night without one
    assert next_safe(left_out, datetime(2026, 3, 29, tzinfo=UTC)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
