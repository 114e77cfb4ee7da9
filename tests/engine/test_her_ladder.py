"""Her own ladder for a missed check-in, the steps that a worker reads, and a clock that jumps between them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from flows.engine import conversation as codec
from flows.engine import looking
from flows.engine.conversation import Contact, Way, Window
from flows.engine.effects import Cancel, Raise, Schedule, Send
from flows.engine.events import Due, WorkerSetContact
from flows.engine.safe_contact import (
    NEVER_ALONE,
    NO_CHOICE,
    TOO_LONG,
    TWICE,
    Offered,
    changed,
    mark,
    refuses,
    values_of,
)
from flows.safety.hours import PRESETS
from tests.engine.test_check_on_me import JUMPS, NOW, programme
from tests.engine.test_check_on_me import Phone as Watched

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEDNESDAYS = (Window((2,), 10 * 60, 11 * 60),)


class Phone(Watched):
    """Her phone with all its timers, as the storage keeps them: by kind, moved when set again, taken when they fire."""

    def __init__(self, at: datetime = NOW, **contact: object) -> None:
        super().__init__(at, **contact)
        self.timers: dict[str, datetime] = {}
        self.pings: list[datetime] = []
        self.alerts: list[Raise] = []

    def does(self, event: object) -> None:
        super().does(event)  # type: ignore[arg-type]
        for effect in self.turn.effects:
            if isinstance(effect, Schedule):
                self.timers[effect.kind] = effect.due
            elif isinstance(effect, Cancel):
                self.timers.pop(effect.kind, None)
            elif isinstance(effect, Send) and not effect.asked_for:
                self.pings.append(self.at)
        self.alerts += self.raised()

    def rings(self, kind: str, at: datetime | None = None, key: str = "") -> None:
        """The timer of that kind fires: when it is due, unless the clock says otherwise."""
        due = self.timers.pop(kind, self.at)
        self.at = at or due
        self.does(Due(self.at, kind, key, f"{self.her.turns:028d}"))

    def until_told(self) -> Raise:
        """Nothing is answered until a worker hears of it."""
        while not self.alerts:
            self.rings("missed")
        return self.alerts[-1]


def pinged(at: datetime = NOW, **contact: object) -> Phone:
    phone = Phone(at, **contact)
    phone.rings("checkin")
    assert len(phone.pings) == 1
    return phone


# quiet messages, then a worker


@pytest.mark.parametrize(
    ("rule", "retries", "pings"), [("worker", 3, 1), ("retry_then_worker", 1, 2), ("retry_then_worker", 3, 4)]
)
def test_so_many_quiet_messages_as_she_agreed_and_then_a_worker(rule: str, retries: int, pings: int) -> None:
    phone = pinged(missed_rule=rule, missed_retries=retries, missed_after_hours=6)
    alert = phone.until_told()
    assert (alert.tier, alert.rules) == ("P2", ("missed_checkin",))
    assert len(phone.pings) == pings
    assert phone.at == NOW.replace(microsecond=0) + pings * 6 * HOUR
    assert "missed" not in phone.timers


def test_each_waits_for_her_next_window() -> None:
    at = datetime(2026, 11, 25, 10, 30, tzinfo=UTC)  # a Wednesday
    phone = pinged(
        at, windows=PRESETS["mornings"], missed_rule="retry_then_worker", missed_retries=2, missed_after_hours=4
    )
    phone.until_told()
    assert [f"{ping:%d %H:%M}" for ping in phone.pings] == ["25 10:30", "26 09:00", "27 09:00"]
    assert f"{phone.at:%d %H:%M}" == "27 13:00"


def test_a_worker_looks_at_the_latest_after_eight_days_whatever_was_agreed() -> None:
    at = datetime(2026, 11, 25, 10, 30, tzinfo=UTC)
    phone = pinged(at, windows=WEDNESDAYS, missed_rule="retry_then_worker", missed_retries=3, missed_after_hours=72)
    phone.until_told()
    assert [f"{ping:%d %b}" for ping in phone.pings] == ["25 Nov", "02 Dec"]
    assert phone.at == at + looking.LONGEST_WAIT


def test_where_no_quiet_one_may_go_any_more_a_worker_looks_at_once() -> None:
    for gone in ({"windows": ()}, {"opted_out": True}):
        phone = pinged(missed_rule="retry_then_worker")
        phone.her = replace(phone.her, contact=replace(phone.her.contact, **gone))
        phone.rings("missed")
        assert [alert.rules for alert in phone.alerts] == [("missed_checkin",)]
        assert len(phone.pings) == 1


def test_none_comes_into_an_open_chat() -> None:
    phone = pinged(missed_rule="retry_then_worker", missed_after_hours=1)
    phone.at = phone.timers["missed"] - timedelta(minutes=1)
    phone.says("sunflower")
    phone.rings("missed")
    assert (len(phone.pings), phone.alerts) == (1, [])
    phone.says("x")
    phone.rings("missed")
    assert len(phone.pings) == 2


def test_one_that_was_retried_by_an_older_release_gets_no_second_one() -> None:
    phone = pinged(missed_rule="retry_then_worker")
    old = json.loads(codec.write(phone.her))
    old["memory"] |= {"retried": True}
    for field in ("retries", "missed_due"):
        del old["memory"][field]
    for field in ("missed_retries", "ways", "other_channel", "other_whose", "other_safe", "wrote"):
        del old["contact"][field]
    phone.her = codec.read(json.dumps(old).encode())
    phone.rings("missed")
    assert [alert.rules for alert in phone.alerts] == [("missed_checkin",)]
    assert len(phone.pings) == 1


# a clock that jumps, and one that is put on or back


@given(st.lists(JUMPS, max_size=8), st.integers(0, 3), st.sampled_from(["always", "mornings", "evenings"]))
@settings(max_examples=40)
def test_whatever_the_clock_does_a_missed_check_in_is_told_once(
    jumps: list[timedelta], retries: int, hours: str
) -> None:
    rule = "retry_then_worker" if retries else "worker"
    phone = Phone(windows=PRESETS[hours], missed_rule=rule, missed_retries=retries or 1, missed_after_hours=5)
    while not phone.pings:
        phone.rings("checkin")
    for jump in jumps:
        if "missed" in phone.timers:
            phone.rings("missed", phone.timers["missed"] + jump)
    while "missed" in phone.timers:
        phone.rings("missed")
    assert [alert.rules for alert in phone.alerts] == [("missed_checkin",)]
    assert len(phone.pings) <= 1 + retries
    phone.rings("missed")
    assert len(phone.alerts) == 1, "a timer that was on its way already"


@given(st.lists(JUMPS, min_size=1, max_size=8), st.sampled_from(["always", "mornings", "evenings", "school_hours"]))
@settings(max_examples=40)
def test_whatever_the_clock_does_the_check_ins_go_on_and_none_comes_outside_her_hours(
    jumps: list[timedelta], hours: str
) -> None:
    phone = Phone(windows=PRESETS[hours], rhythm_days=1)
    phone.rings("checkin")
    for jump in jumps:
        phone.rings("checkin", phone.timers["checkin"] + jump)
        assert phone.timers["checkin"] > phone.at, "it goes on"
        assert phone.timers["checkin"] - phone.at <= timedelta(days=4), "her next window is never further away"
    while not phone.pings:
        phone.rings("checkin")
    here = ZoneInfo("Europe/London")
    for ping in phone.pings:
        local = ping.astimezone(here)
        minute = local.hour * 60 + local.minute
        assert any(local.weekday() in w.days and w.start <= minute < w.end for w in PRESETS[hours])
    assert len(phone.pings) == 1, "the first one is not answered: none is sent beside it"


@pytest.mark.parametrize(
    ("begins", "wall"),
    [
        ("2026-03-28T09:30:00+00:00", ["28 09:30 GMT", "29 09:00 BST"]),
        ("2026-10-24T08:30:00+00:00", ["24 09:30 BST", "25 09:00 GMT"]),
    ],
)
def test_over_a_change_of_the_clocks_it_is_her_wall_clock_that_counts(begins: str, wall: list[str]) -> None:
    at = datetime.fromisoformat(begins)
    phone = pinged(at, windows=PRESETS["mornings"], missed_rule="retry_then_worker", missed_after_hours=3)
    phone.rings("missed")
    phone.rings("missed")
    assert [f"{ping.astimezone(ZoneInfo('Europe/London')):%d %H:%M %Z}" for ping in phone.pings] == wall


def test_a_timer_of_before_a_change_of_her_hours_waits_for_what_is_agreed_now() -> None:
    phone = pinged(missed_after_hours=2)
    early = phone.timers["missed"]
    phone.at += HOUR
    phone.does(WorkerSetContact(phone.at, "ana", {"missed_after_hours": "6"}, fresh="f" * 28))
    phone.rings("missed", early)
    assert phone.alerts == []
    phone.rings("missed")
    assert phone.at == NOW.replace(microsecond=0) + 6 * HOUR
    assert len(phone.alerts) == 1


def test_after_days_of_silence_of_the_service_there_is_one_ping_and_not_the_alert_with_it() -> None:
    phone = Phone()
    phone.rings("checkin", NOW + 9 * DAY)
    assert len(phone.pings) == 1
    assert phone.timers["missed"] - phone.at > 23 * HOUR
    assert phone.alerts == []


# what the worker reads

STEPS = (
    Way("message"),
    Way("call", "not in the evening", "her"),
    Way("trusted"),
    Way("police", "not while he is there", "worker"),
)


@pytest.mark.parametrize("kind", ["missed", "watch"])
def test_the_steps_stand_in_their_order_each_with_what_is_never_to_be_done(kind: str) -> None:
    phone = pinged(ways=STEPS, may_know="my aunt Rosa", wrote=(("may_know", "her"),), missed_rule="worker")
    if kind == "missed":
        said = phone.until_told().reasons
    else:
        phone.says("sunflower", "menu", "9", "1", "-", "x")
        phone.her = replace(phone.her, contact=replace(phone.her.contact, windows=()))
        phone.rings("watch")
        said = phone.alerts[-1].reasons
    assert said[1:] == (
        "1. Write to her, in her safe hours.",
        "2. Call her, in her safe hours.",
        "Never do at 2, in her words: not in the evening",
        "3. The person whom she trusts: a worker speaks with them, by hand.",
        "4. Only if nothing else helped, ask the police to see that she is safe. She agreed to it.",
        "Never do at 4, as a worker wrote it: not while he is there",
        "Who may know, in her words: my aunt Rosa",
    )


def test_where_nothing_is_agreed_the_worker_reads_that_nobody_is_told() -> None:
    assert pinged().until_told().reasons[1:] == (looking.NO_STEPS,)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, looking.NO_OTHER_WAY),
        ({"voicemail": "agreed"}, looking.VOICEMAIL),  # all that an older release asked for
        ({"other_channel": "call", "voicemail": "agreed"}, looking.OTHER_UNKNOWN),
        ({"other_channel": "call", "other_safe": "yes"}, looking.OTHER_SAFE),
        ({"other_channel": "email", "other_safe": "no"}, looking.OTHER_UNSAFE),
    ],
)
def test_after_a_carriers_stop_the_worker_reads_where_else_she_may_be_reached(
    fields: dict[str, str], says: str
) -> None:
    phone = Phone(**fields)
    phone.says("STOP")
    assert phone.alerts[-1].reasons[1:] == (says,)
    with_step = pinged(ways=(Way("other"),), **fields)
    assert with_step.until_told().reasons[1:] == ("1. Her other agreed way, as it stands in her record.", says)


# what she says and what a worker writes


def test_she_says_it_in_her_chat_and_it_stands_with_her_name() -> None:
    phone = Phone()
    phone.says("sunflower", "menu", "7", "1", "1", "1", "2", "2", "12")
    assert phone.says("2") == ["looked_for/never"]
    phone.says("not at work", "1", "-", "2", "never by day", "5", "2", "-")
    assert phone.says("my neighbour has a key") == ["other_way/which"]
    phone.says("2", "my sister's", "1")
    contact = phone.her.contact
    assert contact.ways == (Way("message"), Way("call", "never by day", "her"), Way("police"))
    assert (contact.other_channel, contact.other_whose, contact.other_safe) == ("text", "my sister's", "yes")
    assert dict(contact.wrote) == {"to_try": "her", "other_whose": "her"}


def test_under_duress_it_looks_changed_and_is_not() -> None:
    phone = Phone(ways=STEPS, other_channel="call")
    before = phone.her.contact
    phone.says("sunflower", "marigold")
    assert phone.says("menu", "7", "1", "1", "1", "2", "3") == ["other_way/which"]
    assert phone.says("5")[0].startswith("my_data/")
    assert phone.her.contact == before


def test_another_channel_is_another_way_and_safe_only_when_that_was_said_of_it() -> None:
    contact = Contact(other_channel="text", other_whose="my sister's", other_safe="yes")
    call = changed(contact, {"other_channel": "call"}, Offered())
    assert (call.other_whose, call.other_safe) == ("", "unknown")
    both = changed(contact, {"other_safe": "no", "other_whose": "at work", "other_channel": "call"}, Offered())
    assert (both.other_whose, both.other_safe) == ("at work", "no")


def test_what_a_worker_sets_stands_as_a_workers_and_hers_stays_hers() -> None:
    contact = Contact(windows=PRESETS["always"], ways=STEPS[:2], may_know="my aunt Rosa", wrote=(("may_know", "her"),))
    values = {
        "way_1": "trusted",
        "way_2": "call",
        "never_2": "not in the evening",
        "way_3": "police",
        "to_try": "Ring at work",
    }
    after = changed(contact, {**values, "way_5": "message", "never_5": "no names"}, Offered())
    assert after.ways == (
        Way("trusted"),
        Way("call", "not in the evening", "her"),
        Way("message", "no names", "worker"),
        Way("police"),
    )
    assert dict(after.wrote) == {"may_know": "her", "to_try": "worker"}
    assert changed(after, values_of(after), Offered.by(programme())) == after


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"way_1": "call", "way_2": "call"}, TWICE),
        ({"way_1": "knock"}, NO_CHOICE),
        ({"never_3": "in the evening"}, NEVER_ALONE),
        ({"way_1": "call", "never_1": "x" * 201}, TOO_LONG),
        ({"missed_retries": "4"}, "A whole number from 1 to 3, please."),
        ({"other_channel": "pigeon"}, NO_CHOICE),
        ({"other_safe": "perhaps"}, NO_CHOICE),
        ({"way_6": "call"}, "There is nothing like that in her record."),
    ],
)
def test_what_does_not_fit_is_refused(values: dict[str, str], why: str) -> None:
    contact = Contact(consent="worker")
    event = WorkerSetContact(NOW, "ana", values, mark(contact), fresh="f" * 28)
    assert refuses(contact, event, Offered.by(programme())) == why


# after an incident


def incident(phone: Phone, since: datetime) -> list[tuple[str, str, str]]:
    phone.alerts.clear()
    phone.rings("confirm", phone.at, since.isoformat())
    return [(alert.tier, alert.key, alert.reasons[0][:18]) for alert in phone.alerts]


def test_after_an_incident_the_record_is_to_be_confirmed_by_a_worker_and_by_her() -> None:
    phone = Phone()
    assert incident(phone, NOW - HOUR) == [("P3", "task.confirm", "After an incident,")]
    assert not phone.sent()
    assert phone.timers["confirm"] == NOW + programme().rules.confirm_every
    assert phone.says("sunflower", "1", "0", "2", "1", "1") == ["still_good/times"]


def test_not_where_whoever_worked_on_it_has_confirmed_it_by_then() -> None:
    phone = Phone(confirmed_at=NOW)
    assert incident(phone, NOW - HOUR) == []
    assert incident(phone, NOW + HOUR) != []
    assert incident(Phone(consent=""), NOW - HOUR) == [], "she has ended it all"


# an end for good, with a time that she set


def test_called_off_after_a_worker_was_told_the_same_alert_says_so() -> None:
    phone = Phone(windows=())
    phone.says("sunflower", "menu", "9", "1", "-", "x")
    phone.rings("watch")
    phone.her = replace(phone.her, memory=replace(phone.her.memory, verify_first=False))
    phone.alerts.clear()
    assert phone.says("sunflower", "menu", "7", "5", "2", "1") == ["stop/time"]
    assert phone.says("2") == ["stop/ends_off"]
    assert [(alert.key, alert.rules) for alert in phone.alerts] == [
        ("task.left", ("task.left",)),
        ("watch", ("watch.back",)),
    ]
    assert phone.until is None


def test_called_off_by_a_hand_that_is_not_verified_a_worker_is_told_to_verify() -> None:
    phone = Phone()
    phone.says("sunflower", "menu", "9", "1", "-", "x")
    phone.her = replace(phone.her, memory=replace(phone.her.memory, verify_first=True))
    phone.says("sunflower", "menu", "7", "5", "2", "1", "2")
    assert "task.back_unverified" in [alert.key for alert in phone.alerts]
    assert "watch" not in phone.timers
