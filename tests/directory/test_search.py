"""Search: only what was asked for, only where it works, and in production never a number that nobody checked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.authoring.directory import read_directory
from flows.authoring.load import SHIPPED
from flows.directory.categories import CATEGORIES, PEOPLE, SILENT
from flows.directory.opening import state
from flows.directory.place import Place, chosen_place, covers, read_place
from flows.directory.search import Directory, Wanted, search
from flows.directory.service import Hours, Number, Service

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)  # a Monday
TODAY = NOW.date()
WHOLE = (Hours(tuple(range(7)), 0, 0),)
OFFICE = (Hours((0, 1, 2, 3, 4), 540, 1020),)
NIGHT = (Hours((4,), 1320, 120),)


def a(name: str = "Line", **changes: object) -> Service:
    whole: dict[str, object] = {
        "id": name,
        "name": name,
        "organization": "",
        "categories": ("helpline",),
        "numbers": (Number("0808 157 0000", "freephone", "GB"),),
        "places": (Place("GB"),),
        "zone": "Europe/London",
        "verified_on": date(2026, 2, 1),
    }
    return Service(**(whole | changes))  # type: ignore[arg-type]


def names(wanted: Wanted, *services: Service, drafts: bool = False, at: datetime = NOW) -> list[str]:
    return [found.service.name for found in search(Directory(services, {}, drafts), wanted, at)]


HELP = Wanted(("helpline",), Place("GB", "ENG"))

PLACES = st.builds(
    Place, st.sampled_from(("GB", "IE", "US")), st.sampled_from(("", "ENG", "CT")), st.sampled_from(("", "hull"))
)
NUMBERS = st.builds(Number, st.just("60001"), st.sampled_from(("freephone", "phone", "text", "relay")), st.just("GB"))
SERVICES = st.lists(
    st.builds(
        Service,
        id=st.uuids().map(str),
        name=st.text(min_size=1, max_size=5),
        organization=st.just(""),
        categories=st.lists(st.sampled_from(CATEGORIES[:6]), min_size=1, max_size=3, unique=True).map(tuple),
        numbers=st.lists(NUMBERS, max_size=3).map(tuple),
        places=st.lists(PLACES, max_size=3).map(tuple),
        languages=st.sampled_from(((), ("en",), ("cy", "en"))),
        hours=st.sampled_from(((), WHOLE, OFFICE, NIGHT)),
        zone=st.sampled_from(("", "Europe/London", "America/New_York")),
        holidays=st.sampled_from(("open", "closed", "unknown")),
        silent=st.lists(st.sampled_from(SILENT), unique=True).map(tuple),
        for_whom=st.frozensets(st.sampled_from(PEOPLE), max_size=2),
        verified_on=st.none() | st.dates(TODAY - timedelta(days=800), TODAY + timedelta(days=400)),
    ),
    max_size=12,
)
WANTED = st.builds(
    Wanted,
    st.lists(st.sampled_from(CATEGORIES[:6]), max_size=3, unique=True).map(tuple),
    st.none() | PLACES,
    st.sampled_from(("en", "cy", "ar")),
    st.frozensets(st.sampled_from(PEOPLE), max_size=1),
    st.booleans(),
    st.booleans(),
)
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - made aware


@given(SERVICES, WANTED, TIMES)
def test_production_never_gives_a_stale_number(services: list[Service], wanted: Wanted, at: datetime) -> None:
    for found in search(Directory(tuple(services)).released(), wanted, at):
        checked = found.service.verified_on
        assert checked is not None
        assert timedelta(days=-1) <= at.date() - checked <= timedelta(days=365)
        assert found.checked


@given(SERVICES, WANTED, TIMES)
def test_nothing_outside_what_was_asked(services: list[Service], wanted: Wanted, at: datetime) -> None:
    for found in search(Directory(tuple(services)), wanted, at):
        service = found.service
        assert found.category in wanted.categories
        assert found.category in service.categories
        assert wanted.place is not None
        assert any(covers(area, wanted.place) for area in service.places)
        assert found.number in service.numbers
        assert service.silent or not wanted.silent
        assert not service.for_whom or not wanted.people or service.for_whom & wanted.people
        assert not (wanted.open_now and found.opening == "closed")


@given(SERVICES, WANTED, TIMES, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_files(
    services: list[Service], wanted: Wanted, at: datetime, chance: object
) -> None:
    before = search(Directory(tuple(services)), wanted, at)
    chance.shuffle(services)  # type: ignore[attr-defined]
    assert search(Directory(tuple(services)), wanted, at) == before


def test_what_was_verified_a_year_ago_is_shown_and_a_day_later_not() -> None:
    old = a("Old", verified_on=TODAY - timedelta(days=365))
    assert names(HELP, old, a("Never", verified_on=None)) == ["Old"]
    assert names(HELP, old, at=NOW + timedelta(days=1)) == []
    assert names(HELP, old, a("Never", verified_on=None), drafts=True) == ["Old", "Never"]


@pytest.mark.parametrize(
    ("area", "here", "fits"),
    [
        ("GB", "GB-ENG", True),
        ("GB-ENG", "GB-ENG/hull", True),
        ("GB-ENG/hull", "GB-ENG/hull", True),
        ("GB/hull", "GB-ENG/hull", True),
        ("GB-ENG/hull", "GB/hull", True),
        ("GB-SCT", "GB-ENG", False),
        ("GB-ENG", "GB", False),
        ("GB-ENG/hull", "GB-ENG", False),
        ("GB-ENG/hull", "GB-ENG/leeds", False),
        ("IE", "GB", False),
    ],
)
def test_where_it_works(area: str, here: str, fits: bool) -> None:
    place, there = read_place(area), read_place(here)
    assert place is not None
    assert there is not None
    assert (str(place), str(there)) == (area, here)
    assert covers(place, there) is fits


def test_choices_that_are_places() -> None:
    assert [str(chosen_place(choice)) for choice in ("gb_wls", "ie", "us_ct", "other", "gb_england")] == [
        "GB-WLS", "IE", "US-CT", "None", "None",
    ]  # fmt: skip


def test_nobody_knows_where_they_are() -> None:
    assert names(Wanted(("helpline",), None), a()) == []


def test_what_comes_first() -> None:
    order = names(
        Wanted(("helpline", "outreach"), Place("GB", "WLS"), "cy"),
        a("Closed", hours=NIGHT),
        a("For women", for_whom=frozenset({"women"})),
        a("English", languages=("en",)),
        a("Other need", categories=("outreach",)),
        a("Open", hours=OFFICE),
        a("Welsh", hours=OFFICE, languages=("cy",), places=(Place("GB", "WLS"),)),
        a("All Britain"),
    )
    assert order == ["Welsh", "Open", "All Britain", "For women", "Closed", "Other need", "English"]


def test_a_number_of_her_country_by_voice_or_in_writing() -> None:
    both = a(
        numbers=(Number("116 123", "freephone", "IE"), Number("60001", "text", "GB"), Number("116 123", "phone", "GB")),
        silent=("text",),
    )
    by_voice = search(Directory((both,)), HELP, NOW)[0].number
    in_writing = search(Directory((both,)), Wanted(("helpline",), Place("GB"), silent=True), NOW)[0].number
    assert (by_voice.printed, by_voice.country, in_writing.printed) == ("116 123", "GB", "60001")


GOOD_FRIDAY = datetime(2026, 4, 3, 10, tzinfo=UTC)
EASTER_MONDAY = datetime(2026, 4, 6, 10, tzinfo=UTC)  # a holiday in three of the four nations
HOLIDAYS = read_directory([SHIPPED])[0].holidays


@pytest.mark.parametrize(
    ("changes", "at", "expected"),
    [
        ({"hours": OFFICE}, NOW, "open"),
        ({"hours": OFFICE}, NOW.replace(hour=18), "closed"),
        ({"hours": OFFICE}, datetime(2026, 7, 6, 16, 30, tzinfo=UTC), "closed"),  # 17:30 in British summer
        ({"hours": OFFICE, "zone": "America/New_York"}, NOW, "closed"),
        ({"hours": OFFICE, "zone": "America/New_York"}, NOW.replace(hour=15), "open"),
        ({"hours": OFFICE, "zone": ""}, NOW, "unknown"),
        ({}, NOW, "unknown"),
        ({"hours": WHOLE, "zone": ""}, NOW, "always"),
        ({"hours": WHOLE, "holidays": "closed"}, NOW, "open"),
        ({"hours": NIGHT}, datetime(2026, 3, 7, 1, tzinfo=UTC), "open"),
        ({"hours": NIGHT}, datetime(2026, 3, 7, 2, tzinfo=UTC), "closed"),
        ({"hours": NIGHT}, datetime(2026, 3, 6, 1, tzinfo=UTC), "closed"),
        ({"hours": OFFICE, "holidays": "closed"}, GOOD_FRIDAY, "closed"),
        ({"hours": OFFICE, "holidays": "unknown"}, GOOD_FRIDAY, "unknown"),
        ({"hours": OFFICE, "holidays": "open"}, GOOD_FRIDAY, "open"),
        ({"hours": OFFICE, "holidays": "closed"}, EASTER_MONDAY, "unknown"),
        ({"hours": OFFICE, "closed_on": frozenset({TODAY})}, NOW, "closed"),
        ({"hours": NIGHT, "closed_on": frozenset({date(2026, 3, 6)})}, datetime(2026, 3, 7, 1, tzinfo=UTC), "closed"),
    ],
)
def test_whether_it_is_open(changes: dict[str, object], at: datetime, expected: str) -> None:
    holidays = {"GB": HOLIDAYS["GB"], "GB?": HOLIDAYS["GB?"]}
    assert state(a(**changes), at, holidays) == expected
