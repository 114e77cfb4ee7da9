"""What she wrote goes by age out of what is kept for longer: facts, reasons of alerts. Bounded batches, safe twice.

A watermark says up to which day all is done, so that a round with nothing to do looks at no row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from flows.engine.programme import Programme
from storage import watermarks
from storage.crypto.errors import CryptoProblem
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.schema import DAY_MS, day, events, moment, persons, reasons, stamp
from storage.vault import Vault, decode, encode

PEOPLE = 50  # of one batch; a person has some hundred facts at most
REASONS = 500
# Changes the facts of one person, oldest first, and tells which it changed; the day is the first that is not too old.
Facts = Sequence[tuple[int, list[dict[str, Any]]]]  # (day, facts) of each row
Strip = Callable[[Facts, int], set[int]]


def words(conn: Connection, vault: Vault, programme: Programme, now: datetime, after: str = "") -> str:
    """Her own words in answers and in versions of the plan that no longer stand.

    One batch of people, behind what the last one returned: '' begins, and is returned when all is done.
    """

    def strip(rows: Facts, until: int) -> set[int]:
        return _answers(programme, rows, until) | _plans(rows, until)

    return _walk(conn, vault, "words.record", programme.rules.keep.words, strip, now, after)


def contact_history(conn: Connection, vault: Vault, days: int, now: datetime, after: str = "") -> str:
    """How her safe contact was before; the record that stands is in her state. As `words`."""
    return _walk(conn, vault, "contact.record", days, _contacts, now, after)


def _walk(conn: Connection, vault: Vault, name: str, days: int, strip: Strip, now: datetime, after: str) -> str:
    """`after` holds the day that this walk began with, so that one over midnight passes nobody's rows over."""
    began, _, person = after.partition(":")
    until, done = int(began) if began else day(stamp(now)) - days, watermarks.read(conn, name)
    since = day(stamp(done)) if done is not None else 0
    if since >= until:
        return ""
    which = (events.c.kind == "record", events.c.day >= since, events.c.day < until, events.c.person_id > person)
    query = sa.select(events.c.person_id).where(*which).distinct().order_by(events.c.person_id).limit(PEOPLE)
    found = list(conn.execute(query).scalars())
    for row in conn.execute(sa.select(persons.c.id, persons.c.wdek).where(persons.c.id.in_(found))).all():
        _person(conn, vault, row.id, bytes(row.wdek), strip, until)
    if len(found) == PEOPLE:
        return f"{until}:{found[-1]}"
    watermarks.write(conn, name, moment(until * DAY_MS))
    return ""


def _person(conn: Connection, vault: Vault, person: str, wdek: bytes, strip: Strip, until: int) -> None:
    """What does not open is left for `rowan db verify` to find."""
    hers = sa.select(events).where(events.c.person_id == person, events.c.kind == "record").order_by(events.c.seq)
    try:
        sealer = vault.sealer(person, wdek)
    except (CryptoProblem, ValueError):
        return
    rows = [(row, value) for row in conn.execute(hers).all() if (value := _opened(sealer, row)) is not None]
    for place in strip([(row.day, value["facts"]) for row, value in rows], until):
        row, value = rows[place]
        which = (events.c.person_id == person, events.c.kind == "record", events.c.seq == row.seq)
        conn.execute(sa.update(events).where(*which).values(sealed=sealer.seal(encode(value), _place(row))))


def _opened(sealer: Sealer, row: Any) -> Any:
    try:
        return decode(sealer.open(bytes(row.sealed), _place(row)))
    except CryptoProblem:
        return None


def _place(row: Any) -> Place:
    return Place("events", row.kind, str(row.seq), row.person_id, 0)


def _answers(programme: Programme, rows: Facts, until: int) -> set[int]:
    changed = set()
    for place, fact in _old(rows, until):
        answered, assessed = fact.get("Answered"), fact.get("Assessed")
        if answered and _is_hers(programme, answered["flow"], answered["step"], answered["value"]):
            answered["value"] = ""
            changed.add(place)
        if assessed and not assessed.get("by"):  # a worker's answers are choices
            instrument = programme.instruments.get(assessed["instrument"])
            flow = instrument.flow if instrument else ""
            hers = [name for name, said in assessed["answers"].items() if _is_hers(programme, flow, name, said)]
            assessed["answers"].update(dict.fromkeys(hers, ""))
            changed |= {place} if hers else set()
    return changed


def _is_hers(programme: Programme, flow: str, step: str, value: object) -> bool:
    """Whether an answer is in her own words. Of a question that is gone nobody can tell: then it is."""
    if not isinstance(value, str) or not value:
        return False
    asked = programme.flows[flow].steps.get(step) if flow in programme.flows else None
    if asked is None:
        return True
    choices = {choice.name for choice in getattr(asked, "choices", ())}
    return value not in choices and getattr(asked, "kind", "text") == "text"


def _plans(rows: Facts, until: int) -> set[int]:
    """Of each item stay the version that stands and, where a worker keeps it, the words that the worker keeps."""
    versions = [
        (place, when, fact["PlanChanged"])
        for place, (when, facts) in enumerate(rows)
        for fact in facts
        if "PlanChanged" in fact
    ]
    stands, held = {}, {}
    for number, (_, _, changed) in enumerate(versions):
        name, by_her_worker = changed["item"]["name"], changed["item"]["status"] == "worker"
        stands[name] = number
        if not by_her_worker or changed.get("staff"):
            held[name] = number
    kept = set(stands.values())
    kept |= {held[name] for name, n in stands.items() if versions[n][2]["item"]["status"] == "worker" and name in held}
    changed_rows = set()
    for number, (place, when, changed) in enumerate(versions):
        if when < until and number not in kept and changed["item"].get("words"):
            changed["item"]["words"] = ""
            changed_rows.add(place)
    return changed_rows


def _contacts(rows: Facts, until: int) -> set[int]:
    changed = {place for place, fact in _old(rows, until) if "ContactChanged" in fact}
    for place in changed:
        facts = rows[place][1]
        facts[:] = [fact for fact in facts if "ContactChanged" not in fact]
    return changed


def _old(rows: Facts, until: int) -> Iterable[tuple[int, dict[str, Any]]]:
    return ((place, fact) for place, (when, facts) in enumerate(rows) if when < until for fact in facts)


def what_raised(conn: Connection, vault: Vault, days: int, now: datetime) -> int:
    """Her words that raised alerts; rules and sentences stay. One batch; returns how many reasons were looked at."""
    until = (day(stamp(now)) - days) * DAY_MS
    done = watermarks.read(conn, "words.reasons")
    since = stamp(done) if done is not None else 0
    if since >= until:
        return 0
    due = sa.select(reasons.c.at).where(reasons.c.own, reasons.c.at >= since, reasons.c.at < until)
    last = list(conn.execute(due.order_by(reasons.c.at).limit(REASONS)).scalars())
    end = last[-1] + 1 if len(last) == REASONS else until  # all of one moment, so that none is passed over
    query = (
        sa.select(reasons, persons.c.wdek)
        .join(persons, persons.c.id == reasons.c.person_id)
        .where(reasons.c.own, reasons.c.at >= since, reasons.c.at < end)
    )
    for row in conn.execute(query).all():
        _without_saw(conn, vault, row)
    watermarks.write(conn, "words.reasons", moment(end))
    return len(last)


def _without_saw(conn: Connection, vault: Vault, row: Any) -> None:
    place = Place("reasons", "sealed", row.id, row.person_id, 0)
    try:
        sealer = vault.sealer(row.person_id, bytes(row.wdek))
        value = decode(sealer.open(bytes(row.sealed), place))
    except (CryptoProblem, ValueError):
        return
    if value["saw"]:
        sealed = sealer.seal(encode(value | {"saw": ()}), place)
        conn.execute(sa.update(reasons).where(reasons.c.id == row.id).values(sealed=sealed))
