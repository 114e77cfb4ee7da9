"""The safe-contact record (SAFETY 2) as a worker keeps it: one closed table of what may be set, and to what.

A worker's change is a turn of its own: her timers move with it in the same transaction, and her phone hears nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from flows.engine import confirming, looking
from flows.engine.conversation import Contact, Way
from flows.engine.draft import Draft
from flows.engine.due import wait
from flows.engine.events import WorkerSetContact
from flows.engine.programme import Programme
from flows.engine.rhythm import move_checkin, schedule_checkin
from flows.safety.hours import PRESETS, UnfitHours, parsed, written, zone

LONGEST = 200  # characters of a field of words
MOST_DAYS = 31  # the slowest rhythm
YES_NO: Mapping[str, bool] = {"yes": True, "no": False}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "shared_phone": ("yes", "unknown", "no"),
    "voicemail": ("never", "agreed"),
    "missed_rule": ("retry_then_worker", "worker", "nothing"),
    "other_safe": ("unknown", "yes", "no"),
}
OTHER_CHANNELS = (looking.NOWHERE, "call", "text", "telegram", "email", "person")
FLAGS = ("blank_signal", "duress_opens", "exit_silent", "lock_says")
WORDS = looking.WRITTEN
COUNTS: Mapping[str, int] = {
    "rhythm_days": MOST_DAYS,
    "missed_retries": looking.MOST_RETRIES,
    "missed_after_hours": looking.MOST_HOURS,
}
# Her steps by their places: way_1 is the first, never_1 what is never to be done at it.
NO_WAY = "none"
WAYS = tuple(f"way_{place}" for place in range(1, len(looking.WAYS) + 1))
NEVER = tuple(f"never_{place}" for place in range(1, len(looking.WAYS) + 1))
MEANWHILE = "Her record was changed while you had it open. Look at what stands now, and change it again."
UNCHANGED = "Nothing was changed."
NO_FIELD = "There is nothing like that in her record."
NO_CHOICE = "That is not one of the answers that may be given there."
NO_ZONE = "There is no such time zone."
NO_HOURS = "Write days and times, such as Mon Wed 09:00-12:00; Sat 10:00-14:00."
TOO_LONG = f"Too long: such an answer has at most {LONGEST} characters."
NO_CONSENT = "She has not agreed to be written to, so there is nothing to confirm."
# Hers by their nature, or moved by time: a change of these is no reason to look again at what a worker has open.
UNSEEN = ("paused_until", "opted_out")
TWICE = "Each step once, please."
NEVER_ALONE = "Say at which step that is never to be done."


class UnfitValue(ValueError):
    """The value cannot stand in that field. The message is a sentence for the worker."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What this programme has: covers and languages, by name and code."""

    covers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    @classmethod
    def by(cls, programme: Programme) -> Offered:
        return cls(tuple(programme.covers), tuple(programme.catalogues.languages))


Put = Callable[[Contact, str, Offered], Contact]


def _one_of(field: str, allowed: Callable[[Offered], tuple[str, ...]]) -> Put:
    def put(contact: Contact, value: str, offered: Offered) -> Contact:
        if value not in allowed(offered):
            raise UnfitValue(NO_CHOICE)
        return replace(contact, **{field: value})

    return put


def _flag(field: str) -> Put:
    def put(contact: Contact, value: str, offered: Offered) -> Contact:
        if value not in YES_NO:
            raise UnfitValue(NO_CHOICE)
        return replace(contact, **{field: YES_NO[value]})

    return put


def _words(field: str) -> Put:
    def put(contact: Contact, value: str, offered: Offered) -> Contact:
        if len(value.strip()) > LONGEST:
            raise UnfitValue(TOO_LONG)
        return replace(contact, **{field: value.strip()})

    return put


def _count(field: str, most: int) -> Put:
    def put(contact: Contact, value: str, offered: Offered) -> Contact:
        if not (value.isascii() and value.isdecimal()) or len(value) > len(str(most)) or not 1 <= int(value) <= most:
            raise UnfitValue(f"A whole number from 1 to {most}, please.")
        return replace(contact, **{field: int(value)})

    return put


def _zone(contact: Contact, value: str, offered: Offered) -> Contact:
    try:
        zone(value)
    except (KeyError, ValueError, OSError):
        raise UnfitValue(NO_ZONE) from None
    return replace(contact, zone=value)


def _hours(contact: Contact, value: str, offered: Offered) -> Contact:
    """A preset's name, or days and times."""
    if value in PRESETS:
        return replace(contact, windows=PRESETS[value])
    try:
        return replace(contact, windows=parsed(value))
    except UnfitHours:
        raise UnfitValue(NO_HOURS) from None


def _other_channel(contact: Contact, value: str, offered: Offered) -> Contact:
    if value not in OTHER_CHANNELS:
        raise UnfitValue(NO_CHOICE)
    return looking.other_channel(contact, value)


FIELDS: Mapping[str, Put] = {
    "zone": _zone,
    "hours": _hours,
    "language": _one_of("language", lambda offered: offered.languages),
    "cover": _one_of("cover", lambda offered: offered.covers),
    "other_channel": _other_channel,  # before whose it is and whether it is safe: both begin anew with it
    **{field: _one_of(field, lambda offered, allowed=allowed: allowed) for field, allowed in CHOICES.items()},  # type: ignore[misc]
    **{field: _flag(field) for field in FLAGS},
    **{field: _words(field) for field in WORDS},
    **{field: _count(field, most) for field, most in COUNTS.items()},
}
NAMES = (*FIELDS, *WAYS, *NEVER)


def mark(contact: Contact) -> str:
    """A short mark of the record as it stands: by it an act under an older one is known."""
    seen: dict[str, Any] = {name: getattr(contact, name) for name in contact.__struct_fields__ if name not in UNSEEN}
    return hashlib.sha256(msgspec.json.encode(seen)).hexdigest()[:16]


def values_of(contact: Contact) -> dict[str, str]:
    """All of FIELDS as a form writes them, so that putting them back changes nothing."""
    kept = {field: getattr(contact, field) for field in FIELDS if field != "hours"}
    said = {field: ("yes" if value else "no") if field in FLAGS else str(value) for field, value in kept.items()}
    preset = next((name for name, windows in PRESETS.items() if windows == contact.windows), "")
    return said | {"hours": preset or written(contact.windows)} | _places(contact)


def _places(contact: Contact) -> dict[str, str]:
    free = len(WAYS) - len(contact.ways)
    kinds = (*(way.kind for way in contact.ways), *(NO_WAY,) * free)
    nevers = (*(way.never for way in contact.ways), *("",) * free)
    return dict(zip((*WAYS, *NEVER), (*kinds, *nevers), strict=True))


def changed(contact: Contact, values: Mapping[str, str], offered: Offered) -> Contact:
    """The record with these values, as a worker sets them. Raises UnfitValue with a sentence for the worker."""
    if any(field not in NAMES for field in values):
        raise UnfitValue(NO_FIELD)
    before = contact
    for field, put in FIELDS.items():
        if field in values:
            contact = put(contact, values[field], offered)
    if any(field in values for field in (*WAYS, *NEVER)):
        contact = replace(contact, ways=_ways({**_places(contact), **values}))
    return looking.signed(before, contact, "worker")


def _ways(values: Mapping[str, str]) -> tuple[Way, ...]:
    """Places that are left free close up."""
    found: list[Way] = []
    for place, said in zip(WAYS, NEVER, strict=True):
        kind = next((kind for kind in looking.WAYS if kind == values[place]), None)
        never = values[said].strip()
        if kind is None and values[place] != NO_WAY:
            raise UnfitValue(NO_CHOICE)
        if kind is None and never:
            raise UnfitValue(NEVER_ALONE)
        if len(never) > LONGEST:
            raise UnfitValue(TOO_LONG)
        if any(way.kind == kind for way in found):
            raise UnfitValue(TWICE)
        if kind is not None:
            found.append(Way(kind, never))
    return looking.in_order(tuple(found))


def refuses(contact: Contact, event: WorkerSetContact, offered: Offered) -> str:
    """Why it cannot be set, as a sentence for the worker; '' when it can."""
    if event.seen and event.seen != mark(contact):
        return MEANWHILE
    if event.confirmed and not contact.consent:
        return NO_CONSENT
    try:
        after = changed(contact, event.values, offered)
    except UnfitValue as unfit:
        return str(unfit)
    return "" if event.confirmed or after != contact else UNCHANGED


def worker_set(draft: Draft, event: WorkerSetContact) -> None:
    """Her timers go with the record: nothing may come at an hour that is no longer agreed."""
    offered, before = Offered.by(draft.programme), draft.contact
    if refuses(before, event, offered):  # the desk has said so to the worker
        draft.note("not_set", event.staff)
        return
    draft.changer = ("worker", event.staff)
    draft.contact = changed(before, event.values, offered)
    _move_timers(draft, before)
    if event.confirmed:
        confirming.confirm(draft)


def _move_timers(draft: Draft, before: Contact) -> None:
    now, waits = draft.contact, draft.memory.pinged_at
    if now.rhythm_days != before.rhythm_days:
        schedule_checkin(draft)
    elif (now.zone, now.windows) != (before.zone, before.windows):
        move_checkin(draft)
    if now.missed_after_hours != before.missed_after_hours and waits is not None and not draft.memory.retried:
        wait(draft, max(draft.at, waits + timedelta(hours=now.missed_after_hours)))
