"""What is agreed for today only, a ping at a bad moment, and what a worker reads of her own ladder."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from flows.engine import conversation as codec
from flows.engine.conversation import replace
from flows.engine.effects import Cancel, Raise, Schedule, Send
from flows.engine.events import Due
from flows.safety.hours import PRESETS
from tests.engine.test_check_on_me import Phone, out

FOR_NOW = ("menu", "7", "8")


def fires(phone: Phone, kind: str, **later: float) -> list[str]:
    phone.at += timedelta(**later)
    phone.does(Due(phone.at, kind, "", f"{phone.her.turns:028d}"))
    return [rule for alert in phone.raised() for rule in alert.rules]


def pinged(**contact: object) -> Phone:
    phone = Phone(**contact)
    assert fires(phone, "checkin") == []
    assert [send.kind for send in phone.sent()] == ["cover"]
    return phone


def test_nothing_more_today_moves_the_ping_to_her_tomorrow() -> None:
    phone = Phone()
    assert phone.says("sunflower", *FOR_NOW, "1", "x") == [phone.sent()[0].message]
    assert fires(phone, "checkin", hours=2) == []
    assert not phone.sent()
    [moved] = [effect for effect in phone.turn.effects if isinstance(effect, Schedule)]
    assert f"{moved.due:%d %H:%M}" == "21 00:00"
    assert fires(phone, "checkin", hours=5) == []
    assert [send.asked_for for send in phone.sent()] == [False]


def test_nothing_more_today_sends_a_worker_at_once_where_she_is_expected_back() -> None:
    phone = out("2", "-", "arrived", "menu", "9", "1", "-", *FOR_NOW, "1", "x")
    assert phone.fires() == ["watch.not_back"]
    assert not phone.sent()


def test_today_till_ten_too_lets_a_ping_through_and_no_later_one() -> None:
    phone = out("2", "-", *FOR_NOW, "2", "x", windows=PRESETS["mornings"])
    assert phone.fires() == []
    assert [send.kind for send in phone.sent()] == ["cover"]
    late = out("22:15", "-", *FOR_NOW, "2", "x", windows=PRESETS["mornings"])
    assert late.fires() == ["watch.not_back"]


@pytest.mark.parametrize("deeds", [("1",), ("2",), ("3", "9"), ("4",), ("5",)])
def test_under_duress_each_looks_kept_and_changes_nothing(deeds: tuple[str, ...]) -> None:
    phone = pinged(windows=PRESETS["daytime"] + PRESETS["evenings"], missed_after_hours=6)
    phone.says("sunflower", "marigold")
    before = phone.her.contact, phone.her.memory.pinged_at
    (said,) = phone.says(*FOR_NOW, *deeds)
    assert said in ("for_now/is_quiet", "for_now/is_open", "for_now/paused", "not_now/another", "for_now/as_always")
    assert (phone.her.contact, phone.her.memory.pinged_at) == before
    assert not [effect for effect in phone.turn.effects if isinstance(effect, Schedule | Cancel)]
    phone.says("x")
    assert fires(phone, "missed", hours=6) == ["missed_checkin"]


def test_quiet_that_was_asked_for_under_duress_is_kept_on_the_phone_today_only() -> None:
    phone = Phone()
    phone.says("sunflower", "marigold", *FOR_NOW, "1", "x")
    assert fires(phone, "checkin", hours=1) == ["task.told_silence"]
    assert not phone.sent()
    phone.her = replace(phone.her, memory=replace(phone.her.memory, pinged_at=None))
    assert fires(phone, "checkin", days=1) == []
    assert [send.asked_for for send in phone.sent()] == [False]


def test_not_now_asks_again_in_her_next_window_and_is_not_missed() -> None:
    phone = pinged(windows=PRESETS["evenings"])
    assert phone.says("sunflower", "not now") == ["not_now/another"]
    assert Cancel("missed") in phone.turn.effects
    [again] = [effect for effect in phone.turn.effects if isinstance(effect, Schedule)]
    assert (again.kind, f"{again.due:%d %H:%M}") == ("checkin", "21 18:00")
    assert fires(phone, "missed", hours=24) == [], "a timer that was on its way already"


def test_not_now_is_a_choice_where_a_question_offers_it() -> None:
    phone = pinged()
    assert phone.says("sunflower", "menu", "2", "not now") == ["crisis_plan/close"]
    assert phone.her.memory.pinged_at is not None


def test_not_now_to_the_closed_chat_puts_nothing_off() -> None:
    phone = pinged()
    phone.says("not now")
    assert phone.her.memory.pinged_at is not None
    assert fires(phone, "missed", hours=24) == ["missed_checkin"]


@pytest.mark.parametrize("kind", ["missed", "watch"])
def test_the_worker_reads_whom_to_tell_and_what_to_try(kind: str) -> None:
    phone = out("1", "-", may_know="my aunt Rosa", to_try="text the shop", windows=PRESETS["always"])
    phone.says("x")
    if kind == "missed":
        fires(phone, "checkin")
    assert fires(phone, kind, hours=30)
    [alert] = [effect for effect in phone.turn.effects if isinstance(effect, Raise)]
    assert alert.reasons[1:] == (
        "Who may know: my aunt Rosa",  # of an older release, which did not keep who wrote it
        "What to try: text the shop",
    )
    assert not [effect for effect in phone.turn.effects if isinstance(effect, Send)]


def test_a_record_of_an_older_release_has_its_one_word_still() -> None:
    old = json.loads(codec.write(Phone(missed_rule="retry_then_worker").her))
    for new in ("today", "may_know", "to_try"):
        del old["contact"][new]
    contact = codec.read(json.dumps(old).encode()).contact
    assert (contact.missed_rule, contact.today, contact.may_know, contact.to_try) == ("retry_then_worker", None, "", "")
