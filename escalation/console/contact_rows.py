"""Her safe-contact record for its page: what may be chosen, what stands, and what of it changed when. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from babel.dates import get_day_names

from escalation.console import safe_hours
from escalation.console.clocks import Clock
from escalation.console.strings import Strings
from escalation.ports import Case
from escalation.safe_contact import ContactVersion
from flows.engine.conversation import Contact, Way
from flows.engine.effects import Changer
from flows.engine.looking import WAYS, WRITTEN
from flows.engine.safe_contact import FLAGS, NEVER, NO_WAY
from flows.engine.safe_contact import WAYS as PLACES
from flows.safety.hours import PRESETS, UnfitHours, parsed, written

OWN = "own"  # hours that are no preset
REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip
SECRET = ("signal", "duress", "exit")  # that they were chosen is shown, never what
CHOSEN = ("shared_phone", "voicemail", "missed_rule", "other_channel", "other_safe", *FLAGS)
SHOWN = (
    "consent", "channel", "zone", "windows", "rhythm_days", "paused_until", "opted_out", "language", "cover",
    "shared_phone", "may_read", "voicemail", "other_channel", "other_whose", "other_safe", *SECRET, *FLAGS,
    "missed_rule", "missed_retries", "missed_after_hours", "ways", "to_try",
    "may_know", "verify_question", "programme_news", "confirmed_at",
)  # fmt: skip
Name = Callable[[str], str]  # what the flows call a message


@dataclass(frozen=True, slots=True)
class Change:
    """One field; `before` '' where it is not known. `hers`: words somebody wrote, isolated whatever their script."""

    label: str
    before: str
    after: str
    hers: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """What was changed at one moment, and by whom: `staff` an id, where a worker did."""

    at: datetime
    by: Changer
    staff: str
    changes: tuple[Change, ...]


def history(case: Case, clock: Clock, name: Name) -> list[Version]:
    """Latest first. What stood before the first one is not known."""
    told = [
        Version(version.at, version.by, version.staff, _changes(before, version, clock, name))
        for before, version in _pairs(case)
    ]
    return [version for version in reversed(told) if version.changes]


def fields_by_version(case: Case) -> list[list[str]]:
    """Which fields each version changed, oldest first."""
    return [_changed(before, version) for before, version in _pairs(case)]


def _pairs(case: Case) -> list[tuple[Contact | None, ContactVersion]]:
    found = case.contact_versions
    return list(zip((None, *(version.contact for version in found)), found, strict=False))


def _changed(before: Contact | None, version: ContactVersion) -> list[str]:
    """Where an older release did not keep it: what differs from the version before, or from an unfilled record."""
    if version.changed:
        return [field for field in SHOWN if field in version.changed]
    stood = before or Contact()
    return [field for field in SHOWN if getattr(stood, field) != getattr(version.contact, field)]


def _changes(before: Contact | None, version: ContactVersion, clock: Clock, name: Name) -> tuple[Change, ...]:
    return tuple(_change(field, before, version.contact, clock, name) for field in _changed(before, version))


def _change(field: str, before: Contact | None, after: Contact, clock: Clock, name: Name) -> Change:
    label = clock.strings.say(f"contact.label.{'hours' if field == 'windows' else field}")
    if field in SECRET:
        anew = before is not None and getattr(before, field)
        return Change(label, "", clock.strings.say(f"contact.word_{'anew' if anew else 'set'}"))
    was = _said(field, before, clock, name) if before is not None else ""
    return Change(
        label,
        was,
        _said(field, after, clock, name),
        field in (*WRITTEN, "ways"),
    )


def stands(contact: Contact, fields: Sequence[str], clock: Clock, name: Name) -> list[Change]:
    """How the record is now: these fields, in their order."""
    unfilled = Contact()
    found = [_change("windows" if field == "hours" else field, unfilled, contact, clock, name) for field in fields]
    return [replace(one, before="") for one in found]


def _said(field: str, contact: Contact, clock: Clock, name: Name) -> str:
    value, say = getattr(contact, field), clock.strings.say
    if field == "windows":
        return safe_hours.in_words(contact.windows, clock.strings)
    if field in CHOSEN:
        said = {True: "yes", False: "no"}.get(value, value) if field in FLAGS else value
        message = f"contact.{field}.{said}"
        return say(message) if clock.strings.has(message) else str(value)
    if field == "ways":
        return "; ".join(_way(n, way, clock.strings) for n, way in enumerate(contact.ways, 1)) or say("contact.nothing")
    if field == "language":
        return str(clock.strings.locale.languages.get(value, value))
    if field == "cover":
        return name(f"cover/{value}")
    if field == "channel":
        return say(f"channel.{value}")
    if isinstance(value, datetime):
        return clock.full(value, contact.zone)
    if field in ("consent", "opted_out", "programme_news"):
        return say("contact.yes" if value and value != "no" else "contact.no")
    return str(value or "") or say("contact.nothing")


def _way(n: int, way: Way, strings: Strings) -> str:
    step = f"{n}. {strings.say(f'contact.way_{way.kind}')}"
    return f"{step} ({strings.say('contact.never', words=way.never)})" if way.never else step


# the steps of a worker who looks for her


@dataclass(frozen=True, slots=True)
class Step:
    """One place of the form: the names of its two boxes, and what may be chosen in the first."""

    place: int
    way: str
    never: str
    kinds: Mapping[str, str]


def steps(strings: Strings) -> list[Step]:
    kinds = {kind: strings.say(f"contact.way_{kind}") for kind in (NO_WAY, *WAYS)}
    return [Step(n, way, never, kinds) for n, (way, never) in enumerate(zip(PLACES, NEVER, strict=True), 1)]


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(zone for zone in available_timezones() if zone.partition("/")[0] in REGIONS))


def zones(standing: str) -> Mapping[str, list[str]]:
    """By region, with the one that stands wherever it is from."""
    found: dict[str, list[str]] = {} if standing in _zones() else {standing: [standing]}
    for zone in _zones():
        found.setdefault(zone.partition("/")[0], []).append(zone)
    return found


# hours of her own, in the reader's days


def own_hours(contact: Contact, strings: Strings) -> str:
    """As the box shows them: '' where a preset stands."""
    if contact.windows in PRESETS.values():
        return ""
    names = get_day_names("abbreviated", locale=strings.locale)
    return written(contact.windows, [names[day].rstrip(".") for day in range(7)])


def as_written(text: str, strings: Strings) -> str:
    """What a worker wrote, with English days; what is no hours stays, and is refused with its reason."""
    names: dict[str, int] = {}
    for width in ("abbreviated", "wide"):
        found = get_day_names(width, locale=strings.locale)
        names |= {said.rstrip(".").casefold(): day for day, said in found.items()}
    try:
        return written(parsed(text, names))
    except UnfitHours:
        return text
