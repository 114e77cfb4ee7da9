"""The ladder beside an oracle that asks only the tz database what the wall clock shows: it is never silent, quiet hours
change nothing of a P0 or P1 and put off nothing but to their own end, whatever the clocks do that night."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from escalation.ladder import Hours, Ladder, OfTier, Policy, Step
from escalation.ladder.file import REPEAT, STEPS, TIERS, shipped
from escalation.ladder.policy import EVERYBODY, URGENT

MINUTE = timedelta(minutes=1)
ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata", "UTC")
SPRING, AUTUMN = datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC)  # evenings in London
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NIGHT = Hours(22 * 60, 7 * 60)


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    start = draw(st.integers(0, 1439))
    return Hours(start, (start + draw(st.integers(1, 1439))) % 1440)


@st.composite
def policies(draw: st.DrawFn, urgent: bool) -> Policy:
    most = round(STEPS[urgent].total_seconds())
    first = 0 if urgent else draw(st.integers(0, 20 * 3600))
    later = draw(st.lists(st.integers(first + 10, most), max_size=4, unique=True).map(sorted))
    steps = tuple(Step(timedelta(seconds=after), EVERYBODY) for after in (first, *later))
    repeat = timedelta(seconds=draw(st.integers(10, round(REPEAT[urgent].total_seconds()))))
    return Policy(steps[0].after + timedelta(minutes=draw(st.integers(1, 600))), timedelta(minutes=15), steps, repeat)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    def of_tier(urgent: bool) -> OfTier:
        by_hour = ((draw(hours()), draw(policies(urgent))),) if draw(st.booleans()) else ()
        return OfTier(draw(policies(urgent)), by_hour, draw(st.none() | hours()))

    return Ladder(draw(st.sampled_from(ZONES)), {tier: of_tier(tier in URGENT) for tier in TIERS})


moments = st.integers(0, 365 * 24 * 3600).map(lambda seconds: NEW_YEAR + timedelta(seconds=seconds))
tiers = st.sampled_from(TIERS)


def is_quiet(ladder: Ladder, tier: str, at: datetime) -> bool:
    """The oracle."""
    quiet, local = ladder.tiers[tier].quiet, at.astimezone(ZoneInfo(ladder.zone))  # type: ignore[index]
    if quiet is None or tier in URGENT:
        return False
    shown, start, end = (
        f"{local:%H:%M}",
        f"{quiet.start // 60:02}:{quiet.start % 60:02}",
        f"{quiet.end // 60:02}:{quiet.end % 60:02}",
    )
    return start <= shown < end if start < end else shown >= start or shown < end


@given(ladders(), tiers, moments, st.integers(0, 40))
def test_from_every_state_there_is_a_next_page_and_it_is_not_far(
    ladder: Ladder, tier: str, at: datetime, level: int
) -> None:
    policy, after = ladder.policy(tier, at), ladder.after(tier, level, at)  # type: ignore[arg-type]
    longest = max(policy.steps[-1].after, policy.repeat)
    assert at < after <= at + longest + timedelta(days=1)
    assert ladder.step(tier, level, at).who  # type: ignore[arg-type]
    assert at <= ladder.first(tier, at) <= at + longest + timedelta(days=1)  # type: ignore[arg-type]
    assert ladder.breach(tier, at) >= at + policy.within  # type: ignore[arg-type]


@given(ladders(), st.sampled_from(URGENT), moments, st.integers(0, 40))
def test_quiet_hours_change_no_page_of_a_p0_or_p1(ladder: Ladder, tier: str, at: datetime, level: int) -> None:
    without = replace(ladder, tiers={name: replace(of, quiet=None) for name, of in ladder.tiers.items()})
    assert ladder.first(tier, at) == at  # type: ignore[arg-type]
    assert ladder.after(tier, level, at) == without.after(tier, level, at)  # type: ignore[arg-type]
    assert ladder.breach(tier, at) == without.breach(tier, at)  # type: ignore[arg-type]


@given(ladders(), tiers, moments)
@example(replace(shipped(), tiers={**shipped().tiers, "P2": replace(shipped().tiers["P2"], quiet=NIGHT)}), "P2", SPRING)
@example(replace(shipped(), tiers={**shipped().tiers, "P2": replace(shipped().tiers["P2"], quiet=NIGHT)}), "P2", AUTUMN)
def test_a_page_is_put_off_to_the_first_minute_that_is_not_quiet_and_no_further(
    ladder: Ladder, tier: str, at: datetime
) -> None:
    awake = ladder.awake(tier, at)  # type: ignore[arg-type]
    assert not is_quiet(ladder, tier, awake)
    while at < awake:
        assert is_quiet(ladder, tier, at)
        at = min(awake, at.replace(second=0, microsecond=0) + MINUTE)


@pytest.mark.parametrize(
    ("evening", "morning", "hours_long"),
    [(SPRING, datetime(2026, 3, 29, 6, tzinfo=UTC), 8), (AUTUMN, datetime(2026, 10, 25, 7, tzinfo=UTC), 10)],
)
def test_a_night_of_the_change_of_clocks_ends_when_the_clock_says_seven(
    evening: datetime, morning: datetime, hours_long: int
) -> None:
    ladder = replace(shipped(), tiers={**shipped().tiers, "P2": replace(shipped().tiers["P2"], quiet=NIGHT)})
    ten = evening.astimezone(ZoneInfo("Europe/London")).replace(hour=22, minute=0).astimezone(UTC)
    assert ladder.awake("P2", ten) == morning == ten + timedelta(hours=hours_long)
    assert ladder.awake("P2", ten - MINUTE) == ten - MINUTE
    claimed_by = ladder.breach("P2", ten - timedelta(hours=1))
    assert claimed_by == morning + timedelta(hours=3), "an hour before the night, three after it"
    assert ladder.after("P0", 0, ten) == ten + timedelta(minutes=2)
