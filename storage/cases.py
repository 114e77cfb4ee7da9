"""One recipient as a worker sees her. Staff read a person only through `reading.may_read`, which audits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from msgspec import convert
from sqlalchemy.engine import Connection, Row

from escalation import apart
from escalation.contacted import Contacted, Kind
from escalation.ports import (
    Assessment,
    Case,
    Judgement,
    Line,
    PlanVersion,
    Recording,
    Refused,
    Unknown,
    Why,
)
from escalation.safe_contact import ContactVersion
from flows.engine.conversation import Contact, Conversation, Memory, PlanItem
from flows.engine.effects import Send
from flows.engine.programme import Programme
from flows.engine.wording import wording
from flows.safety.hours import next_safe, safe_until
from storage import audit, case_links, notes, presence, queue
from storage.access import require, stance
from storage.claims import renew_all
from storage.crypto.errors import CryptoProblem, SealProblem
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.reading import READING, may_read, once
from storage.recording import SEQ_PER_TURN, line_of
from storage.schema import addresses, alerts, events, moment, outbox, persons, reasons
from storage.vault import Vault, decode

ONE_CHECKIN = timedelta(hours=1)  # longer than any session may lie idle between two answers
MOST_SINCE = 500  # turns looked back for her last message: workers' acts are turns too, one for each item they fill in
# What was noted of a turn, as a contact. Of the words themselves, and of what was sent, nothing is said here.
CONTACTS: Mapping[str, Kind] = {
    "opened": "answered",
    "missed_checkin": "missed",
    "worker_joined": "worker_joined",
    "worker_left": "worker_left",
    "worker_gone": "worker_left",
}
GONE = "There is no such person, or she was erased."
UNREADABLE = "Her record cannot be opened. Reach her another agreed way, and tell the operator now."


def open_person(conn: Connection, vault: Vault, ref: str) -> tuple[Row[Any], Sealer, Conversation]:
    """Raises Refused. Not for staff by itself: see `open_case`."""
    row = conn.execute(sa.select(persons).where(persons.c.ref == ref.upper())).first()
    if row is None:
        raise Unknown(GONE)
    try:
        state = vault.open_state(row.id, bytes(row.wdek), bytes(row.state), row.ver)
        return row, vault.sealer(row.id, bytes(row.wdek)), state
    except (CryptoProblem, ValueError):
        raise Refused(UNREADABLE) from None


def ref_of(conn: Connection, person: str) -> str:
    """Her ref; '' when she was erased."""
    return conn.execute(sa.select(persons.c.ref).where(persons.c.id == person)).scalar() or ""


def open_case(
    conn: Connection, vault: Vault, ref: str, worker: str, reason: str, now: datetime, what: str = READING
) -> Case:
    """The case page, without the transcript. `what`: as which reading it is audited."""
    row, sealer, state = open_person(conn, vault, ref)
    may_read(conn, vault, row, worker, reason, what, now)
    standing = queue.of_person(conn, vault, row.id, now)
    facts = list(facts_of(conn, sealer, row.id))
    number, linked = case_links.seen(conn, vault, sealer, row.id, worker, now)
    worker = "" if presence.missed(conn, state, now) else presence.there(state)
    return Case(
        ref=row.ref,
        contact=state.contact,
        mode=state.mode,
        suspect=state.memory.verify_first or state.suspect,
        watched=state.suspect,
        joined_at=state.memory.joined_at,
        last_heard_at=_last_heard(conn, sealer, row.id),
        writable_until=safe_until(state.contact, now),
        opens_next_at=next_safe(state.contact, now),
        plan=state.plan,
        assessments=tuple(apart.without_answers(each) for each in _whole(tuple(assessments_of(facts)))),
        alerts=tuple(standing),
        why=_whys(conn, vault, sealer, row.id),
        notes=tuple(notes.of(conn, sealer, row.id)),
        worker_in=worker if state.session else "",
        worker_waits="" if state.session else worker,
        version=row.ver,
        judgements=tuple(_judgements(facts)),
        goals=state.goals,
        plan_versions=tuple(_plan_versions(facts)),
        sheets=state.memory.sheets,
        recorded=standing_records(state.memory),
        recordings=tuple(Recording(at, **fact["Recorded"]) for at, fact in facts if "Recorded" in fact),
        number=number,
        linked=linked,
        contact_versions=tuple(_contact_versions(facts)),
        contacts=tuple(contacts_of(facts)),
    )


def standing_records(memory: Memory) -> tuple[Recording, ...]:
    """What stands on record now; kept with her state, so that it outlives the keeping time of what happened."""
    return tuple(Recording(one.at, fact, one.value, one.staff) for fact, one in memory.recorded.items())


def facts_of(conn: Connection, sealer: Sealer, person: str) -> Any:
    query = sa.select(events).where(events.c.person_id == person, events.c.kind == "record").order_by(events.c.seq)
    for row in conn.execute(query):
        value = decode(sealer.open(bytes(row.sealed), Place("events", "record", str(row.seq), person, 0)))
        yield from ((moment(value["at"]), fact) for fact in value["facts"])


def assessments_of(facts: list[tuple[datetime, dict[str, Any]]]) -> Any:
    for at, fact in facts:
        found = fact.get("Assessed")
        if found:
            score = found.get("score", {})  # not in what older releases wrote
            said = (found["tier"], tuple(found["rules"]), found["answers"], found["change"])
            by = (found.get("by", ""), found.get("origins", {}), tuple(found.get("says", ())), found.get("sheet", ""))
            yield Assessment(at, *said, found["instrument"], found["version"], score, *by, found.get("apart", False))


def _judgements(facts: list[tuple[datetime, dict[str, Any]]]) -> Iterator[Judgement]:
    return (Judgement(at, **fact["Judged"]) for at, fact in facts if "Judged" in fact)


def _plan_versions(facts: list[tuple[datetime, dict[str, Any]]]) -> Iterator[PlanVersion]:
    for at, fact in facts:
        changed = fact.get("PlanChanged")
        if changed:
            yield PlanVersion(at, convert(changed["item"], PlanItem), changed.get("staff", ""))


def _contact_versions(facts: list[tuple[datetime, dict[str, Any]]]) -> Iterator[ContactVersion]:
    for at, fact in facts:
        changed = fact.get("ContactChanged")
        if changed:
            by, who = changed.get("by", "her"), changed.get("staff", "")  # not in what older releases wrote
            fields = tuple(changed.get("changed", ()))
            yield ContactVersion(at, convert(changed["contact"], Contact), by, who, fields)


def contacts_of(facts: list[tuple[datetime, dict[str, Any]]]) -> Iterator[Contacted]:
    for at, fact in facts:
        noted = fact.get("Noted")
        if noted and noted["what"] in CONTACTS:
            yield Contacted(at, CONTACTS[noted["what"]], noted["detail"])


def _whole(found: tuple[Assessment, ...]) -> tuple[Assessment, ...]:
    """One point a check-in: an assessment made on the way is taken up in the one that holds all its answers.

    What a worker filled in was whole when it was weighed.
    """
    kept: list[Assessment] = []
    for place, one in enumerate(found):
        later = found[place + 1] if place + 1 < len(found) else None
        asked = later is not None and not (one.by or later.by)
        soon = asked and later is not None and later.at - one.at < ONE_CHECKIN
        more = later is not None and one.instrument == later.instrument and one.answers.items() <= later.answers.items()
        if not soon or not more:
            kept.append(one)
    return tuple(kept)


def _last_heard(conn: Connection, sealer: Sealer, person: str) -> datetime | None:
    query = sa.select(events).where(events.c.person_id == person, events.c.kind == "talk").order_by(events.c.seq.desc())
    for row in conn.execute(query.limit(MOST_SINCE)):
        value = decode(sealer.open(bytes(row.sealed), Place("events", "talk", str(row.seq), person, 0)))
        if "heard" in value:
            return moment(value["at"])
    return None


def _whys(conn: Connection, vault: Vault, sealer: Sealer, person: str) -> Mapping[str, tuple[Why, ...]]:
    query = (
        sa.select(reasons, alerts.c.ref)
        .join(alerts, alerts.c.id == reasons.c.alert_id)
        .where(reasons.c.person_id == person)
        .order_by(reasons.c.at, reasons.c.id)
    )
    found: dict[str, tuple[Why, ...]] = {}
    for row in conn.execute(query):
        sealed = bytes(row.sealed)
        if row.own:
            value = decode(sealer.open(sealed, Place("reasons", "sealed", row.id, person, 0)))
        else:
            value = vault.open_system(sealed, "reasons", row.id)
        why = Why(moment(row.at), row.tier, tuple(value["rules"]), tuple(value["reasons"]), tuple(value["saw"]))
        found[row.ref] = (*found.get(row.ref, ()), why)
    return found


# the transcript


def transcript(
    conn: Connection, vault: Vault, programme: Programme, ref: str, worker: str, reason: str, now: datetime
) -> list[Line]:
    """Opened under audit, in the same transaction."""
    row, sealer, _ = open_person(conn, vault, ref)
    may_read(conn, vault, row, worker, reason, "transcript.read", now)
    return _open_to(conn, vault, row, worker, conversation(conn, programme, sealer, row.id), now)


def conversation(conn: Connection, programme: Programme, sealer: Sealer, person: str) -> list[Line]:
    """All that is kept of it, oldest first. Whoever calls has recorded the reading, and closes what is `apart`."""
    lines: list[Line] = []
    states = states_of(conn, person)
    query = sa.select(events).where(events.c.person_id == person).order_by(events.c.seq, events.c.kind.desc())
    danger: dict[int, tuple[str, ...]] = {}
    rows = conn.execute(query).all()
    for event in rows:
        if event.kind == "record":
            value = _open_event(sealer, person, event)
            danger[event.seq] = _danger(value)
    for event in rows:
        value = _open_event(sealer, person, event)
        lines += _lines(programme, value, event, danger, states)
    return lines


def _open_to(
    conn: Connection, vault: Vault, person: Row[Any], worker: str, lines: list[Line], now: datetime
) -> list[Line]:
    """What she said to somebody independent is opened to a supervisor who does not hold the case, under audit."""
    if not any(line.apart for line in lines):
        return lines
    if not stance(conn, person.id, worker, now).may("hear_apart"):
        return apart.closed(lines)
    once(conn, vault, worker, apart.READ, person.ref, now)
    return lines


def _open_event(sealer: Sealer, person: str, event: Row[Any]) -> Any:
    try:
        return decode(sealer.open(bytes(event.sealed), Place("events", event.kind, str(event.seq), person, 0)))
    except SealProblem:
        return {"at": 0, "facts": [{"Noted": {"what": "unreadable", "detail": f"line {event.seq} does not open"}}]}


def _danger(value: Any) -> tuple[str, ...]:
    notes_ = (fact["Noted"] for fact in value["facts"] if "Noted" in fact)
    return tuple(entry for note in notes_ if note["what"] == "danger_words" for entry in note["detail"].split())


SHOWN_NOTES = frozenset(
    {"exit", "locked", "opened", "duress", "media", "stopped", "started", "worker_joined", "worker_left", "verified"}
    | {"missed_checkin", "watch", "watch_over", "not_back", "failed", "unreadable", "late", "worker_gone"}
    | {"verify_wrong", "verify_not_asked", "words_reset", "words_by_code"}
)


def _lines(
    programme: Programme,
    value: Any,
    event: Row[Any],
    danger: Mapping[int, tuple[str, ...]],
    states: Mapping[int, list[str]],
) -> list[Line]:
    at = moment(value["at"])
    if event.kind == "record":
        shown = [fact["Noted"] for fact in value["facts"] if fact.get("Noted", {}).get("what") in SHOWN_NOTES]
        return [Line(at, "note", note["what"], staff=note["detail"]) for note in shown]
    lines = []
    if "heard" in value:
        seen = danger.get(event.seq, ())
        lines.append(Line(at, "her", value["heard"], danger=seen, apart=value.get("apart", False)))
    status = states.get(event.seq, [])
    for place, sent in enumerate(value.get("sent", ())):
        words = _words(programme, sent)
        state = status[place] if place < len(status) else ""
        by = "worker" if sent["w"] else "bot"
        said = (words, sent["m"], value.get("staff", ""), state)
        lines.append(Line(at, by, *said, apart=sent.get("a", False)))  # type: ignore[arg-type]
    return lines


def _words(programme: Programme, sent: Any) -> str:
    """What she read: made again from the message's id, as at delivery."""
    if sent["w"]:
        return str(sent["w"])
    english = english_of(programme, sent["m"])
    words = wording(programme, Send(sent["m"], english, sent["k"], sent["l"], sent["p"]))
    return words.text


def english_of(programme: Programme, message: str) -> str:
    """The English source of a message id of today's content; the id itself when it is gone."""
    if message in programme.own:
        return programme.own[message]
    room, _, name = message.partition("/")
    flow = programme.flows.get(room)
    step = flow.steps.get(name) if flow else None
    if step is not None:
        return getattr(step, "english", "") or message
    cover = programme.covers.get(room.removeprefix("cover."))
    return dict((*cover.replies, *cover.pings)).get(message, message) if cover else message


def states_of(conn: Connection, person: str) -> Mapping[int, list[str]]:
    """What became of each message, by turn."""
    phones = conn.execute(sa.select(addresses.c.id).where(addresses.c.owner_id == person)).scalars()
    hers = outbox.c.line.in_((person, line_of("exit", person), *phones))
    query = sa.select(outbox.c.seq, outbox.c.status).where(hers).order_by(outbox.c.seq)
    found: dict[int, list[str]] = {}
    for seq, status in conn.execute(query):
        found.setdefault(seq // SEQ_PER_TURN, []).append(status)
    return found


# notes, and the programme's own number


def note(conn: Connection, vault: Vault, ref: str, worker: str, text: str, now: datetime, reason: str = "") -> str:
    """Keep a worker's note. Returns whose it is: her id. Raises Refused."""
    row, sealer, _ = open_person(conn, vault, ref)
    may_read(conn, vault, row, worker, reason, READING, now)
    if not text.strip():
        raise Refused("An empty note says nothing.")
    notes.keep(conn, sealer, row.id, worker, text, now)
    audit.record(conn, vault, worker, "note.write", row.ref, now)
    renew_all(conn, vault, worker, row.id, now)
    return str(row.id)


def number(conn: Connection, vault: Vault, ref: str, worker: str, given: str, now: datetime, reason: str = "") -> str:
    """The programme's case number of hers from now on, '' for none. Returns her id. Raises Refused."""
    row, sealer, _ = open_person(conn, vault, ref)
    may_read(conn, vault, row, worker, reason, READING, now)
    require(conn, row.id, worker, "number", now)
    case_links.keep(conn, vault, sealer, row.id, given, now)
    audit.record(conn, vault, worker, "case.number", row.ref, now)
    renew_all(conn, vault, worker, row.id, now)
    return str(row.id)
