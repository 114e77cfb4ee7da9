"""Whether a change of the rota can be asked for, and by whom it is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from escalation.ports import Refused, Staff
from escalation.rota.duty import Cover, Rota, spans
from escalation.rota.port import Asked

LONGEST = timedelta(days=62)  # a long leave; a person away for longer leaves the calendar
CASEWORK = ("worker", "supervisor")
NOT_YOURS = "Only a supervisor changes the shifts of two others."
ENDED = "This change is over or was taken back."
NOT_FOR_YOU = "Your colleague, or a supervisor, accepts it."
COUNTS = "It counts already. A supervisor can end it."


def check(asked: Asked, rota: Rota, people: Mapping[str, Staff], by: Staff, now: datetime) -> None:
    """Raises Refused with a sentence for whoever asks. `people`: all by id; `rota`: of all the times asked for."""
    for id in (asked.staff, asked.instead):
        if id and (id not in people or not people[id].active or people[id].role not in CASEWORK):
            raise Refused("One of them is not on the team.")
    if asked.staff == asked.instead or not (asked.staff or asked.instead):
        raise Refused("Choose two people.")
    both = asked.staff and asked.instead and by.id in (asked.staff, asked.instead)
    if by.role != "supervisor" and not both:
        raise Refused(NOT_YOURS)
    times = [(asked.start, asked.end), *([asked.back] if asked.back else [])]
    for start, end in times:
        _check_time(start, end, now)
    if asked.kind == "holiday" or not asked.instead:
        return
    _check_shift(rota, people[asked.instead], asked.start, asked.end, now)
    if asked.back:
        if not asked.staff:
            raise Refused("Choose two people.")
        _check_shift(rota, people[asked.staff], *asked.back, now)


def _check_time(start: datetime, end: datetime, now: datetime) -> None:
    if end <= start:
        raise Refused("It ends before it begins.")
    if end <= now:
        raise Refused("That time is over.")
    if end - start > LONGEST:
        raise Refused(f"At most {LONGEST.days} days at once.")


def _check_shift(rota: Rota, person: Staff, start: datetime, end: datetime, now: datetime) -> None:
    if all(person.id not in has for _, _, has in spans(rota, max(start, now), end)):
        raise Refused(f"{person.name} has no shift then.")


def covers_of(asked: Asked, ids: tuple[str, str], by: str, accepted_at: datetime | None) -> list[Cover]:
    """One cover, or both halves of a swap. The first of `ids` names the promise."""
    first = Cover(
        ids[0], asked.kind, asked.staff, asked.instead, asked.start, asked.end, asked.duty, ids[0], by, accepted_at
    )
    if asked.back is None:
        return [first]
    back = Cover(ids[1], asked.kind, asked.instead, asked.staff, *asked.back, asked.duty, ids[0], by, accepted_at)
    return [first, back]


def check_accepting(covers: list[Cover], by: Staff, now: datetime) -> None:
    """Raises Refused where somebody else has to, or where its time is over."""
    if not covers or covers[0].accepted_at is not None or all(cover.end <= now for cover in covers):
        raise Refused(ENDED)
    mine = by.id in (covers[0].staff, covers[0].instead) and by.id != covers[0].asked_by
    if not mine and by.role != "supervisor":
        raise Refused(NOT_FOR_YOU)


def check_ending(covers: list[Cover], by: Staff, now: datetime) -> None:
    """Raises Refused. Nobody is put back on duty by a colleague who thinks better of it."""
    if not covers or all(cover.end <= now for cover in covers):
        raise Refused(ENDED)
    if by.role == "supervisor":
        return
    if by.id not in (covers[0].staff, covers[0].instead):
        raise Refused(NOT_YOURS)
    if covers[0].accepted_at is not None:
        raise Refused(COUNTS)
