"""The safe-contact banner: before anything else, whether and how it is safe to write to her. Pure.

Order of the warnings is order of danger: somebody else may be reading; she stopped or paused; the hours are not safe.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from escalation.console.clocks import Clock
from escalation.ports import Case
from flows.engine.conversation import Contact

Kind = Literal["danger", "stop", "wait", "go", "note"]


@dataclass(frozen=True, slots=True)
class Notice:
    """`kind` is the tone: 'danger' assume the aggressor is reading, 'stop' do not write, 'wait' not now, 'go' write."""

    kind: Kind
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """`hers` marks words that she wrote: they are isolated, whatever their script."""

    label: str
    value: str
    hers: bool = False


@dataclass(frozen=True, slots=True)
class Banner:
    notices: tuple[Notice, ...]
    facts: tuple[Fact, ...]

    @property
    def kind(self) -> Kind:
        return self.notices[0].kind


def banner(case: Case, clock: Clock) -> Banner:
    return Banner(tuple(_notices(case, clock)), tuple(_facts(case, clock)))


def _notices(case: Case, clock: Clock) -> list[Notice]:
    say = clock.strings.say
    notices = []
    if case.suspect:
        watched = f" {say('banner.watched_advice')}" if case.watched else ""
        notices.append(Notice("danger", say("banner.suspect"), say("banner.suspect_advice") + watched))
    notices.append(_writing(case, clock))
    if case.mode in ("open", "worker"):
        notices.append(Notice("note", say("banner.in_session")))
    return notices


def _writing(case: Case, clock: Clock) -> Notice:
    say, contact = clock.strings.say, case.contact
    now = say("banner.her_clock", clock=clock.clock(clock.now, contact.zone), zone=contact.zone)
    if contact.opted_out:
        return Notice("stop", say("banner.opted_out"), say("banner.opted_out_advice"))
    if contact.paused_until is not None:
        return Notice("stop", say("banner.paused", until=clock.at(contact.paused_until, contact.zone)), now)
    if case.writable_until is not None:
        return Notice("go", _until(case.writable_until, case, clock), now)
    if case.opens_next_at is None:
        return Notice("wait", say("banner.never"), say("banner.never_advice"))
    return Notice("wait", say("banner.not_now", at=clock.at(case.opens_next_at, contact.zone)), now)


def _until(until: datetime, case: Case, clock: Clock) -> str:
    if clock.any_hour(until):
        return clock.strings.say("banner.any_hour")
    return clock.strings.say("banner.until", at=clock.at(until, case.contact.zone))


def _facts(case: Case, clock: Clock) -> list[Fact]:
    say, contact = clock.strings.say, case.contact
    question = contact.verify_question
    return [
        Fact(say("banner.where"), word(clock, "channel", contact.channel) + ". " + _calls(clock, contact)),
        Fact(say("banner.language"), clock.strings.locale.languages.get(contact.language, contact.language)),
        Fact(say("banner.phone"), word(clock, "shared", contact.shared_phone)),
        Fact(say("banner.read_by"), contact.may_read or say("banner.read_by_unknown"), bool(contact.may_read)),
        Fact(say("banner.verify"), question or say("banner.verify_none"), bool(question)),
    ]


def _calls(clock: Clock, contact: Contact) -> str:
    if any(way.kind == "call" for way in contact.ways):
        return clock.strings.say("banner.calls_in_steps")
    return clock.strings.say("banner.no_calls" if contact.voicemail == "never" else "banner.no_calls_voicemail")


def confirmed(case: Case, clock: Clock, every: timedelta) -> str:
    """When it was last confirmed how to reach her, and that it is time to ask again: after `every` (SAFETY 3)."""
    when = case.contact.confirmed_at
    if when is None:
        return clock.strings.say("banner.never_confirmed")
    day = clock.day(when, case.contact.zone)
    if clock.now - when <= every:
        return clock.strings.say("banner.confirmed_on", day=day)
    return clock.strings.say("banner.confirm_again", day=day, days=every.days)


def word(clock: Clock, family: str, value: str) -> str:
    """The console's word for a value of the record; a value without one is shown as it is."""
    message = f"{family}.{value}"
    return clock.strings.say(message) if clock.strings.has(message) else value.replace("_", " ")
