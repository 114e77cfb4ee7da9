"""Calendars in the database: read again, fetched, kept when a feed is down; what is told of holes; who is off cover."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from escalation.ports import Refused, Unknown
from escalation.rota import called
from storage import accounts, calendars, inbox, leaving, off_cover, outbox, reach, retention
from storage.calendars import Given, Kept
from storage.rota_alarms import look
from storage.schema import calendars as rows
from storage.schema import covers, shifts
from storage.team import team
from storage.telling import tell
from storage.verifying import verify
from tests.rota.calendars import calendar
from tests.storage.store import ANA_PHONE, BEN_PHONE, HER, NOON, Store

ANA_TODAY = "SUMMARY:ana|DTSTART;VALUE=DATE:20261120|DTEND;VALUE=DATE:20261121"
BEN_AFTER = "SUMMARY:ben|DTSTART;VALUE=DATE:20261121|RRULE:FREQ=DAILY"
FEED = "https://cal.example.org/s3cret/rota.ics"
RUTH_PHONE = "+447700900203"


def given(*events: str, **more: Any) -> Given:
    return replace(Given("Nights", "on_call", 0, "Europe/London", text=calendar(*events)), **more)


def put(store: Store, what: Given) -> Kept:
    staff = store.read(accounts.everybody)
    reading = calendars.read(what, staff, store.now)
    row_id = store.write(calendars.put, store.vault, what, reading, "", store.now)
    return next(one for one in store.read(calendars.everything, store.vault) if one.id == row_id)


def duties(store: Store) -> dict[str, str]:
    return {one.username: one.duty for one in store.read(team, store.vault, store.now) if one.duty != "off"}


def told(store: Store, worker: str) -> list[str]:
    """What waits for a worker's phones, as message ids; it is sent by this."""
    return [one.page["message"] for one in store.deliver() if one.page is not None and one.owner == worker]


def trio(store: Store) -> tuple[str, str, str]:
    ana, ben = store.staff("ana", ANA_PHONE), store.staff("ben", BEN_PHONE)
    ruth = store.write(accounts.add, store.vault, "ruth", "Ruth", "supervisor", "x", None, store.now).id
    store.write(accounts.add_phone, store.vault, ruth, "sms", RUTH_PHONE, store.now)
    return ana, ben, ruth


def test_the_calendar_says_who_is_paged_and_its_removal_brings_back_what_was_set_by_hand(store: Store) -> None:
    _, _, ruth = trio(store)
    store.write(accounts.duty, store.vault, ruth, "on_call", NOON)
    assert duties(store) == {"ruth": "on_call"}
    put(store, given(ANA_TODAY, BEN_AFTER))
    assert duties(store) == {"ana": "on_call"}
    store.pass_time(days=1)
    assert duties(store) == {"ben": "on_call"}
    put(store, given(ANA_TODAY))
    assert duties(store) == {"ruth": "on_call"}, "the same name: in its place"
    store.write(calendars.remove, store.vault, "Nights", "", store.now)
    assert (store.counted(rows), store.counted(shifts)) == (0, 0)
    with pytest.raises(Unknown):
        store.write(calendars.remove, store.vault, "Nights", "", store.now)
    assert duties(store) == {"ruth": "on_call"}


def test_a_change_leaves_when_the_feed_answered_and_is_refused_where_another_came_first(store: Store) -> None:
    trio(store)
    kept = put(store, given(ANA_TODAY, source=FEED))
    store.write(calendars.not_fetched, kept, store.now)
    (kept,) = store.read(calendars.everything, store.vault)
    higher = replace(kept.given, layer=3, duty="backup")
    reading = calendars.read(higher, store.read(accounts.everybody), store.now)
    store.write(calendars.change, store.vault, kept, higher, reading, "", store.now)
    (after,) = store.read(calendars.everything, store.vault)
    assert (after.id, after.failed_at, after.shown.layer) == (kept.id, NOON, 3)
    assert duties(store) == {"ana": "backup"}
    with pytest.raises(Refused, match="changed meanwhile"):
        store.write(calendars.change, store.vault, kept, kept.given, reading, "", store.now)
    assert duties(store) == {"ana": "backup"}


def test_what_the_programme_calls_people_counts_beneath_what_is_said_of_one_calendar(store: Store) -> None:
    ana, ben, _ = trio(store)
    staff, una = store.read(accounts.everybody), given(ANA_TODAY.replace("ana", "Una Z."))
    assert calendars.read(una, staff, store.now).turns == ()
    found = [
        calendars.read(one, staff, store.now, {"una z.": "ana"})
        for one in (una, replace(una, called={"Una Z.": "ben"}))
    ]
    assert [turn.staff for reading in found for turn in reading.turns] == [ana, ben]


def test_an_alert_pages_whoever_the_calendar_has(store: Store) -> None:
    ana, ben, _ = trio(store)
    store.write(accounts.duty, store.vault, ben, "on_call", NOON)
    put(store, given(ANA_TODAY))
    store.recipient()
    store.hears("hello", "risk P0")
    store.fire()
    pages = [one.owner for one in store.deliver() if one.page is not None]
    assert pages == [ana]


def test_an_empty_rota_pages_everybody_in_the_end(store: Store) -> None:
    ana, ben, ruth = trio(store)
    assert {one.id for one in called(store.read(team, store.vault, NOON), ("on_call",))} == {ana, ben, ruth}


def test_where_a_calendar_comes_from_and_what_it_says_are_sealed_and_verified(store: Store) -> None:
    put(store, given("SUMMARY:quincetree|DTSTART;VALUE=DATE:20261120", source=FEED, called={"heronsbill": "ana"}))
    kept = b"".join(bytes(row.sealed) for row in store.rows(sa.select(rows)))
    assert not any(word in kept for word in (b"quincetree", b"s3cret", b"heronsbill"))
    assert store.read(lambda conn: list(verify(conn, store.vault))) == []
    store.run(sa.update(rows).values(ver=7))
    (fault,) = store.read(lambda conn: list(verify(conn, store.vault)))
    assert "calendars" in fault


def test_shifts_are_made_anew_as_time_goes_on_and_as_people_come(store: Store) -> None:
    trio(store)
    kept = put(store, given(ANA_TODAY, BEN_AFTER, "SUMMARY:cat|DTSTART;VALUE=DATE:20261120"))
    assert kept.given.findings == ("Nobody on the team is called 'cat' (first on 2026-11-20).",)
    assert store.read(calendars.to_read, store.vault, store.now)[0] == []
    store.staff("cat", "+447700900204")
    store.pass_time(days=60)
    (again,), staff = store.read(calendars.to_read, store.vault, store.now)
    reading = calendars.read(again.given, staff, store.now)
    assert store.write(calendars.keep, store.vault, again, again.given, reading, store.now)
    assert duties(store) == {"ben": "on_call"}
    (after,) = store.read(calendars.everything, store.vault)
    assert after.given.findings == ()
    assert not store.write(calendars.keep, store.vault, again, again.given, reading, store.now), "it is another by now"


def test_a_feed_that_fails_keeps_what_it_said_last_and_is_told_of_once(store: Store) -> None:
    _, _, ruth = trio(store)
    kept = put(store, given(ANA_TODAY, BEN_AFTER, source=FEED))
    assert store.read(calendars.to_fetch, store.vault, store.now)[0] == []
    store.pass_time(minutes=15)
    (due,), _ = store.read(calendars.to_fetch, store.vault, store.now)
    failing_since = store.now
    for _ in range(2):
        store.write(calendars.not_fetched, due, store.now)
        (due,) = store.read(calendars.everything, store.vault)
        assert due.shown.failed_at == failing_since
        store.pass_time(hours=3)
    assert duties(store) == {"ana": "on_call"}
    assert [store.write(look, store.vault, "", store.now) for _ in range(2)] == [1, 0]
    assert told(store, ruth) == ["page/feed"]
    store.write(calendars.fetched, due, store.now)
    (fine,) = store.read(calendars.everything, store.vault)
    assert (fine.shown.failed_at, fine.shown.fetched_at) == (None, store.now)
    assert store.write(look, store.vault, "", store.now) == 0
    assert kept.id == fine.id


# holes


def test_a_hole_of_the_next_days_is_told_to_the_named_person_once(store: Store) -> None:
    ana, _, ruth = trio(store)
    put(store, given(ANA_TODAY, BEN_AFTER.replace("20261121", "20261123")))
    assert store.write(look, store.vault, "ana", store.now) == 1
    assert told(store, ana) == ["page/gap"]
    for _ in range(5):
        store.pass_time(hours=2)
        assert store.write(look, store.vault, "ana", store.now) == 0
    assert told(store, ruth) == []


def test_whoever_looks_over_the_team_is_told_where_nobody_is_named_or_reached(store: Store) -> None:
    _, _, ruth = trio(store)
    put(store, given(ANA_TODAY))
    assert store.write(look, store.vault, "nobody-here", store.now) == 1
    assert told(store, ruth) == ["page/gap"]


def test_two_holes_are_two_and_one_that_was_filled_and_opens_again_is_new(store: Store) -> None:
    _, _, ruth = trio(store)
    days = "SUMMARY:ben|DTSTART;VALUE=DATE:20261121|RRULE:FREQ=DAILY|EXDATE;VALUE=DATE:{}"
    put(store, given(ANA_TODAY, days.format("20261125,20261128")))
    assert store.write(look, store.vault, "", store.now) == 2
    put(store, given(ANA_TODAY, BEN_AFTER))
    assert store.write(look, store.vault, "", store.now) == 0
    put(store, given(ANA_TODAY, days.format("20261125")))
    assert store.write(look, store.vault, "", store.now) == 1
    assert told(store, ruth) == ["page/gap"] * 3


def test_the_end_of_a_calendar_that_comes_nearer_day_by_day_is_one_hole(store: Store) -> None:
    trio(store)
    put(store, given(ANA_TODAY, BEN_AFTER + ";COUNT=12"))
    told_of = 0
    for _ in range(11):
        told_of += store.write(look, store.vault, "", store.now)
        store.pass_time(days=1)
    assert told_of == 1


def test_that_nobody_is_on_call_now_is_told_when_it_begins(store: Store) -> None:
    _, _, ruth = trio(store)
    put(store, given(ANA_TODAY))
    assert store.write(look, store.vault, "", store.now) == 1
    store.pass_time(days=1)
    assert [store.write(look, store.vault, "", store.now) for _ in range(2)] == [1, 0]
    assert told(store, ruth) == ["page/gap", "page/nobody"]


def test_what_could_be_told_to_nobody_is_tried_again(store: Store) -> None:
    assert store.write(look, store.vault, "", store.now) == 0
    _, _, ruth = trio(store)
    assert store.write(look, store.vault, "", store.now) == 1
    assert told(store, ruth) == ["page/nobody"]


# off cover


def lose(store: Store, worker: str, times: int) -> None:
    """So many messages to the worker are written and do not arrive."""

    for _ in range(times):
        store.write(tell, store.vault, worker, "page/how", {}, store.now)
        for sending in store.claim():
            if sending.owner == worker:
                store.write(outbox.dead, store.vault, sending, "30003", "lost", store.now)
            else:
                store.sent(sending)
        store.pass_time(minutes=1)


def test_a_stop_word_takes_a_worker_off_cover_tells_who_supervises_and_the_next_is_called(store: Store) -> None:
    ana, ben, ruth = trio(store)
    put(store, given(ANA_TODAY))
    store.write(accounts.duty, store.vault, ben, "on_call", NOON)
    store.take(store.text("stop", ANA_PHONE))
    assert store.read(off_cover.everybody)[ana].why == "shut"
    assert duties(store) == {"ben": "on_call"}
    assert told(store, ruth) == ["page/off_cover"]
    store.take(store.text("STOP", ANA_PHONE))
    assert told(store, ruth) == []
    store.take(store.text("start", ANA_PHONE))
    assert (store.read(off_cover.everybody), duties(store)) == ({}, {"ana": "on_call"})


def test_one_of_two_phones_is_enough(store: Store) -> None:
    ana, _, _ = trio(store)
    store.write(accounts.add_phone, store.vault, ana, "telegram", "900201", store.now)
    store.write(reach.changed, store.vault, reach.Door("sms", ANA_PHONE, False), store.now)
    assert store.read(off_cover.everybody) == {}
    store.write(reach.changed, store.vault, reach.Door("telegram", "900201", False), store.now)
    assert ana in store.read(off_cover.everybody)
    store.write(accounts.add_phone, store.vault, ana, "telegram", "900209", store.now)
    assert store.read(off_cover.everybody) == {}
    for phone in store.read(leaving.belongings, store.vault, ana).phones:
        store.write(leaving.remove_phone, store.vault, ana, phone.id, "", store.now)
    assert ana in store.read(off_cover.everybody), "the last one was taken from them"


def test_three_lost_messages_in_a_row_take_a_worker_off_cover_and_one_of_theirs_ends_it(store: Store) -> None:
    ana, _, ruth = trio(store)
    put(store, given(ANA_TODAY))
    lose(store, ana, 2)
    assert store.read(off_cover.everybody) == {}
    lose(store, ana, 1)
    assert store.read(off_cover.everybody)[ana].why == "failed"
    assert duties(store) == {}
    assert told(store, ruth) == ["page/off_cover"]
    store.take(store.text("?", ANA_PHONE))
    assert duties(store) == {"ana": "on_call"}


def test_what_the_provider_reports_as_lost_counts_and_what_arrives_in_between_ends_the_row(store: Store) -> None:
    ana, _, _ = trio(store)
    lose(store, ana, 2)
    store.write(accounts.add_phone, store.vault, ana, "telegram", "900201", store.now)

    store.write(tell, store.vault, ana, "page/how", {}, store.now)
    for sending in store.deliver():
        report = outbox.Report(sending.channel, f"out-{sending.id}", "undelivered", "30003")
        store.write(outbox.report, store.vault, report, store.now)
    assert store.read(off_cover.everybody) == {}, "the other phone has lost one only"
    lose(store, ana, 2)
    assert ana in store.read(off_cover.everybody)


def test_a_recipient_is_never_off_cover(store: Store) -> None:
    store.recipient()
    store.take(inbox.Inbound("sms", "SMx", HER, store.now, "stop"))
    assert store.read(off_cover.everybody) == {}


def test_covers_long_past_are_let_go_of(store: Store) -> None:

    row = {"id": "c", "promise": "c", "kind": "swap", "staff_id": "a", "instead_id": "b", "duty": "on_call"}
    times = {"from_at": 0, "to_at": 1, "asked_by": "a", "asked_at": 0}
    store.run(sa.insert(covers).values(row | times))
    store.write(retention.sweep, store.vault, store.now)
    assert store.counted(covers) == 0
